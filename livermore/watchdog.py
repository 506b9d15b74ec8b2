"""The watchdog: sees, from the main thread, that the supervisor's thread turns, and has C code see that Python does."""

import faulthandler
import time
from collections.abc import Callable

import structlog

from livermore.supervision.file_keys import WatchdogKeys
from livermore.supervision.metrics import walk
from livermore.supervision.supervisor import Supervisor
from livermore.systemd import Notifier

LONGEST_STEP = 0.5
"""Seconds of one look that count: when this thread itself has stood still that says nothing of another."""

_log = structlog.get_logger("livermore")


class Watchdog:
    """`look` is to be called many times a second. ``keys``: gives those that hold now."""

    def __init__(self, supervisor: Supervisor, keys: Callable[[], WatchdogKeys], notifier: Notifier) -> None:
        self._supervisor, self._keys, self._notifier = supervisor, keys, notifier
        self._looked = self._fed = time.monotonic()
        self._pulse, self._still = supervisor.pulse, 0.0
        self._announced = False
        self._arm()

    def look(self) -> bool:
        """Whether the supervisor turns. If not, it does not come back: end the process."""
        now, keys = time.monotonic(), self._keys()
        step, self._looked = min(LONGEST_STEP, now - self._looked), now
        self._still = self._still + step if self._supervisor.pulse == self._pulse else 0.0
        self._pulse = self._supervisor.pulse
        if now - self._fed >= keys.interval:
            self._fed = now
            self._arm()
            self._tell(keys)
        if self._still <= keys.supervisor_stall:
            return True
        _log.critical("the supervisor's thread stands still", seconds=round(self._still, 1))
        faulthandler.dump_traceback(all_threads=True)
        return False

    def _arm(self) -> None:
        """C code, which needs no lock of Python's, ends the process if this is not called again in time."""
        faulthandler.dump_traceback_later(self._keys().process_stall, exit=True)

    def _tell(self, keys: WatchdogKeys) -> None:
        """Feed systemd's watchdog, as long as the tree answers and nothing critical is stuck for good."""
        if keys.systemd == "off":
            return
        try:
            nodes = [node for _, node in walk(self._supervisor.snapshot())]
        except TimeoutError:
            return
        if not self._announced and self._supervisor.tree.booted:
            self._announced = True
            self._notifier.say("READY=1")
        stuck = [node for node in nodes if node["critical"] and node.get("busy_seconds", 0) > keys.process_stall]
        if not stuck:
            self._notifier.say("WATCHDOG=1")
