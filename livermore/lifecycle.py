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


_WAYS = {
    Phase.IDLE: {Phase.STARTING, Phase.STANDBY},
    Phase.STANDBY: {Phase.STARTING, Phase.IDLE},
    Phase.STARTING: {Phase.WARMING, Phase.STOPPING, Phase.IDLE},
    Phase.WARMING: {Phase.ACTIVE, Phase.STOPPING, Phase.IDLE},
    Phase.ACTIVE: {Phase.STOPPING},
    Phase.STOPPING: {Phase.STOPPED},
    Phase.STOPPED: {Phase.IDLE},
}


def check(before: Phase, after: Phase) -> None:
    """Raise unless there is a way.

    Raises:
        LivermoreError: naming both.
    """
    if after not in _WAYS[before]:
        raise LivermoreError(f"a pipeline that is {before} cannot become {after}")
