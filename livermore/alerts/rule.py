"""What every alert rule works on: a reading of the indicator, the memory of its series, and the trigger it finds."""

from typing import Any, Protocol

import msgspec

COOLDOWN = 300_000
"""How long (ms of candle close times) one trigger of one series stays silent after it fired (`reference.md` 8.2)."""


class Reading(msgspec.Struct, frozen=True):
    """The indicator of one closed candle. ``close_time`` is the end of its bucket, ms UTC."""

    value: float
    signal: float
    histogram: float
    close_time: int
    stage: str = "unknown"


class Memory(msgspec.Struct, frozen=True):
    """What a series remembers: its last value, that candle's close time (ms) and stage, whether its reversal has fired,
    and when each label fired (ms).
    """

    value: float | None = None
    time: int = 0
    reversed: bool = False
    fired: dict[str, int] = {}
    stage: str = "unknown"

    def cool(self, label: str, close_time: int) -> bool:
        """Whether ``label`` may fire at ``close_time``."""
        return label not in self.fired or close_time - self.fired[label] >= COOLDOWN

    def after(self, label: str, close_time: int, *, reversed_: bool) -> "Memory":
        """The memory once ``label`` has fired."""
        return msgspec.structs.replace(self, fired={**self.fired, label: close_time}, reversed=reversed_)


class Trigger(msgspec.Struct, frozen=True):
    """A rule has found something: ``label`` as ``level_-150`` or ``reversal_oversold``."""

    rule: str
    label: str
    details: dict[str, Any]


class Rule(Protocol):
    """A rule is a class in a file of this package, named as the file in CamelCase, with ``Options`` beside it."""

    def judge(self, memory: Memory, now: Reading) -> tuple[Memory, Trigger | None]:
        """Decide on ``now`` against the value before it, ``memory.value``, which is not None."""
