"""The journal: the newest log lines of every process on these stores, kept in Redis for administrators to read."""

import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from livermore import log, process
from livermore.errors import LivermoreError
from livermore.store.keys import PROGRAM_LOG
from livermore.store.query import Query, command, nothing
from livermore.store.redis import RedisStore
from livermore.store.settings import RedisPlace

KEPT = 5_000
"""Lines; the oldest are forgotten."""
LONGEST = 4_000
"""Bytes of a line that is kept as it is."""
WAITING = 1_000
AT_ONCE = 500
PAUSE = 1.0
"""Seconds for which Redis is left alone that could not answer; what waited is lost here, and stands on stderr."""
LAST = 1.0
"""Seconds for the last lines."""
CORE = ("timestamp", "level", "logger", "event", "exception")
"""What a line is about."""
LEVELS = ("info", "warning", "error", "critical")

Line = dict[str, Any]


def append(line: bytes, process_name: str) -> Query[None]:
    """Keep a line, which is JSON; ``process_name``: who says it."""
    words = ("XADD", PROGRAM_LOG, "MAXLEN", "~", KEPT, "*", "process", process_name, "line", line)
    return command(*words, read=nothing)


def newest(count: int, last: str = "+") -> Query[list[tuple[str, Line]]]:
    """So many lines, newest first, each with its id, from the ``last`` one on: an id, or ``(`` and one before which."""
    return command("XREVRANGE", PROGRAM_LOG, last, "-", "COUNT", count, read=_lines)


def shortened(line: str) -> bytes:
    """A line as it is kept: of one that is too long only what it is about, and no secret of this process."""
    data = line.encode(errors="replace")
    if len(data) <= LONGEST:
        return log.clean(line).encode(errors="replace")
    about = msgspec.json.decode(data, type=dict[str, Any])
    kept = {name: str(about[name])[:500] for name in CORE if name in about}
    return msgspec.json.encode({**kept, "shortened": True})


class Journal:
    """Writes by a thread of its own: nobody who logs waits for Redis, and nothing is logged about it."""

    def __init__(self, place: RedisPlace, name: str) -> None:
        """``name``: of the tree that runs here."""
        self._name = f"{name}@{process.host()}:{os.getpid()}"
        self._store = RedisStore(place)
        self._waiting: queue.Queue[str | None] = queue.Queue(WAITING)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()
        self._forget = log.tell(self.take)

    def take(self, line: str) -> None:
        """Keep a line, which is JSON. What is more than can be written is lost: it stands on stderr."""
        with suppress(queue.Full):
            self._waiting.put_nowait(line)

    def close(self) -> None:
        """Write what waits, if Redis takes it at once."""
        self._forget()
        self._ended.set()
        with suppress(queue.Full):  # then it is awake
            self._waiting.put_nowait(None)
        self._thread.join(LAST)
        self._store.close()

    def _write(self) -> None:
        while True:
            lines = self._next()
            try:
                for line in lines:
                    self._store.run(append(shortened(line), self._name))
            except LivermoreError:
                if self._ended.wait(PAUSE):
                    return
            if self._ended.is_set() and self._waiting.empty():
                return

    def _next(self) -> Sequence[str]:
        lines = [self._waiting.get()]
        while not self._waiting.empty() and len(lines) < AT_ONCE:
            lines.append(self._waiting.get_nowait())
        return [line for line in lines if line is not None]


def _lines(rows: list[Any]) -> list[tuple[str, Line]]:
    return [(id_.decode(), _line(dict(zip(words[::2], words[1::2], strict=True)))) for id_, words in rows]


def _line(held: dict[bytes, bytes]) -> Line:
    try:
        told = msgspec.json.decode(held.get(b"line", b""), type=dict[str, Any])
    except msgspec.MsgspecError:
        told = {"level": "error", "event": "a line that cannot be read"}
    return {**told, "process": held.get(b"process", b"").decode(errors="replace")}
