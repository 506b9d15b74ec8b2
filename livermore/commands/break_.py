"""Make an actor of a running demo fail, to see the tree heal."""

import argparse
import urllib.parse

from livermore.commands import running
from livermore.commands.common import Asked, Variables, mode_of, say
from livermore.errors import LivermoreError
from livermore.supervision.ailment import Ailment


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("path", metavar="PATH", help="of the actor, as `livermore tree` shows it")
    parser.add_argument("--how", choices=list(Ailment), default=Ailment.CRASH, help="else it crashes")


def do(asked: Asked, variables: Variables) -> int:
    """Ask the demo of this folder."""
    facts = running.facts(mode_of(asked, variables))
    if facts is None or facts.get("admin_token") is None:
        raise LivermoreError("no demo of exchange mode runs in this folder, and actors are broken nowhere else")
    query = urllib.parse.urlencode({"path": asked.path, "how": asked.how})
    url = f"{str(facts['page_url']).partition('#')[0]}admin/v1/break?{query}"
    running.ask(url, b"", {"Authorization": f"Bearer {facts['admin_token']}"})
    say(f"{asked.path}: {asked.how}. See it heal: livermore tree --watch")
    return 0
