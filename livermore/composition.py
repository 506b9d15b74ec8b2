"""From a tree to a running process: sockets, supervisor, health listener, watchdog, and the exit code at the end."""

import faulthandler
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType
from typing import Any

import structlog
from prometheus_client import REGISTRY

from livermore import __version__
from livermore.clock import Clock
from livermore.health_routes import health_routes
from livermore.listeners import Held, Listeners, cannot_listen
from livermore.reload_metrics import reload_metrics
from livermore.reloader import Reloader
from livermore.resources import Blueprint
from livermore.supervision import fork_server
from livermore.supervision.exposition import Exposition
from livermore.supervision.file_keys import SettingKeys, WatchdogKeys
from livermore.supervision.health import HealthListener
from livermore.supervision.metrics import TreeMetrics
from livermore.supervision.spec import TreeSpec, actors
from livermore.supervision.supervisor import Supervisor
from livermore.supervision.tree import EXIT_CODES
from livermore.systemd import Notifier
from livermore.tree_file import Source
from livermore.watchdog import Watchdog

ABANDONED, STALLED = 75, 1
LAST_RESORT = 2.0
"""Seconds after the shutdown deadline at which C code ends the process, whatever Python is doing."""
LEEWAY = 0.25
"""Seconds before that deadline at which the tree gives up who still lives, so that there is time to say so."""
LAST_REPORTS = 1.0
"""Seconds for the last crash reports to get to their folder: they tell why the process ends."""
LOOK_EVERY = 0.1
HOP = 0.0005
"""Seconds after which a busy thread lets another go on: with Python's own 5 ms each message may wait as long."""

_log = structlog.get_logger("livermore")


class Application:
    """One process: a tree under its supervisor, and all that it stands on."""

    def __init__(
        self,
        tree: TreeSpec,
        source: Source,
        clock: Clock,
        blueprint: Blueprint,
        held: Held | None = None,
    ) -> None:
        """Bind every listening socket, but for those that are ``held`` already; nothing runs yet.

        ``source``: where the tree came from, and where it is read again.

        Raises:
            CannotListen: naming the address and who wants it.
        """
        self._signals: list[int] = []
        self.listeners = Listeners(held)
        self.listeners.hold(tree.root)
        _prepare_processes(tree)
        resources = blueprint.make(
            self.listeners.of,
            self.snapshot,
            lambda *what: self.supervisor.ail(*what),  # noqa: PLW0108 - it is made below, as the reloader is
            lambda: self.reloader.reload(),  # noqa: PLW0108
            clock.wall(),
        )
        self.supervisor = Supervisor(tree.root, clock, resources, tree.settings)
        self.reloader = Reloader(tree, source.path, source.tree, self.supervisor, self.listeners, clock)
        self.health = self._health(tree)
        self._notifier = Notifier()
        self._watchdog = Watchdog(self.supervisor, self._watchdog_keys, self._notifier)

    @property
    def settings(self) -> SettingKeys:
        """Those that hold now."""
        settings: SettingKeys = self.reloader.applied.settings
        return settings

    def _watchdog_keys(self) -> WatchdogKeys:
        return self.settings.watchdog

    def address(self, path: str) -> str:
        """Where the actor at ``path`` listens, as host:port."""
        wanted = next(spec.keys.listen for spec in actors(self.reloader.applied.root) if spec.path == path)
        assert wanted is not None
        return self.listeners.name(wanted)

    def snapshot(self) -> Mapping[str, Any]:
        """The tree as plain data."""
        return self.supervisor.snapshot()

    def _health(self, tree: TreeSpec) -> HealthListener:
        metrics = TreeMetrics(self.supervisor, __version__)
        foreign = self.supervisor.incarnations.families
        exposition = Exposition(metrics, REGISTRY.collect, lambda: reload_metrics(self.reloader), foreign)
        host, _, port = tree.settings.health.listen.rpartition(":")
        routes = health_routes(self.supervisor, self.reloader)
        try:
            return HealthListener(self.supervisor, exposition, host, int(port), routes)
        except OSError as error:
            raise cannot_listen("the health listener", tree.settings.health.listen, "HEALTH_PORT", error) from error

    def run(self) -> int:
        """Start everything, wait for the end, and give the exit code."""
        sys.setswitchinterval(HOP)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self.supervisor.begin()
        self.health.start()
        if not self._wait():
            return STALLED
        return self._exit_code()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        """Only note it: a handler may have interrupted whoever holds any lock."""
        self._signals.append(number)

    def _wait(self) -> bool:
        """Until the tree has ended, or a signal says to; False where the supervisor itself stands still."""
        while not self.supervisor.ended.wait(LOOK_EVERY):
            while signal.SIGHUP in self._signals:
                self._signals.remove(signal.SIGHUP)
                self.reloader.hang_up()
            if self._signals:
                self._stop()
                return True
            self.reloader.look()
            if not self._watchdog.look():
                return False
        return True

    def _stop(self) -> None:
        """Stop the tree; until it has, or its time is over, or a second signal says at once."""
        limit = self.settings.shutdown_deadline
        _log.info("stopping", signal=signal.Signals(self._signals[0]).name)
        self._notifier.say("STOPPING=1")
        faulthandler.dump_traceback_later(limit + LAST_RESORT, exit=True)
        self.supervisor.shut_down(max(limit / 2, limit - LEEWAY))
        deadline = time.monotonic() + limit
        while not self.supervisor.ended.wait(LOOK_EVERY):
            ends = [number for number in self._signals if number != signal.SIGHUP]
            if len(ends) > 1 or time.monotonic() > deadline:
                return

    def _exit_code(self) -> int:
        self.supervisor.incarnations.failures.reports.finish(LAST_REPORTS)
        ends = [number for number in self._signals if number != signal.SIGHUP]
        if not self.supervisor.ended.is_set():
            return 128 + ends[1] if len(ends) > 1 else ABANDONED
        ending = self.supervisor.ending
        assert ending is not None
        code = EXIT_CODES[ending.reason]
        if code == 0:
            return ABANDONED if self.supervisor.incarnations.failures.abandoned else 0
        path, cause = self.supervisor.incarnations.failures.last or ("the tree", ending)
        _log.critical("the tree has ended", actor=path, reason=str(cause), exit_code=code)
        return code


def _prepare_processes(tree: TreeSpec) -> None:
    modules = {spec.actor.__module__ for spec in actors(tree.root) if spec.keys.isolation == "process"}
    if modules:
        fork_server.prepare(sorted(modules))
