"""Cases 90 and 91: the pipeline of an exchange under its lease, with Livermore's own actors, in virtual time."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest

from livermore.actors.alert_evaluator import AlertEvaluator
from livermore.actors.auditor import Auditor
from livermore.actors.boundary_poller import BoundaryPoller
from livermore.actors.exchange_feed import ExchangeFeed
from livermore.actors.indicator_calculator import IndicatorCalculator
from livermore.actors.position_keeper import PositionKeeper
from livermore.actors.sweeper import Sweeper
from livermore.actors.symbol_source import SymbolSource
from livermore.errors import LivermoreError
from livermore.simulator.market import Market
from livermore.simulator.rest import RestService
from livermore.store import epochs, lease
from livermore.store.keys import Keys
from livermore.store.lease import Duty, Lease, Owner
from livermore.store.query import command
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.supervision.spec import ActorSpec, NodeSpec, SupervisorSpec
from livermore.tenure import Tenure
from tests.support.commanding import begin, given, ordered
from tests.support.valkey import Valkey
from tests.support.virtual_process import VirtualProcess
from tests.support.world import World

WRITER = "coinbase/writer"
INSTANCE, PIPELINE = f"{WRITER}/instance", f"{WRITER}/pipeline"
ACTORS: dict[str, type[Any]] = {
    "alert_evaluator": AlertEvaluator,
    "indicator_calculator": IndicatorCalculator,
    "boundary_poller": BoundaryPoller,
    "auditor": Auditor,
    "sweeper": Sweeper,
    "position_keeper": PositionKeeper,
    "exchange_feed": ExchangeFeed,
    "symbol_source": SymbolSource,
}
NAMES = list(ACTORS)
NOT_REQUIRED = {Auditor, Sweeper, PositionKeeper}
STARTS = [f"start {name}" for name in NAMES]
STOPS = [f"stop {name}" for name in reversed(NAMES)]
STAYS = ["coinbase/delivery/notifier", "coinbase/delivery/alert_recorder", "coinbase/control", INSTANCE]
KEYS = Keys(1)
TTL, HEARTBEAT = 45.0, 3.0
MIDDAY = 1_789_948_800_000 - 43_200_000
ANOTHER = Lease("coinbase", 1, Owner(1_000, "another-host", 1, "", 0))


@cache
def _market() -> Market:
    """One for all worlds: what it has computed of its past serves them all."""
    return Market(1)


class WatchedWorld(World):
    """A world of one symbol, which writes down whom of the writer's subtree its tree starts and stops."""

    autostart = True

    def __init__(self, server: Valkey, database: DatabasePlace) -> None:
        super().__init__(1, MIDDAY, server, database)
        self.market = _market()
        self.rest = RestService(self.market)

    def begin(self) -> None:
        """Boot, and let a moment pass."""
        self.gate = asyncio.Event()  # where an instance hangs, if it does
        self.log: list[str] = []
        self.claimed: list[dict[str, str]] = []  # the states of the pipeline's actors whenever an instance starts
        shell = self.boot().incarnations
        for verb, name in (("start", "spawn"), ("stop", "stop")):
            setattr(shell, name, self._noting(verb, getattr(shell, name)))
        self.store = RedisStore(self.redis)
        self.run(0.5)

    def _noting(self, verb: str, do: Callable[..., None]) -> Callable[..., None]:
        def noted(what: Any, *more: Any) -> None:
            path = what.path if isinstance(what, ActorSpec) else what
            if path.startswith(WRITER):
                self.log.append(f"{verb} {path.rpartition('/')[2]}")
            if (verb, path) == ("start", INSTANCE):
                self.claimed.append(self.states())
            do(what, *more)

        return noted

    def _tree(self, changes: Mapping[str, str]) -> SupervisorSpec:
        made = self._changed(super()._tree(changes))
        assert isinstance(made, SupervisorSpec)
        return made

    def _changed(self, spec: NodeSpec) -> NodeSpec:
        if isinstance(spec, SupervisorSpec):
            return replace(spec, children=tuple(map(self._changed, spec.children)))
        changes: dict[str, dict[str, Any]] = {
            INSTANCE: {"autostart": self.autostart, "heartbeat": HEARTBEAT},
            f"{PIPELINE}/symbol_source": {"most": 1},
        }
        return replace(spec, options=spec.options.model_copy(update=changes.get(spec.path, {})))

    @property
    def here(self) -> VirtualProcess:
        assert self.process is not None
        return self.process

    def taken(self) -> list[str]:
        """What was written down since the last call."""
        log, self.log = self.log, []
        return log

    def states(self) -> dict[str, str]:
        """Of the pipeline's actors."""
        return {name: self.here.state(f"{PIPELINE}/{name}") for name in NAMES}

    def holder(self) -> Owner | None:
        return self.store.run(lease.holder(KEYS))

    def status(self) -> dict[str, Any] | None:
        text = self.store.run(command("GET", KEYS.status, read=lambda answer: answer))
        return json.loads(text) if text else None

    def phase(self) -> str | None:
        status = self.status()
        return status["connectionState"] if status else None

    def tasks(self) -> int:
        """How many incarnations are not over: what threads are elsewhere."""
        return len([task for task in self.here._tasks if not task.done()])

    def duty(self) -> Duty:
        """What the instance would start its pipeline with."""
        holder = self.holder()
        assert holder is not None
        return Duty(Lease("coinbase", 1, holder), 1000)


