"""Specs: what a node of the tree is, as written in ``supervisors.yaml`` and checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from livermore.errors import Problem
from livermore.settings import Duration, Limit, Options, Size, Spell, worded
from livermore.supervision.actor import Actor

NAME = "a name of small letters, digits, - and _, with a letter first, of at most 63"
Name = Annotated[str, *worded(r"[a-z][a-z0-9_-]{0,62}", NAME)]
Port = Annotated[str, *worded(r"[^\s:]+:\d{1,5}", "host:port")]


class BackoffKeys(Options):
    """How long to wait before the next restart; it starts anew after ``reset_after`` of being ready."""

    first: Duration = 0.0
    min: Duration = 0.2
    max: Duration = 4.0
    factor: float = Field(2.0, ge=1)
    jitter: float = Field(0.2, ge=0, le=1)
    reset_after: Duration = 60.0


class StartKeys(Options):
    """How long an actor may take to become ready, and when it is: after ``warm_up``, or when it says so."""

    timeout: Annotated[Duration, Field(gt=0)] = 10.0
    ready: Literal["on_start", "explicit"] = "on_start"


class HangKeys(Options):
    """How long one message may take, or a loop stand still, before people are told and before it is given up."""

    warn_after: Spell = 3.0
    after: Spell = 8.0
    action: Literal["restart", "report", "escalate"] = "restart"
    zombies_max: int = Field(2, ge=0, le=100)


class MailboxKeys(Options):
    """How many messages may wait, which goes when there is one more, and whether they outlive an incarnation."""

    capacity: int = Field(10_000, ge=1, le=1_000_000)
    overflow: Literal["coalesce", "drop_oldest", "drop_newest"] = "drop_oldest"
    coalesce_key: str | None = None
    keep_on_restart: bool = False


class ProcessKeys(Options):
    """Bounds of an actor that has a process of its own: bytes it may use, and how long its end may take."""

    rss_max: Annotated[Size, Field(gt=0)] | None = None
    kill_after: Duration = 2.0


class NodeKeys(Options):
    """The keys of every node."""

    codes: ClassVar[Mapping[str, str]] = {"id": "E_ID_BAD", "id:E_MISSING": "E_ID_MISSING", "class": "E_CLASS_BAD"}

    id: Name
    enabled: bool = True
    autostart: bool = True
    restart: Literal["permanent", "transient", "temporary"] = "permanent"
    required: bool = True
    critical: bool = True
    shutdown: Limit = 5.0
    backoff: BackoffKeys = BackoffKeys()


class ActorKeys(NodeKeys):
    """The keys of an actor."""

    codes: ClassVar[Mapping[str, str]] = {**NodeKeys.codes, "listen": "E_LISTEN"}

    class_name: str = Field(alias="class")
    args: dict[str, Any] = {}
    tells: tuple[Name, ...] = ()
    start: StartKeys = StartKeys()
    hang: HangKeys = HangKeys()
    heartbeat: Annotated[Spell, Field(gt=0)] = float("inf")
    mailbox: MailboxKeys = MailboxKeys()
    isolation: Literal["thread", "process"] = "thread"
    process: ProcessKeys = ProcessKeys()
    listen: Port | None = None


class SupervisorKeys(NodeKeys):
    """The keys of a supervisor."""

    codes: ClassVar[Mapping[str, str]] = {
        **NodeKeys.codes,
        "period:E_RANGE": "E_PERIOD_ZERO",
        "intensity:greater_than_equal": "E_INTENSITY_NEG",
    }

    shutdown: Limit = float("inf")
    strategy: Literal["one_for_one", "one_for_all", "rest_for_one"] = "one_for_one"
    intensity: int = Field(5, ge=0, le=1_000_000)
    period: Annotated[Duration, Field(gt=0)] = 60.0
    on_exhausted: Literal["escalate", "park"] = "escalate"
    children: tuple[Any, ...] = ()


@dataclass(frozen=True)
class ActorSpec:
    """One actor of the tree: its keys, its class, its checked options, and the paths of those it may tell."""

    path: str
    keys: ActorKeys
    actor: type[Actor]
    options: Any
    targets: tuple["ActorSpec", ...] = ()


@dataclass(frozen=True)
class SupervisorSpec:
    """One supervisor of the tree and what stands below it, in start order."""

    path: str
    keys: SupervisorKeys
    children: tuple["ActorSpec | SupervisorSpec", ...]


NodeSpec = ActorSpec | SupervisorSpec


def actors(node: NodeSpec) -> Iterator[ActorSpec]:
    """All actors at and below a node, in start order."""
    if isinstance(node, ActorSpec):
        yield node
    else:
        for child in node.children:
            yield from actors(child)


@dataclass(frozen=True)
class TreeSpec:
    """A whole tree: its root, the settings of its process, and the further sections of its mode."""

    root: SupervisorSpec
    settings: Any
    sections: Mapping[str, Any]
    warnings: tuple[Problem, ...] = ()
    """What was found that may be meant as it is, but is rarely."""
