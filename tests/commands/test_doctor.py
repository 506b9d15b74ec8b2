"""The doctor, on real servers that are well or ill: every illness is told with what helps, and hides no other."""

import http.server
import json
import os
import resource
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

from livermore import cli
from livermore.checkup import check
from livermore.checkup.check import Check
from livermore.checkup.configuration import FAMILIES
from livermore.checkup.finding import fail, ok
from livermore.errors import Transient
from livermore.http.bounds import Bounds
from livermore.store import schema
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.http.world import a_world
from tests.support.free_port import free_port
from tests.support.mariadb import MariaDB
from tests.support.processes import ROOT, Exchange
from tests.support.revisions import BEFORE, expand, go_back
from tests.support.valkey import Valkey, valkey

CANARY = "canary-8c1f0e"


class Report(NamedTuple):
    """``findings``: what was found of each thing, as level and the rest of the line."""

    code: int
    findings: dict[str, list[tuple[str, str]]]
    text: str

    def one(self, what: str) -> tuple[str, str]:
        (found,) = self.findings[what]
        return found

    def levels(self, *but: str) -> set[str]:
        """Of everything but these."""
        return {level for what, found in self.findings.items() for level, _ in found if what not in but}


class Doctor:
    """Examines with these variables and those that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capsys = monkeypatch, capsys

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def says(self, *words: str, mode: str = "pw-host") -> Report:
        code = cli.main(["doctor", "--mode", mode, *words])
        text = self._capsys.readouterr().out
        findings: dict[str, list[tuple[str, str]]] = {}
        for line in text.splitlines():
            level, _, rest = line.partition("  ")
            what, _, found = rest.strip().partition(": ")
            findings.setdefault(what, []).append((level.strip(), found))
        return Report(code, findings, text)


@pytest.fixture
def doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, sqlite: DatabasePlace
) -> Doctor:
    """With a Valkey and a database that are well, and ports that are free."""
    made = Doctor(monkeypatch, capsys)
    for name in [one for one in os.environ if one.upper().startswith(FAMILIES)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "supervisors.yaml", tmp_path)
    made.set(API_PORT=str(free_port()), HEALTH_PORT=str(free_port()), DATABASE_URL=sqlite.full_url)
    return made


@pytest.fixture(scope="module")
def durable() -> Iterator[Valkey]:
    """A server that keeps what it is told."""
    with valkey(persistent=True) as server:
        yield server


@pytest.fixture(autouse=True)
def well(doctor: Doctor, durable: Valkey) -> None:
    """That server is named."""
    doctor.set(LIVERMORE_REDIS_URL=durable.place.full_url)


@pytest.fixture
def place(doctor: Doctor, mariadb_server: MariaDB) -> DatabasePlace:
    """A database of MariaDB with the schema, which is named instead."""
    made = mariadb_server.database()
    engine = make_engine(made)
    upgrade(engine)
    engine.dispose()
    doctor.set(DATABASE_URL=made.full_url)
    return made


@contextmanager
def settings(server: Valkey, **wanted: object) -> Iterator[None]:
    """Other settings of a Valkey for a while."""
    with redis.Redis(unix_socket_path=str(server.socket)) as client:
        names = [name.replace("_", "-") for name in wanted]
        before = {name: client.config_get(name)[name] for name in names}
        for name, value in zip(names, wanted.values(), strict=True):
            client.config_set(name, value)
        yield
        for name, value in before.items():
            client.config_set(name, value)


# -- all is well, and the command itself


def test_where_all_is_well_it_says_what_it_has_looked_at_and_ends_with_0(doctor: Doctor, place: DatabasePlace) -> None:
    report = doctor.says()
    assert report.code == 0, report.text
    assert report.levels("open files", "disk") == {"ok"}, report.text
    wanted = {"python", "variables", "tree", "redis", "redis role", "redis eviction", "redis memory", "redis clock"}
    wanted |= {"redis persistence", "sql", "sql schema", "sql charset", "sql mode", "sql role", "sql clock"}
    assert report.findings.keys() > wanted
    assert len([what for what in report.findings if what.startswith("port 127.0.0.1:")]) == 2
    assert not [what for what in report.findings if what.startswith("exchange")]


def test_programs_get_the_same_as_json(doctor: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    doctor.set(LIVERMORE_REDIS_URL="redis://127.0.0.1:1")
    lines = doctor.says().text.splitlines()
    assert cli.main(["doctor", "--mode", "pw-host", "--json"]) == 69
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert [(one["level"], one["what"]) for one in told["findings"]] == [
        (line[:4].strip(), line[6:].partition(": ")[0]) for line in lines
    ]
    (ill,) = [one for one in told["findings"] if one["level"] == "fail"]
    assert "Connection refused" in ill["found"]
    assert ill["remedy"] == "start it, or mend its variables"


def test_it_is_listed_among_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    assert "doctor" in capsys.readouterr().out
    assert "livermore doctor" in (ROOT / "README.md").read_text(encoding="utf-8")


# -- the configuration


def test_missing_variables_are_told_and_nothing_else_is_hidden(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVERMORE_REDIS_URL")
    report = doctor.says()
    assert report.code == 78
    assert all(level == "fail" for level, _ in report.findings["tree"])
    assert "needs the variable LIVERMORE_REDIS_URL" in report.text
    assert report.one("redis")[0] == "fail"
    assert report.one("sql schema")[0] == "ok"


def test_a_variable_that_nothing_reads_is_told_with_what_was_meant(doctor: Doctor) -> None:
    doctor.set(LIVERMORE_REDIS_SECRTE="x", LIVERMORE_REDIS_SECRET="", DISCORD_LIVERMORE_BOT="https://discord.test/1")
    doctor.set(DATABASE_OF_SOMEBODY="y", HOME_OF_OTHERS="z")
    report = doctor.says()
    assert report.code == 0
    told = [found for level, found in report.findings["variables"] if level == "warn"]
    assert len(told) == 2, "the other mode reads the webhook, and what has other names is not ours"
    assert any("LIVERMORE_REDIS_SECRTE is set" in found for found in told)
    assert any("DATABASE_OF_SOMEBODY is set" in found for found in told)


def test_a_tree_with_faults_is_told_with_their_places_and_the_stores_are_looked_at(
    doctor: Doctor, tmp_path: Path
) -> None:
    text = (tmp_path / "supervisors.yaml").read_text(encoding="utf-8")
    (tmp_path / "supervisors.yaml").write_text(text.replace("shutdown: 3s", "shutdown: 3"), encoding="utf-8")
    report = doctor.says()
    assert report.code == 78
    assert "supervisors.yaml:" in report.one("tree")[1]
    assert {report.one(what)[0] for what in ("redis", "sql", "sql schema")} == {"ok"}


def test_no_secret_is_shown_whatever_is_wrong(doctor: Doctor, mariadb_server: MariaDB, place: DatabasePlace) -> None:
    wrong = place.full_url.replace("root@", f"root:{CANARY}-sql@")
    doctor.set(DATABASE_URL=wrong, LIVERMORE_REDIS_URL=f"redis://:{CANARY}%2Fredis@127.0.0.1:1")
    doctor.set(Coinbase_ApiKeyId=f"{CANARY}-id", Coinbase_EcPrivateKeyPem=f"{CANARY}-pem", LIVERMORE_SECRE=CANARY)
    doctor.set(DISCORD_LIVERMORE_BOT=f"https://discord.test/{CANARY}", LIVERMORE_EXCHANGE_REST_URL="http://127.0.0.1:1")
    for words in ((), ("--json",)):
        report = doctor.says(*words, mode="exchange")
        assert report.code == 78
        assert "Access denied" in report.text
        assert CANARY not in report.text
        assert f"{CANARY}/redis" not in report.text


def test_what_a_server_says_is_one_line_without_the_secrets_of_the_variables(doctor: Doctor) -> None:
    doctor.set(LIVERMORE_REDIS_SECRET=f"{CANARY}-words", DATABASE_URL=f"mysql+pymysql://u:{CANARY}%40sql@127.0.0.1:1/x")
    doctor.says()
    finding = fail("redis", f"it says\n{CANARY}-words", f"not {CANARY}@sql")
    assert finding.shown() == "fail  redis: it says ***; not ***"
    assert finding.plain()["remedy"] == "not ***"


def test_embedded_stores_are_not_looked_for_elsewhere(doctor: Doctor, tmp_path: Path) -> None:
    shutil.copy(ROOT / "supervisors.local.yaml", tmp_path / "local.yaml")
    doctor.set(LIVERMORE_ADMIN_TOKEN="a-token-of-this-test", LIVERMORE_EXCHANGE_REST_URL="http://127.0.0.1:1")
    report = doctor.says("--tree", "local.yaml", mode="exchange")
    assert report.one("stores") == ("ok", report.one("stores")[1])
    assert "embedded in .livermore-live" in report.one("stores")[1]
    assert "redis" not in report.findings
    assert not (tmp_path / ".livermore-live").exists()


# -- Redis


def test_a_redis_that_may_forget_is_ill_and_one_that_might_is_a_worry(doctor: Doctor, durable: Valkey) -> None:
    with settings(durable, maxmemory_policy="allkeys-lru"):
        assert doctor.says().one("redis eviction")[0] == "warn"
        with settings(durable, maxmemory="100mb"):
            report = doctor.says()
    assert report.code == 69
    level, found = report.one("redis eviction")
    assert (level, found.partition(";")[0]) == ("fail", "allkeys-lru")
    assert "maxmemory-policy noeviction" in found
    assert report.levels("redis eviction", "open files", "disk") == {"ok"}


def test_a_redis_that_is_nearly_full_is_told(doctor: Doctor, durable: Valkey) -> None:
    with redis.Redis(unix_socket_path=str(durable.socket)) as client:
        used = client.info("memory")["used_memory"]
    with settings(durable, maxmemory=used + (4 << 20)):
        assert doctor.says().one("redis memory")[0] in {"ok", "warn"}
    with settings(durable, maxmemory=used // 2):
        level, found = doctor.says().one("redis memory")
    assert level == "fail"
    assert "every write is refused" in found


def test_a_redis_that_forgets_in_a_crash_is_a_worry_and_a_copy_is_ill(doctor: Doctor, empty_valkey: Valkey) -> None:
    doctor.set(LIVERMORE_REDIS_URL=empty_valkey.place.full_url)
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        report = doctor.says()
        assert (report.code, report.one("redis persistence")[0]) == (0, "warn")
        client.replicaof("127.0.0.1", "1")
        try:
            assert doctor.says().one("redis role")[0] == "fail"
        finally:
            client.replicaof("NO", "ONE")


def test_servers_that_hang_are_given_up_on_and_both_are_told(doctor: Doctor) -> None:
    """Sockets on which nobody ever says anything."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        doctor.set(
            LIVERMORE_REDIS_URL=f"redis://127.0.0.1:{port}", DATABASE_URL=f"mysql+pymysql://u:p@127.0.0.1:{port}/x"
        )
        report = doctor.says()
    assert report.code == 69
    assert report.one("redis")[0] == report.one("sql")[0] == "fail"
    assert report.levels("redis", "sql", "open files", "disk") == {"ok"}