class IdleWorld(WatchedWorld):
    """Which does nothing until somebody asks."""

    autostart = False


@pytest.fixture
def make(empty_valkey: Valkey, sqlite: DatabasePlace) -> Iterator[Callable[[type[WatchedWorld]], WatchedWorld]]:
    """Makes a world and begins it."""
    made: list[WatchedWorld] = []

    def make(kind: type[WatchedWorld]) -> WatchedWorld:
        made.append(kind(empty_valkey, sqlite))
        made[-1].begin()
        return made[-1]

    yield make
    for world in made:
        world.gate.set()
        world.store.close()
        world.close()


Make = Callable[[type[WatchedWorld]], WatchedWorld]
IDLE, UP = dict.fromkeys(NAMES, "idle"), dict.fromkeys(NAMES, "up")


# -- 90


def test_case_90_from_idle_over_active_and_paused_to_idle_everything_starts_in_order_and_stops_in_reverse(
    make: Make,
) -> None:
    """★ Fails without: `self._agenda.stop_only(self.children)` in supervisor_node.py, in `close`."""
    world = make(WatchedWorld)
    world.run(1)
    assert world.taken() == ["start instance", *STARTS]
    world.run_until(lambda: world.phase() == "active")
    first = world.duty()

    assert ordered(world, "pause")["status"] == "paused"
    assert world.taken() == STOPS
    assert (world.states(), world.here.state(INSTANCE), world.phase()) == (IDLE, "up", "idle")
    assert world.holder() == first.lease.owner

    assert ordered(world, "resume")["status"] == "resumed"
    assert world.taken() == STARTS
    assert world.states() == UP
    assert world.holder() == first.lease.owner

    assert ordered(world, "stop")["status"] == "stopped"
    world.run(1)
    assert world.taken() == STOPS
    assert (world.holder(), world.status(), world.tasks()) == (None, None, len(STAYS))
    assert [world.here.state(path) for path in STAYS] == ["up"] * len(STAYS)

    assert ordered(world, "start")["status"] == "started"
    assert world.taken() == STARTS
    assert world.states() == UP
    assert world.duty().lease.epoch == first.lease.epoch + 1
    assert [world.here.tree.runtime.generations[path] for path in STAYS] == [1] * len(STAYS)


