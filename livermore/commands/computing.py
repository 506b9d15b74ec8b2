"""What `livermore indicators compute` does: rows in, records out, as the engine makes them."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
from pydantic import ValidationError

from livermore.actors.indicator_calculator import PACKAGE
from livermore.commands import csv_bars
from livermore.commands.common import Asked, seen_enough
from livermore.commands.csv_bars import Given
from livermore.errors import LivermoreError
from livermore.indicators.values import Indicator, records
from livermore.market.timeframe import Timeframe
from livermore.plugins import make
from livermore.tree_file import NoSuchFile

STANDARD_INPUT = "-"


def compute(asked: Asked) -> int:
    """Print the records of all rows that a file has."""
    indicator = named(asked.word, asked.options)
    given = rows(asked.csv, Timeframe(asked.timeframe) if asked.timeframe else None)
    about = {"symbol": asked.symbol or stem(asked.csv), "timeframe": given.timeframe}
    encode = msgspec.json.Encoder().encode
    with seen_enough():
        for record in records(indicator, given.bars(fill=not asked.no_fill)):
            named_first = {key: record[key] for key in ("timestamp", "type")} | about
            sys.stdout.buffer.write(encode(named_first | record) + b"\n")
        sys.stdout.buffer.flush()
    return 0


def named(word: str, options: str) -> Indicator:
    """The indicator of this name, with options as JSON.

    Raises:
        LivermoreError: there is no such indicator, or it takes no such options.
    """
    try:
        made: Indicator = make(PACKAGE, {word: msgspec.json.decode(options, type=dict[str, Any])})
    except msgspec.MsgspecError as error:
        raise LivermoreError(f'--options: expected JSON, as {{"fast": 12}}; {error}') from error
    except ValidationError as error:
        told = (f"--options: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
        raise LivermoreError("\n".join(told)) from error
    return made


def rows(name: str, timeframe: Timeframe | None) -> Given:
    """The rows of a CSV file; ``name``: its path, or - for standard input.

    Raises:
        LivermoreError: it cannot be read, or something is wrong with it.
    """
    with _opened(name) as lines:
        return csv_bars.read(lines, name if name != STANDARD_INPUT else "standard input", timeframe)


def stem(name: str) -> str:
    """A file's name without what only says of which kind it is."""
    return Path(name).name.partition(".")[0] if name != STANDARD_INPUT else "stdin"


@contextmanager
def _opened(name: str) -> Iterator[IO[str]]:
    if name == STANDARD_INPUT:
        sys.stdin.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
        yield sys.stdin
        return
    open_ = gzip.open if name.endswith(".gz") else open
    try:
        with open_(name, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise NoSuchFile(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
