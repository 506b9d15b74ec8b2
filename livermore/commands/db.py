"""Bring the SQL schema up to this program."""

import argparse

from livermore.commands.common import Asked, Variables, database_place, say
from livermore.store.schema import newest, upgrade
from livermore.store.sql import make_engine


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("what", choices=["upgrade"])


def do(asked: Asked, variables: Variables) -> int:
    """Migrate the database."""
    upgrade(make_engine(database_place(asked, variables)))
    say(f"the database is at revision {newest()}")
    return 0
