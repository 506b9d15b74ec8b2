"""Show the supervision tree of a running process."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from livermore.commands import running
from livermore.commands.common import Asked, Variables, mode_of, say

EVERY = 0.5
"""Seconds between two looks of ``--watch``."""
HEAD = ("node", "state", "for", "restarts", "mailbox", "busy", "last error")
_CLEAR = "\x1b[H\x1b[2J"
_COLOURS = {"up": 32, "parked": 31, "backoff": 33, "waiting": 33, "starting": 36, "stopping": 36, "draining": 36}

Node = Mapping[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("--watch", action="store_true", help="again and again, until Ctrl+C")
    parser.add_argument("--json", action="store_true", help="as the process says it, for programs")
    running.arguments(parser)


def do(asked: Asked, variables: Variables) -> int:
    """Ask its health listener, which answers whatever the rest does."""
    url = f"{running.url_of(asked, mode_of(asked, variables), variables)}/supervision/tree"
    if asked.json:
        say(json.dumps(running.ask(url), indent=2))
        return 0
    if not asked.watch:
        say(drawn(running.ask(url), colours=sys.stdout.isatty()))
        return 0
    try:
        while True:
            say(_CLEAR + drawn(running.ask(url), colours=True))
            time.sleep(EVERY)
    except KeyboardInterrupt:
        return 0


def drawn(tree: Node, *, colours: bool) -> str:
    """The tree as a table; every node has a line, indented by its depth."""
    rows = [HEAD, *(_row(node, depth) for node, depth in _walk(tree))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    if colours:
        states = [None, *(node["state"] for node, _ in _walk(tree))]
        lines = [_coloured(line, state) for line, state in zip(lines, states, strict=True)]
    return "\n".join(line.rstrip() for line in lines)


def _walk(node: Node, depth: int = 0) -> Iterator[tuple[Node, int]]:
    yield node, depth
    for child in node["children"]:
        yield from _walk(child, depth + 1)


def _row(node: Node, depth: int) -> tuple[str, ...]:
    actor = node["kind"] == "actor"
    wait = node["starts_in_seconds"]
    return (
        "  " * depth + node["id"],
        node["state"] + (f" {wait:.1f} s" if wait is not None else ""),
        span(node["for_seconds"]),
        str(sum(node["restarts"].values()) or ""),
        f"{node['mailbox']}/{node['mailbox_capacity']}" if actor else "",
        f"{node['busy_seconds']:.1f} s" if actor and node["busy_seconds"] else "",
        node["last_error"] or "",
    )


def span(seconds: float) -> str:
    """A time for people: ``7 s``, ``12 min``, ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _coloured(line: str, state: str | None) -> str:
    colour = _COLOURS.get(state or "", 0)
    return f"\x1b[{colour}m{line}\x1b[0m" if colour else line