# -- SQL


def test_a_database_that_is_behind_is_a_worry_for_a_front_and_ill_for_who_writes(
    doctor: Doctor, place: DatabasePlace
) -> None:
    engine = make_engine(place)
    go_back(engine)
    engine.dispose()
    report = doctor.says()
    level, found = report.one("sql schema")
    assert (report.code, level) == (0, "warn")
    assert f"revision {BEFORE}, this program is made for {schema.newest()}; run `livermore db upgrade`" in found
    doctor.set(LIVERMORE_EXCHANGE_REST_URL="http://127.0.0.1:1")
    assert doctor.says(mode="exchange").one("sql schema")[0] == "fail"


def test_a_database_that_is_ahead_is_a_worry_and_asks_for_no_upgrade_of_it(
    doctor: Doctor, place: DatabasePlace, tmp_path: Path
) -> None:
    engine = make_engine(place)
    expand(engine, tmp_path)
    engine.dispose()
    level, found = doctor.says().one("sql schema")
    assert level == "warn"
    assert "pip install --upgrade livermore" in found


def test_a_latin_database_is_a_worry_and_a_latin_table_or_tongue_is_ill(
    doctor: Doctor, mariadb_server: MariaDB, place: DatabasePlace
) -> None:
    name = make_engine(place).url.database
    mariadb_server.run(f"ALTER DATABASE {name} CHARACTER SET latin1")
    report = doctor.says()
    assert report.code == 0
    level, found = report.one("sql charset")
    assert (level, "latin1 the database's own" in found) == ("warn", True)
    mariadb_server.run(f"ALTER TABLE {name}.leases DEFAULT CHARACTER SET latin1")
    report = doctor.says()
    assert report.code == 69
    assert [level for level, _ in report.findings["sql charset"]] == ["warn", "fail"]
    assert "table leases keeps latin1_swedish_ci" in report.text
    doctor.set(DATABASE_URL=place.full_url.replace("charset=utf8mb4", "charset=latin1"))
    assert doctor.says().findings["sql charset"][0][0] == "fail"


