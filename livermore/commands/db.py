"""Say which revision the SQL schema is at, or bring it up to this program."""

import argparse

from livermore.commands.common import FAILED, Asked, Variables, database_place, say
from livermore.store import schema
from livermore.store.settings import DatabasePlace
from livermore.store.sql import look_into, make_engine


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("what", choices=["status", "upgrade"], help="status changes nothing; exit code 1: writers wait")


def do(asked: Asked, variables: Variables) -> int:
    """Migrate the database, or say whether that is to be done."""
    place = database_place(asked, variables)
    return _upgrade(place) if asked.what == "upgrade" else _status(place)


def _upgrade(place: DatabasePlace) -> int:
    engine = make_engine(place)
    try:
        schema.upgrade(engine)
    finally:
        engine.dispose()
    say(f"the database is at revision {schema.newest()}")
    return 0


def _status(place: DatabasePlace) -> int:
    with look_into(place) as connection:
        held = schema.current(connection)
    say(f"the database has {schema.shown(held)}, this program is made for {schema.newest()}")
    fault = schema.difference(held, schema.WRITER)
    if fault is None:
        say("there is nothing to do" if held == schema.newest() else "replace the programs by newer ones, in any order")
        return 0
    goes_on = schema.difference(held, schema.READER) is None
    say(f"writers wait, and fronts {'go on' if goes_on else 'wait, too'}: run `{schema.remedy(held)}`")
    return FAILED
