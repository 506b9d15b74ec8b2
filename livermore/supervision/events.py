"""What happens to a tree: reports of incarnations, operations that somebody asks for, and the answers to these."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livermore.supervision.spec import NodeSpec, SupervisorSpec

Arguments = Mapping[str, Any]


class Reason(StrEnum):
    """How an incarnation, or a supervisor, came to its end."""

    STOPPED = "stopped"  # as it was asked to
    FINISHED = "finished"  # it says that its work is done
    IGNORED = "ignored"  # it says at its start that there is nothing to do
    WAITING = "waiting"  # what it needs cannot answer now
    PERMANENT = "permanent"  # it says that trying again cannot help
    CRASH = "crash"
    START_ERROR = "start_error"
    START_TIMEOUT = "start_timeout"
    HANG = "hang"
    HEARTBEAT = "heartbeat"
    PROCESS_EXIT = "process_exit"
    LOST = "lost"  # its thread is gone, and nobody has reported it
    NO_THREAD = "no_thread"  # none could be started for it
    ABANDONED = "abandoned"  # it did not stop in time
    NOPROC = "noproc"  # to a watcher: there was nobody
    EXHAUSTED = "exhausted"  # a supervisor: too many failures
    START_FAILED = "start_failed"  # a supervisor: a required child did not start
    ZOMBIES = "zombies"  # a tree: too many threads that cannot be ended
    BUG = "bug"  # a tree: the supervisor itself failed


@dataclass(frozen=True)
class Ending:
    """``retry_after``: seconds, with WAITING only. ``stack``: where a thread stood that was given up."""

    reason: str
    error: BaseException | None = None
    retry_after: float | None = None
    last_message: Any = None
    stack: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.error}" if self.error is not None else self.reason


# -- reports


@dataclass(frozen=True)
class Ready:
    """An incarnation has warmed up."""

    path: str
    generation: int


@dataclass(frozen=True)
class Down:
    """An incarnation is gone. There is exactly one for each; whoever watches is told the same."""

    path: str
    generation: int
    ending: Ending


# -- operations


@dataclass(frozen=True)
class Start:
    """Start a node that is not running; each incarnation below it gets ``arguments`` until the next start."""

    path: str
    arguments: Arguments = field(default_factory=dict)


@dataclass(frozen=True)
class Stop:
    """Stop a node and all below it."""

    path: str


@dataclass(frozen=True)
class Restart:
    """Stop a node that runs, and start it again. It counts as no failure."""

    path: str


@dataclass(frozen=True)
class Add:
    """Add a node below the supervisor at ``path``, and start it. It is gone when that supervisor starts anew."""

    path: str
    spec: "NodeSpec"


@dataclass(frozen=True)
class Remove:
    """Stop a node, and forget it."""

    path: str


@dataclass(frozen=True)
class Watch:
    """Tell the asker of every end of the actor at ``path``, and at once where there is none."""

    path: str


@dataclass(frozen=True)
class Unwatch:
    """No longer."""

    path: str


@dataclass(frozen=True)
class Reload:
    """Become the tree of another specification, by stopping and starting only what differs."""

    spec: "SupervisorSpec"
    rollback: bool = True


Operation = Start | Stop | Restart | Add | Remove | Watch | Unwatch | Reload


@dataclass(frozen=True)
class Request:
    """An operation, who asks (an incarnation, or nobody), and where the answer goes."""

    operation: Operation
    reply: "Reply"
    sender: tuple[str, int] | None = None


@dataclass(frozen=True)
class Shutdown:
    """Stop the whole tree; ``within``: seconds."""

    within: float = float("inf")


# -- answers


@dataclass(frozen=True)
class Started:
    """The node is up."""

    path: str


@dataclass(frozen=True)
class Stopped:
    """The node is down."""

    path: str


@dataclass(frozen=True)
class Reloaded:
    """The tree is what was asked for; ``changes``: what was done, as `livermore.supervision.plan.Change`."""

    changes: tuple[Any, ...]


@dataclass(frozen=True)
class Refused:
    """The operation was not done, or did not succeed."""

    path: str
    reason: str


Answer = Started | Stopped | Reloaded | Refused | Down
Reply = Callable[[Answer], None]
Event = Ready | Down | Request | Shutdown


def nobody(_: Answer) -> None:
    """Where answers go that nobody waits for."""
