"""Hand the pipeline of an exchange over to an instance that stands by."""

import argparse
from argparse import Namespace

from livermore.commands import ctl
from livermore.commands.common import Asked, Variables


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--exchange", metavar="NAME", help="else LIVERMORE_EXCHANGE_NAME, else coinbase")


def do(asked: Asked, variables: Variables) -> int:
    """As `livermore ctl handover`."""
    return ctl.do(Namespace(**vars(asked) | {"type": "handover", "words": [], "priority": None}), variables)
