"""The machine: Python, files that may be open at once, and room on its disks."""

import platform
import resource
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from livermore.checkup.finding import Finding, graded, ok

FEW_FILES, TOO_FEW_FILES = 4096, 256
"""Each client of the stream holds one, and so does each connection to a store."""
LITTLE_ROOM, TOO_LITTLE_ROOM = 1 << 30, 100 << 20
"""Bytes."""
MIB = 1 << 20


def python() -> Iterator[Finding]:
    """Its version; with one that is too old not even this would be said."""
    yield ok("python", f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")


def files() -> Iterator[Finding]:
    """How many may be open at once."""
    soft, hard = (_counted(limit) for limit in resource.getrlimit(resource.RLIMIT_NOFILE))
    found = f"{_shown(soft)} may be open at once" + (f", {_shown(hard)} if asked for" if hard > soft else "")
    remedy = "raise it with `ulimit -n 65536`, or LimitNOFILE= of the systemd unit"
    yield graded("open files", found, remedy, bad=soft < TOO_FEW_FILES, worrying=soft < FEW_FILES)


def _counted(limit: int) -> float:
    return float("inf") if limit == resource.RLIM_INFINITY else limit


def _shown(limit: float) -> str:
    return f"{limit:.0f}"


def disks(folders: Sequence[Path]) -> Iterator[Finding]:
    """What is free where these folders are, or will be."""
    for folder in dict.fromkeys(_existing(folder) for folder in folders):
        free = shutil.disk_usage(folder).free
        remedy = "make room: logs, crash reports and databases grow"
        bad, worrying = free < TOO_LITTLE_ROOM, free < LITTLE_ROOM
        yield graded("disk", f"{free // MIB} MiB free at {folder}", remedy, bad=bad, worrying=worrying)


def _existing(folder: Path) -> Path:
    folder = folder.resolve()
    return next(place for place in (folder, *folder.parents) if place.is_dir())
