"""Cases 78 to 85: an edited tree, and exactly what of it is stopped and started."""

import asyncio
import gc
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from livermore import reloader as reloading
from livermore.clock import AffineClock
from livermore.listeners import Listeners
from livermore.reloader import Reloader
from livermore.settings import Options
from livermore.supervision.events import Add, Ending, Refused, Reload, Reloaded, Remove, Restart, Start, Stop
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.plan import Change
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.supervision.state import State
from livermore.supervision.supervisor import Supervisor
from livermore.supervision.vitals import Vitals
from tests.conformance.support_f import STORES, Calm, Edited, House, doer, source, until
from tests.support.free_port import free_port
from tests.support.trees import actor, supervisor

FAILED = Ending("start_error", RuntimeError("no"))
OTHER = {"mailbox": {"capacity": 5}}
"""Keys that only another incarnation can have."""


def root(*children: NodeSpec, **keys: Any) -> SupervisorSpec:
    return supervisor("root", *children, **keys)


def booted(*children: NodeSpec, **keys: Any) -> Calm:
    bench = Calm(root(*children, **keys))
    bench.boot()
    return bench.examined()


def play(bench: Calm, steps: int = 20) -> None:
    """Who is asked to stop does, who is starting comes up, one after the other, for so many steps at most."""
    for _ in range(steps):
        for node in list(bench.tree.actors()):
            if node.state is State.STOPPING:
                bench.down(node.path, Ending("stopped"))
            elif node.state is State.STARTING:
                bench.ready(node.path)
        bench.advance(0.0)


# -- 78

ONE = supervisor("s", actor("s/x"), actor("s/y"))
TWO = supervisor("t", actor("t/z"))
BEFORE = (actor("a"), actor("b"), ONE, TWO)

EDITS: dict[str, tuple[tuple[NodeSpec, ...], set[str], list[str]]] = {
    "add": ((*BEFORE[:2], actor("c"), ONE, TWO), {"c"}, ["start c"]),
    "add a subtree": (
        (*BEFORE, supervisor("u", actor("u/v"), actor("u/w"))),
        {"u/v", "u/w"},
        ["start u/v", "start u/w"],
    ),
    "remove": ((actor("a"), ONE, TWO), {"b"}, ["stop b"]),
    "remove a subtree": ((actor("a"), actor("b"), TWO), {"s/x", "s/y"}, ["stop s/y", "stop s/x"]),
    "change live": (
        (actor("a", hang={"after": "20s"}, restart="transient", shutdown="1s"), actor("b", heartbeat="9s"), ONE, TWO),
        set(),
        [],
    ),
    "change a supervisor": (
        (*BEFORE[:2], supervisor("s", *ONE.children, strategy="one_for_all", intensity=9, period="9s"), TWO),
        set(),
        [],
    ),
    "change restart": (
        (actor("a", **OTHER), actor("b"), supervisor("s", actor("s/x"), actor("s/y", **OTHER)), TWO),
        {"a", "s/y"},
        ["stop s/y", "stop a", "start a", "start s/y"],
    ),
    "reorder": ((TWO, actor("b"), supervisor("s", actor("s/y"), actor("s/x")), actor("a")), set(), []),
    "rename": ((actor("a"), actor("e"), ONE, TWO), {"b", "e"}, ["stop b", "start e"]),
    "rename a supervisor": (
        (*BEFORE[:2], supervisor("u", actor("u/x"), actor("u/y")), TWO),
        {"s/x", "s/y", "u/x", "u/y"},
        ["stop s/y", "stop s/x", "start u/x", "start u/y"],
    ),
    "move": (
        (*BEFORE[:2], supervisor("s", actor("s/y")), supervisor("t", actor("t/z"), actor("t/x"))),
        {"s/x", "t/x"},
        ["stop s/x", "start t/x"],
    ),
    "become a supervisor": (
        (actor("a"), supervisor("b", actor("b/k")), ONE, TWO),
        {"b", "b/k"},
        ["stop b", "start b/k"],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_case_78_exactly_what_differs_is_stopped_in_reverse_and_started_in_order(edit: str) -> None:
    after, renewed, decided = EDITS[edit]
    bench = booted(*BEFORE)
    before = bench.generations()
    bench.reload(root(*after))
    bench.all_ready()
    assert bench.renewed(before) == renewed
    assert bench.taken() == decided
    (answer,) = bench.answered()
    assert isinstance(answer, Reloaded)
    assert bench.tree.nodes.keys() == {path for path, _ in flat(root(*after))}
    assert set(bench.states().values()) == {"up"}
    assert [node["path"] for node in bench.shown().values()] == [path for path, _ in flat(root(*after))]
    assert {path: bench.node(path).spec for path, _ in flat(root(*after))} == dict(flat(root(*after)))


def flat(node: NodeSpec) -> list[tuple[str, NodeSpec]]:
    """A node and all below it."""
    below = node.children if isinstance(node, SupervisorSpec) else ()
    return [(node.path, node), *[pair for child in below for pair in flat(child)]]


@pytest.mark.parametrize("edit", EDITS)
def test_case_78_the_way_back_ends_where_it_began(edit: str) -> None:
    bench = booted(*BEFORE)
    for after in (EDITS[edit][0], BEFORE):
        bench.reload(root(*after))
        bench.all_ready()
    assert [node["path"] for node in bench.shown().values()] == [path for path, _ in flat(root(*BEFORE))]
    assert set(bench.states().values()) == {"up"}


def test_case_78_what_is_live_is_heeded_by_those_who_run() -> None:
    bench = booted(actor("a"), actor("b"))
    bench.reload(root(actor("a", hang={"warn_after": "20s", "after": "30s"}), actor("b"), intensity=0))
    bench.seen["a"] = Vitals(busy=29.0)
    bench.advance(1.0)
    assert bench.taken() == ["warn a"]
    bench.crash("b")
    assert bench.ending is not None


def test_case_78_one_that_is_disabled_stops_and_stays_and_starts_once_it_is_enabled() -> None:
    bench = booted(actor("a"), actor("b"))
    bench.reload(root(actor("a", enabled=False), actor("b")))
    assert bench.states() == {"root": "up", "a": "disabled", "b": "up"}
    bench.request("a")
    assert bench.answered()[-1] == Refused("a", "it is disabled")
    bench.reload(root(actor("a"), actor("b")))
    bench.all_ready()
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}
    assert bench.taken() == ["stop a", "start a"]
    assert bench.generation("b") == 1


def test_case_78_a_temporary_one_that_is_changed_is_started_anew_too() -> None:
    bench = booted(actor("a", restart="temporary"), actor("b"))
    bench.reload(root(actor("a", restart="temporary", **OTHER), actor("b")))
    bench.all_ready()
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}
    assert bench.generations() == {"a": 2, "b": 1}


