"""What the commands share: exit codes, the mode that is meant, and places that the tree names."""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from livermore.store.settings import DatabasePlace
from livermore.tree_file import TreeFile

FAILED, USAGE, NO_INPUT, UNAVAILABLE, CONFIG = 1, 64, 66, 69, 78
"""Exit codes, as in BSD's sysexits but for the first."""

_SECRET = re.compile(r"secret|password|token|key|pem|discord", re.IGNORECASE)

Variables = Mapping[str, str]
Asked = argparse.Namespace


def tree_options(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Options that every command has. ``default``: argparse.SUPPRESS below another parser that has them."""
    parser.add_argument("--mode", default=default, help="which tree; else LIVERMORE_MODE, else exchange")
    parser.add_argument(
        "--tree", metavar="FILE", default=default, help="the tree file; else LIVERMORE_TREE, else ./supervisors.yaml"
    )


def say(text: Any) -> None:
    """Tell people, on standard output."""
    print(text, flush=True)  # noqa: T201 - to people


def complain(text: Any) -> None:
    """Tell people what is wrong, a line each."""
    for line in str(text).splitlines():
        print(f"livermore: {line}", file=sys.stderr)  # noqa: T201 - to people


@contextmanager
def seen_enough() -> Iterator[None]:
    """Write within: whoever reads standard output may leave whenever they have seen enough, which ends it well."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def secrets_of(names: Iterable[str], variables: Variables) -> frozenset[str]:
    """The values among these variables that nobody may see: whole ones, and of URLs also the passwords in them."""
    found = set[str]()
    for name in names:
        value = variables.get(name, "")
        if _SECRET.search(name) or "://" in value:
            found.add(value)
        found.update(_passwords(value))
    return frozenset(found - {""})


def _passwords(url: str) -> set[str]:
    """The password of a URL, as it is written and as it is meant."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return set()
    return {password, unquote(password)}


def mode_of(asked: Asked, variables: Variables) -> str:
    """The mode that is meant."""
    return str(asked.mode or variables.get("LIVERMORE_MODE") or "exchange").lower()


def exchange_of(asked: Asked, variables: Variables) -> str:
    """The name of the exchange that is meant."""
    return str(asked.exchange or variables.get("LIVERMORE_EXCHANGE_NAME") or "coinbase")


def database_place(asked: Asked, variables: Variables) -> DatabasePlace:
    """The database that the tree names."""
    place = TreeFile.find(asked.tree, variables).stores(mode_of(asked, variables), variables).database
    assert place is not None
    return place
