"""The command line: a tree that is to run, or one of the commands."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from livermore.commands import (
    alerts,
    audit,
    break_,
    check,
    ctl,
    db,
    doctor,
    handover,
    indicators,
    keys,
    plan,
    record,
    reload,
    replay,
    run,
    tree,
    users,
    warmup,
)
from livermore.commands.common import CONFIG, NO_INPUT, UNAVAILABLE, USAGE, complain, tree_options
from livermore.environment import Environment
from livermore.errors import ConfigurationError, LivermoreError, Misconfigured
from livermore.listeners import CannotListen
from livermore.tree_file import NoSuchFile

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "doctor": doctor,
    "plan": plan,
    "reload": reload,
    "tree": tree,
    "break": break_,
    "alerts": alerts,
    "indicators": indicators,
    "audit": audit,
    "record": record,
    "replay": replay,
    "warmup": warmup,
    "ctl": ctl,
    "handover": handover,
    "db": db,
    "keys": keys,
    "users": users,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and give the exit code."""
    try:
        asked = _parser().parse_args(arguments)
    except SystemExit as stop:
        return USAGE if stop.code else 0
    try:
        code: int = asked.command(asked, Environment(dict(os.environ) | _said(asked), Path(".env")))
    except LivermoreError as error:
        complain(error)
        return _code_of(error)
    return code


def _said(asked: argparse.Namespace) -> dict[str, str]:
    """The variables that options of the command line stand for; they prevail."""
    said = {"LIVERMORE_STANDBY": "true"} if asked.standby else {}
    if asked.autostart or asked.idle:
        said |= {"LIVERMORE_AUTOSTART": str(asked.autostart).lower(), "LIVERMORE_OVERRIDE": "true"}
    return said


def _code_of(error: LivermoreError) -> int:
    if isinstance(error, ConfigurationError | CannotListen | Misconfigured):
        return CONFIG
    return NO_INPUT if isinstance(error, NoSuchFile) else UNAVAILABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="livermore", description="Runs a tree of actors, or one of the commands.")
    tree_options(parser, None)
    parser.add_argument("--demo", action="store_true", help="needs nothing: simulated exchange, embedded stores")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument(
        "--autostart", action="store_true", help="run the pipeline, whatever was paused or stopped before"
    )
    begin.add_argument("--idle", action="store_true", help="run no pipeline until `livermore ctl start`")
    parser.add_argument("--standby", action="store_true", help="wait where another instance runs it, and take over")
    parser.set_defaults(command=run.do)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, module in COMMANDS.items():
        about = (module.__doc__ or "").splitlines()[0]
        subparser = commands.add_parser(name, help=about[0].lower() + about[1:].rstrip("."), description=about)
        tree_options(subparser, argparse.SUPPRESS)
        module.arguments(subparser)
        subparser.set_defaults(command=module.do)
    return parser
