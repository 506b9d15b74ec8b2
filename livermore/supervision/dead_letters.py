"""Dead letters: messages that could not be delivered, counted and, the newest of them, kept."""

import threading
from collections import Counter, deque
from typing import NamedTuple

import structlog

from livermore.clock import Clock
from livermore.supervision.file_keys import DeadLetterKeys


class DeadLetter(NamedTuple):
    """``message`` is only the name of its class: what it says may be secret. ``at``: ms since the epoch."""

    path: str
    reason: str
    message: str
    at: int


class DeadLetters:
    """Reasons: not_running, overflow, removed, muted, and those of `livermore.supervision.events.Reason`."""

    def __init__(self, clock: Clock, keys: DeadLetterKeys | None = None) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._clock, self._lock = clock, threading.Lock()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}  # when a kind was last logged, and its count
        self._log = structlog.get_logger("livermore.supervision")
        self.settle(keys or DeadLetterKeys())

    def settle(self, keys: DeadLetterKeys) -> None:
        """Go by these keys from now on."""
        with self._lock:
            self._every = keys.log_every
            self.newest = deque(getattr(self, "newest", ()), maxlen=keys.keep)

    def add(self, path: str, reason: str, message: object) -> None:
        """Count a message that the actor at ``path`` will not get. Of a kind the first is logged, then some."""
        kind, now = (path, reason), self._clock.monotonic()
        letter = DeadLetter(path, reason, type(message).__name__, self._clock.wall())
        with self._lock:
            self.counts[kind] += 1
            count = self.counts[kind]
            self.newest.append(letter)
            at, before = self._told.get(kind, (float("-inf"), 0))
            if now - at < self._every:
                return
            self._told[kind] = (now, count)
        self._log.warning(
            "dead letters", actor=path, reason=reason, newest=letter.message, since_last=count - before, count=count
        )
