"""The command line: a tree that is to run, or one of the commands."""

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from livermore.commands.common import CONFIG, NO_INPUT, UNAVAILABLE, USAGE, complain, tree_options
from livermore.environment import Environment
from livermore.errors import ConfigurationError, LivermoreError, Misconfigured
from livermore.listeners import CannotListen
from livermore.tree_file import NoSuchFile

COMMANDS = {
    "check": "Check a tree file: one mode with its variables, or all modes without theirs.",
    "doctor": "Look at everything an instance stands on, and say what is wrong and what helps.",
    "plan": "Show what a running process would change if it read another tree file.",
    "reload": "Have a running process read its tree file again, now.",
    "tree": "Show the supervision tree of a running process.",
    "break": "Make an actor of a running demo fail, to see the tree heal.",
    "alerts": "Tell why alerts were raised, what would have been, whether notices arrive, and which were given up.",
    "indicators": "Compute an indicator over the candles of a CSV file.",
    "audit": "Hold stored candles against the exchange's REST service, and larger ones against those they are made of.",
    "record": "Record what an exchange says: every raw frame, and what REST answers at the boundaries.",
    "replay": "Replay a recording: the candles, signals and alerts that follow from it, as JSON lines.",
    "warmup": "Show how far the warm-up of an exchange is, until it is over.",
    "ctl": "Give a command to the pipeline of an exchange, and say what came of it.",
    "handover": "Hand the pipeline of an exchange over to an instance that stands by.",
    "db": "Say which revision the SQL schema is at, or bring it up to this program.",
    "keys": "Make, list, rotate and revoke API keys. A key is shown once, when it is made.",
    "users": "List users, add one, and give them roles or take their access away: so does the first admin become one.",
}
"""What each is for; the module of its name does it, and is loaded only then."""


class CommandParser(argparse.ArgumentParser):
    """The options of a command, which its module knows; without one those of a command's own commands."""

    def __init__(self, *, module: str = "", **further: Any) -> None:
        super().__init__(**further)
        self._module = module

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Load the module, and go on as any parser."""
        if self._module:
            module = _loaded(self._module)
            module.arguments(self)
            self.set_defaults(command=module.do)
        return super().parse_known_args(args, namespace)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and give the exit code."""
    try:
        asked = _parser().parse_args(arguments)
    except SystemExit as stop:
        return USAGE if stop.code else 0
    try:
        do = asked.command or _loaded("run").do
        code: int = do(asked, Environment(dict(os.environ) | _said(asked), Path(".env")))
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
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=CommandParser)
    for name, about in COMMANDS.items():
        module, short = "break_" if name == "break" else name, about[0].lower() + about[1:].rstrip(".")
        subparser = commands.add_parser(name, module=module, help=short, description=about)
        tree_options(subparser, argparse.SUPPRESS)
    return parser


def _loaded(name: str) -> Any:
    return import_module(f"livermore.commands.{name}")
