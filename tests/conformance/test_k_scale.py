"""Cases 86 to 89: a thousand actors, a thousand restarts, and what Prometheus sees of it all."""

import gc
import logging
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from livermore.errors import Finished, Ignore, Permanent, Transient
from livermore.supervision.events import Add, Reload, Remove, Restart, Stop
from livermore.supervision.spec import ActorSpec
from livermore.supervision.state import State
from tests.conformance.support_f import AT_ONCE, Calm, House, Series, doer, in_threads, until
from tests.support.trees import actor, supervisor

# -- 86


def numbered(count: int) -> list[ActorSpec]:
    one = actor("a")
    return [replace(one, path=f"a{number}") for number in range(count)]


def test_case_86_a_thousand_actors_start_and_stop_within_two_seconds_each() -> None:
    specs = numbered(1000)
    bench = Calm(supervisor("root", *specs))
    began = process_time()
    bench.tree.boot()
    for spec in specs:
        bench.ready(spec.path)
    started = process_time()
    assert bench.tree.booted
    bench.shut_down()
    stopped = process_time()
    assert bench.ending is not None
    assert bench.taken() == [*[f"start a{n}" for n in range(1000)], *[f"stop a{n}" for n in reversed(range(1000))]]
    assert (started - began < 2.0, stopped - started < 2.0) == (True, True)


def seconds_of(count: int) -> float:
    """CPU seconds that it takes to start so many actors while the tree runs, and to stop and remove them all."""
    specs = numbered(count)
    bench = Calm(supervisor("root"))
    bench.boot()
    gc.collect()
    began = process_time()
    for spec in specs:
        bench.do(Add("root", spec))
        bench.ready(spec.path)
    for spec in specs:
        bench.do(Stop(spec.path))
        bench.do(Remove(spec.path))
    seconds = process_time() - began
    assert bench.states() == {"root": "up"}
    assert len(bench.answered()) == 3 * count
    return seconds


def test_case_86_ten_times_as_many_dynamic_actors_take_about_ten_times_as_long() -> None:
    """10,000 of them; were each of them to look at all the others, it would be a hundred times."""
    few = max(seconds_of(1000) for _ in range(2))
    assert seconds_of(10_000) < 50 * few


def test_case_86_two_hundred_actors_live_at_once_in_threads_and_leave_none_behind() -> None:
    names = [f"a{number}" for number in range(200)]
    with in_threads(*map(doer, names)) as run:
        run.up(names[-1])
        meeting = threading.Barrier(len(names) + 1)
        run.deeds.when["meet"] = lambda _: meeting.wait(20.0)
        for name in names:
            run.tell(name, "meet")
        meeting.wait(20.0)  # nobody gets past it before all are there
        living = {run.thread(name) for name in names}
        assert len(living) == len(names)
    until(lambda: not any(thread.is_alive() for thread in living), "the end of all threads")


# -- 87


@pytest.fixture
def _silent() -> Iterator[None]:
    """Log lines would be kept by pytest: that is not the growth that is meant."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


LARGEST_BLOCK = 512
"""Bytes: whatever is larger Python does not count as a block."""


@pytest.mark.usefixtures("_silent")
def test_case_87_a_thousand_restarts_leave_no_thread_no_file_and_no_memory_behind() -> None:
    keys = {"backoff": AT_ONCE, "mailbox": {"keep_on_restart": True}}
    with in_threads(doer("a", **keys), intensity=1_000_000) as run:
        run.up("a")
        others = set(threading.enumerate()) - {run.thread("a")}

        def crashed(count: int, generation: int) -> tuple[int, int]:
            """Open files and blocks of memory after so many crashes more, once their threads are gone."""
            run.tell("a", *["boom"] * count)
            run.up("a", generation)
            run.deeds.got.clear()
            run.advance(61.0)  # what was to happen to those who are gone is forgotten
            until(lambda: len(set(threading.enumerate()) - others) == 1, "the end of all threads but one")
            gc.collect()
            return len(list(Path("/proc/self/fd").iterdir())), sys.getallocatedblocks()

        files, blocks = crashed(200, 201)
        then_files, then_blocks = crashed(1000, 1201)
        assert then_files <= files
        assert (then_blocks - blocks) * LARGEST_BLOCK < 1 << 20
        assert run.shown()["a"]["restarts"] == {"crash": 1200}


# -- 88

VARIABLE = {"livermore_actor_exceptions_total"}
"""Series that nobody can name beforehand: they have the name of an exception's class."""


def full_house() -> House:
    hears = doer("b", mailbox={"capacity": 1}, start={"timeout": "3s"})
    inner = supervisor("s", doer("s/c", restart="transient"), doer("s/d", restart="transient"), intensity=0)
    return House(hears, doer("a", hears), inner, intensity=99)


