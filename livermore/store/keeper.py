"""The keeper of embedded stores: a process that runs the server for a folder as long as anybody uses the folder.

Whoever uses the folder holds a shared lock on a file in it, and loses it however it ends. Once the keeper gets the
exclusive lock, nobody is left.
"""

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from livermore import process
from livermore.store.server_binary import find_server

POLL = 0.1
USERS = "users.lock"
FACTS = "keeper.json"
_PR_SET_PDEATHSIG = 1


class Keeper:
    """Its server listens on a Unix socket in a private folder, as the data folder's path may be too long for one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.private = Path(tempfile.mkdtemp(prefix="livermore-"))
        self.socket = self.private / "valkey.sock"
        self.stopping = False

    def run(self) -> None:
        """Serve until nobody uses the folder."""
        signal.signal(signal.SIGTERM, self._on_signal)
        try:
            server = self._start()
            self._write_facts()
            with (self.folder / USERS).open("a") as users:
                while not self.stopping and not locked(users, fcntl.LOCK_EX):
                    if server.poll() is not None:
                        server = self._start()
                    time.sleep(POLL)
                self._stop(server)
        finally:
            shutil.rmtree(self.private, ignore_errors=True)

    def _on_signal(self, *_: object) -> None:
        self.stopping = True

    def _start(self) -> "subprocess.Popen[bytes]":
        data = self.folder / "valkey"
        data.mkdir(mode=0o700, exist_ok=True)
        settings = {
            "port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "dir": str(data), "daemonize": "no",
            "appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction",
            "logfile": str(self.folder / "valkey.log"),
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return subprocess.Popen(  # noqa: S603 - our own binary
            [find_server(), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - this process has no threads
        )

    def _write_facts(self) -> None:
        facts = {"socket": str(self.socket), "pid": os.getpid(), "started": process.started(os.getpid())}
        draft = self.folder / f"{FACTS}.new"
        draft.write_text(json.dumps(facts), encoding="utf-8")
        draft.replace(self.folder / FACTS)

    def _stop(self, server: "subprocess.Popen[bytes]") -> None:
        server.terminate()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
        (self.folder / FACTS).unlink(missing_ok=True)


def locked(file: IO[str], kind: int) -> bool:
    """Whether a lock of this kind could be had at once."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__" and os.fork() == 0:  # whoever started it has a child that ends at once, and no more to do
    Keeper(Path(sys.argv[1])).run()