def test_a_server_that_cuts_texts_off_or_may_not_be_written_is_a_worry(
    doctor: Doctor, mariadb_server: MariaDB, place: DatabasePlace
) -> None:
    before = mariadb_server.run("SELECT @@GLOBAL.sql_mode")[0][0]
    mariadb_server.run("SET GLOBAL sql_mode = ''", "SET GLOBAL read_only = 1")
    try:
        report = doctor.says()
    finally:
        mariadb_server.run(f"SET GLOBAL sql_mode = '{before}'", "SET GLOBAL read_only = 0")
    assert report.code == 0
    assert report.one("sql mode")[0] == report.one("sql role")[0] == "warn"


def test_a_server_that_is_down_is_told_and_the_other_one_is_looked_at(doctor: Doctor) -> None:
    doctor.set(DATABASE_URL="mysql+pymysql://u:p@127.0.0.1:1/x")
    report = doctor.says()
    level, found = report.one("sql")
    assert (report.code, level, "Connection refused" in found) == (69, "fail", True)
    assert report.one("redis")[0] == "ok"


def test_a_database_file_is_looked_at_and_not_made(doctor: Doctor, sqlite: DatabasePlace, tmp_path: Path) -> None:
    report = doctor.says()
    assert report.code == 0
    assert report.one("sql")[1].startswith("SQLite 3.")
    doctor.set(DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    report = doctor.says()
    assert (report.code, report.one("sql")[0]) == (69, "fail")
    assert not (tmp_path / "none.db").exists()


# -- the exchange


@pytest.fixture
def exchange_mode(doctor: Doctor) -> None:
    """All variables of the exchange mode but the address of the exchange."""
    doctor.set(Coinbase_ApiKeyId="none", Coinbase_EcPrivateKeyPem="none", DISCORD_LIVERMORE_BOT="https://d.test/x")
    doctor.set(LIVERMORE_ADMIN_TOKEN="admin-token-of-tests", LIVERMORE_SIMULATED="true")


@pytest.mark.parametrize(("ahead", "level"), [(0, "ok"), (-5, "warn"), (90, "fail")])
def test_the_exchanges_clock_is_held_against_ours(
    doctor: Doctor, exchange_mode: None, tmp_path: Path, ahead: int, level: str
) -> None:
    now = time.time_ns() // 1_000_000
    exchange = Exchange(tmp_path / "exchange", f"{now + ahead * 1000}@{now}x1", options=("--symbols", "1"))
    try:
        doctor.set(LIVERMORE_EXCHANGE_REST_URL=exchange.urls["rest_url"])
        report = doctor.says(mode="exchange")
    finally:
        exchange.end()
    assert report.one("exchange coinbase")[0] == "ok"
    found = report.one("exchange coinbase clock")
    assert found[0] == level, report.text
    if ahead:
        assert abs(float(found[1].split()[0]) - ahead) < 2


def test_an_exchange_that_cannot_be_reached_is_told(doctor: Doctor, exchange_mode: None) -> None:
    doctor.set(LIVERMORE_EXCHANGE_REST_URL="http://127.0.0.1:1")
    report = doctor.says(mode="exchange")
    level, found = report.one("exchange coinbase")
    assert (report.code, level) == (69, "fail")
    assert "127.0.0.1 cannot be reached" in found
    assert "firewall" in found


class Turning(http.server.BaseHTTPRequestHandler):
    """Turns everybody away."""

    def do_GET(self) -> None:
        self.send_response(451)
        self.end_headers()
        self.wfile.write(b"<html>not here</html>")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def test_an_exchange_that_turns_this_address_away_is_told(doctor: Doctor, exchange_mode: None) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Turning) as server:
        threading.Thread(target=server.serve_forever).start()
        doctor.set(LIVERMORE_EXCHANGE_REST_URL=f"http://127.0.0.1:{server.server_port}")
        try:
            level, found = doctor.says(mode="exchange").one("exchange coinbase")
        finally:
            server.shutdown()
    assert (level, "answers 451: it serves nobody where this address is" in found) == ("fail", True)


