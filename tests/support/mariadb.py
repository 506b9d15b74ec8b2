"""A private MariaDB server of the machine's own package: rootless, on a Unix socket, gone with the test."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pymysql

from livermore.store.settings import DatabasePlace
from tests.support.programs import program

PATIENCE = 30.0
PACKAGE = "mariadb-server"

_HASTY = ("--innodb-flush-log-at-trx-commit=2", "--loose-innodb-flush-method=nosync", "--skip-innodb-doublewrite")
"""What is written need not outlive this machine."""


class MariaDB:
    """A running server with an empty data folder."""

    def __init__(self, folder: Path, install: str, server: str) -> None:
        self.folder, self.server = folder, server
        self.socket = folder / "mariadb.sock"
        assert len(str(self.socket)) < 100, "a Unix socket's path is at most 107 bytes long"
        self._numbers = count(1)
        self._common = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
        self._common += [f"--tmpdir={folder}"]  # a server that starts clears away what others have in a common one
        words = [*self._common, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
        made = subprocess.run([install, *words], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = ["--skip-networking", f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}"]
        words += ["--innodb-buffer-pool-size=16M", *_HASTY]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.server, *self._common, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "MariaDB does not answer"

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:  # PyMySQL would leave its own open
            if probe.connect_ex(str(self.socket)) != 0:
                return False
        return self.run("SELECT 1") == [(1,)]

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """What the last of these statements gives, asked past the engine under test."""
        with pymysql.connect(
            unix_socket=str(self.socket), user="root", autocommit=True, ssl_disabled=True
        ) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def database(self) -> DatabasePlace:
        """A new database, without tables."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.place(name)

    def place(self, name: str, user: str = "root") -> DatabasePlace:
        """Where a database is; ``user``: a name, or ``name:password``."""
        url = f"mysql+pymysql://{user}@localhost/{name}?unix_socket={self.socket}&charset=utf8mb4"
        return DatabasePlace.model_validate({"url": url})

    def freeze(self) -> None:
        """Let it hang: connections stand, and nothing is answered."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def mariadb() -> Iterator[MariaDB]:
    """A server for as long as the block runs; without one on this machine the test is skipped."""
    install, server = program("mariadb-install-db", PACKAGE), program("mariadbd", PACKAGE)
    folder = Path(tempfile.mkdtemp(prefix="lvm-"))
    try:
        running = MariaDB(folder, install, server)
        try:
            yield running
        finally:
            running.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
