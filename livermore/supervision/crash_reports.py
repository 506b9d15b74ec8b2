"""Crash reports: what there is to say about each failure, for people, without what is secret."""

import dataclasses
import json
import queue
import threading
import traceback
from collections import deque
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from livermore import log
from livermore.clock import Clock
from livermore.supervision.events import Ending
from livermore.supervision.file_keys import CrashReportKeys

if TYPE_CHECKING:
    from livermore.supervision.incarnation import Incarnation

_log = structlog.get_logger("livermore.supervision")

LONGEST = 500
"""Characters of a message that are shown."""
DEEPEST = 4
HIDDEN = "***"

_Files = queue.SimpleQueue[tuple[Path, str] | threading.Event]
"""What is to be written where, and who is to be told once that is done."""


class CrashReports:
    """``newest``: plain data, the newest last. With a folder each is also written there, by a thread of its own."""

    def __init__(self, clock: Clock, keys: CrashReportKeys) -> None:
        self.count = 0
        self._clock = clock
        self._files: _Files | None = None
        self.settle(keys)

    def settle(self, keys: CrashReportKeys) -> None:
        """Go by these keys from now on."""
        self._keys = keys
        self.newest: deque[dict[str, Any]] = deque(getattr(self, "newest", ()), maxlen=keys.keep)

    def add(self, path: str, generation: int, ending: Ending, incarnation: "Incarnation | None") -> None:
        """Write down how an incarnation came to its end."""
        self.count += 1
        report = {"at": self._clock.wall(), "actor": path, "generation": generation, "reason": ending.reason}
        report["restart"] = generation  # the number of the one that will follow, if any does
        report |= _error(ending) | {"last_message": redacted(ending.last_message, self._keys.redact)}
        if incarnation is not None:
            report |= _circumstances(incarnation)
        self.newest.append(report)
        if self._keys.dir:
            self._write(Path(self._keys.dir) / f"{report['at']}-{path.replace('/', '.')}-{generation}.json", report)

    def _write(self, file: Path, report: Mapping[str, Any]) -> None:
        if self._files is None:
            files: _Files = queue.SimpleQueue()
            try:
                threading.Thread(target=_keep_writing, args=(files,), name="crash reports", daemon=True).start()
            except RuntimeError as error:  # no thread can be started now: perhaps for the next one
                _log.warning("a crash report is not written", file=str(file), reason=str(error))
                return
            self._files = files
        self._files.put((file, json.dumps(report, indent=2)))

    def finish(self, within: float) -> bool:
        """Wait for at most so many seconds until all that was added is in its folder, before the process ends."""
        written = threading.Event()
        if self._files is None:
            return True
        self._files.put(written)
        return written.wait(within)


def _keep_writing(files: _Files) -> None:
    while True:
        asked = files.get()
        if isinstance(asked, threading.Event):
            asked.set()
            continue
        file, text = asked
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            _log.warning("a crash report cannot be written", file=str(file), reason=str(error))


def _error(ending: Ending) -> dict[str, Any]:
    error = ending.error
    trace = "".join(traceback.format_exception(error)) if error is not None else ""
    return {
        "exception": type(error).__name__ if error is not None else None,
        "text": log.clean(str(error)) if error is not None else "",
        "traceback": log.clean(ending.stack or trace),
    }


def _circumstances(incarnation: "Incarnation") -> dict[str, Any]:
    since = incarnation.busy_since
    return {
        "thread": incarnation.thread.name if incarnation.thread is not None else None,
        "uptime_seconds": round(incarnation.now - incarnation.born, 3),
        "busy_seconds": round(incarnation.now - since, 3) if since is not None else 0.0,
        "mailbox": len(incarnation.mailbox) + incarnation.mailbox.left,
    }


def redacted(message: Any, names: Collection[str]) -> str:
    """A message as text, of a bounded length, in which fields of these names are not shown."""
    return log.clean(repr(_plain(message, {name.lower() for name in names}, DEEPEST)))[:LONGEST]


def _plain(value: Any, hidden: Collection[str], depth: int) -> Any:
    fields = _fields(value) if depth else None
    if fields is not None:
        shown = {k: HIDDEN if str(k).lower() in hidden else _plain(v, hidden, depth - 1) for k, v in fields.items()}
        return shown if isinstance(value, Mapping) else {type(value).__name__: shown}
    if isinstance(value, list | tuple | set) and depth:
        return [_plain(item, hidden, depth - 1) for item in list(value)[:10]]
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__


def _fields(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(value, "__struct_fields__"):  # msgspec's
        return {name: getattr(value, name) for name in value.__struct_fields__}
    return None
