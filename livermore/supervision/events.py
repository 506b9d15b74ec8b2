"""What happens to a tree: the events its supervisor handles, and the answers it gives to actors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Ending:
    """How an incarnation, or a supervisor, came to its end.

    ``reason`` is one of: stopped, crash, start_error, start_timeout, abandoned, lost, exhausted, start_failed (failures
    but for the first), waiting (with ``retry_after`` seconds), permanent.
    """

    reason: str
    error: BaseException | None = None
    retry_after: float | None = None
    last_message: Any = None

    def __str__(self) -> str:
        return f"{self.reason}: {self.error}" if self.error is not None else self.reason


@dataclass(frozen=True)
class Ready:
    """An incarnation has warmed up."""

    path: str
    generation: int


@dataclass(frozen=True)
class Down:
    """An incarnation is gone. There is exactly one for each."""

    path: str
    generation: int
    ending: Ending


@dataclass(frozen=True)
class Start:
    """Start a node that is not running; each incarnation below it gets ``arguments`` until the next start."""

    path: str
    arguments: Arguments = field(default_factory=dict)
    sender: str | None = None


@dataclass(frozen=True)
class Stop:
    """Stop a node and all below it."""

    path: str
    sender: str | None = None


@dataclass(frozen=True)
class Shutdown:
    """Stop the whole tree."""


@dataclass(frozen=True)
class Started:
    """Answer: the node is up."""

    path: str


@dataclass(frozen=True)
class Stopped:
    """Answer: the node is down."""

    path: str


@dataclass(frozen=True)
class Refused:
    """Answer: the operation was not done, or did not succeed."""

    path: str
    reason: str


Event = Ready | Down | Start | Stop | Shutdown
Answer = Started | Stopped | Refused