# -- the machine


def test_a_port_that_another_program_holds_is_told(doctor: Doctor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        doctor.set(API_PORT=str(other.getsockname()[1]))
        other.settimeout(10)
        threading.Thread(target=_hang_up, args=(other,)).start()
        report = doctor.says()
    assert report.code == 78
    level, found = report.one(f"port 127.0.0.1:{other_port(report)}")
    assert (level, "another program holds it" in found) == ("fail", True)


def _hang_up(server: socket.socket) -> None:
    for _ in range(2):
        server.accept()[0].close()


def other_port(report: Report) -> str:
    """The port of which something bad is told."""
    (what,) = [what for what, found in report.findings.items() if what.startswith("port") and found[0][0] == "fail"]
    return what.rpartition(":")[2]


def test_a_port_that_a_livermore_holds_is_no_illness(
    doctor: Doctor, empty_valkey: Valkey, sqlite: DatabasePlace
) -> None:
    with a_world(empty_valkey.place, sqlite, Bounds()) as world:
        doctor.set(API_PORT=str(world.port))
        report = doctor.says()
    assert report.code == 0
    assert "held by a Livermore that runs" in report.one(f"port 127.0.0.1:{world.port}")[1]


def test_few_files_are_a_worry(doctor: Doctor) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        level, found = doctor.says().one("open files")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (level, found.startswith("1024 may be open at once")) == ("warn", True)


@pytest.mark.parametrize(("free", "level"), [(50 << 20, "fail"), (500 << 20, "warn"), (50 << 30, "ok")])
def test_a_disk_without_room_is_told(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    usage = shutil.disk_usage(".")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    found = doctor.says().one("disk")
    assert (found[0], f"{free >> 20} MiB free" in found[1]) == (level, True)


# -- checks among themselves


def ran(*looks: Callable[[], Any]) -> list[tuple[str, str]]:
    return [(str(one.level), one.found) for one in check.run([Check(f"{look}", "", look) for look in looks])]


def test_what_one_check_fails_with_is_told_beside_what_it_and_others_have_found() -> None:
    def unreachable() -> Iterator[Any]:
        yield ok("something", "before")
        raise Transient("nobody answers")

    def broken() -> Iterator[Any]:
        raise LookupError(CANARY)

    assert ran(unreachable, broken, lambda: [ok("another", "well")]) == [
        ("ok", "before"), ("fail", "nobody answers"), ("fail", "this check itself failed: LookupError"), ("ok", "well"),
    ]  # fmt: skip


def test_a_check_that_does_not_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LONGEST", 0.05)
    over = threading.Event()

    def endless() -> Iterator[Any]:
        yield ok("something", "at first")
        over.wait(10)

    assert ran(endless, lambda: [ok("another", "well")]) == [
        ("ok", "at first"), ("fail", "no answer within 0.05 s"), ("ok", "well"),
    ]  # fmt: skip
    over.set()
