"""A schedule of faults: made of a seed, kept as JSON, read from a file again."""

import json
import math
from collections.abc import Collection, Mapping
from random import Random
from typing import Any, NamedTuple

from tests.chaos.fault import Fault, Setting, all_faults

QUIET_BEFORE, QUIET_AFTER = 60.0, 150.0
"""Seconds at the beginning and at the end of a night in which no fault is on."""
PAUSE = 45.0
"""Seconds between two beginnings, on average."""
HOUR = 3600
SHARE = 1 / 4
"""No fault lasts for more of a night than this."""


class Style(NamedTuple):
    """How faults follow each other.

    ``pause``: seconds between two beginnings, on average; ``longest``: seconds that one lasts at most; ``stretch``: how
    many times as long as usual each lasts; ``rest``: seconds of quiet after each, None where they overlap.
    """

    pause: float = PAUSE
    longest: float = math.inf
    stretch: float = 1.0
    rest: float | None = None


NIGHT = Style()


class Entry(NamedTuple):
    """A fault that begins ``at`` seconds after the night and lasts ``seconds``."""

    at: float
    name: str
    arguments: Mapping[str, Any]
    seconds: float

    @property
    def end(self) -> float:
        return self.at + self.seconds

    def make(self) -> Fault:
        """The fault; the same entry makes the same, whatever stands beside it."""
        return all_faults()[self.name](Random(json.dumps(self)), **self.arguments)


def make(seed: int, seconds: float, setting: Setting, only: Collection[str] = (), style: Style = NIGHT) -> list[Entry]:
    """Faults, every kind about as often as any other. ``only``: of these kinds."""
    luck = Random(seed)
    kinds = {name: kind for name, kind in all_faults().items() if not only or name in only}
    entries = [_entry(luck, 0.0, kinds["listing"], setting)] if "listing" in kinds and luck.random() < 0.5 else []
    deck: list[str] = []
    at = QUIET_BEFORE
    while at < seconds - QUIET_AFTER:
        deck = deck or luck.sample(sorted(kinds), k=len(kinds))
        kind = kinds[deck.pop()]
        entry = _entry(luck, at, kind, setting)
        limit = min(style.longest, SHARE * seconds, seconds - QUIET_AFTER - kind.lingers - at)
        entry = entry._replace(seconds=round(min(entry.seconds * style.stretch, limit), 1))
        fits = kind.name != "listing" and _fits(entry, kind, entries, seconds)
        entries += [entry] if fits else []
        at = round(at + (luck.expovariate(1 / style.pause) if fits else 1), 1)
        if style.rest is not None and entries:
            at = round(max(at, entries[-1].end + style.rest), 1)
    return entries


def _entry(luck: Random, at: float, kind: type[Fault], setting: Setting) -> Entry:
    return Entry(at, kind.name, kind.draw(luck, setting), round(luck.uniform(*kind.lasts), 1))


def _fits(entry: Entry, kind: type[Fault], entries: list[Entry], seconds: float) -> bool:
    """Whether it does not come too often, nor together with itself or what it stays apart from."""
    if sum(other.name == entry.name for other in entries) >= kind.most * max(1, seconds // HOUR) or entry.seconds <= 0:
        return False
    apart = kind.apart | {entry.name}
    return not any(o.name in apart and o.at <= entry.end and entry.at <= o.end for o in entries)


def write(entries: list[Entry]) -> str:
    """One entry a line."""
    return "[" + ",\n ".join(json.dumps(entry) for entry in entries) + "]\n"


def read(text: str) -> list[Entry]:
    """What `write` has written."""
    return [Entry(*entry) for entry in json.loads(text)]
