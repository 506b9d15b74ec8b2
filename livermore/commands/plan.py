"""Show what a running process would change if it read another tree file."""

import argparse
from pathlib import Path

from livermore.commands import running
from livermore.commands.common import CONFIG, Asked, Variables, complain, mode_of, say
from livermore.tree_file import NoSuchFile, TreeFile


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="else the one that would run")
    running.arguments(parser)


def do(asked: Asked, variables: Variables) -> int:
    """Ask the process itself: it knows its variables, and would apply just what it says."""
    path = Path(asked.file or TreeFile.find(asked.tree, variables).path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise NoSuchFile(f"{path} cannot be read: {error.strerror}") from error
    url = running.url_of(asked, mode_of(asked, variables), variables)
    return tell(running.ask(f"{url}/supervision/plan", text))


def tell(outcome: dict[str, list[str]]) -> int:
    """Show an outcome of the reloader."""
    for problem in outcome["problems"]:
        complain(problem)
    if outcome["problems"]:
        return CONFIG
    say("\n".join(outcome["changes"]) or "nothing differs")
    return 0
