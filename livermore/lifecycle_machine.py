"""What an instance does next: from where it stands and what happens, to the states it enters and what it sets about.

Pure, so that every state can be tried with every event.
"""

from enum import StrEnum
from typing import NamedTuple

from livermore.lifecycle import Phase


class Want(StrEnum):
    """What is wanted of an instance: the pipeline; the lease without the pipeline; neither."""

    RUN = "run"
    PAUSE = "pause"
    REST = "rest"


class Event(StrEnum):
    """What happens to an instance."""

    RUN = "run"  # this is wanted from now on
    PAUSE = "pause"
    REST = "rest"
    TAKEN = "taken"  # it has the lease
    OCCUPIED = "occupied"  # another instance has it
    LOST = "lost"  # it has it no more
    STARTED = "started"  # the pipeline is up
    REFUSED = "refused"  # the supervisor would not, or could not
    STOPPED = "stopped"  # the pipeline is down
    WARMED = "warmed"  # every series is known


class Act(StrEnum):
    """What an instance sets about."""

    START = "start"  # the pipeline
    STOP = "stop"  # the pipeline
    RELEASE = "release"  # the lease
    FAIL = "fail"  # so that its supervisor stops all that writes, and starts it anew


class Situation(NamedTuple):
    """Where an instance stands. ``held``: whether it has the lease."""

    phase: Phase = Phase.IDLE
    want: Want = Want.REST
    held: bool = False


class Step(NamedTuple):
    """The states to enter, one after the other; what to set about then; and where it stands after that."""

    phases: tuple[Phase, ...]
    acts: tuple[Act, ...]
    now: Situation


WANTS = {Event.RUN: Want.RUN, Event.PAUSE: Want.PAUSE, Event.REST: Want.REST}
RUNNING = frozenset({Phase.STARTING, Phase.WARMING, Phase.ACTIVE})
AT_REST = frozenset({Phase.IDLE, Phase.STANDBY})
_MOVES = {
    (Phase.IDLE, Event.OCCUPIED): (Phase.STANDBY,),
    (Phase.STARTING, Event.STARTED): (Phase.WARMING,),
    (Phase.WARMING, Event.WARMED): (Phase.ACTIVE,),
    (Phase.STOPPING, Event.STOPPED): (Phase.STOPPED, Phase.IDLE),
}


def after(before: Situation, event: Event) -> Step:
    """The next step. What an event cannot mean in a situation (an answer that comes too late, say) changes nothing."""
    if _fails(before, event):
        return Step((), (Act.FAIL,), before._replace(held=before.held and event is not Event.LOST))
    held = before.held or event is Event.TAKEN
    now = before._replace(want=WANTS.get(event, before.want), held=held)
    phases = () if event is Event.OCCUPIED and held else _MOVES.get((before.phase, event), ())
    now = now._replace(phase=phases[-1] if phases else now.phase)
    more, acts, now = _towards_what_is_wanted(now)
    return Step((*phases, *more), acts, now)


def _fails(before: Situation, event: Event) -> bool:
    if event is Event.LOST:
        return before.held
    return event is Event.REFUSED and before.phase in {Phase.STARTING, Phase.STOPPING}


def _towards_what_is_wanted(now: Situation) -> Step:
    if now.phase in RUNNING and now.want is not Want.RUN:
        return Step((Phase.STOPPING,), (Act.STOP,), now._replace(phase=Phase.STOPPING))
    if now.phase not in AT_REST:
        return Step((), (), now)
    if now.held and now.want is Want.RUN:
        return Step((Phase.STARTING,), (Act.START,), now._replace(phase=Phase.STARTING))
    idle = (Phase.IDLE,) if now.phase is Phase.STANDBY and (now.held or now.want is Want.REST) else ()
    acts = (Act.RELEASE,) if now.held and now.want is Want.REST else ()
    phase = Phase.IDLE if idle else now.phase
    return Step(idle, acts, now._replace(phase=phase, held=now.held and not acts))
