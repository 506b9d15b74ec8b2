"""Notices in Redis: what each target has still to be told and when it is tried next, and those that were given up."""

import math
from typing import Any, NamedTuple

import msgspec

from livermore.market.alert import Alert
from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, command, integer, nothing

DEAD_KEPT = 1_000
"""Dead letters of an exchange; the oldest are forgotten."""
TOLD_FOR = 600_000
"""How long (ms) it can be asked what came of a test."""


class Letter(msgspec.Struct, frozen=True):
    """A notice on its way to one target. ``since``: when it was filed, wall ms; ``error``: of the last attempt."""

    alert: Alert
    since: int
    attempts: int = 0
    error: str = ""


class Dead(msgspec.Struct, frozen=True):
    """A letter that was given up, with the name of its target and when (wall ms)."""

    target: str
    at: int
    letter: Letter


class Delivered(msgspec.Struct, frozen=True):
    """What the recorder is told once a notice has come to its end at a target. ``id``: the alert's; ``error``: why it
    was given up, or None where it was sent; ``chart``: whether a chart went with it.
    """

    id: str
    target: str = ""
    error: str | None = None
    chart: bool = False


class Due(NamedTuple):
    """The notice that a target is to be told next: the alert's id, and when (wall ms)."""

    id: str
    at: int


def file(keys: Keys, group: str, entry: str, letter: Letter, targets: list[str]) -> Query[int]:
    """Take an alert from the outbox into the schedules of all targets, once."""
    places = [keys.outbox, *(place for name in targets for place in _places(keys, name))]
    return call(
        "notices_file", places, [group, entry, letter.alert.id, msgspec.json.encode(letter), letter.since], integer
    )


def first(keys: Keys, target: str) -> Query[Due | None]:
    """What is due next."""
    return command("ZRANGE", keys.notices("schedule", target), 0, 0, "WITHSCORES", read=_due)


def letter(keys: Keys, target: str, alert_id: str) -> Query[Letter | None]:
    """One letter, as it stands."""
    return command("HGET", keys.notices("letters", target), alert_id, read=_letter)


def letters(keys: Keys, target: str) -> Query[list[Letter]]:
    """All that a target has still to get."""
    read = msgspec.json.Decoder(Letter).decode
    return command("HVALS", keys.notices("letters", target), read=lambda all_: [read(one) for one in all_])


def waiting(keys: Keys, target: str) -> Query[int]:
    """How many letters a target has still to get."""
    return command("HLEN", keys.notices("letters", target), read=integer)


def postpone(keys: Keys, target: str, tried: Letter, at: int) -> Query[int]:
    """Try it again at this moment (wall ms)."""
    words: list[Word] = [tried.alert.id, msgspec.json.encode(tried), at]
    return call("notices_postpone", _places(keys, target), words, integer)


def sent(keys: Keys, target: str, alert_id: str, *, chart: bool = False) -> Query[bool]:
    """It has been told, with its chart or without; False where that is known already."""
    return _settle(keys, Delivered(alert_id, target, chart=chart), b"")


def give_up(keys: Keys, dead: Dead) -> Query[bool]:
    """It is a dead letter from now on; False where it has come to an end already."""
    said = Delivered(dead.letter.alert.id, dead.target, dead.letter.error)
    return _settle(keys, said, msgspec.json.encode(dead))


def _settle(keys: Keys, said: Delivered, dead: bytes) -> Query[bool]:
    places = [*_places(keys, said.target), keys.outbox, keys.notices("dead")]
    return call("notices_settle", places, [said.id, msgspec.json.encode(said), dead, DEAD_KEPT], bool)


def dead(keys: Keys) -> Query[list[tuple[bytes, Dead]]]:
    """All dead letters, the newest first, each with how it stands in Redis."""
    return command(
        "LRANGE", keys.notices("dead"), 0, -1, read=lambda all_: [(r, msgspec.json.decode(r, type=Dead)) for r in all_]
    )


def count_dead(keys: Keys) -> Query[int]:
    """How many there are."""
    return command("LLEN", keys.notices("dead"), read=integer)


def revive(keys: Keys, raw: bytes, found: Dead, now: int) -> Query[bool]:
    """Put a dead letter back, as if its alert had just been raised; False where somebody has done so already."""
    anew = Letter(found.letter.alert, now)
    places = [keys.notices("dead"), *_places(keys, found.target)]
    return call("notices_revive", places, [raw, anew.alert.id, msgspec.json.encode(anew), now], bool)


def turn(keys: Keys, target: str, per_minute: float, burst: int, now: int) -> Query[int]:
    """Take one turn at a target; gives the ms to wait where none is left, or where it wants to be left alone."""
    return _bucket(keys, target, [now, per_minute / 60, burst, 1, 0])


def pause(keys: Keys, target: str, ms: int, now: int) -> Query[int]:
    """Leave a target alone for so long."""
    return _bucket(keys, target, [now, 1, 1, 0, max(1, ms)])


def paused(keys: Keys, target: str, now: int) -> Query[int]:
    """For how many ms a target is still to be left alone."""
    until = keys.notices("turns", target), "until"
    return command("HGET", *until, read=lambda found: max(0, math.ceil(float(found or 0) - now)))


def _bucket(keys: Keys, target: str, arguments: list[Word]) -> Query[int]:
    return call("tokens", [keys.notices("turns", target), keys.notices("told_rate", target)], arguments, integer)


def targets(keys: Keys) -> Query[set[str]]:
    """The names of the targets that notices are filed for."""
    return command("SMEMBERS", keys.notices("targets"), read=lambda names: {name.decode() for name in names})


def add_targets(keys: Keys, names: list[str]) -> Query[None]:
    """Notices are filed for these from now on."""
    return command("SADD", keys.notices("targets"), *names, read=nothing)


def forget_target(keys: Keys, name: str) -> Query[None]:
    """None are filed for this one any more."""
    return command("SREM", keys.notices("targets"), name, read=nothing)


# -- tests, which somebody asks for


def ask_for_test(keys: Keys, test: str) -> Query[None]:
    """Have every target told of no alert at all."""
    return command("XADD", keys.outbox, "*", "kind", "test", "data", msgspec.json.encode(test), read=nothing)


def answer_test(keys: Keys, test: str, results: dict[str, str]) -> list[Query[Any]]:
    """Say what came of it, by target; to be run one after the other."""
    place = keys.notices("test", test)
    words = [word for pair in results.items() for word in pair]
    return [
        command("HSET", place, *words, read=nothing),
        command("PEXPIRE", place, TOLD_FOR, read=nothing),
    ]


def test_results(keys: Keys, test: str) -> Query[dict[str, str]]:
    """What came of a test, as far as it is known."""
    return command("HGETALL", keys.notices("test", test), read=_texts)


def _places(keys: Keys, target: str) -> list[str]:
    return [keys.notices("schedule", target), keys.notices("letters", target)]


def _due(answer: list[bytes]) -> Due | None:
    return Due(answer[0].decode(), int(float(answer[1]))) if answer else None


def _letter(answer: bytes | None) -> Letter | None:
    return msgspec.json.decode(answer, type=Letter) if answer else None


def _texts(answer: list[bytes]) -> dict[str, str]:
    return {name.decode(): text.decode() for name, text in zip(answer[::2], answer[1::2], strict=True)}
