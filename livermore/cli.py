"""The command line: which tree is to run, or what else is to be done."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import structlog

from livermore import log
from livermore.clock import AffineClock
from livermore.composition import Application
from livermore.environment import Environment
from livermore.errors import ConfigurationError, LivermoreError, Problem
from livermore.listeners import CannotListen
from livermore.local import Local
from livermore.resources import Blueprint
from livermore.store import api_keys
from livermore.store.schema import newest, upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database, make_engine
from livermore.tree_file import NoSuchFile, Source, TreeFile

USAGE, NO_INPUT, UNAVAILABLE, CONFIG = 64, 66, 69, 78
"""Exit codes, as in BSD's sysexits."""

Variables = Mapping[str, str]
Command = Callable[[argparse.Namespace, Variables], int]

_SECRET = re.compile(r"secret|password|token|key|pem|discord|url", re.IGNORECASE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and give the exit code."""
    try:
        asked = _parser().parse_args(arguments)
    except SystemExit as stop:
        return USAGE if stop.code else 0
    try:
        code: int = asked.command(asked, Environment(dotenv=Path(".env")))
    except (ConfigurationError, CannotListen) as error:
        return _complain(error, CONFIG)
    except NoSuchFile as error:
        return _complain(error, NO_INPUT)
    except LivermoreError as error:
        return _complain(error, UNAVAILABLE)
    return code


def _complain(error: LivermoreError, code: int) -> int:
    for line in str(error).splitlines():
        print(f"livermore: {line}", file=sys.stderr)  # noqa: T201 - to people
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="livermore", description="Runs a tree of actors, or one of the commands.")
    _common(parser, None)
    parser.add_argument("--demo", action="store_true", help="needs nothing: simulated exchange, embedded stores")
    parser.set_defaults(command=run)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    about: dict[Command, str] = {
        check: "check a tree file: one mode with its variables, or all modes without theirs",
        db: "bring the SQL schema up to this program",
        keys: "make an API key; it is shown this one time",
    }
    made = {
        command: commands.add_parser(command.__name__, help=text, description=text) for command, text in about.items()
    }
    for command, subparser in made.items():
        _common(subparser, argparse.SUPPRESS)
        subparser.set_defaults(command=command)
    made[check].add_argument("file", metavar="FILE", nargs="?", help="else the one that would run")
    made[db].add_argument("what", choices=["upgrade"])
    made[keys].add_argument("what", choices=["create"])
    made[keys].add_argument("name", help="whose key it is")
    return parser


def _common(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--mode", default=default, help="which tree; else LIVERMORE_MODE, else exchange")
    parser.add_argument(
        "--tree", metavar="FILE", default=default, help="the tree file; else LIVERMORE_TREE, else ./supervisors.yaml"
    )


def _mode(asked: argparse.Namespace, variables: Variables) -> str:
    return str(asked.mode or variables.get("LIVERMORE_MODE") or "exchange").lower()


# -- commands


def run(asked: argparse.Namespace, variables: Variables) -> int:
    """Run a tree until it ends."""
    file, mode = TreeFile.find(asked.tree, variables), _mode(asked, variables)
    clock = AffineClock.from_text(variables.get("LIVERMORE_CLOCK", ""))
    wanted = file.mentioned(mode)
    secrets = frozenset(variables[name] for name in wanted if _SECRET.search(name) and name in variables)
    log.hide(secrets)
    write_out = log.set_up()
    try:
        structlog.get_logger("livermore").info("starting", tree=str(file.path), mode=mode)
        folder = file.embedded(mode, variables)
        if asked.demo:
            from livermore.demo import Demo  # noqa: PLC0415 - only a demo needs what it needs

            return _run_local(file, Demo(mode, wanted, variables, clock), variables, clock)
        if folder is not None:
            return _run_local(file, Local(folder, mode, wanted, clock), variables, clock)
        source = Source(file, mode, variables)
        tree = source.tree()
        stores = tree.sections["stores"]
        blueprint = Blueprint(tree.root.path, stores.redis, stores.database, secrets)
        return Application(tree, source, clock, blueprint).run()
    finally:
        write_out()


def _run_local(file: TreeFile, local: Local, variables: Variables, clock: AffineClock) -> int:
    with closing(local):
        log.hide(local.credentials)
        source = Source(file, local.mode, local.variables(variables))
        tree, stores = source.tree(), local.stores
        blueprint = Blueprint(tree.root.path, stores.redis, stores.database, frozenset(local.credentials))
        application = Application(tree, source, clock, blueprint, local.held, breakable=local.breakable)
        announcement = local.announcement(application)
        announcement.start()
        with closing(announcement):
            return application.run()


def check(asked: argparse.Namespace, variables: Variables) -> int:
    """Check a tree file."""
    file = TreeFile.find(asked.file or asked.tree, variables)
    problems: dict[str, Problem] = {}
    for mode in [asked.mode.lower()] if asked.mode else file.modes():
        try:
            file.tree(mode, variables, need_variables=bool(asked.mode))
        except ConfigurationError as error:
            problems |= {str(problem): problem for problem in error.problems}
    if problems:
        raise ConfigurationError(problems.values())
    print(f"{file.path} is sound")  # noqa: T201 - to people
    return 0


def db(asked: argparse.Namespace, variables: Variables) -> int:
    """Migrate the database."""
    upgrade(make_engine(_database_place(asked, variables)))
    print(f"the database is at revision {newest()}")  # noqa: T201 - to people
    return 0


def keys(asked: argparse.Namespace, variables: Variables) -> int:
    """Make an API key."""
    database, now = Database(_database_place(asked, variables)), AffineClock().wall()
    print(database.run(lambda connection: api_keys.create(connection, asked.name, now)))  # noqa: T201 - to people
    return 0


def _database_place(asked: argparse.Namespace, variables: Variables) -> DatabasePlace:
    place = TreeFile.find(asked.tree, variables).stores(_mode(asked, variables), variables).database
    assert place is not None
    return place
