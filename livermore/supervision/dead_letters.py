"""Dead letters: messages that could not be delivered, counted and, the newest of them, kept."""

import threading
from collections import Counter, deque
from typing import Any, NamedTuple

import structlog

KEEP = 1000


class DeadLetter(NamedTuple):
    """``message`` is only the name of its class: what it says may be secret."""

    path: str
    reason: str
    message: str


class DeadLetters:
    """Reasons: not_running, crash, abandoned, stopped, and the overflow policies."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.newest: deque[DeadLetter] = deque(maxlen=KEEP)
        self._lock = threading.Lock()
        self._log = structlog.get_logger("livermore.supervision")

    def add(self, path: str, reason: str, message: Any) -> None:
        """Count a message that the actor at ``path`` will not get. The 1st, 10th, 100th ... of a kind is logged."""
        letter = DeadLetter(path, reason, type(message).__name__)
        with self._lock:
            self.counts[path, reason] += 1
            self.newest.append(letter)
            count = self.counts[path, reason]
        if str(count).strip("0") == "1":
            self._log.warning("dead letter", actor=path, reason=reason, message_type=letter.message, count=count)
