"""Give a command to the pipeline of an exchange, and say what came of it."""

import argparse
import json
from typing import Any

from livermore.commands.common import USAGE, Asked, Variables, complain, say

STATUS = "status"
TYPES = (
    "start", "stop", "pause", "resume", "handover", "reload-settings", "switch-mode", "add-symbol", "remove-symbol",
    "bulk-add-symbols", "force-backfill", "clear-cache", "test-connection",
)  # fmt: skip
"""The kinds of `livermore.control`, which a public host does not even load."""
WORDS = {"add-symbol": "symbol", "remove-symbol": "symbol", "force-backfill": "symbol", "switch-mode": "mode",
         "clear-cache": "scope"}  # fmt: skip
"""What a single word after a command means."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("type", choices=[STATUS, *TYPES], metavar="TYPE", help=", ".join([STATUS, *TYPES]))
    parser.add_argument("words", nargs="*", metavar="WORD", help="a symbol, a profile, a scope; or NAME=VALUE, each")
    parser.add_argument("--exchange", metavar="NAME", help="else LIVERMORE_EXCHANGE_NAME, else coinbase")
    parser.add_argument("--priority", type=int, choices=range(1, 101), metavar="1..100", help="lower is sooner")


def do(asked: Asked, variables: Variables) -> int:
    """Print what came of it, as JSON."""
    try:
        payload = _payload(asked.type, asked.words)
    except ValueError as error:
        complain(error)
        return USAGE
    from livermore.commands import controlling  # noqa: PLC0415 - a public host does not load what it needs

    found = (
        controlling.status(asked, variables) if asked.type == STATUS else controlling.give(asked, variables, payload)
    )
    say(json.dumps(found, indent=2))
    return 0


def _payload(type_: str, words: list[str]) -> dict[str, Any]:
    """From ``SYMBOL`` or ``name=value``; a value with commas is several.

    Raises:
        ValueError: a word that means nothing here.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            name, value = _meant(type_, word, found)
        found[name] = value.split(",") if name in {"symbols", "timeframes"} else value
    return found


def _meant(type_: str, word: str, found: dict[str, Any]) -> tuple[str, str]:
    if type_ == "bulk-add-symbols":
        return "symbols", ",".join([*found.get("symbols", []), word])
    if type_ not in WORDS or WORDS[type_] in found:
        raise ValueError(f"{type_}: expected NAME=VALUE; found {word!r}")
    return WORDS[type_], word
