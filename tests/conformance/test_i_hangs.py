"""Cases 71 to 77: hangs, threads that wake up too late, heartbeats, and actors in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pykka
import pytest
from structlog.testing import capture_logs

from livermore import process
from livermore.errors import Fenced
from livermore.supervision import fork_server
from livermore.supervision.events import Ending
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.state import State
from livermore.supervision.thread_host import ThreadHost
from livermore.supervision.tree import EXIT_CODES, OVERSLEPT
from livermore.supervision.vitals import Vitals
from tests.conformance import process_actors
from tests.conformance.support_f import Calm, Deeds, House, Looper, Threads, Word, doer, in_threads, until
from tests.support.trees import actor, supervisor

HUNG = 8.25
"""Seconds after which a message has cost its actor its life: 8 s, and one poll more."""


# -- 71


def test_case_71_an_actor_is_not_hung_however_many_messages_it_takes_and_however_long_it_has_been_idle() -> None:
    """★ Fails without: `self.last_message = self.busy_since = None` in incarnation.py, in `handle`."""
    house = House(doer("a"))
    house.deeds.when["slow"] = lambda _: house.advance(7.75)
    house.tell("a", *["slow"] * 20)
    house.work("a")
    house.advance(3600.0)
    house.tell("a", "slow")
    house.work("a")
    assert house.deeds.heard("a") == ["warm up", *["slow"] * 21]
    assert house.generation("a") == 1


def test_case_71_a_message_is_too_long_from_its_own_start_on() -> None:
    house = House(doer("a"))
    for word, seconds in (("slow", 7.75), ("too slow", HUNG)):
        house.deeds.when[word] = lambda _, seconds=seconds: house.advance(seconds)
        house.tell("a", word)
        house.work_as(house.lives["a#1"], most=1)
    assert house.tree.nodes["a"].restarts == {"hang": 1}
    assert house.clock.monotonic() == 7.75 + HUNG


def test_case_71_mail_that_waits_behind_an_idle_actor_makes_it_not_hung() -> None:
    bench = Calm(supervisor("root", actor("a")))
    bench.boot()
    bench.seen["a"] = Vitals(busy=0.0, waiting=10_000)
    bench.advance(100.0)
    assert bench.generation("a") == 1


# -- 72


def stuck_here(gate: threading.Event) -> None:
    gate.wait()


def is_stuck(thread: threading.Thread) -> bool:
    """Whether a thread stands there by now."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and "in stuck_here" in "".join(traceback.format_stack(frame))


@dataclass
class Hang:
    """An actor ``a`` that hangs at the gate since its message at second 0, and one ``b`` that is told by it."""

    run: Threads
    raised: list[BaseException]
    thread: threading.Thread

    def wake(self) -> None:
        """Let the thread go on, and wait for its end."""
        self.run.deeds.gate.set()
        self.thread.join(20.0)
        assert not self.thread.is_alive()
        self.run.shown()  # by now the tree has heard of it


@pytest.fixture
def hang() -> Iterator[Hang]:
    heard = doer("b", mailbox={"keep_on_restart": True})
    with in_threads(heard, doer("a", heard)) as run:
        raised: list[BaseException] = []

        def be_stuck(hung: Any) -> None:
            stuck_here(hung.resources.gate)
            for act in (lambda: hung.emit(Word("late")), hung.ready):
                try:
                    act()
                except Fenced as error:
                    raised.append(error)

        run.deeds.when["long"] = be_stuck
        run.up("a")
        run.tell("a", "long", "one", "two")
        until(lambda: is_stuck(run.thread("a")), "the hang")
        yield Hang(run, raised, run.thread("a"))


def test_case_72_people_are_told_in_time_where_it_stands(hang: Hang) -> None:
    with capture_logs() as lines:
        hang.run.advance(3.25)
    (warned,) = [line for line in lines if line["event"] == "takes long"]
    assert (warned["actor"], warned["last_message"]) == ("a", "Word")
    assert "in stuck_here" in warned["stack"]
    assert hang.run.shown()["a"]["generation"] == 1


def test_case_72_it_is_shaken_then_replaced_and_its_mail_fails_at_once(hang: Hang) -> None:
    """★ Fails without: `self.runtime.shell.interrupt(self.path)` in actor_node.py, or
    `self.mail.close(incarnation.spec, incarnation.mailbox, ending.reason)` in incarnations.py.
    """
    hang.run.advance(8.0)
    until(lambda: ("a#1", "interrupt") in hang.run.deeds.got, "the interrupt")
    assert hang.run.shown()["a"]["generation"] == 1
    assert hang.run.incarnations.mail.dead_letters.counts.total() == 0
    hang.run.advance(0.25)
    hang.run.up("a", 2)
    assert hang.run.incarnations.mail.dead_letters.counts == {("a", "hang"): 2}
    report = hang.run.incarnations.failures.reports.newest[-1]
    assert report["reason"] == "hang"
    assert "in stuck_here" in report["traceback"]
    shown = hang.run.shown()
    assert shown["a"]["restarts"] == {"hang": 1}
    assert shown["a"]["zombies"] == 1
    assert shown["root"]["intensity_used"] == 1 / 5
    assert hang.run.incarnations.stats["a"].hangs == 1


