"""From a tree to a running process: stores, sockets, supervisor, health listener, and the exit code at the end."""

import faulthandler
import signal
import socket
import time
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import REGISTRY
from tornado.netutil import bind_sockets

from livermore import __version__
from livermore.clock import Clock
from livermore.errors import LivermoreError
from livermore.plugins import load
from livermore.resources import Resources
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import Database
from livermore.supervision.health import HealthListener
from livermore.supervision.metrics import TreeCollector
from livermore.supervision.spec import TreeSpec, actors
from livermore.supervision.supervisor import Supervisor
from livermore.supervision.tree import EXIT_CODES

if TYPE_CHECKING:
    from livermore.net.interface import Network

ABANDONED = 75
LAST_RESORT = 2.0
"""Seconds after the shutdown deadline at which C code ends the process, whatever Python is doing."""

Sockets = Mapping[str, list[socket.socket]]
"""Listening sockets by their address, host:port."""

_log = structlog.get_logger("livermore")


class CannotListen(LivermoreError):
    """An address is taken, or is not ours."""


class Application:
    """One process: a tree under its supervisor, and all that it stands on."""

    def __init__(
        self, tree: TreeSpec, clock: Clock, redis: RedisPlace, database: DatabasePlace, held: Sockets | None = None
    ) -> None:
        """Bind every listening socket, but for those that are ``held`` already; nothing runs yet.

        Raises:
            CannotListen: naming the address and who wants it.
        """
        self._deadline = tree.settings.shutdown_deadline
        self._signals: list[int] = []
        wanted = {spec.path: spec.keys.listen for spec in actors(tree.root) if spec.keys.listen}
        self.sockets = {path: (held or {}).get(address) or _bind(path, address) for path, address in wanted.items()}
        resources = Resources(
            name=tree.root.path,
            redis=lambda: RedisStore(redis),
            async_redis=lambda blocking: AsyncRedisStore(redis, blocking=blocking),
            database=lambda: Database(database),
            network=_make_network,
            sockets=self.sockets,
            tree=self.snapshot,
        )
        self.supervisor = Supervisor(tree.root, clock, resources)
        self.health = self._health(tree)

    def address(self, path: str) -> str:
        """Where the actor at ``path`` listens, as host:port."""
        host, port = self.sockets[path][0].getsockname()[:2]
        return f"{host}:{port}"

    def snapshot(self) -> Mapping[str, Any]:
        """The tree as plain data."""
        return self.supervisor.snapshot()

    def _health(self, tree: TreeSpec) -> HealthListener:
        letters = self.supervisor.incarnations.dead_letters
        REGISTRY.register(TreeCollector(self.supervisor.snapshot, letters, __version__, tree.root.path))
        host, _, port = tree.settings.health.listen.rpartition(":")
        try:
            return HealthListener(self.supervisor, REGISTRY, host, int(port))
        except OSError as error:
            raise _cannot_listen("the health listener", tree.settings.health.listen, "HEALTH_PORT", error) from error

    def run(self) -> int:
        """Start everything, wait for the end, and give the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.supervisor.begin()
        self.health.start()
        self._wait()
        return self._exit_code()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        """Only note it: a handler may have interrupted whoever holds any lock."""
        self._signals.append(number)

    def _wait(self) -> None:
        """Until the tree has ended, or its time to stop is over, or a second signal says at once."""
        deadline: float | None = None
        while not self.supervisor.ended.wait(0.1):
            if self._signals and deadline is None:
                _log.info("stopping", signal=signal.Signals(self._signals[0]).name)
                deadline = time.monotonic() + self._deadline
                faulthandler.dump_traceback_later(self._deadline + LAST_RESORT, exit=True)
                self.supervisor.shut_down()
            if len(self._signals) > 1 or (deadline is not None and time.monotonic() > deadline):
                return

    def _exit_code(self) -> int:
        if not self.supervisor.ended.is_set():
            return 128 + self._signals[1] if len(self._signals) > 1 else ABANDONED
        ending = self.supervisor.ending
        assert ending is not None
        code = EXIT_CODES[ending.reason]
        if code == 0:
            return ABANDONED if self.supervisor.incarnations.abandoned else 0
        path, cause = self.supervisor.incarnations.last_failure or ("the tree", ending)
        _log.critical("the tree has ended", actor=path, reason=str(cause), exit_code=code)
        return code


def _make_network() -> "Network":
    """Imported only when somebody asks for it: a front never does."""
    network: Network = load("livermore.net.network:TornadoNetwork")()
    return network


def _bind(path: str, address: str) -> list[socket.socket]:
    host, _, port = address.rpartition(":")
    try:
        return bind_sockets(int(port), host)
    except (OSError, OverflowError) as error:
        raise _cannot_listen(path, address, "API_PORT", error) from error


def _cannot_listen(who: str, address: str, variable: str, error: Exception) -> CannotListen:
    return CannotListen(f"{who} cannot listen on {address}: {error}. Set {variable} to a port that is free.")