def live(house: House) -> None:
    """Let everything happen that can: to actors of all kinds, each with mail that waits."""
    house.deeds.when["long"] = lambda _: house.advance(8.25)
    house.tell("b", "one", "two", "three")  # too many
    for ending in (RuntimeError("boom"), Transient("no Redis"), Permanent("bad key"), Finished("done"), OSError("bad")):
        for path in ("a", "b"):
            house.tell(path, "late")
            house.end(path, ending)
            house.emit("a#1", "nobody hears")
            house.advance(61.0)
            house.do(Restart(path))
    house.tell("a", "long", "late")
    house.work_as(house.life("a"), most=1)
    for path, ending in (("s/c", Finished("done")), ("s/d", Ignore("nothing to do")), ("s/c", RuntimeError("boom"))):
        house.tell(path, "late")
        house.end(path, ending)
        house.advance(61.0)
        house.do(Restart(path))
    house.tell("b", "late")
    house.do(Stop("b"))
    house.tell("b", "late")


def test_case_88_every_series_exists_at_0_before_the_first_event_and_none_is_added_by_any() -> None:
    house = full_house()
    before = house.series()
    counters = {
        series: value for series, value in before.items() if series[0].endswith(("_total", "_count", "_bucket"))
    }
    assert set(counters.values()) == {0.0}
    live(house)
    assert missing(before, house) == []


def missing(before: dict[Series, float], house: House) -> list[str]:
    """Series that were not there before."""
    new = [series for series in house.series().keys() - before.keys() if series[0] not in VARIABLE]
    return sorted(f"{name} {dict(labels)}" for name, labels in new)


def test_case_88_the_events_of_that_test_are_really_counted() -> None:
    house = full_house()
    live(house)
    nonzero = {dict(labels)["reason"] for (name, labels), value in house.series().items() if reasons(name) and value}
    assert {"crash", "waiting", "hang", "manual", "finished", "not_running", "overflow", "stopped"} <= nonzero


def reasons(name: str) -> bool:
    return name in {"livermore_actor_restarts_total", "livermore_dead_letters_total"}


def test_case_88_the_series_of_a_removed_child_vanish_and_those_of_the_others_stay() -> None:
    house = full_house()
    live(house)
    before = house.series()
    spec = supervisor("root", *house.tree.applied.children[1:], intensity=99)
    house.do(Reload(spec))
    gone = before.keys() - house.series().keys()
    assert gone
    assert {dict(labels)["actor"] for _, labels in gone} == {"b"}
    assert [labels for _, labels in house.series() if ("actor", "b") in labels] == []


ALLOWED = {
    "supervisor", "actor", "state", "reason", "kind", "outcome", "policy", "exception", "via", "le", "action",
    "version", "python", "pykka", "mode",
}  # fmt: skip


def test_case_88_no_label_tells_an_incarnation_an_address_or_a_process() -> None:
    house = full_house()
    live(house)
    labels = [pair for _, pairs in house.series() for pair in pairs]
    assert {name for name, _ in labels} <= ALLOWED
    values = {value for name, value in labels if name not in {"version", "python", "pykka", "le"}}
    assert [value for value in values if re.search(r"#|urn:|\d", value)] == []


# -- 89


def told(house: House) -> dict[str, float]:
    """What the actor ``a`` has counted."""
    kept = ("_total", "_count", "_sum", "_bucket")
    return {
        f"{name} {labels}": value
        for (name, labels), value in house.series().items()
        if ("actor", "a") in labels and name.endswith(kept)
    }


def crash(house: House) -> None:
    house.tell("a", "boom")
    house.work("a")


def hang(house: House) -> None:
    house.deeds.when["long"] = lambda _: house.advance(8.25)
    house.tell("a", "long")
    house.work_as(house.life("a"), most=1)


def edit(house: House) -> None:
    house.do(Reload(supervisor("root", doer("a", mailbox={"capacity": 7}))))


@pytest.mark.parametrize("restart", [crash, hang, edit, lambda house: house.do(Restart("a"))])
def test_case_89_what_an_actor_has_counted_outlives_its_restart(restart: Any) -> None:
    house = House(doer("a", mailbox={"capacity": 3}))
    house.tell("a", *["hello"] * 4)
    house.work("a")
    before = told(house)
    restart(house)
    house.advance(0.0)
    assert house.state("a") is State.UP
    assert house.generation("a") == 2
    after = told(house)
    assert [name for name in before if after[name] < before[name]] == []
    ok = house.metric("livermore_actor_messages_total", actor="a", kind="tell", outcome="ok")
    house.tell("a", "hello", "hello")
    house.work("a")
    assert house.metric("livermore_actor_messages_total", actor="a", kind="tell", outcome="ok") == ok + 2
    assert ok >= 3
    restarts = [value for name, value in after.items() if name.startswith("livermore_actor_restarts_total")]
    assert sum(restarts) == 1
    assert house.metric("livermore_actor_mailbox_dropped_total", actor="a", policy="drop_oldest") == 1
