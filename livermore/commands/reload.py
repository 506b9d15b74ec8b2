"""Have a running process read its tree file again, now."""

import argparse

from livermore.commands import running
from livermore.commands.common import Asked, Variables, mode_of
from livermore.commands.plan import tell
from livermore.health_routes import BY_HAND


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    running.arguments(parser)


def do(asked: Asked, variables: Variables) -> int:
    """Reload, and show what has changed."""
    url = running.url_of(asked, mode_of(asked, variables), variables)
    return tell(running.ask(f"{url}/supervision/reload", b"", {BY_HAND: "reload"}))
