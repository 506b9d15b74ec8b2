"""Vital signs of an incarnation, as seen from outside, and what they call for."""

from enum import IntEnum
from typing import NamedTuple

from livermore.supervision.events import Reason
from livermore.supervision.spec import ActorKeys


class Vitals(NamedTuple):
    """``busy``: seconds since it took the message it is at, or its loop has stood still; 0 where it is idle.

    ``silent``: seconds since its loop was last seen to turn. ``quiet``: it has heard that it is to take in nothing new.
    """

    alive: bool = True
    busy: float = 0.0
    silent: float = 0.0
    quiet: bool = True
    waiting: int = 0

    @property
    def drained(self) -> bool:
        """Whether nothing is left to be done."""
        return self.quiet and self.busy == 0 and self.waiting == 0


class Concern(IntEnum):
    """How bad it is. Each step is taken once; the last is to give it up."""

    NONE = 0
    WARN = 1
    INTERRUPT = 2
    GIVE_UP = 3


def concern(keys: ActorKeys, vitals: Vitals, before: Concern) -> tuple[Concern, Reason]:
    """How bad it is now, and what it would have died of: between the last two steps lies one poll."""
    reason = Reason.HEARTBEAT if vitals.silent > keys.heartbeat else Reason.HANG
    if reason is Reason.HEARTBEAT or vitals.busy >= keys.hang.after:
        return (Concern.GIVE_UP if before >= Concern.INTERRUPT else Concern.INTERRUPT), reason
    return (Concern.WARN if vitals.busy >= keys.hang.warn_after else Concern.NONE), reason
