"""Embedded stores: a Valkey server and a SQLite file in a folder, for demos and for trying things out."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from livermore import process
from livermore.errors import LivermoreError
from livermore.store.keeper import FACTS, USERS, locked
from livermore.store.schema import upgrade
from livermore.store.server_binary import find_server
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import make_engine

PATIENCE = 10.0
"""Seconds for the server to come up, or for the last keeper to go."""


@dataclass
class Embedded:
    """The stores of a folder, in use as long as ``hold`` is open: a file with a shared lock."""

    folder: Path
    redis: RedisPlace
    database: DatabasePlace
    hold: IO[str]

    def close(self) -> None:
        """Stop using them; if nobody else does, wait until the server is gone, too."""
        keeper = _facts(self.folder)
        self.hold.close()
        wait_until(lambda: keeper is None or not _alive(keeper) or _in_use(self.folder), "the embedded server to stop")


def open_folder(folder: Path) -> Embedded:
    """Use the stores of a folder; made, and their server started, where that has not been done.

    Raises:
        LivermoreError: there is no server to embed, it does not start, or this is production.
    """
    if os.environ.get("LIVERMORE_ENV") == "production":
        raise LivermoreError("embedded stores are not for production (LIVERMORE_ENV): name a Redis and a database")
    find_server()
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with exclusive(folder / "start.lock"), ExitStack() as on_error:
        hold = on_error.enter_context((folder / USERS).open("a"))
        fcntl.flock(hold, fcntl.LOCK_SH)  # waits for a keeper that is just stopping
        facts = _served(folder)
        database = DatabasePlace.model_validate({"url": f"sqlite:///{quote(str(folder / 'livermore.db'))}"})
        engine = make_engine(database)
        on_error.callback(engine.dispose)
        upgrade(engine)
        engine.dispose()
        on_error.pop_all()
    return Embedded(folder, RedisPlace(url=f"unix://{facts['socket']}"), database, hold)


def _served(folder: Path) -> dict[str, str]:
    """The facts of the folder's keeper, once its server answers. A keeper that lives is never given a rival."""
    facts = _facts(folder)
    if facts is None or not _alive(facts):
        _start_keeper(folder)
    wait_until(lambda: _running(folder) is not None, f"the embedded server (see {folder}/keeper.log and valkey.log)")
    return _facts(folder) or {}


def _start_keeper(folder: Path) -> None:
    (folder / FACTS).unlink(missing_ok=True)
    command = [sys.executable, "-m", "livermore.store.keeper", str(folder)]
    with (folder / "keeper.log").open("ab") as log:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, check=False)  # noqa: S603 - ourselves


def _running(folder: Path) -> dict[str, str] | None:
    """The facts of the folder's keeper, if its server answers."""
    facts = _facts(folder)
    if facts is None or not _alive(facts):
        return None
    client = redis.Redis(unix_socket_path=facts["socket"], socket_timeout=1, retry=Retry(NoBackoff(), 0))
    try:
        client.ping()
    except redis.RedisError:
        return None  # not up yet
    finally:
        client.close()
    return facts


def _facts(folder: Path) -> dict[str, str] | None:
    try:
        facts: dict[str, str] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return facts


def _alive(facts: dict[str, str]) -> bool:
    return process.started(int(facts["pid"])) == facts["started"]


def _in_use(folder: Path) -> bool:
    """Whether somebody holds the shared lock; an exclusive one is the keeper's, which is stopping."""
    with (folder / USERS).open("a") as users:
        return not locked(users, fcntl.LOCK_EX) and locked(users, fcntl.LOCK_SH)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file alone."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again, for some seconds.

    Raises:
        LivermoreError: it did not come about.
    """
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise LivermoreError(f"waited {PATIENCE:g} s in vain for {what}")
        time.sleep(0.02)
