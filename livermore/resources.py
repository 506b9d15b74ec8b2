"""What the composition root hands to every actor: where the stores are, and how to reach the network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from socket import socket
from typing import TYPE_CHECKING, Any

from livermore import log
from livermore.plugins import load
from livermore.store.journal import Journal
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.schema import READER
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database

if TYPE_CHECKING:  # a front has no network, and does not load its modules
    from livermore.net.interface import Network

Tree = Callable[[], Mapping[str, Any]]
BreakActor = Callable[[str, str], str | None]
"""Takes a path and how; gives the reason for which it was not done."""
Sockets = Callable[[str], Sequence[socket]]
"""The listening sockets of an address, host:port."""


@dataclass(frozen=True)
class Resources:
    """Each actor opens its own connections, and keeps them for as long as it lives."""

    name: str
    """Of the tree that runs here."""
    began: int
    """When this process did, wall ms."""
    redis: Callable[[], RedisStore]
    async_redis: Callable[[float], AsyncRedisStore]
    """Takes the longest wait (seconds) that a blocking command will ask for."""
    database: Callable[[], Database]
    reading: Callable[[], Database]
    """For a front: it serves on while the schema is one revision behind."""
    network: Callable[[], "Network"]
    sockets: Sockets
    tree: Tree
    """A snapshot of the supervision tree as plain data."""
    break_actor: BreakActor | None
    """None where actors are not broken on purpose."""
    reload: Callable[[], Any]
    """Reads the tree's file again and applies what differs; gives a `livermore.reloader.Outcome`. Blocks."""
    portable: "Callable[[str | None], Portable]"
    """For an actor in a process of its own, with the sockets of this address."""

    def serve(self, question: str, *arguments: Any) -> Any:
        """Answer what such a process asks."""
        answers: dict[str, Callable[..., Any] | None] = {"tree": self.tree, "break_actor": self.break_actor}
        answer = answers[question]
        assert answer is not None
        return answer(*arguments)


def _nothing() -> None:
    """There is nothing to be closed yet."""


@dataclass(frozen=True)
class Blueprint:
    """What resources are made of. It can be carried into another process."""

    name: str
    redis: RedisPlace
    database: DatabasePlace
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Texts that no log may show."""
    breakable: bool = False
    """Whether actors may be broken on purpose, as in a demo."""

    def journal(self) -> Journal:
        """Have what this process logs kept where administrators read it, until it is closed."""
        return Journal(self.redis, self.name)

    def make(
        self,
        sockets: Sockets,
        tree: Tree,
        break_actor: BreakActor,
        reload: Callable[[], Any] = _nothing,
        began: int = 0,
    ) -> Resources:
        """Resources for the actors of one process."""
        return Resources(
            name=self.name,
            began=began,
            redis=lambda: RedisStore(self.redis),
            async_redis=lambda blocking: AsyncRedisStore(self.redis, blocking=blocking),
            database=lambda: Database(self.database),
            reading=lambda: Database(self.database, READER),
            network=_make_network,
            sockets=sockets,
            tree=tree,
            break_actor=break_actor if self.breakable else None,
            reload=reload,
            portable=lambda listen: Portable(self, {listen: list(sockets(listen))} if listen else {}),
        )


@dataclass
class Portable:
    """Resources on their way into a process of its own."""

    blueprint: Blueprint
    sockets: Mapping[str, list[socket]]
    _write_out: Callable[[], None] = field(default=_nothing, init=False)
    _journal: Journal | None = field(default=None, init=False)

    def open(self, ask: Callable[..., Any]) -> Resources:
        """Make them there. ``ask``: puts a question to the process that holds the tree."""
        log.hide(self.blueprint.secrets)
        self._write_out = log.set_up()
        self._journal = self.blueprint.journal()
        for one in chain.from_iterable(self.sockets.values()):
            one.settimeout(0)  # no call of it waits: that is lost on the way
        return self.blueprint.make(
            sockets=self.sockets.__getitem__,
            tree=lambda: ask("tree"),
            break_actor=lambda path, how: ask("break_actor", path, how),
        )

    def close(self) -> None:
        """For the very end there: write out what waits to be logged."""
        self._write_out()
        if self._journal is not None:
            self._journal.close()


def _make_network() -> "Network":
    """Imported only when somebody asks for it: a front never does."""
    network: Network = load("livermore.net.network:TornadoNetwork")()
    return network
