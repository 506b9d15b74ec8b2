"""Embedded stores: a server that lives as long as anybody uses its folder, and leaves nothing behind but the data."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text

from livermore import process
from livermore.errors import LivermoreError
from livermore.store import embedded, registry
from livermore.store.embedded import Embedded, open_folder
from livermore.store.query import command
from livermore.store.redis import RedisStore
from livermore.store.sql import Database
from tests.store.waiting import until


class Folder:
    """A data folder with its users, and a look at what runs for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = ExitStack()

    def open(self) -> Embedded:
        made = open_folder(self.path)
        self.users.callback(made.close)
        return made

    def open_elsewhere(self) -> "subprocess.Popen[str]":
        """Another process that uses it until it is told to end, or killed."""
        code = "import sys, pathlib; from livermore.store.embedded import open_folder as o\n"
        code += "e = o(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.readline(); e.close()"
        made = subprocess.Popen(
            [sys.executable, "-c", code, str(self.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.users.enter_context(made)
        self.users.callback(made.kill)
        assert made.stdout is not None
        assert made.stdout.readline() == "open\n"
        return made


class Serving:
    """What runs for a folder at this moment."""

    def __init__(self, made: Embedded) -> None:
        self.socket = Path(made.redis.full_url.removeprefix("unix://"))
        self.keeper = int((embedded._facts(made.folder) or {})["pid"])
        self.server = server_of(self.socket)

    def left(self) -> list[str]:
        """What of it is still there."""
        names = {"keeper": self.keeper, "server": self.server}
        return [name for name, pid in names.items() if process.started(pid)] + [
            str(path) for path in (self.socket, self.socket.parent) if path.exists()
        ]


def server_of(socket: Path) -> int:
    """The server's process id; 0 where it does not answer."""
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=1) as client:
            return int(client.info("server")["process_id"])
    except redis.RedisError:
        return 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path / "data")
    with made.users:
        yield made


def put(used: Embedded, value: str) -> None:
    store = RedisStore(used.redis)
    store.run(command("SET", "k", value, read=lambda answer: answer))
    store.close()


def get(used: Embedded) -> bytes | None:
    store = RedisStore(used.redis)
    held: bytes | None = store.run(command("GET", "k", read=lambda answer: answer))
    store.close()
    return held


def test_an_opened_folder_has_a_server_and_a_database(folder: Folder) -> None:
    used = folder.open()
    put(used, "1")
    assert get(used) == b"1"
    database = Database(used.database)
    assert len(database.run(registry.all_exchanges)) == 6
    database.close()


def test_what_lies_in_the_folder_is_for_its_owner_only(folder: Folder) -> None:
    used = folder.open()
    socket = Path(used.redis.full_url.removeprefix("unix://"))
    assert [oct(path.stat().st_mode & 0o777) for path in (used.folder, socket.parent, socket)] == ["0o700"] * 3


def test_the_last_user_stops_the_server_and_nothing_is_left_of_it(folder: Folder) -> None:
    first, second = folder.open(), folder.open()
    running = Serving(first)
    assert Serving(second).server == running.server
    first.close()
    assert get(second) is None
    assert len(running.left()) == 4
    second.close()
    assert running.left() == []
    assert not (folder.path / "keeper.json").exists()


def test_processes_share_a_server(folder: Folder) -> None:
    other = folder.open_elsewhere()
    used = folder.open()
    running = Serving(used)
    print(file=other.stdin, flush=True)
    assert other.wait(10) == 0
    assert len(running.left()) == 4
    used.close()
    assert running.left() == []


def test_the_data_outlive_the_server(folder: Folder) -> None:
    used = folder.open()
    put(used, "kept")
    database = Database(used.database)
    database.run(lambda connection: connection.execute(text("DELETE FROM exchanges WHERE id = 6")))
    database.close()
    used.close()
    again = folder.open()
    assert get(again) == b"kept"
    database = Database(again.database)
    assert len(database.run(registry.all_exchanges)) == 5
    database.close()


def test_a_user_that_was_killed_uses_it_no_more(folder: Folder) -> None:
    other = folder.open_elsewhere()
    used = folder.open()
    running = Serving(used)
    other.kill()
    other.wait()
    assert len(running.left()) == 4
    used.close()
    assert running.left() == []


def test_the_server_of_a_user_that_was_killed_stops_by_itself(folder: Folder) -> None:
    other = folder.open_elsewhere()
    used = folder.open()
    running = Serving(used)
    used.hold.close()  # as if it had been killed, too
    other.kill()
    until(lambda: running.left() == [], "the server to stop")


def test_a_server_that_was_killed_is_started_again_with_its_data(folder: Folder) -> None:
    used = folder.open()
    put(used, "kept")
    running = Serving(used)
    store = RedisStore(used.redis)
    os.kill(running.server, signal.SIGKILL)
    until(lambda: server_of(running.socket) not in (0, running.server), "another server")
    assert get(used) == b"kept"
    store.close()


def test_who_comes_while_the_server_does_not_answer_waits_for_it(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second server would write to the same files."""
    running = Serving(folder.open())
    look = embedded._running

    def look_and_thaw(path: Path) -> dict[str, str] | None:
        found = look(path)
        os.kill(running.server, signal.SIGCONT)
        return found

    monkeypatch.setattr(embedded, "_running", look_and_thaw)
    os.kill(running.server, signal.SIGSTOP)
    again = Serving(folder.open())
    assert (again.keeper, again.server, again.socket) == (running.keeper, running.server, running.socket)


def test_where_the_keeper_was_killed_the_next_user_starts_another(folder: Folder) -> None:
    used = folder.open()
    put(used, "kept")
    running = Serving(used)
    os.kill(running.keeper, signal.SIGKILL)
    until(lambda: process.started(running.server) is None, "the server to go with its keeper")
    again = folder.open()
    assert get(again) == b"kept"
    assert Serving(again).keeper != running.keeper
    shutil.rmtree(running.socket.parent)  # nobody was left to do it


def test_a_keeper_that_is_asked_to_end_takes_its_server_along(folder: Folder) -> None:
    running = Serving(folder.open())
    os.kill(running.keeper, signal.SIGTERM)
    until(lambda: running.left() == [], "the server to stop")


def test_closing_twice_does_no_harm(folder: Folder) -> None:
    used = folder.open()
    used.close()
    used.close()


@pytest.mark.parametrize("name", ["x" * 200 + "/" + "y" * 40, "with blanks, 100 % ünïcode", "what?#%41 really"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path / name)
    with folder.users:
        used = folder.open()
        put(used, "1")
        database = Database(used.database)
        assert len(database.run(registry.all_exchanges)) == 6
        database.close()
    assert (folder.path / "livermore.db").is_file()


# -- what does not work


def test_in_production_nothing_is_embedded(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVERMORE_ENV", "production")
    with pytest.raises(LivermoreError, match="not for production"):
        folder.open()
    assert not folder.path.exists()


def test_without_a_server_there_is_nothing_to_embed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> str:
        raise LivermoreError("no server to embed")

    monkeypatch.setattr(embedded, "find_server", nothing)
    with pytest.raises(LivermoreError, match="no server to embed"):
        folder.open()
    assert not folder.path.exists()


def test_a_server_that_does_not_come_up_is_an_error_that_says_where_to_look(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.path.mkdir()
    (folder.path / "valkey").write_text("a file where the folder should be")
    monkeypatch.setattr(embedded, "PATIENCE", 2.0)
    with pytest.raises(LivermoreError, match=r"keeper\.log"):
        folder.open()
    assert "valkey" in (folder.path / "keeper.log").read_text()


def test_a_database_of_a_later_program_is_refused_and_the_server_stops(folder: Folder) -> None:
    used = folder.open()
    running = Serving(used)
    engine = create_engine(used.database.full_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(LivermoreError, match="revision 9999"):
        folder.open()
    used.close()
    assert running.left() == []
