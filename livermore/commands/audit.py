"""Hold stored candles against the exchange's REST service, and larger ones against those they are made of."""

import argparse
import asyncio

from livermore.commands import stores
from livermore.commands.common import Asked, Variables
from livermore.market.timeframe import Timeframe


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--exchange", metavar="NAME", help="else LIVERMORE_EXCHANGE_NAME, else coinbase")
    parser.add_argument("--symbol", action="append", metavar="S", help="only this one; may be given again")
    parser.add_argument(
        "--timeframe", action="append", metavar="T", choices=[str(t) for t in Timeframe], help="as --symbol"
    )
    parser.add_argument("--last", type=_count, metavar="N", help="only the newest N buckets of each series")
    parser.add_argument("--repair", action="store_true", help="have what REST says stored as corrections")
    parser.add_argument("--rest-url", metavar="URL", help="another address than the exchange's own")


def do(asked: Asked, variables: Variables) -> int:
    """Print every mismatch, and how many there are in a million candles; 1 if any is left."""
    from livermore.commands.inspector import inspect  # noqa: PLC0415 - a front has no need of all that

    with stores.opened(asked, variables) as places:
        return asyncio.run(inspect(asked, variables, places))


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
