"""Real actors in real threads under the real supervisor."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from livermore.clock import AffineClock
from livermore.errors import Permanent, Transient
from livermore.settings import Options
from livermore.supervision.actor import Actor, Worker
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorKeys, SupervisorSpec
from livermore.supervision.supervisor import Supervisor

PATIENCE = 10.0


class Told(str):
    """A message."""

    __slots__ = ()


class Recorder(Worker):
    """Writes down what it lives through, in the list that is its resource."""

    options: Options
    accepts = (Told,)

    def warm_up(self) -> None:
        self.resources.append((self.context.path, "up", self.context.generation))

    def receive(self, message: Any) -> None:
        if message == "boom":
            raise RuntimeError(message)
        if message == "exit":
            raise SystemExit(3)
        if message == "wait":
            raise Transient("no server", retry_after=0.05)
        if message == "never":
            raise Permanent("bad key")
        self.resources.append((self.context.path, "got", message))

    def cool_down(self) -> None:
        self.resources.append((self.context.path, "down", self.context.generation))


class Source(LoopActor):
    """Tells what it is told, from its loop."""

    options: Options
    accepts = (Told,)
    emits = (Told,)

    async def warm_up(self) -> None:
        self.queue: asyncio.Queue[Told] = asyncio.Queue()
        self.resources.append((self.context.path, "up", self.context.generation))

    async def main(self) -> None:
        while True:
            message = await self.queue.get()
            if message == "boom":
                raise RuntimeError(message)
            if message == "return":
                return
            self.emit(message)

    def receive(self, message: Told) -> None:
        self.queue.put_nowait(message)

    async def cool_down(self) -> None:
        self.resources.append((self.context.path, "down", self.context.generation))


class Deaf(Worker):
    """Never takes its stop."""

    options: Options
    accepts = (Told,)

    def receive(self, message: Any) -> None:
        self.resources.append((self.context.path, "hangs", message))
        threading.Event().wait(60)


class Slow(Worker):
    """Takes long to be made."""

    options: Options

    def warm_up(self) -> None:
        threading.Event().wait(2)


def spec(name: str, kind: type[Actor], targets: tuple[ActorSpec, ...] = (), **keys: Any) -> ActorSpec:
    made = ActorKeys.model_validate({"id": name, "class": "tests:x", **keys})
    return ActorSpec(name, made, kind, Options(), targets)


def tree(*children: NodeSpec, **keys: Any) -> SupervisorSpec:
    return SupervisorSpec("root", SupervisorKeys.model_validate({"id": "root", **keys}), children)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(0.005)


class Run:
    """A supervisor with its actors, and what they wrote down."""

    def __init__(self, spec: SupervisorSpec) -> None:
        self.lines: list[tuple[str, str, Any]] = []
        self.supervisor = Supervisor(spec, AffineClock(), self.lines)
        self.supervisor.begin()

    def tell(self, path: str, text: str) -> None:
        self.supervisor.incarnations.mail.tell(path, Told(text))

    def state(self, path: str) -> str:
        nodes = {child["path"]: child["state"] for child in self.supervisor.snapshot()["children"]}
        return str(nodes[path])

    def up(self, path: str, generation: int = 1) -> None:
        until(lambda: (path, "up", generation) in self.lines and self.state(path) == "up")


@pytest.fixture
def runs() -> Iterator[Callable[[SupervisorSpec], Run]]:
    made: list[Run] = []

    def run(spec: SupervisorSpec) -> Run:
        made.append(Run(spec))
        return made[-1]

    yield run
    for each in made:
        each.supervisor.shut_down()
        assert each.supervisor.ended.wait(PATIENCE)


Runs = Callable[[SupervisorSpec], Run]


def test_actors_live_in_threads_of_their_own_and_stop_in_reverse(runs: Runs) -> None:
    first = spec("first", Recorder)
    run = runs(tree(first, spec("second", Source, (first,))))
    run.up("second")
    run.tell("second", "hello")
    until(lambda: ("first", "got", "hello") in run.lines)
    run.supervisor.shut_down()
    assert run.supervisor.ended.wait(PATIENCE)
    assert run.lines[-2:] == [("second", "down", 1), ("first", "down", 1)]
    until(lambda: not [t for t in threading.enumerate() if "#" in t.name])
    assert pykka.ActorRegistry.get_all() == []


@pytest.mark.parametrize("word", ["boom", "exit"])
def test_whatever_a_worker_raises_only_it_is_restarted(runs: Runs, word: str) -> None:
    run = runs(tree(spec("a", Recorder), spec("b", Recorder)))
    run.up("b")
    run.tell("a", word)
    run.up("a", 2)
    assert ("b", "up", 2) not in run.lines
    assert ("b", "down", 1) not in run.lines


@pytest.mark.parametrize("word", ["boom", "return"])
def test_the_end_of_a_loop_actors_main_is_its_failure(runs: Runs, word: str) -> None:
    run = runs(tree(spec("a", Source)))
    run.up("a")
    run.tell("a", word)
    run.up("a", 2)


def test_a_transient_error_is_shown_as_waiting_and_tried_again(runs: Runs) -> None:
    run = runs(tree(spec("a", Recorder), intensity=0))
    run.up("a")
    run.tell("a", "wait")
    run.up("a", 2)
    node = run.supervisor.snapshot()["children"][0]
    assert node["restarts"] == {"waiting": 1}
    assert node["last_error"] == "waiting: no server"


def test_a_permanent_error_parks_the_actor_and_its_mail_is_counted(runs: Runs) -> None:
    run = runs(tree(spec("a", Recorder)))
    run.up("a")
    run.tell("a", "never")
    until(lambda: run.state("a") == "parked")
    run.tell("a", "hello")
    assert run.supervisor.incarnations.mail.dead_letters.counts["a", "not_running"] == 1


def test_mail_that_waits_behind_a_crash_is_counted_as_dead_letters(runs: Runs) -> None:
    run = runs(tree(spec("a", Recorder)))
    run.up("a")
    run.tell("a", "boom")
    for _ in range(100):
        run.tell("a", "late")
    run.up("a", 2)
    letters = run.supervisor.incarnations.mail.dead_letters.counts
    heard = sum(line == ("a", "got", "late") for line in run.lines)
    assert letters["a", "crash"] + letters["a", "not_running"] + heard == 100


def test_an_actor_that_does_not_stop_is_abandoned_and_what_it_sends_is_refused(runs: Runs) -> None:
    run = runs(tree(spec("a", Deaf, shutdown="50ms")))
    until(lambda: run.state("a") == "up")
    run.tell("a", "hang")
    until(lambda: ("a", "hangs", "hang") in run.lines)
    run.supervisor.shut_down()
    assert run.supervisor.ended.wait(PATIENCE)
    assert run.supervisor.incarnations.failures.abandoned == 1


def test_a_slow_child_does_not_delay_the_restart_of_another(runs: Runs) -> None:
    run = runs(tree(spec("a", Recorder), spec("slow", Slow, start={"timeout": "10s"})))
    until(lambda: run.state("a") == "up")
    assert run.state("slow") == "starting"
    run.tell("a", "boom")
    run.up("a", 2)
    assert run.state("slow") == "starting"


def test_an_error_put_in_from_outside_fails_the_actor_like_its_own(runs: Runs) -> None:
    run = runs(tree(spec("a", Source), spec("b", Recorder)))
    run.up("b")
    assert run.supervisor.incarnations.break_("a", RuntimeError("test"))
    assert run.supervisor.incarnations.break_("b", RuntimeError("test"))
    run.up("a", 2)
    run.up("b", 2)


def test_a_thread_that_cannot_be_started_is_a_failed_start_and_leaves_no_zombie(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "a#1":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    run = runs(tree(spec("a", Recorder, required=False)))
    run.up("a", 2)
    assert len(pykka.ActorRegistry.get_all()) == 2  # the supervisor and the second incarnation


def test_a_thousand_restarts_leave_no_thread_behind(runs: Runs) -> None:
    keys = {"backoff": {"first": "1ms", "min": "1ms", "max": "1ms", "jitter": 0}}
    run = runs(tree(spec("a", Recorder, **keys), intensity=5000))
    run.up("a")
    before = threading.active_count()
    for generation in range(1, 300):
        run.tell("a", "boom")
        until(lambda n=generation: ("a", "up", n + 1) in run.lines)
    until(lambda: threading.active_count() <= before)
