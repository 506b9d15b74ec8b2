"""Actors as their authors write them. There are two kinds: the `Worker` here, and the `LoopActor`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from livermore.clock import Clock
from livermore.settings import Options
from livermore.supervision.events import Arguments, Operation, Unwatch, Watch


class Closable(Protocol):
    """What an actor opens: a connection, a client, a pool. Its ``close`` may be a coroutine function."""

    def close(self) -> Any: ...


C = TypeVar("C", bound=Closable)

Emit = Callable[[Sequence[Any]], None]
Ask = Callable[[Any], None]


@dataclass(frozen=True)
class Context:
    """What one incarnation is given. ``resources`` is whatever the composition root hands to all actors.

    ``listen``: the address (host:port) whose sockets are held for it, if there is one.
    """

    path: str
    generation: int
    options: Any
    arguments: Arguments
    clock: Clock
    resources: Any
    emit: Emit
    request: Ask
    ready: Callable[[], None] = lambda: None
    listen: str | None = None


class Actor:
    """Base of both kinds. A subclass declares ``options: ItsOptions``, what it ``accepts`` and what it ``emits``.

    No locks, no sleeping, no reference to another actor: it tells by `emit`, and the tree's ``tells`` say who hears.
    """

    options: Options
    accepts: ClassVar[tuple[type, ...]] = ()
    emits: ClassVar[tuple[type, ...]] = ()

    def __init__(self, context: Context) -> None:
        self.context = context
        self.options = context.options
        self.clock = context.clock
        self.resources = context.resources
        self.opened: list[Closable] = []

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            raise TypeError(f"{cls.__name__} overrides __init__: what an actor needs it makes in warm_up")

    @classmethod
    def options_class(cls) -> type[Options]:
        """The class of its options."""
        found: type[Options] = get_type_hints(cls)["options"]
        return found

    def keep(self, opened: C) -> C:
        """Have ``opened`` closed when this incarnation ends, however it ends; the newest first."""
        self.opened.append(opened)
        return opened

    def emit(self, message: Any) -> None:
        """Tell all those in ``tells`` that accept such a message. Never blocks; says nothing of what becomes of it."""
        self.context.emit((message,))

    def emit_all(self, messages: Sequence[Any]) -> None:
        """As `emit`, several in order, at the price of one."""
        self.context.emit(messages)

    def request(self, operation: Operation) -> None:
        """Ask the supervisor for an operation, as to start or stop a node; its answer comes as a message."""
        self.context.request(operation)

    def watch(self, name: str) -> None:
        """Be told, as a `livermore.supervision.events.Down`, of every end of the actor of this path, or of this id
        among those beside or above; at once where there is none. It ends with this incarnation.
        """
        self.request(Watch(name))

    def unwatch(self, name: str) -> None:
        """Be told no longer."""
        self.request(Unwatch(name))

    def ready(self) -> None:
        """Say that it is ready, where the tree has ``start: {ready: explicit}`` for it."""
        self.context.ready()

    def interrupt(self) -> None:
        """Called from another thread when this one has been at one message for too long: wake it, if there is a way,
        as by shutting down the socket that it reads from. Anything else would be a race.
        """

    def receive(self, message: Any) -> None:
        """Handle one message."""
        raise NotImplementedError(f"{type(self).__name__} accepts nothing, but was told {type(message).__name__}")


class Worker(Actor):
    """Lives on its mailbox, in a thread of its own. An exception anywhere is its failure."""

    batch: ClassVar[int] = 1
    """How many waiting messages `receive_all` may be given at once; with 1 it is `receive` that is given them."""

    def warm_up(self) -> None:
        """Make everything anew from what is stored; only then messages come in."""

    def receive_all(self, messages: Sequence[Any]) -> None:
        """Handle messages that waited together."""
        for message in messages:
            self.receive(message)

    def quiesce(self) -> None:
        """The tree is about to stop: take in nothing new from outside. Mail still comes in, and is to be worked off."""

    def cool_down(self) -> None:
        """The last act before a stop that was asked for; not called after a failure."""
