"""A real Prometheus looks at a running tree: the right series move when actors crash, hang, overflow or are parked."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client import REGISTRY

from livermore.clock import AffineClock
from livermore.errors import Permanent
from livermore.settings import Options
from livermore.supervision.actor import Worker
from livermore.supervision.exposition import Exposition
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.health import HealthListener
from livermore.supervision.metrics import LETTERS, POLICIES, RESTARTS, TreeMetrics
from livermore.supervision.state import State
from livermore.supervision.supervisor import Supervisor
from tests.supervision.test_supervisor import Told, spec, tree
from tests.support.free_port import free_port
from tests.support.processes import ROOT, get_json, until
from tests.support.programs import program

pytestmark = pytest.mark.system

PATIENCE = 15.0
EVERY = "500ms"
"""How often Prometheus scrapes, and looks at its rules."""


class Gates(dict[str, threading.Event]):
    """What actors wait at, by the word that sends them there."""


class Patient(Worker):
    """Does what it is told, whatever becomes of it."""

    options: Options
    resources: Gates
    accepts = (Told,)

    def receive(self, message: Any) -> None:
        if message == "boom":
            raise RuntimeError(message)
        if message == "never":
            raise Permanent("bad key")
        if message in self.resources:
            self.resources[message].wait(60)


class Watched(NamedTuple):
    """A tree that runs, and the Prometheus that scrapes it."""

    supervisor: Supervisor
    gates: Gates
    health: HealthListener
    url: str

    def tell(self, actor: str, *words: str) -> None:
        for word in words:
            self.supervisor.incarnations.mail.tell(actor, Told(word))

    def ask(self, query: str) -> list[float]:
        """The values of the series that Prometheus answers with."""
        status, answer = get_json(f"{self.url}/api/v1/query?query={quote(query)}")
        assert status == 200, answer
        return [float(one["value"][1]) for one in answer["data"]["result"]]

    def sees(self, *queries: str) -> None:
        """Wait until the first of these conditions holds, then the next."""
        for query in queries:
            until(lambda query=query: self.ask(query), query, PATIENCE, every=0.1)

    def alert(self, name: str, actor: str) -> dict[str, str]:
        """What an alert says, once it fires."""

        def fires() -> dict[str, str] | None:
            alerts = get_json(f"{self.url}/api/v1/alerts")[1]["data"]["alerts"]
            named = {"alertname": name, "actor": actor}.items()
            fire = [one for one in alerts if one["state"] == "firing" and named <= one["labels"].items()]
            return fire[0]["annotations"] if fire else None

        said: dict[str, str] = until(fires, f"{name} of {actor} to fire", PATIENCE, every=0.1)
        return said


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """A Prometheus that scrapes one address and goes by the rules that are deployed; gives its URL."""
    config = {
        "global": {"scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY},
        "rule_files": [str(ROOT / "deploy" / "prometheus" / "rules.yml")],
        "scrape_configs": [{"job_name": "livermore", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    address, log = f"127.0.0.1:{free_port()}", folder / "prometheus.log"
    options = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}"]
    command = [program("prometheus", "prometheus"), *options]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )

    def answers() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        return is_ready(f"http://{address}/-/ready")

    try:
        until(answers, "Prometheus to answer", PATIENCE)
        yield f"http://{address}"
    finally:
        end(process)


def is_ready(url: str) -> bool:
    try:
        with urlopen(url, timeout=10):
            return True
    except HTTPError as error:
        error.close()
    except OSError:
        pass  # it does not listen yet
    return False


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(supervisor: Supervisor, gates: Gates) -> Iterator[HealthListener]:
    """The supervisor with its health listener, from begin to end."""
    exposition = Exposition(TreeMetrics(supervisor, "0.1.0"), REGISTRY.collect)
    health = HealthListener(supervisor, exposition, "127.0.0.1", 0)
    supervisor.begin()
    health.start()
    try:
        yield health
    finally:
        for gate in gates.values():
            gate.set()
        supervisor.shut_down()
        assert supervisor.ended.wait(PATIENCE)
        health.stop()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    gates = Gates(hang=threading.Event(), hold=threading.Event())
    patients = (
        spec("calm", Patient),
        spec("crashes", Patient),
        spec("hangs", Patient, hang={"warn_after": "100ms", "after": "300ms"}),
        spec("overflows", Patient, mailbox={"capacity": 2}, hang={"warn_after": "never", "after": "never"}),
        spec("gives_up", Patient),
    )
    supervisor = Supervisor(tree(*patients), AffineClock(), gates, SettingKeys.model_validate({"hang_poll": "50ms"}))
    folder = tmp_path_factory.mktemp("prometheus")
    with running(supervisor, gates) as health, prometheus(folder, health.address) as url:
        seen = Watched(supervisor, gates, health, url)
        seen.sees('count(livermore_actor_state{state="up"} == 1) == 5')
        yield seen


def test_every_series_is_there_before_anything_has_happened(watched: Watched) -> None:
    expected = {
        "restarts_total": len(RESTARTS),
        "mailbox_dropped_total": len(POLICIES),
        "messages_total": 3,
        "hangs_total": 1,
        "zombie_threads": 1,
        "busy_seconds": 1,
        "mailbox_messages": 1,
        "mailbox_oldest_age_seconds": 1,
        "last_message_timestamp_seconds": 1,
        "backoff_seconds": 1,
        "next_restart_timestamp_seconds": 1,
        "processing_seconds_count": 1,
        "processing_seconds_bucket": 7,
        "mailbox_wait_seconds_sum": 1,
    }
    for name, count in expected.items():
        assert watched.ask(f'livermore_actor_{name}{{supervisor="root",actor="calm"}}') == [0] * count, name
    assert watched.ask('livermore_dead_letters_total{actor="calm"}') == [0] * len(LETTERS)
    assert watched.ask('livermore_fenced_sends_total{actor="calm"}') == [0]
    assert sorted(watched.ask('livermore_actor_state{actor="calm"}')) == [0] * (len(State) - 1) + [1]
    assert watched.ask('livermore_supervisor_exhausted_total{supervisor="root"}') == [0, 0]
    assert sorted(watched.ask("livermore_actor_mailbox_capacity")) == [2] + [10_000] * 4
    assert watched.ask('livermore_info{mode="root"}') == [1]


def test_promtool_finds_no_fault_in_what_is_exported(watched: Watched) -> None:
    with urlopen(f"http://{watched.health.address}/metrics", timeout=10) as answer:
        page = answer.read()
    assert b'livermore_actor_restarts_total{supervisor="root",actor="calm"' in page
    command = [program("promtool", "prometheus"), "check", "metrics"]
    found = subprocess.run(command, input=page, capture_output=True, timeout=60, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


def test_the_first_crash_of_an_actor_shows_as_a_restart_and_its_exception_by_name(watched: Watched) -> None:
    watched.tell("crashes", "fine", "boom")
    watched.sees(
        'increase(livermore_actor_restarts_total{actor="crashes",reason="crash"}[1m]) > 0',
        'livermore_actor_generation{actor="crashes"} == 2 and livermore_actor_ready == 1',
        'livermore_actor_exceptions_total{actor="crashes",exception="RuntimeError",via="tell"} == 1',
        'livermore_actor_messages_total{actor="crashes",kind="tell",outcome="error"} == 1',
        'livermore_actor_messages_total{actor="crashes",kind="tell",outcome="ok"} == 1',
        'livermore_supervisor_intensity_used_ratio{supervisor="root"} >= 0.2',
    )
    assert watched.ask('livermore_actor_generation{actor="calm"}') == [1]


def test_a_hang_shows_as_a_thread_left_behind_until_that_has_ended_and_raises_its_alert(watched: Watched) -> None:
    watched.tell("hangs", "hang")
    watched.sees(
        'livermore_actor_zombie_threads{actor="hangs"} == 1',
        'livermore_actor_hangs_total{actor="hangs"} == 1',
        'livermore_actor_restarts_total{actor="hangs",reason="hang"} == 1',
        'livermore_actor_generation{actor="hangs"} == 2 and livermore_actor_ready == 1',
    )
    assert watched.alert("ActorHung", "hangs")["summary"] == f"root/hangs stood still on {watched.health.address}"
    watched.gates["hang"].set()
    watched.sees('livermore_actor_zombie_threads{actor="hangs"} == 0')


def test_a_mailbox_that_overflows_shows_how_full_and_how_old_it_is_and_what_it_has_lost(watched: Watched) -> None:
    watched.tell("overflows", "hold")
    watched.sees('livermore_actor_busy_seconds{actor="overflows"} > 0')
    watched.tell("overflows", *"abcde")
    watched.sees(
        'livermore_actor_mailbox_dropped_total{actor="overflows",policy="drop_oldest"} == 3',
        'livermore_dead_letters_total{actor="overflows",reason="overflow"} == 3',
        'livermore_actor_mailbox_messages{actor="overflows"} == livermore_actor_mailbox_capacity',
        'livermore_actor_mailbox_oldest_age_seconds{actor="overflows"} > 0.5',
    )
    watched.gates["hold"].set()
    watched.sees(
        'livermore_actor_mailbox_messages{actor="overflows"} == 0',
        'livermore_actor_messages_total{actor="overflows",kind="tell",outcome="ok"} == 3',
        'livermore_actor_processing_seconds_count{actor="overflows"} == 3',
        'livermore_actor_mailbox_wait_seconds_sum{actor="overflows"} > 1',
        'livermore_actor_busy_seconds{actor="overflows"} == 0',
    )
    (age,) = watched.ask('time() - livermore_actor_last_message_timestamp_seconds{actor="overflows"}')
    assert 0 <= age < PATIENCE
    assert watched.ask('livermore_actor_mailbox_dropped_total{actor="overflows",policy="drop_newest"}') == [0]


def test_a_parked_actor_shows_as_down_loses_its_mail_and_raises_its_alert(watched: Watched) -> None:
    watched.tell("gives_up", "never")
    watched.sees(
        'livermore_actor_state{actor="gives_up",state="parked"} == 1',
        'livermore_actor_up{actor="gives_up"} == 0',
        'livermore_actor_ready{actor="gives_up"} == 0',
    )
    watched.tell("gives_up", "late")
    watched.sees('livermore_dead_letters_total{actor="gives_up",reason="not_running"} == 1')
    said = watched.alert("ActorParked", "gives_up")
    assert said["summary"] == f"root/gives_up is parked on {watched.health.address}"
    assert watched.ask('sum(livermore_actor_restarts_total{actor="gives_up"})') == [0]
