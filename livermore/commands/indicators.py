"""Compute an indicator over the candles of a CSV file."""

import argparse

from livermore.commands.common import Asked, Variables
from livermore.market.timeframe import Timeframe

ABOUT = """
Prints a line of JSON for every row of the file, in its order: the fields of the stored records, and how far the value
is to be relied on. Buckets without a row are filled as in the engine, with flat bars that have no range: they count,
and get no line of their own.
"""
FILE = """
with a header and the columns timestamp (or date, or time: when a candle opens), open, high, low, close and volume, in
any order; others are ignored. Times ascend, are all of one form: ISO-8601 (without an offset: UTC), or seconds or
milliseconds since 1970. FILE may end in .gz; - is standard input
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    whats = parser.add_subparsers(title="what", metavar="WHAT", dest="what", required=True)
    compute = whats.add_parser("compute", help="over the candles of a CSV file", description=ABOUT)
    compute.add_argument("word", metavar="INDICATOR", help="as in a tree: macdv or macd")
    compute.add_argument("--csv", metavar="FILE", required=True, help=FILE)
    compute.add_argument("--symbol", metavar="S", help="to be told in each line; else the name of the file")
    compute.add_argument("--options", metavar="JSON", default="{}", help='as in a tree: {"fast": 12, "slow": 26}')
    timeframe(compute)


def timeframe(parser: argparse.ArgumentParser) -> None:
    """Whatever else a file of candles has to be told with."""
    parser.add_argument("--no-fill", action="store_true", help="rows follow each other: of a market that closes")
    parser.add_argument(
        "--timeframe", metavar="T", choices=[str(t) for t in Timeframe], help="else that of the smallest step"
    )


def do(asked: Asked, _: Variables) -> int:
    """Print it."""
    from livermore.commands.computing import compute  # noqa: PLC0415 - a front has no need of all that

    return compute(asked)