def test_case_78_what_was_added_while_it_runs_survives_a_reload_but_not_its_supervisors_restart() -> None:
    inner = supervisor("s", actor("s/x"), intensity=0)
    bench = booted(actor("a"), inner)
    bench.do(Add("s", actor("s/new")))
    bench.all_ready()
    bench.reload(root(actor("a", **OTHER), inner))
    bench.all_ready()
    assert (bench.state("s/new"), bench.generation("s/new")) == (State.UP, 1)
    bench.crash("s/x")
    bench.advance(0.0)
    bench.all_ready()
    assert bench.states() == {"root": "up", "a": "up", "s": "up", "s/x": "up"}


def test_case_78_whoever_tells_one_that_has_moved_reaches_it_where_it_is_now() -> None:
    """The receiver goes from beside the sender's supervisor to beside the sender: its id, and ``tells``, stay."""
    here, there = doer("r"), doer("s/r")
    house = House(here, supervisor("s", doer("s/w", here)))
    reload_house(house, supervisor("root", supervisor("s", there, doer("s/w", there))))
    house.emit(f"s/w#{house.generation('s/w')}", "hello")
    house.work("s/r")
    assert house.deeds.heard("s/r") == ["warm up", "hello"]
    assert house.letters() == {}


def reload_house(house: House, spec: SupervisorSpec) -> Any:
    (answer,) = house.do(Reload(spec))
    return answer


# -- a file for 79, 80 and 85

FILE = f"""
version: 1
settings: {{allow_modules: [tests.conformance]}}
modes:
  day:
    id: day
    stores: {STORES}
    children:
      - id: a
        class: tests.conformance.support_f:Resting
        shutdown: 3s
      - {{id: b, class: "tests.conformance.support_f:Resting", shutdown: 3s, mailbox: {{capacity: 50}}}}
      - id: s
        strategy: one_for_all
        children:
          - {{id: x, class: "tests.conformance.support_f:Tuned", shutdown: 3s, args: {{pace: 1}}}}
  night:
    id: night
    stores: {STORES}
    children: []
"""

HEAD = FILE.partition("    children:")[0]

