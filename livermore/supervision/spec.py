"""Specs: what a node of the tree is, as written in ``supervisors.yaml`` and checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from livermore.settings import Duration, Options
from livermore.supervision.actor import Actor

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Port = Annotated[str, StringConstraints(pattern=r"^[^\s:]+:\d{1,5}$")]


class BackoffKeys(Options):
    """How long to wait before the next restart; it starts anew after ``reset_after`` of being ready."""

    first: Duration = 0.0
    min: Duration = 0.2
    max: Duration = 4.0
    factor: float = Field(2.0, ge=1)
    jitter: float = Field(0.2, ge=0, le=1)
    reset_after: Duration = 60.0


class StartKeys(Options):
    """How long an actor may take to become ready."""

    timeout: Duration = 10.0


class MailboxKeys(Options):
    """How many messages may wait, and which goes when there is one more."""

    capacity: int = Field(10_000, ge=1, le=1_000_000)
    overflow: Literal["coalesce", "drop_oldest", "drop_newest"] = "drop_oldest"
    coalesce_key: str | None = None


class NodeKeys(Options):
    """The keys of every node."""

    id: Name
    autostart: bool = True
    required: bool = True
    critical: bool = True


class ActorKeys(NodeKeys):
    """The keys of an actor."""

    class_name: str = Field(alias="class")
    args: dict[str, Any] = {}
    tells: tuple[Name, ...] = ()
    start: StartKeys = StartKeys()
    shutdown: Duration = 5.0
    backoff: BackoffKeys = BackoffKeys()
    mailbox: MailboxKeys = MailboxKeys()
    listen: Port | None = None


class SupervisorKeys(NodeKeys):
    """The keys of a supervisor."""

    strategy: Literal["one_for_one", "one_for_all", "rest_for_one"] = "one_for_one"
    intensity: int = Field(5, ge=0)
    period: Annotated[Duration, Field(gt=0)] = 60.0
    on_exhausted: Literal["escalate", "park"] = "escalate"
    backoff: BackoffKeys = BackoffKeys()
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
