"""What the commands share: exit codes, the mode that is meant, and places that the tree names."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from livermore.store.settings import DatabasePlace
from livermore.tree_file import TreeFile

FAILED, USAGE, NO_INPUT, UNAVAILABLE, CONFIG = 1, 64, 66, 69, 78
"""Exit codes, as in BSD's sysexits but for the first."""

Variables = Mapping[str, str]
Asked = argparse.Namespace


def say(text: Any) -> None:
    """Tell people, on standard output."""
    print(text, flush=True)  # noqa: T201 - to people


def complain(text: Any) -> None:
    """Tell people what is wrong, a line each."""
    for line in str(text).splitlines():
        print(f"livermore: {line}", file=sys.stderr)  # noqa: T201 - to people


def mode_of(asked: Asked, variables: Variables) -> str:
    """The mode that is meant."""
    return str(asked.mode or variables.get("LIVERMORE_MODE") or "exchange").lower()


def database_place(asked: Asked, variables: Variables) -> DatabasePlace:
    """The database that the tree names."""
    place = TreeFile.find(asked.tree, variables).stores(mode_of(asked, variables), variables).database
    assert place is not None
    return place
