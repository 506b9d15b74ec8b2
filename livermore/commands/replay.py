"""Replay a recording: the candles, signals and alerts that follow from it, as JSON lines."""

import argparse
from pathlib import Path

from livermore.commands.common import Asked, Variables


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("file", metavar="FILE", type=Path, help="of `livermore record`, or a recording of cryptofeed's")
    parser.add_argument("--out", metavar="DIR", default="-", help="a folder for candles, signals and alerts; else here")


def do(asked: Asked, variables: Variables) -> int:
    """Write what follows from the lines, with the rules that the tree file has for their exchange."""
    from livermore.commands.replaying import replay  # noqa: PLC0415 - a front has no need of all that

    return replay(asked, variables)
