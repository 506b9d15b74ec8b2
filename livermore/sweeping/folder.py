"""The files of one folder that are too old: found and removed by their names in it, never by a way that leads out."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import structlog

BATCH = 200
"""Files that go at once."""
CRASH_REPORT = re.compile(r"\d{10,16}-.+-\d+\.json")
RECORDING = re.compile(r".+\.jsonl\.gz")

_log = structlog.get_logger("livermore.sweeping")


class File(NamedTuple):
    """A plain file, and when it was last written (ms)."""

    written: int
    name: str


class Folder:
    """``form``: what the names of its files look like; all others are somebody else's.

    A folder that is not there has no files. Its links are not followed and not removed, nor are folders within it.
    """

    def __init__(self, path: str, form: re.Pattern[str]) -> None:
        self._path, self._form = path, form

    def files(self) -> list[File]:
        """All of them, the oldest first."""
        with self._opened() as folder:
            return sorted(self._found(folder)) if folder is not None else []

    def remove(self, before: int) -> int:
        """Remove the oldest, at most `BATCH`, that were last written before this moment (ms); gives how many."""
        gone = 0
        with self._opened() as folder:
            for file in sorted(self._found(folder))[:BATCH] if folder is not None else []:
                if file.written < before and self._is_gone(file, folder):
                    gone += 1
        return gone

    @contextmanager
    def _opened(self) -> Iterator[int | None]:
        """A handle of the folder: whatever takes its place meanwhile is another one."""
        try:
            folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                _log.warning("a folder cannot be swept", folder=self._path, reason=error.strerror)
            folder = None
        try:
            yield folder
        finally:
            if folder is not None:
                os.close(folder)

    def _found(self, folder: int) -> Iterator[File]:
        for name in os.listdir(folder):
            if self._form.fullmatch(name):
                with suppress(FileNotFoundError):  # somebody was faster
                    facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
                    if stat.S_ISREG(facts.st_mode):
                        yield File(facts.st_mtime_ns // 1_000_000, name)

    def _is_gone(self, file: File, folder: int | None) -> bool:
        try:
            os.unlink(file.name, dir_fd=folder)
        except FileNotFoundError:
            return False
        except OSError as error:
            _log.warning("a file cannot be removed", folder=self._path, file=file.name, reason=error.strerror)
            return False
        return True