def test_case_72_one_that_an_interrupt_sets_free_is_not_replaced() -> None:
    house = House(doer("a"))
    free = threading.Event()
    house.deeds.when["interrupt"] = lambda _: free.set()

    def wait(_: Any) -> None:
        house.advance(8.0)
        assert free.wait(20.0)

    house.deeds.when["long"] = wait
    house.tell("a", "long", "one")
    house.work("a")
    house.advance(60.0)
    assert house.deeds.heard("a")[-1] == "one"
    assert house.generation("a") == 1


def test_case_72_how_long_it_was_at_it_stands_in_its_ending() -> None:
    bench = Calm(supervisor("root", actor("a")))
    bench.boot()
    bench.seen["a"] = Vitals(busy=8.5)
    bench.advance(0.5)
    ending = bench.node("a").ending
    assert isinstance(ending, Ending)
    assert (ending.reason, str(ending.error), ending.stack) == (
        "hang",
        "it has been at one message for 8.5 s",
        "its stack",
    )


# -- 73


def test_case_73_a_thread_that_wakes_after_its_replacement_can_do_nothing_and_ends(hang: Hang) -> None:
    """★ Fails without: `incarnation.revoked = True` in incarnations.py."""
    hang.run.advance(HUNG)
    hang.run.up("a", 2)
    hang.run.tell("a", "for the new one")
    hang.wake()
    assert [type(error) for error in hang.raised] == [Fenced]
    until(lambda: ("a#2", "for the new one") in hang.run.deeds.got)
    assert hang.run.deeds.heard("b") == ["warm up"]
    assert [got for got in hang.run.deeds.got if got[0] == "a#1"] == [
        ("a#1", "warm up"),
        ("a#1", "long"),
        ("a#1", "interrupt"),
    ]
    assert hang.run.incarnations.stats["a"].fenced == 1


def test_case_73_its_end_restarts_nothing_and_takes_nobody_out_of_the_registry(hang: Hang) -> None:
    """★ Fails without: `event.generation == node.generation` in tree.py and `generation == self.generation` in
    actor_node.py, in `down`: each of the two is enough.
    """
    hang.run.advance(HUNG)
    hang.run.up("a", 2)
    assert registered(hang.run.thread("a"))
    assert not registered(hang.thread)
    hang.wake()
    shown = hang.run.shown()["a"]
    assert (shown["state"], shown["generation"], shown["restarts"]) == ("up", 2, {"hang": 1})
    assert registered(hang.run.thread("a"))
    hang.run.tell("a", "hello")
    until(lambda: ("a#2", "hello") in hang.run.deeds.got)


def registered(thread: threading.Thread) -> bool:
    """Whether Pykka knows the actor that lives in this thread."""
    hosts = [ref._actor_weakref() for ref in pykka.ActorRegistry.get_all()]
    return any(host._incarnation.thread is thread for host in hosts if isinstance(host, ThreadHost))


def messages(house: House, outcome: str) -> float:
    return house.metric("livermore_actor_messages_total", actor="a", kind="tell", outcome=outcome)


@pytest.mark.parametrize("how", ["returns", "raises"])
def test_case_73_what_it_does_after_its_replacement_is_in_no_metric(how: str) -> None:
    house = House(doer("a"))

    def be_late(_: Any) -> None:
        house.advance(HUNG)
        if how == "raises":
            raise RuntimeError("too late")

    house.deeds.when["long"] = be_late
    house.tell("a", "long")
    house.work_as(house.lives["a#1"], most=1)
    assert house.generation("a") == 2
    assert (messages(house, "ok"), messages(house, "error")) == (0, 0)
    assert house.metric("livermore_actor_last_message_timestamp_seconds", actor="a") == 0
    assert house.metric("livermore_actor_processing_seconds_count", actor="a") == 0
    assert not [name for name, _ in house.series() if name == "livermore_actor_exceptions_total"]


def test_case_73_it_becomes_neither_ready_nor_the_one_that_is_told_to_stop() -> None:
    house = House(doer("a", start={"ready": "explicit", "timeout": "3s"}, required=False))
    house.advance(3.0)
    assert house.generation("a") == 2
    house.lives["a#1"].context.ready()
    house.settle()
    assert house.state("a") is State.STARTING
    house.lives["a#2"].context.ready()
    house.settle()
    assert house.state("a") is State.UP


# -- 74


