"""Record what an exchange says: every raw frame, and what REST answers at the boundaries."""

import argparse
import asyncio
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from livermore.commands import stores
from livermore.commands.common import Asked, Variables, say
from livermore.errors import LivermoreError
from livermore.settings import Duration


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--exchange", metavar="NAME", default="coinbase", help="coinbase, unless told otherwise")
    parser.add_argument("--symbols", metavar="A,B", required=True, help="as BTC-USD,ETH-USD")
    parser.add_argument("--out", metavar="FILE.jsonl.gz", required=True, type=Path, help="a new file")
    parser.add_argument("--for", metavar="TIME", dest="within", type=_duration, help="as 5m; else until Ctrl+C")
    parser.add_argument("--websocket-url", metavar="URL", help="another address than the exchange's own")
    parser.add_argument("--rest-url", metavar="URL", help="the same of its REST service")


def do(asked: Asked, variables: Variables) -> int:
    """Record, and say how much."""
    from livermore.commands.recording import record  # noqa: PLC0415 - a front has no need of all that

    if asked.out.suffix != ".gz":
        raise LivermoreError(f"{asked.out} has to end in .gz: that is how recordings are compressed")
    urls = [stores.url(asked, variables, kind) for kind in ("websocket", "rest")]
    frames, answers = asyncio.run(record(asked, variables, *urls))
    say(f"{asked.out}: {frames} frames, {answers} answers")
    return 0


def _duration(text: str) -> float:
    try:
        return TypeAdapter[float](Duration).validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("expected a time as 30s, 5m or 2h") from error
