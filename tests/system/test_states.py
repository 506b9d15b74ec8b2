"""Notices of a pipeline's states on the virtual-time world: its start, failure and stop, and a loop of restarts."""

import asyncio

import pytest

from livermore.actors.notifier import LAST_WORDS
from livermore.notices.discord import Options
from livermore.store import lease, notices, state_notices
from livermore.store.lease import Lease
from livermore.store.redis import RedisStore
from livermore.supervision.events import Shutdown
from tests.support.leases import owner
from tests.support.notices import title_of
from tests.support.weather import Weather
from tests.support.world import World
from tests.support.world_network import WorldNetwork
from tests.system.conftest import MakeWorld
from tests.system.test_delivery import Sulking, asked

INSTANCE = "coinbase/writer/instance"
ACTIVE, STOPPED = "[simulated] coinbase: active", "[simulated] coinbase: stopped"


def titles(world: World) -> list[str]:
    return [title_of(notice) for notice in world.state_notices]


def lines(world: World) -> list[str]:
    """What was told of single changes, without the moment of each."""
    told = (line for notice in world.state_notices for line in notice["embeds"][0]["description"].splitlines())
    return [line.partition(" ")[2] for line in told if line[2:3] == ":"]


def test_people_hear_of_the_start_and_of_the_stop_each_change_once(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    process = world.boot()
    world.run_until(lambda: ACTIVE in titles(world))
    assert lines(world) == ["idle to starting", "starting to warming", "warming to active"]
    assert len(titles(world)) <= 2
    process.post(Shutdown(8.0))
    world.run_until(lambda: process.ending is not None)
    assert titles(world)[-1] == STOPPED
    assert lines(world)[3:] == ["active to stopping", "stopping to stopped"]
    assert asked(world, state_notices.waiting(world.keys, "discord")) == []


def test_a_stop_waits_only_for_a_moment_for_a_discord_that_is_away_and_is_told_at_the_next_start(
    make_world: MakeWorld,
) -> None:
    world = make_world(seed=1)
    process = world.boot()
    world.run_until(lambda: ACTIVE in titles(world))
    world.weather = Sulking(None)
    begun = world.loop.seconds
    process.post(Shutdown(8.0))
    world.run_until(lambda: process.ending is not None)
    assert world.loop.seconds - begun < 4
    world.weather = Weather()
    world.boot()
    world.run_until(lambda: titles(world)[-1] == ACTIVE and len(titles(world)) > 2)
    told = lines(world)
    assert told.count("stopping to stopped") == 1
    assert told[-1] == "warming to active"


def test_a_discord_that_hangs_holds_up_no_stop(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    world = make_world(seed=1)
    process = world.boot()
    world.run_until(lambda: ACTIVE in titles(world))
    monkeypatch.setattr(WorldNetwork, "post", hang)
    begun = world.loop.seconds
    process.post(Shutdown(8.0))
    world.run_until(lambda: process.ending is not None)
    assert LAST_WORDS <= world.loop.seconds - begun < LAST_WORDS + 1
    assert asked(world, state_notices.waiting(world.keys, "discord")) != []


def test_a_lease_that_is_taken_over_is_told_with_the_reason(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot()
    world.run_until(lambda: ACTIVE in titles(world))
    store = RedisStore(world.redis)
    held = store.run(lease.holder(world.keys))
    assert held is not None
    thief = Lease("coinbase", world.keys.exchange_id, owner(held.epoch + 1))
    store.run(lease.claim(thief, 5_000, lease.token(held)))
    store.close()
    world.run_until(lambda: any(line.startswith("failed while active: ") for line in lines(world)))
    assert world.state_notices[-1]["embeds"][0]["color"] == 0xFF0000
    assert [line for line in lines(world) if "has been taken over by" in line]


def test_a_pipeline_that_breaks_again_and_again_is_told_of_seldom(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot()
    world.run_until(lambda: ACTIVE in titles(world))
    before, told = len(titles(world)), len(lines(world))
    for _ in range(10):
        world.run(100)
        world.run_until(lambda: world.process is not None and world.process.state(INSTANCE) == "up")
        world.crash(INSTANCE)
    world.run(2 * state_notices.EVERY)
    assert len(titles(world)) - before <= state_notices.BURST + 1 + (10 * 110 + 240) / state_notices.EVERY
    assert titles(world)[-1] == ACTIVE, "the last word is what it is now"
    assert len(lines(world)) - told >= 10


def test_targets_are_told_of_states_only_if_they_want_it(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    options = {"url": "http://127.0.0.1/api/webhooks/1/token", "allow_private": True, "states": False}
    world.options["notifier"] = {"charts": False, "targets": ({"discord": Options.model_validate(options)},)}
    world.boot()
    world.run_until(lambda: len(world.notices) > 0)
    assert world.state_notices == []
    assert asked(world, state_notices.waiting(world.keys, "discord")) == []
    assert asked(world, notices.count_dead(world.keys)) == 0
