"""The states of a node, and the ways that lead from one to another."""

from enum import StrEnum


class State(StrEnum):
    """BACKOFF and WAITING start again by themselves; IDLE, PARKED, DONE and DISABLED do not."""

    IDLE = "idle"
    STARTING = "starting"
    UP = "up"
    DRAINING = "draining"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    WAITING = "waiting"
    PARKED = "parked"
    DONE = "done"
    DISABLED = "disabled"


ALIVE = frozenset({State.STARTING, State.UP, State.DRAINING, State.STOPPING})
"""Something runs. Only such a node can end; it is IDLE then, until its supervisor says what comes next."""

_AT_REST = frozenset(State) - ALIVE - {State.IDLE}

WAYS = {
    State.IDLE: _AT_REST | {State.IDLE, State.STARTING},
    State.STARTING: frozenset({State.UP, State.STOPPING, State.IDLE}),
    State.UP: frozenset({State.DRAINING, State.STOPPING, State.IDLE}),
    State.DRAINING: frozenset({State.STOPPING, State.IDLE}),
    State.STOPPING: frozenset({State.IDLE}),
    State.BACKOFF: frozenset({State.STARTING, State.IDLE}),
    State.WAITING: frozenset({State.STARTING, State.IDLE}),
    State.PARKED: frozenset({State.STARTING, State.IDLE}),
    State.DONE: frozenset({State.STARTING, State.IDLE}),
    State.DISABLED: frozenset({State.IDLE}),
}
