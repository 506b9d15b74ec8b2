"""How a process begins: by itself, idle, or over what was decided before; and what is shown while it starts."""

from typing import Any

import msgspec

from livermore.errors import Transient
from livermore.store import chronicle, instances, lease, status
from livermore.store.instances import Sighting
from livermore.store.query import command
from livermore.store.redis import RedisStore
from tests.support.commanding import ordered
from tests.support.leases import leased
from tests.support.weather import Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld

IDLE = {"LIVERMORE_AUTOSTART": "false", "LIVERMORE_OVERRIDE": "true"}
ANYWAY = {"LIVERMORE_AUTOSTART": "true", "LIVERMORE_OVERRIDE": "true"}
PAST = 2
"""Seconds: what was decided before this."""


def shown(world: World) -> Any:
    """The status of the pipeline, or None."""
    return RedisStore(world.redis).run(status.read(world.keys))


def sightings(world: World) -> list[Sighting]:
    """What every instance says of itself."""
    return RedisStore(world.redis).run(instances.listed(world.keys))


def sighting(world: World) -> Sighting:
    """The same of the only one."""
    (found,) = sightings(world)
    return found


def test_an_idle_process_does_nothing_until_it_is_started_and_then_stays_so(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot(**IDLE)
    world.run(60)
    assert (shown(world), sighting(world).phase, sighting(world).held) == (None, "idle", False)
    assert ordered(world, "start")["status"] == "started"
    world.crash("coinbase/writer/instance")
    world.run_until(lambda: shown(world) is not None and shown(world).connection_state == "active")
    assert sighting(world).held


def test_what_was_stopped_stays_so_unless_the_command_line_says_otherwise(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot()
    world.run_until(lambda: shown(world) is not None)
    ordered(world, "stop")
    world.kill()
    world.run(PAST)
    world.boot()
    world.run(30)
    assert shown(world) is None
    world.kill()
    world.run(PAST)
    world.boot(**ANYWAY)
    world.run_until(lambda: shown(world) is not None and shown(world).connection_state == "active")


def test_a_start_is_shown_step_by_step_up_to_a_hundred_percent(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot()
    steps: list[tuple[str, int]] = []
    while not steps or steps[-1][1] < 100:
        world.run(0.1)
        found = shown(world)
        if found is not None and found.startup is not None:
            steps.append((found.startup.phase, found.startup.percent))
    assert [percent for _, percent in steps] == sorted(percent for _, percent in steps)
    assert list(dict.fromkeys(word for word, _ in steps)) == ["warmup", "complete"], (
        "the start itself takes no time here"
    )
    changes = RedisStore(world.redis).run(chronicle.history(world.keys))
    assert [(one["from"], one["to"]) for one in changes][::-1] == [
        ("idle", "starting"), ("starting", "warming"), ("warming", "active"),
    ]  # fmt: skip


def test_of_the_changes_of_state_fifty_are_kept(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    world.boot()
    for _ in range(9):
        world.run_until(lambda: shown(world) is not None and shown(world).connection_state == "active")
        ordered(world, "pause")
        ordered(world, "resume")
    length = command("LLEN", world.keys.history, read=int)
    assert RedisStore(world.redis).run(length) == chronicle.KEPT


def test_an_instance_that_stops_is_not_shown_any_more(make_world: MakeWorld) -> None:
    from livermore.supervision.events import Shutdown

    world = make_world(seed=1)
    process = world.boot()
    world.run_until(lambda: shown(world) is not None)
    process.post(Shutdown(8.0))
    world.run_until(lambda: process.ending is not None)
    assert RedisStore(world.redis).run(instances.listed(world.keys)) == []
    gone = Sighting("host", 1, "then", "standby", "run", held=False, standby=True, since=0, seen=0)
    assert msgspec.json.decode(msgspec.json.encode(gone), type=Sighting) == gone
    assert instances.present([gone], instances.GONE) == []
    assert instances.absent([gone], instances.GONE) == ["host:1:then"]
    assert instances.absent([gone], instances.GONE - 1) == []
    assert instances.present([gone], instances.GONE - 1) == [gone]


class RedisAway(Weather):
    """Redis cannot be reached."""

    def commands(self) -> None:
        raise Transient("Redis cannot be reached")


def test_one_that_stands_by_outlives_a_redis_that_is_away_and_takes_over_at_once(make_world: MakeWorld) -> None:
    world = make_world(seed=1)
    store = RedisStore(world.redis)
    before = leased(store)
    world.boot(LIVERMORE_STANDBY="true")
    world.run_until(lambda: sightings(world) and sighting(world).phase == "standby")
    fair, world.weather = world.weather, RedisAway()
    world.run(5)
    world.weather = fair
    store.run(lease.release(before))
    world.run(1)
    assert sighting(world).held
    assert sighting(world).last_error is None
