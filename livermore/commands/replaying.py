"""What `livermore replay` does: lines in, facts out, in bytes that depend on nothing but the lines and the tree."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from livermore.commands.common import Asked, Variables, complain, seen_enough
from livermore.commands.pipeline import Pipeline, pipeline_of
from livermore.errors import LivermoreError
from livermore.exchanges.codec import Codec
from livermore.plugins import find
from livermore.recording.file import Reader
from livermore.recording.lines import Header, Line, decode
from livermore.recording.replay import Fact, Replay

KINDS = ("candles", "signals", "alerts")
Write = Callable[[Fact], None]


def replay(asked: Asked, variables: Variables) -> int:
    """Write the facts of a recording into a folder, a file each kind, or to standard output (``-``) in their order."""
    path, out = asked.file, asked.out
    reader, counts = Reader(path), Counter[str]()
    lines = map(decode, reader)
    replayed = begun(next(lines, None), path, partial(pipeline_of, asked, variables))
    with seen_enough(), ExitStack() as stack:
        write = _to_stdout if out == "-" else _to_folder(Path(out), stack)
        for fact in facts(replayed, lines):
            write(fact)
            counts[fact.kind] += 1
        sys.stdout.flush()
        told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
        complain(f"{told}; {replayed.holes} buckets that the wire could not vouch for, {replayed.unread} lines unread")
        if reader.torn:
            complain(f"{path} ends within a block: what came before it was used")
    return 0


def begun(header: Line | None, path: Path, pipeline: Callable[[str], Pipeline]) -> Replay:
    """The pipeline for a recording that begins with this line; ``pipeline``: the one of an exchange in the tree file.

    Raises:
        LivermoreError: it is no header, or tells of no exchange or symbol that there is.
    """
    if not isinstance(header, Header):
        raise LivermoreError(f"{path} is no recording: it does not begin with a header")
    symbols = header.symbols or _subscribed(header.config)
    if not symbols:
        raise LivermoreError(f"{path} tells of no symbols")
    exchange = header.exchange.lower()
    codec: Codec = find("livermore.exchanges", exchange).Codec(symbols)
    found = pipeline(exchange)
    return Replay(codec, symbols, found.indicator, found.rules, found.history)


def facts(replayed: Replay, lines: Iterator[Line]) -> Iterator[Fact]:
    """All that follows, in its order."""
    for line in lines:
        yield from replayed.take(line)


def _subscribed(config: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(symbol for symbols in config.values() for symbol in symbols))


def _to_stdout(fact: Fact) -> None:
    sys.stdout.buffer.write(b'{"kind":"%s","data":%s}\n' % (fact.kind.removesuffix("s").encode(), fact.data))


def _to_folder(folder: Path, stack: ExitStack) -> Write:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {kind: stack.enter_context((folder / f"{kind}.jsonl").open("wb")) for kind in KINDS}
    except OSError as error:
        raise LivermoreError(f"nothing can be written to {folder}: {error.strerror}") from error

    def write(fact: Fact) -> None:
        files[fact.kind].write(fact.data + b"\n")

    return write
