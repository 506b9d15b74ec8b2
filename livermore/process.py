"""Processes of this machine: telling whether one is still the one that it was."""

import platform
import subprocess
from pathlib import Path


def host() -> str:
    """The name of this machine."""
    return platform.node()


def started(pid: int) -> str | None:
    """When a process was started, in some form that no later process with the same pid shares; None if it is gone."""
    if Path("/proc/self/stat").exists():
        return _started_on_linux(pid)
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607 - fixed words and a number
    return answer.stdout.strip() or None


def _started_on_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    return None if fields[0] == "Z" else f"{boot}:{fields[19]}"