SAME = {
    "a comment": FILE.replace("    id: day\n", "    # who works by day\n    id: day   # its name\n"),
    "blank lines and no quotes": FILE.replace('"', "'").replace("  day:", "\n\n  day:"),
    "block style": FILE.replace(
        '      - {id: b, class: "tests.conformance.support_f:Resting", shutdown: 3s, mailbox: {capacity: 50}}\n',
        "      - mailbox:\n          capacity: 50\n        shutdown: 3s\n"
        "        class: tests.conformance.support_f:Resting\n        id: b\n",
    ),
    "another way to say 3 s": FILE.replace("shutdown: 3s", "shutdown: 3000ms"),
    "a default that is said": FILE.replace("id: a\n", "id: a\n        restart: permanent\n        enabled: true\n"),
    "one for all, of defaults": FILE.replace("modes:", "defaults: {actor: {shutdown: 3s}}\nmodes:").replace(
        ", shutdown: 3s", ""
    ),
    "a default inside a mapping": FILE.replace("modes:", "defaults: {actor: {mailbox: {capacity: 50}}}\nmodes:")
    .replace(", mailbox: {capacity: 50}", "")
    .replace("shutdown: 3s\n      - {id: b", "shutdown: 3s\n        mailbox: {capacity: 10000}\n      - {id: b")
    .replace("args: {pace: 1}", "args: {pace: 1}, mailbox: {capacity: 10000}"),
    "an anchor": FILE.replace("shutdown: 3s\n", "shutdown: &limit 3s\n").replace(
        ", shutdown: 3s", ", shutdown: *limit"
    ),
}


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    return Edited(tmp_path / "tree.yaml", FILE)


@pytest.mark.parametrize("what", SAME)
def test_case_79_an_edit_that_says_the_same_does_nothing(edited: Edited, what: str) -> None:
    """★ Fails without: `data = _merged(defaults, data)` in node_loader.py."""
    assert SAME[what] != FILE
    before = edited.bench.generations()
    edited.write(SAME[what])
    outcome = edited.reloader.reload()
    assert (outcome.result, outcome.changes, outcome.problems) == ("unchanged", [], [])
    assert edited.bench.said() == []
    assert edited.bench.renewed(before) == set()
    assert edited.metrics()["livermore_config_reloads_total/unchanged"] == 1


def test_case_79_an_edit_that_says_something_else_does_just_that(edited: Edited) -> None:
    edited.write(FILE.replace("pace: 1", "pace: 2").replace("capacity: 50", "capacity: 60"))
    outcome = edited.reloader.reload()
    assert (outcome.result, outcome.changes) == ("applied", ["restart b (mailbox)", "live s/x (args)"])
    assert edited.bench.taken() == ["reconfigure s/x", "stop b", "start b"]


# -- 80

BAD = FILE.replace("shutdown: 3s\n", "shutdwon: 3s\n").replace("one_for_all", "one_for_none").replace("id: b", "id: B")


def test_case_80_an_invalid_file_changes_nothing_and_all_that_is_wrong_with_it_is_said(edited: Edited) -> None:
    """★ Fails without: `return self._outcome("invalid", problems=_lines(error))` in reloader.py, in `_reload`."""
    before = edited.bench.generations()
    assert edited.metrics()["livermore_config_last_reload_successful"] == 1
    edited.bench.clock.advance(60.0)
    edited.write(BAD)
    outcome = edited.reloader.reload()
    assert outcome.result == "invalid"
    assert [line.rpartition("[")[2] for line in outcome.problems] == ["E_UNKNOWN_KEY]", "E_ID_BAD]", "E_ENUM]"]
    assert all(line.startswith(f"{edited.path}:") for line in outcome.problems)
    assert edited.bench.said() == []
    assert edited.bench.renewed(before) == set()
    metrics = edited.metrics()
    assert metrics["livermore_config_last_reload_successful"] == 0
    assert metrics["livermore_config_reloads_total/invalid"] == 1
    edited.write(FILE.replace("capacity: 50", "capacity: 60"))
    assert edited.reloader.reload().result == "applied"
    then = edited.metrics()
    assert then["livermore_config_last_reload_successful"] == 1
    since = "livermore_config_last_reload_success_timestamp_seconds"
    assert then[since] - metrics[since] == 60.0
    assert edited.bench.renewed(before) == {"b"}


