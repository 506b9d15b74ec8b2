"""From an exchange's name to its keys: only SQL knows which number a name has."""

from functools import partial

from livermore.errors import Permanent
from livermore.store.keys import Keys
from livermore.store.registry import named
from livermore.store.sql import Database


async def keys_of(database: Database, name: str) -> Keys:
    """The Redis keys of the exchange with this name.

    Raises:
        Permanent: there is no such exchange, or it is not active.
        Transient: SQL cannot answer.
    """
    found = await database.run_aside(partial(named, name=name))
    if found is None:
        raise Permanent(f"the table exchanges has no active exchange named {name!r}")
    return Keys(found.id)
