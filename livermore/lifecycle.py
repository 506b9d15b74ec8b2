"""The lifecycle of an exchange's pipeline: its states and the ways between them (`reference.md` 9.1). Pure."""

from enum import StrEnum

import msgspec

from livermore.errors import LivermoreError


class Phase(StrEnum):
    """Where an instance stands. IDLE: its pipeline is not started; STANDBY: nor will it be while another one's is."""

    IDLE = "idle"
    STANDBY = "standby"
    STARTING = "starting"
    WARMING = "warming"
    ACTIVE = "active"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Change(msgspec.Struct, frozen=True):
    """What became of a pipeline. ``at``: wall time, ms; ``host`` and ``pid``: of the process that it is in; ``error``:
    why it has failed, which is no change of its state.
    """

    exchange: str
    before: Phase
    after: Phase
    at: int
    host: str
    pid: int
    error: str = ""


class Progress(msgspec.Struct, frozen=True, rename="camel"):
    """How far a start has come: ``phase`` in a word, ``phase_label`` in a few, ``percent`` of all of it."""

    phase: str
    phase_label: str
    percent: int


_WAYS = {
    Phase.IDLE: {Phase.STARTING, Phase.STANDBY},
    Phase.STANDBY: {Phase.STARTING, Phase.IDLE},
    Phase.STARTING: {Phase.WARMING, Phase.STOPPING, Phase.IDLE},
    Phase.WARMING: {Phase.ACTIVE, Phase.STOPPING, Phase.IDLE},
    Phase.ACTIVE: {Phase.STOPPING},
    Phase.STOPPING: {Phase.STOPPED},
    Phase.STOPPED: {Phase.IDLE},
}

_STEPS = {
    Phase.STARTING: ("starting", "The pipeline is being started", 5),
    Phase.WARMING: ("warmup", "History is fetched where it is missing", 10),
    Phase.ACTIVE: ("complete", "All series are known", 100),
}


def check(before: Phase, after: Phase) -> None:
    """Raise unless there is a way.

    Raises:
        LivermoreError: naming both.
    """
    if after not in _WAYS[before]:
        raise LivermoreError(f"a pipeline that is {before} cannot become {after}")


def progress(phase: Phase, warmed_up: float) -> Progress | None:
    """How far the start of a pipeline is, or None where there is none. ``warmed_up``: percent of the warm-up."""
    if phase not in _STEPS:
        return None
    word, label, percent = _STEPS[phase]
    if phase is Phase.WARMING:
        percent += int((99 - percent) * min(warmed_up, 100) / 100)
    return Progress(word, label, percent)
