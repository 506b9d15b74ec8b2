"""What is said of failures: a log line and a crash report of each, once what is to be restarted for it has been."""

from collections.abc import Callable
from typing import Any

import structlog

from livermore.clock import Clock
from livermore.supervision.crash_reports import CrashReports
from livermore.supervision.events import Ending, Reason
from livermore.supervision.file_keys import CrashReportKeys
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.observation import stack_of
from livermore.supervision.vitals import Vitals

QUIET = frozenset({Reason.WAITING, Reason.PERMANENT, Reason.FINISHED, Reason.IGNORED})
"""Ends whose traceback says nothing that their text does not."""
SAID_AGAIN = 60.0
"""Seconds after which one that waits again, or still, for the same reason is said to."""


class Failures:
    """``abandoned``: incarnations that did not stop when they were asked to. ``last``: what failed last, and how."""

    def __init__(self, clock: Clock, keys: CrashReportKeys) -> None:
        self.reports = CrashReports(clock, keys)
        self._clock = clock
        self._waits: dict[str, tuple[str, float]] = {}  # by path: for what, and when that was said
        self.abandoned = 0
        self.last: tuple[str, str] | None = None
        self._unwritten: list[Callable[[], None]] = []
        self._log = structlog.get_logger("livermore.supervision")

    def warn(self, incarnation: Incarnation, vitals: Vitals) -> None:
        """Say that one takes long, and where it stands."""
        log = self._log.bind(actor=incarnation.path, generation=incarnation.generation)
        took, stack = round(vitals.busy or vitals.silent, 1), stack_of(incarnation)
        log.warning("takes long", last_message=_name(incarnation.last_message), seconds=took, stack=stack)

    def add(self, path: str, generation: int, ending: Ending, incarnation: Incarnation | None) -> None:
        """Note a failure, of an incarnation or (``generation`` 0) of a supervisor."""
        if ending.retry_after is None:
            self.last = (path, str(ending))
        self.abandoned += ending.reason == Reason.ABANDONED
        self._unwritten.append(lambda: self._write(path, generation, ending, incarnation))

    def write_out(self) -> None:
        """Write down what has been noted since the last time."""
        unwritten, self._unwritten = self._unwritten, []
        for write in unwritten:
            write()

    def _write(self, path: str, generation: int, ending: Ending, incarnation: Incarnation | None) -> None:
        waits = ending.retry_after is not None
        if ending.reason not in QUIET and generation:
            self.reports.add(path, generation, ending, incarnation)
        if waits and not self._is_news(path, str(ending)):
            return
        log = self._log.info if waits or _is_well(ending, incarnation) else self._log.error
        log(
            "waiting" if waits else "failed",
            actor=path,
            generation=generation,
            reason=str(ending),
            last_message=_name(ending.last_message),
            stack=ending.stack or None,
            exc_info=None if ending.reason in QUIET else ending.error,
        )

    def _is_news(self, path: str, reason: str) -> bool:
        now, (before, said_at) = self._clock.monotonic(), self._waits.get(path, ("", 0.0))
        if reason == before and now - said_at < SAID_AGAIN:
            return False
        self._waits[path] = reason, now
        return True


def _is_well(ending: Ending, incarnation: Incarnation | None) -> bool:
    """Whether somebody who knows the tree expects such an end."""
    once = incarnation is not None and incarnation.spec.keys.restart != "permanent"
    return ending.reason == Reason.IGNORED or (once and ending.reason == Reason.FINISHED)


def _name(message: Any) -> str | None:
    """Of a message's class; of several the first one's."""
    first = message[0] if isinstance(message, list | tuple) and message else message
    return None if first is None else type(first).__name__