def test_case_90_a_start_that_fails_at_any_step_leaves_nothing_running_and_a_second_one_works(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """★ Fails without: `self.close(Ending(Reason.START_FAILED, ending.error))` in supervisor_node.py."""
    world = make(IdleWorld)
    before = world.tasks()
    world.taken()
    for step, kind in enumerate(ACTORS.values()):
        if kind in NOT_REQUIRED:
            continue  # the others start without it
        with monkeypatch.context() as patch:
            patch.setattr(kind, "warm_up", _fail)
            with pytest.raises(LivermoreError, match=f"it did not start: start_failed: no {NAMES[step]}"):
                ordered(world, "start")
            world.run(70)  # the instance has failed, too: its next attempt may be far
        taken = world.taken()
        assert taken == [*STARTS[: step + 1], *STOPS[len(NAMES) - step :], "start instance"]
        assert (world.states(), world.tasks()) == (IDLE, before)
        assert (world.holder(), world.status()) == (None, None)
        assert ordered(world, "start")["status"] == "started"
        assert ordered(world, "stop")["status"] == "stopped"
        world.run(400)  # failures are counted for five minutes
        world.taken()


def _fail(actor: Any) -> None:
    raise RuntimeError(f"no {actor.context.path.rpartition('/')[2]}")


def test_case_90_a_start_without_the_lease_leaves_no_status_behind_and_a_second_one_works(make: Make) -> None:
    world = make(IdleWorld)
    assert world.store.run(lease.claim(ANOTHER, 60_000)) is None
    asked = begin(world, given(world, "start"))
    world.run(5)
    assert not asked.done(), "another instance holds the lease, so that it is not ours to answer"
    assert (world.status(), world.holder(), world.states()) == (None, ANOTHER.owner, IDLE)
    assert world.store.run(lease.release(ANOTHER)) == 1
    world.store.run(command("DEL", KEYS.fence, read=lambda answer: answer))  # an epoch that SQL does not know
    assert ordered(world, "start")["status"] == "started"
    asked.cancel()


def test_case_90_of_two_starts_at_once_one_wins_and_the_other_is_told(make: Make) -> None:
    world = make(IdleWorld)
    world.taken()
    both = [begin(world, given(world, "start")) for _ in range(2)]
    answers = world.loop.run_until_complete(asyncio.gather(*both))
    assert sorted(answer["status"] for answer in answers) == ["already_started", "started"]
    assert world.taken() == STARTS


# -- 91


def test_case_91_a_lease_that_ran_out_is_put_back_while_no_later_epoch_is_drawn(make: Make) -> None:
    world = make(WatchedWorld)
    world.run(1)
    first = world.duty().lease
    world.taken()
    world.store.run(command("DEL", KEYS.lease, read=lambda answer: answer))
    world.run_until(lambda: world.holder() is not None, within=1.0)
    assert world.duty().lease.epoch == first.epoch
    world.run_until(lambda: world.states() == UP, within=3.0)  # whose write was refused meanwhile has waited
    assert {word for what in world.taken() for word in what.split()} <= {"start", "exchange_feed"}


def test_case_91_if_the_lease_is_lost_the_pipeline_is_down_before_it_is_claimed_again(make: Make) -> None:
    """★ Fails without: `self._agenda.stop_only(affected)` in supervisor_node.py."""
    world = make(WatchedWorld)
    world.run(1)
    first = world.duty().lease
    world.taken()
    draw(world, first.epoch)
    world.store.run(command("DEL", KEYS.lease, read=lambda answer: answer))
    world.run_until(lambda: "start instance" in world.log, within=HEARTBEAT + 0.5)
    world.run(1)
    assert world.claimed == [IDLE, IDLE]
    assert world.states() == UP
    assert world.duty().lease.epoch == first.epoch + 2
    assert world.store.run(lease.keep(first, 1000, b"{}")) == lease.token(world.duty().lease.owner)


def draw(world: World, after: int) -> None:
    """Draw an epoch, as somebody does who then dies."""
    database = Database(world.database)
    owner = lease.token(ANOTHER.owner)
    assert database.run(partial(epochs.draw, exchange_id=1, after=after, owner=owner, since=0))
    database.close()


def test_case_91_if_another_instance_has_taken_it_the_pipeline_stays_down_and_nothing_of_the_other_is_touched(
    make: Make,
) -> None:
    """★ Fails without: `if held ~= ARGV[1] then return held end` in keep.lua."""
    world = make(WatchedWorld)
    world.run(1)
    first = world.duty().lease
    world.taken()
    assert world.store.run(lease.claim(ANOTHER, 60_000, first.token)) is None
    world.run_until(lambda: world.here.state(INSTANCE) == "parked", within=HEARTBEAT + 0.5)
    world.taken()
    world.run(5.0)
    assert world.claimed == [IDLE, IDLE]
    assert world.taken() == []
    assert (world.states(), world.tasks()) == (IDLE, len(STAYS) - 1)
    assert world.holder() == ANOTHER.owner
    status = world.status()
    assert world.store.run(lease.keep(first, 1000, b"{}")) == ANOTHER.token
    assert world.store.run(lease.release(first)) == 0
    assert (world.holder(), world.status()) == (ANOTHER.owner, status)


class Gate:
    """Where an instance hangs from its next keeping of the lease on, as a thread does: it cannot be cancelled."""

    def __init__(self, world: WatchedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hung_at, self.kept = 0.0, list[Any]()
        self._world, self._life = world, world.here.incarnations._current[INSTANCE]
        keep, first = Tenure.keep, world.duty().lease

        async def hang(tenure: Tenure, status: bytes) -> None:
            if tenure.lease is not None and tenure.lease.epoch == first.epoch:
                await self._hang()
                self.kept.append(world.store.run(lease.keep(tenure.lease, 1000, b'{"of": "a zombie"}')))
            await keep(tenure, status)

        monkeypatch.setattr(Tenure, "keep", hang)

    async def _hang(self) -> None:
        self.hung_at = self._world.loop.seconds
        self._life.turn(0.0)  # its loop turns for the last time
        while not self._world.gate.is_set():
            with suppress(asyncio.CancelledError):
                await self._world.gate.wait()


def test_case_91_one_that_hangs_loses_its_pipeline_while_it_holds_the_lease_and_cannot_keep_it_once_it_wakes(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """★ Fails without: `self._give_up(Ending(reason, error))` in actor_node.py, in `_judge`."""
    world = make(WatchedWorld)
    world.run(1)
    first, kept_at = world.duty().lease, world.loop.seconds
    world.taken()
    gate = Gate(world, monkeypatch)
    world.run_until(lambda: gate.hung_at > 0, within=HEARTBEAT + 0.5)
    world.run_until(lambda: "stop alert_evaluator" in world.log, within=10.0)
    assert world.loop.seconds < kept_at + TTL
    assert world.store.run(lease.claim(ANOTHER, 60_000)) in (first.owner, world.holder())  # nobody else could have it
    world.run_until(lambda: world.states() == UP, within=2)
    assert world.taken() == [*STOPS, "start instance", *STARTS]
    second = world.duty().lease
    assert second.epoch == first.epoch + 1
    world.run_until(lambda: world.phase() == "active")
    world.gate.set()
    world.run(1.0)
    assert gate.kept == [second.token]
    assert (world.holder(), world.phase()) == (second.owner, "active")
    assert world.taken() == []
    assert (world.here.state(INSTANCE), world.states()) == ("up", UP)