BROKEN = {
    "gone": ("invalid", None, "cannot be read"),
    "empty": ("invalid", b"", "E_PARSE"),
    "not UTF-8": ("invalid", b"\xff\xfe", "E_ENCODING"),
    "half a file": ("invalid", FILE[:300].encode(), "[E_"),
    "another root": ("refused", FILE.replace("id: day", "id: noon").encode(), "E_RELOAD_PROCESS"),
    "other stores": ("refused", FILE.replace(":1/0", ":2/0").encode(), "E_RELOAD_PROCESS"),
    "other modules": ("refused", FILE.replace("[tests.conformance]", "[tests]").encode(), "E_RELOAD_PROCESS"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_case_80_a_file_that_cannot_be_heeded_changes_nothing_and_it_is_said_why(edited: Edited, how: str) -> None:
    result, data, why = BROKEN[how]
    if data is None:
        edited.path.unlink()
    else:
        edited.path.write_bytes(data)
    outcome = edited.reloader.reload()
    assert (outcome.result, edited.bench.said()) == (result, [])
    assert why in outcome.problems[0]


@pytest.fixture
def looked(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], list[str]]:
    """Lets so many seconds pass, looks at the file, and gives the reloads that were begun so far."""
    begun: list[str] = []
    clock = edited.bench.clock
    monkeypatch.setattr(reloading, "time", SimpleNamespace(monotonic=clock.monotonic))
    monkeypatch.setattr(edited.reloader, "begin", begun.append)

    def look(seconds: float) -> list[str]:
        clock.advance(seconds)
        edited.reloader.look()
        return begun

    return look


def test_case_80_a_half_written_file_is_not_read(edited: Edited, looked: Callable[[float], list[str]]) -> None:
    """★ Fails without: `and now - self._changed_at >= self._keys.debounce` in reloader.py."""
    whole = FILE.replace("capacity: 50", "capacity: 60")
    assert looked(10.0) == []
    for part in (whole[:40], whole[:300], whole):
        edited.write(part)
        assert looked(0.1) == []
        assert looked(0.4) == []
    assert looked(0.1) == ["the file has changed"]
    assert looked(10.0) == ["the file has changed"]
    assert edited.reloader.reload().result == "applied"
    assert set(edited.reloader.counts) == {"applied"}


def test_case_80_a_file_that_is_replaced_by_renaming_is_seen(
    edited: Edited, looked: Callable[[float], list[str]]
) -> None:
    other = edited.path.with_name("new.yaml")
    other.write_text(edited.path.read_text("utf-8"), encoding="utf-8")
    other.rename(edited.path)
    assert looked(0.1) == []
    assert looked(0.5) == ["the file has changed"]


def test_case_80_the_look_that_finds_a_change_reloads_aside(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = edited.bench.clock
    monkeypatch.setattr(reloading, "time", SimpleNamespace(monotonic=clock.monotonic))
    edited.write(FILE.replace("capacity: 50", "capacity: 60"))
    for _ in range(2):
        clock.advance(0.5)
        edited.reloader.look()
    until(lambda: edited.reloader.counts.total() == 1, "the reload")
    assert edited.reloader.last.changes == ["restart b (mailbox)"]


# -- 81


def keys_of(bench: Calm) -> dict[str, NodeSpec]:
    return {path: node.spec for path, node in bench.tree.nodes.items()}


NEW = actor("new")
UNDONE: dict[str, tuple[tuple[NodeSpec, ...], str, set[str]]] = {
    "a new one": ((actor("a"), actor("b"), actor("c"), NEW), "new", set()),
    "a new subtree": ((actor("a"), actor("b"), actor("c"), supervisor("s", actor("s/x"), actor("s/y"))), "s/y", set()),
    "a new one, others started anew": ((actor("a", **OTHER), actor("b", **OTHER), actor("c"), NEW), "new", {"a", "b"}),
    "a new one, another removed": ((actor("a"), actor("c"), NEW), "new", {"b"}),
    "a new one in place of another": ((actor("a"), NEW, actor("c")), "new", {"b"}),
    "one that is started anew": ((actor("a"), actor("b", **OTHER), actor("c")), "b", {"b"}),
    "the first of those started anew": ((actor("a", **OTHER), actor("b", **OTHER), actor("c")), "a", {"a", "b"}),
    "the last of those started anew": ((actor("a", **OTHER), actor("b", **OTHER), actor("c")), "b", {"a", "b"}),
    "a new one, others live": ((actor("a", shutdown="1s"), actor("b"), actor("c"), NEW), "new", set()),
    "one that is no actor any more": ((actor("a"), supervisor("b", actor("b/x")), actor("c")), "b/x", {"b"}),
}


@pytest.mark.parametrize("ending", [FAILED, None], ids=["it fails", "it is never ready"])
@pytest.mark.parametrize("what", UNDONE)
def test_case_81_if_one_does_not_start_all_is_as_before_and_who_was_not_touched_has_not_noticed(
    what: str, ending: Ending | None
) -> None:
    """★ Fails without: `return self._take_back()` in reloading.py (with `self._finish()` in its place)."""
    after, failing, renewed = UNDONE[what]
    bench = booted(actor("a"), actor("b"), actor("c"))
    before, keys = bench.generations(), keys_of(bench)
    bench.reload(root(*after))
    for node in list(bench.tree.actors()):
        if node.state is State.STARTING and node.path != failing:
            bench.ready(node.path)
    while bench.node(failing).state is not State.STARTING:
        for node in list(bench.tree.actors()):
            if node.state is State.STARTING:
                bench.ready(node.path)
    if ending is not None:
        bench.down(failing, ending)
    else:
        bench.advance(10.0)
    bench.all_ready()
    (answer,) = bench.answered()
    assert isinstance(answer, Refused)
    assert answer.reason.startswith("rolled back, since it did not start: start_")
    assert bench.states() == {"root": "up", "a": "up", "b": "up", "c": "up"}
    assert keys_of(bench) == keys
    assert bench.renewed(before) == renewed
    assert bench.tree.root.intensity.used(bench.clock.monotonic()) == 0
    assert [child.path for child in bench.tree.root.children] == ["a", "b", "c"]


def test_case_81_one_that_waits_for_a_server_has_not_failed_to_start() -> None:
    bench = booted(actor("a"))
    bench.reload(root(actor("a"), NEW))
    bench.wait("new")
    (answer,) = bench.answered()
    assert isinstance(answer, Reloaded)
    bench.advance(2.0)
    bench.all_ready()
    assert bench.states() == {"root": "up", "a": "up", "new": "up"}


def test_case_81_without_rollback_the_new_tree_stands_and_the_one_that_fails_is_tried_again() -> None:
    bench = booted(actor("a"))
    bench.reload(root(actor("a", **OTHER), NEW), rollback=False)
    bench.ready("a")
    bench.down("new", FAILED)
    bench.advance(0.0)
    bench.all_ready()
    (answer,) = bench.answered()
    assert isinstance(answer, Reloaded)
    assert bench.states() == {"root": "up", "a": "up", "new": "up"}
    assert bench.generations() == {"a": 2, "new": 2}


def test_case_81_what_was_stopped_by_hand_is_not_started_by_a_reload_nor_by_its_undoing() -> None:
    bench = booted(actor("a"), actor("b"))
    bench.do(Stop("a"))
    bench.examined()
    bench.reload(root(actor("a", **OTHER), actor("b"), NEW))
    bench.down("new", FAILED)
    assert bench.states() == {"root": "up", "a": "idle", "b": "up"}
    assert "start a" not in bench.taken()


def test_case_81_people_are_told_of_it(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, tried = edited.bench, list[str]()

    def fail(*_: Any) -> None:
        tried.append("c")
        bench.down("c", FAILED)

    monkeypatch.setattr(bench, "all_ready", fail)
    edited.write(
        FILE.replace(
            "      - id: s\n", '      - {id: c, class: "tests.conformance.support_f:Resting"}\n      - id: s\n'
        )
    )
    outcome = edited.reloader.reload()
    assert tried == ["c"]
    assert outcome.result == "rolled_back"
    assert edited.metrics()["livermore_config_last_reload_successful"] == 0
    assert "rolled back, since it did not start: start_error: no" in str(outcome.problems)
    monkeypatch.undo()
    assert edited.reloader.reload().result == "applied"


# -- 82


def test_case_82_a_crash_while_a_reload_is_applied_is_mended_and_the_reload_goes_on() -> None:
    """★ Fails without: `self.operations.go_on()` in tree.py, at the end of `handle`."""
    bench = booted(actor("a"), actor("b"))
    bench.obedient = False
    bench.reload(root(actor("a", **OTHER), actor("b")))
    bench.crash("b")
    bench.advance(0.0)
    bench.ready("b")
    assert bench.states() == {"root": "up", "a": "stopping", "b": "up"}
    bench.down("a", Ending("stopped"))
    bench.ready("a")
    (answer,) = bench.answered()
    assert answer == Reloaded((Change("restart", "a", ("mailbox",)),))
    assert bench.generations() == {"a": 2, "b": 2}


def test_case_82_a_crash_of_the_one_that_is_being_stopped_is_its_stop() -> None:
    bench = booted(actor("a"), actor("b"), intensity=0)
    bench.obedient = False
    bench.reload(root(actor("a", **OTHER), actor("b"), intensity=0))
    bench.crash("a")
    bench.ready("a")
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}
    assert bench.node("a").restarts == {"reload": 1}


def test_case_82_a_supervisor_that_fails_meanwhile_comes_back_with_what_was_read() -> None:
    bench = booted(supervisor("s", actor("s/x"), actor("s/y"), intensity=0))
    bench.obedient = False
    bench.reload(root(supervisor("s", actor("s/x", **OTHER), actor("s/y"), intensity=0)))
    bench.crash("s/y")
    play(bench)
    (answer,) = bench.answered()
    assert isinstance(answer, Reloaded)
    assert set(bench.states().values()) == {"up"}
    spec = bench.node("s/x").spec
    assert isinstance(spec, ActorSpec)
    assert spec.keys.mailbox.capacity == 5


def in_a_round(strategy: str) -> Calm:
    """``a`` has failed and starts again; ``b`` waits for it."""
    bench = booted(actor("a"), actor("b"), strategy=strategy)
    bench.obedient = False
    bench.crash("a")
    bench.down("b", Ending("stopped"))
    bench.advance(0.0)
    return bench


def at_boot() -> Calm:
    bench = Calm(root(actor("a"), actor("b")), obedient=False)
    bench.boot(ready=False)
    return bench


def at_a_restart() -> Calm:
    bench = booted(actor("a"), actor("b"))
    bench.obedient = False
    bench.do(Restart("a"))
    return bench


UNDER_WAY: dict[str, tuple[Callable[[], Calm], str]] = {
    "at boot": (at_boot, "one_for_one"),
    "in a round of one_for_all": (lambda: in_a_round("one_for_all"), "one_for_all"),
    "in a round of rest_for_one": (lambda: in_a_round("rest_for_one"), "rest_for_one"),
    "at a restart that was asked for": (at_a_restart, "one_for_one"),
}


@pytest.mark.parametrize("changed", ["a", "b"])
@pytest.mark.parametrize("when", UNDER_WAY)
def test_case_82_a_reload_while_others_start_ends_with_the_new_tree_up(when: str, changed: str) -> None:
    make, strategy = UNDER_WAY[when]
    bench = make()
    bench.answers.clear()
    after = root(*[actor(name, **(OTHER if name == changed else {})) for name in "ab"], strategy=strategy)
    bench.reload(after)
    play(bench)
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}
    assert [answer for answer in bench.answered() if isinstance(answer, Reloaded)] != []
    assert keys_of(bench) == dict(flat(after))
    assert bench.generation(changed) <= 3


WAITING: dict[str, SupervisorSpec] = {
    "it is changed": root(actor("a", **OTHER), actor("b"), strategy="rest_for_one"),
    "it is removed": root(actor("b"), strategy="rest_for_one"),
    "the strategy is another": root(actor("a"), actor("b"), strategy="one_for_one"),
    "those after it are changed": root(actor("a"), actor("b", **OTHER), strategy="rest_for_one"),
    "there is one more": root(actor("a"), actor("b"), actor("c"), strategy="rest_for_one"),
}


@pytest.mark.parametrize("what", WAITING)
def test_case_82_those_who_went_down_with_one_that_failed_come_back_whatever_a_reload_makes_of_it(what: str) -> None:
    bench = booted(actor("a"), actor("b"), strategy="rest_for_one")
    for _ in range(2):
        bench.crash("a")
        bench.advance(0.0)
        bench.all_ready()
    assert bench.states() == {"root": "up", "a": "backoff", "b": "idle"}
    bench.reload(WAITING[what])
    bench.all_ready()
    bench.advance(0.2)
    bench.all_ready()
    assert bench.states() == {path: "up" for path, _ in flat(WAITING[what])}


def test_case_82_one_that_depends_on_another_is_not_started_by_a_reload_while_the_other_is_down() -> None:
    bench = booted(actor("a"), actor("b"), strategy="rest_for_one")
    bench.crash("a")
    bench.advance(0.0)
    bench.all_ready()
    bench.obedient = False
    bench.crash("a")  # which now waits for 0.2 s
    assert bench.states() == {"root": "up", "a": "backoff", "b": "stopping"}
    bench.examined()
    bench.reload(root(actor("a"), actor("b", **OTHER), strategy="rest_for_one"))
    bench.down("b", Ending("stopped"))
    bench.advance(0.2)
    play(bench)
    assert [word for word in bench.taken() if word.startswith("start")] == ["start a", "start b"]


def test_case_82_two_reloads_are_done_one_after_the_other() -> None:
    """★ Fails without: `self._reloads.append(request)` in operations.py."""
    bench = booted(actor("a"), actor("b"))
    bench.obedient = False
    bench.reload(root(actor("a", **OTHER), actor("b")))
    bench.reload(root(actor("a", mailbox={"capacity": 7}), actor("b", mailbox={"capacity": 7})))
    assert bench.taken() == ["stop a"]
    bench.down("a", Ending("stopped"))
    assert bench.answered() == []
    bench.ready("a")
    assert [type(answer) for answer in bench.answered()] == [Reloaded]
    assert bench.taken() == ["start a", "stop b"]
    play(bench)
    assert [type(answer) for answer in bench.answered()] == [Reloaded]
    assert bench.generations() == {"a": 3, "b": 2}
    assert bench.node("a").spec == actor("a", mailbox={"capacity": 7})


def test_case_82_a_reload_that_is_undone_does_not_stand_in_the_way_of_the_next() -> None:
    bench = booted(actor("a"))
    bench.reload(root(actor("a"), NEW))
    bench.reload(root(actor("a"), actor("newer")))
    bench.down("new", FAILED)
    bench.all_ready()
    assert [type(answer) for answer in bench.answered()] == [Refused, Reloaded]
    assert bench.states() == {"root": "up", "a": "up", "newer": "up"}


def test_case_82_the_tree_is_what_the_last_valid_file_says(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reload is held up; meanwhile the file is changed twice, once for the worse."""
    held, operating, most = threading.Event(), list[str](), list[int]()
    operate = edited.operate

    def slowly(operation: Any, within: float) -> Any:
        operating.append("now")
        most.append(len(operating))
        assert held.wait(20.0)
        operating.pop()
        return operate(operation, within)

    monkeypatch.setattr(edited, "operate", slowly)
    threads = [threading.Thread(target=edited.reloader.reload) for _ in range(3)]
    edited.write(FILE.replace("capacity: 50", "capacity: 60"))
    threads[0].start()
    until(lambda: operating, "the first reload")
    edited.write(BAD)
    threads[1].start()
    edited.write(FILE.replace("capacity: 50", "capacity: 70"))
    threads[2].start()
    held.set()
    for thread in threads:
        thread.join(20.0)
    assert max(most) == 1
    assert edited.reloader.counts == {"applied": 2, "unchanged": 1}
    spec = edited.bench.node("b").spec
    assert isinstance(spec, ActorSpec)
    assert spec.keys.mailbox.capacity == 70
    edited.write(BAD)
    assert edited.reloader.reload().result == "invalid"
    assert edited.bench.node("b").spec == spec


def test_case_82_removing_and_starting_one_by_hand_while_a_reload_waits_leaves_no_ghost() -> None:
    bench = booted(actor("a"), actor("b"))
    bench.obedient = False
    bench.reload(root(actor("b", **OTHER)))
    bench.do(Start("a"))
    bench.do(Remove("a"))
    play(bench)
    bench.do(Start("a"))
    assert bench.states() == {"root": "up", "b": "up"}
    assert bench.answered()[-1] == Refused("a", "there is no such node")


# -- 83


def test_case_83_a_restart_by_reload_counts_as_no_failure() -> None:
    bench = booted(actor("a"), actor("b"), intensity=0)
    for capacity in (5, 6, 7):
        bench.reload(root(actor("a", mailbox={"capacity": capacity}), actor("b"), intensity=0))
        bench.all_ready()
    assert bench.node("a").restarts == {"reload": 3}
    assert bench.tree.root.intensity.used(bench.clock.monotonic()) == 0
    assert bench.states() == {"root": "up", "a": "up", "b": "up"}


def test_case_83_failures_that_have_happened_count_under_the_new_limit_and_period() -> None:
    bench = booted(actor("a", **OTHER), actor("b"), intensity=5, period="60s")
    for name in "ab":
        bench.crash(name)
        bench.advance(1.0)
        bench.all_ready()
    bench.reload(root(actor("a"), actor("b"), intensity=2, period="60s"))
    bench.all_ready()
    assert bench.tree.root.intensity.used(bench.clock.monotonic()) == 2
    bench.reload(root(actor("a"), actor("b"), intensity=2, period="2s"))
    bench.crash("b")  # the first failure, 2 s ago, counts no more
    assert bench.ending is None
    bench.reload(root(actor("a"), actor("b"), intensity=1, period="60s"))
    bench.crash("a")
    assert bench.ending is not None
    assert bench.ending.reason == "exhausted"


def test_case_83_a_restart_by_reload_begins_the_back_off_anew() -> None:
    bench = booted(actor("a"), intensity=9)
    for _ in range(3):
        bench.crash("a")
        bench.advance(1.0)
        bench.all_ready()
    bench.reload(root(actor("a", **OTHER), intensity=9))
    bench.all_ready()
    bench.crash("a")
    assert bench.node("a").wakes_at == bench.clock.monotonic()


@pytest.mark.parametrize(
    "rest",
    [RuntimeError("boom"), "waiting", "permanent"],
    ids=["in back-off", "waiting", "parked"],
)
def test_case_83_one_at_rest_is_started_at_once_if_it_is_changed_and_else_goes_on_resting(rest: Any) -> None:
    bench = booted(actor("a"), actor("b"))
    if isinstance(rest, RuntimeError):
        bench.crash("a")
        bench.advance(0.0)
        bench.ready("a")
        bench.crash("a")
    else:
        bench.down("a", Ending(rest, RuntimeError("no"), 2.0 if rest == "waiting" else None))
    state, wakes = bench.state("a"), bench.node("a").wakes_at
    bench.examined()
    bench.reload(root(actor("a"), actor("b", **OTHER)))
    bench.all_ready()
    assert (bench.state("a"), bench.node("a").wakes_at) == (state, wakes)
    bench.examined()
    bench.reload(root(actor("a", shutdown="1s"), actor("b", **OTHER)))
    assert bench.taken() == ["start a"]
    bench.all_ready()
    bench.advance(10.0)
    assert (bench.state("a"), bench.taken()) == (State.UP, [])


# -- 84 (R)


class Echo(LoopActor):
    """A tiny server: says its generation to whoever connects."""

    options: Options

    async def main(self) -> None:
        own = [one.dup() for one in self.resources(self.context.listen)]
        servers = [await asyncio.start_server(self._say, sock=one) for one in own]
        try:
            await asyncio.Event().wait()
        finally:
            for server in servers:
                server.close()

    async def _say(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"%d" % self.context.generation)
        writer.close()


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20.0) as client:
        return client.recv(10)


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # Tornado's, of the one that it cannot bind
def test_case_84_a_front_that_is_to_listen_where_somebody_else_does_goes_on_as_before(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    child = '{{id: {}, class: "tests.conformance.test_j_reload:Echo", listen: "127.0.0.1:{}"}}'
    path = tmp_path / "tree.yaml"

    def write(*listening: tuple[str, int]) -> None:
        children = ", ".join(child.format(*one) for one in listening)
        path.write_text(f"{HEAD}    children: [{children}]\n", encoding="utf-8")

    write(("front", ports[0]))
    tree, listeners = source(path).tree(), Listeners()
    listeners.hold(tree.root)
    supervisor = Supervisor(tree.root, AffineClock(), listeners.of)
    reloader = Reloader(tree, path, source(path).tree, supervisor, listeners, AffineClock())
    supervisor.begin()
    try:
        assert ask(ports[0]) == b"1"
        with socket.create_server(("127.0.0.1", 0)) as busy:
            taken = busy.getsockname()[1]
            write(("next", ports[1]), ("front", taken))
            outcome = reloader.reload()
            assert outcome.result == "refused"
            assert f"front cannot listen on 127.0.0.1:{taken}" in outcome.problems[0]
            assert ask(ports[0]) == b"1"
            assert (supervisor.snapshot(20.0)["children"][0]["state"], len(reloader.applied.root.children)) == ("up", 1)
            with socket.create_server(("127.0.0.1", ports[1])):
                pass  # what had been bound before it was refused is free again
        write(("front", ports[1]))
        assert reloader.reload().result == "applied"
        assert ask(ports[1]) == b"2"
        with pytest.raises(ConnectionRefusedError):
            ask(ports[0])
    finally:
        supervisor.shut_down(8.0)
        assert supervisor.ended.wait(20.0)
        listeners.release(list(listeners._held))
        gc.collect()  # while what Tornado left open may be warned of


# -- 85


def test_case_85_an_edit_of_another_mode_has_no_effect(edited: Edited) -> None:
    edited.write(FILE.replace("children: []", 'children: [{id: n, class: "not.imported:AtAll", args: {any: thing}}]'))
    outcome = edited.reloader.reload()
    assert (outcome.result, edited.bench.said()) == ("unchanged", [])
    edited.write(FILE.replace("  night:\n    id: night\n    children: []\n", ""))
    assert edited.reloader.reload().result == "unchanged"
    assert edited.bench.said() == []


def test_case_85_another_mode_is_checked_all_the_same(edited: Edited) -> None:
    edited.write(FILE.replace("children: []", "childern: []").replace("capacity: 50", "capacity: 60"))
    outcome = edited.reloader.reload()
    assert outcome.result == "invalid"
    assert "modes.night" in outcome.problems[0]
    assert edited.bench.said() == []


def test_case_85_to_remove_the_mode_that_runs_is_invalid(edited: Edited) -> None:
    edited.write(FILE.replace("  day:", "  noon:"))
    outcome = edited.reloader.reload()
    assert (outcome.result, edited.bench.said()) == ("invalid", [])
    assert "E_MODE_UNKNOWN" in outcome.problems[0]