def hangs(bench: Calm, path: str) -> None:
    """An actor hangs until it is given up, and is up again if it is restarted."""
    bench.seen[path] = Vitals(busy=100.0)
    bench.advance(0.5)
    del bench.seen[path]
    if bench.ending is None:
        bench.advance(4.0)
        bench.all_ready()


@pytest.mark.parametrize(("on_exhausted", "root"), [("park", "up"), ("escalate", "up")])
def test_case_74_one_zombie_more_than_an_actor_may_leave_is_too_many(on_exhausted: str, root: str) -> None:
    inner = supervisor(
        "s", actor("s/a", hang={"zombies_max": 2}), actor("s/b"), on_exhausted=on_exhausted, intensity=99
    )
    bench = Calm(supervisor("root", inner))
    bench.boot()
    for _ in range(2):
        hangs(bench, "s/a")
    assert (bench.state("s/a"), bench.generation("s/a")) == (State.UP, 3)
    bench.seen["s/a"] = Vitals(busy=100.0)
    bench.advance(0.5)
    if on_exhausted == "park":
        assert (bench.state("s/a"), bench.state("s/b"), bench.generation("s/b")) == (State.PARKED, State.UP, 1)
    else:
        assert bench.node("s").restarts == {"exhausted": 1}
    assert bench.state("root") is State.UP


def test_case_74_with_escalate_the_first_hang_is_too_many() -> None:
    bench = Calm(supervisor("root", supervisor("s", actor("s/a", hang={"action": "escalate"}))))
    bench.boot()
    hangs(bench, "s/a")
    assert bench.node("s").restarts == {"exhausted": 1}


def test_case_74_with_report_nobody_is_given_up() -> None:
    bench = Calm(supervisor("root", actor("a", hang={"action": "report"})))
    bench.boot()
    bench.taken()
    bench.seen["a"] = Vitals(busy=100.0)
    bench.advance(60.0)
    assert bench.taken() == ["warn a", "interrupt a"]


def test_case_74_more_zombies_than_the_process_may_have_end_it_with_71() -> None:
    actors = [actor(name, hang={"zombies_max": 9}) for name in "abc"]
    bench = Calm(supervisor("root", *actors, intensity=99), settings=SettingKeys(zombie_threads_max=2))
    bench.boot()
    for name in "ab":
        hangs(bench, name)
    assert bench.ending is None
    hangs(bench, "c")
    assert bench.ending is not None
    assert EXIT_CODES[bench.ending.reason] == 71


def test_case_74_a_zombie_that_ends_is_no_longer_counted() -> None:
    house = House(doer("a", hang={"zombies_max": 1}), settings=SettingKeys(zombie_threads_max=1))
    house.deeds.when["long"] = lambda _: house.advance(HUNG)
    for generation in (1, 2, 3):
        house.tell("a", "long")
        house.work_as(house.lives[f"a#{generation}"], most=1)
        assert house.metric("livermore_actor_zombie_threads", actor="a") == 1
        house.lives[f"a#{generation}"].end(None)
        assert house.metric("livermore_actor_zombie_threads", actor="a") == 0
        house.advance(61.0)
        assert house.state("a") is State.UP
    assert house.ending is None


def test_case_74_zombies_of_actors_that_are_gone_count_for_the_process() -> None:
    house = House(doer("a", restart="temporary"), doer("b"), settings=SettingKeys(zombie_threads_max=0))
    house.deeds.when["long"] = lambda _: house.advance(HUNG)
    house.tell("a", "long")
    house.work_as(house.lives["a#1"], most=1)
    house.advance(1.0)
    assert "a" not in house.tree.nodes
    assert house.ending is not None
    assert EXIT_CODES[house.ending.reason] == 71


# -- 75

NEVER = {"warn_after": "1h", "after": "never"}


def test_case_75_a_loop_that_stands_still_is_a_failure_although_no_message_is_in_progress() -> None:
    house = House(doer("a", kind=Looper, heartbeat="2s", hang=NEVER))
    for _ in range(40):
        house.life("a").turn(0.5)
        house.advance(0.5)
    assert house.generation("a") == 1
    house.advance(2.5)
    assert (house.generation("a"), house.tree.nodes["a"].restarts) == (2, {"heartbeat": 1})
    assert house.lives["a#1"].busy_since is None


def test_case_75_a_real_loop_whose_main_blocks_is_given_up_and_one_that_turns_is_not() -> None:
    def be_stuck(loop: Any) -> None:
        if loop.context.generation == 1:
            stuck_here(loop.resources.gate)

    deeds = Deeds(main=be_stuck)
    with in_threads(doer("a", kind=Looper, heartbeat="2s", hang=NEVER), deeds=deeds) as run:
        run.up("a")
        until(lambda: is_stuck(run.thread("a")), "the hang")
        run.advance(3.25)
        until(lambda: run.shown()["a"]["generation"] == 2)
        assert run.shown()["a"]["restarts"] == {"heartbeat": 1}
        assert "in stuck_here" in run.incarnations.failures.reports.newest[-1]["traceback"]


