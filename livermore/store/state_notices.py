"""Changes of a pipeline's state on their way to people: outbox, then a short list of each target that wants it."""

import msgspec

from livermore.lifecycle import Change
from livermore.store.keys import Keys
from livermore.store.query import Query, call, command, integer, nothing

FRESH = 300_000
"""Ms after which a change is not told any more: it is not news."""
KEPT = 50
"""Changes that wait for a target; the oldest are forgotten."""
BURST, EVERY = 3, 120
"""Notices that a target may be told at once, and seconds after which there is another one."""


def announce(keys: Keys, change: Change) -> Query[None]:
    """Put a change into the outbox."""
    return command("XADD", keys.outbox, "*", "kind", "state", "data", msgspec.json.encode(change), read=nothing)


def file(keys: Keys, group: str, entry: str, change: Change, targets: list[str]) -> Query[int]:
    """Take a change from the outbox into the lists of these targets, once."""
    places = [keys.outbox, *(_place(keys, name) for name in targets)]
    return call("states_file", places, [group, entry, msgspec.json.encode(change), KEPT, FRESH], integer)


def waiting(keys: Keys, target: str) -> Query[list[Change]]:
    """What a target has still to be told, ascending."""
    read = msgspec.json.Decoder(Change).decode
    return command("LRANGE", _place(keys, target), 0, -1, read=lambda all_: [read(one) for one in all_])


def told(keys: Keys, target: str, change: Change) -> Query[None]:
    """It is not to be told any more."""
    return command("LREM", _place(keys, target), 1, msgspec.json.encode(change), read=nothing)


def turn(keys: Keys, target: str, now: int) -> Query[int]:
    """Take one turn at telling a target of states; gives the ms to wait where none is left. ``now``: wall ms."""
    places = [keys.notices("state_turns", target), keys.notices("told_rate", target)]
    return call("tokens", places, [now, 1 / EVERY, BURST, 1, 0], integer)


def _place(keys: Keys, target: str) -> str:
    return keys.notices("states", target)
