"""The symbols that are watched, most traded first: what every actor of a pipeline goes by."""

from collections.abc import Sequence

import msgspec

from livermore.store.fence import Right, put
from livermore.store.keys import Keys
from livermore.store.query import Query, command


def write(right: Right, symbols: Sequence[str]) -> Query[int]:
    """Replace the list."""
    return put(right, right.keys.symbols, msgspec.json.encode(symbols))


def read(keys: Keys) -> Query[list[str]]:
    """The list; empty where nothing has been chosen yet."""
    return command("GET", keys.symbols, read=lambda a: msgspec.json.decode(a, type=list[str]) if a else [])