def test_case_75_a_thread_that_is_gone_and_has_said_nothing_is_a_failure() -> None:
    house = House(doer("a", kind=Looper))
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    house.life("a").thread = thread
    house.advance(0.25)
    assert (house.generation("a"), house.tree.nodes["a"].restarts) == (2, {"lost": 1})


# -- 76 (R)


@dataclass
class Ward:
    """What became of patients, each of another illness: ``shown`` as in a snapshot, ``first`` with their first pids."""

    shown: dict[str, dict[str, Any]]
    first: dict[str, int]


ILL = {
    "sigkill": ("process_exit", "process_exit: its process was ended by SIGKILL"),
    "sigsegv": ("process_exit", "process_exit: its process was ended by SIGSEGV"),
    "exit": ("process_exit", "process_exit: its process ended with exit code 3"),
    "memory": ("process_exit", "process_exit: it used"),
    "pipe": ("process_exit", "process_exit: its process ended with exit code 0"),
    "hang": ("heartbeat", "heartbeat: its loop has stood still for"),
    "raise": ("crash", "crash: 40 degrees"),
}


@pytest.fixture(scope="module")
def ward() -> Iterator[Ward]:
    """All of them at once: each is up again, in another process."""
    fork_server.prepare([process_actors.__name__])
    supervisor, hospital = process_actors.ward(*ILL)
    supervisor.begin()
    try:
        until(lambda: all(f"{name}#2" in hospital.pids for name in ILL), f"all of them; {hospital.pids}")
        shown = {node["path"]: node for node in supervisor.snapshot(20.0)["children"]}
        yield Ward(shown, {name: hospital.pids[f"{name}#1"] for name in ILL})
    finally:
        supervisor.shut_down(8.0)
        assert supervisor.ended.wait(20.0)
        until(lambda: all(process.started(pid) is None for pid in hospital.pids.values()), "the end of all processes")


@pytest.mark.parametrize("illness", ILL)
def test_case_76_whatever_befalls_a_process_is_seen_named_and_mended(ward: Ward, illness: str) -> None:
    reason, text = ILL[illness]
    shown = ward.shown[illness]
    assert shown["restarts"] == {reason: 1}
    assert shown["last_error"].startswith(text)
    assert (shown["state"], shown["generation"]) == ("up", 2)
    assert process.started(ward.first[illness]) is None
    assert shown["pid"] != ward.first[illness]


def test_case_76_processes_whose_parent_is_killed_go_too_even_one_that_hangs() -> None:
    """Fails without: `os._exit(0)  # the process that holds the tree is gone` in process_child.py."""
    words = "from tests.conformance.process_actors import be_a_parent; be_a_parent('well', 'hang')"
    command, root = [sys.executable, "-c", words], Path(__file__).parents[2]
    pids: list[int] = []
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pids += json.loads(parent.stdout.readline())
            assert None not in map(process.started, pids)
            parent.kill()
            parent.wait()
            until(lambda: set(map(process.started, pids)) == {None}, "the end of the orphans")
        finally:
            parent.kill()
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


# -- 77


def test_case_77_after_a_sleep_of_the_machine_nobody_is_taken_for_hung() -> None:
    names = [f"a{number}" for number in range(50)]
    house = House(*[doer(name) for name in names], doer("loop", kind=Looper, heartbeat="2s"))
    house.advance(1.0)
    for name in names:
        house.life(name).busy_since = house.clock.monotonic()  # each is at a message
    house.life("loop").turn(0.5)
    house.clock.advance(3600.0)  # no thread has run in between
    house.tree.tick()
    for name in names:
        house.life(name).busy_since = None
    house.life("loop").turn(0.5)
    house.advance(2.0)
    assert {house.generation(name) for name in [*names, "loop"]} == {1}
    assert house.incarnations.stats["a0"].hangs == 0


@pytest.mark.parametrize(("gap", "looked"), [(OVERSLEPT * 0.25, True), (OVERSLEPT * 0.25 + 0.01, False)])
def test_case_77_only_a_gap_of_more_than_five_polls_is_a_sleep_and_only_one_poll_is_skipped(
    gap: float, looked: bool
) -> None:
    bench = Calm(supervisor("root", actor("a")))
    bench.boot()
    bench.advance(1.0)
    bench.taken()
    bench.seen["a"] = Vitals(busy=100.0)
    bench.clock.advance(gap)
    bench.tree.tick()
    assert (bench.taken() != []) is looked
    bench.advance(0.5)
    assert bench.node("a").restarts == {"hang": 1}
