"""Make an API key; it is shown this one time."""

import argparse
from contextlib import closing

from livermore.clock import AffineClock
from livermore.commands.common import Asked, Variables, database_place, say
from livermore.store import api_keys
from livermore.store.sql import Database


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("what", choices=["create"])
    parser.add_argument("name", help="whose key it is")


def do(asked: Asked, variables: Variables) -> int:
    """Make a key, and show it."""
    now = AffineClock().wall()
    with closing(Database(database_place(asked, variables))) as database:
        say(database.run(lambda connection: api_keys.create(connection, asked.name, now)))
    return 0
