"""The gap ledger on the virtual-time world: every hole is written down with its cause, and with what became of it."""

from collections import Counter

import msgspec

from livermore.market.instant import parse_iso
from livermore.market.timeframe import Timeframe
from livermore.store import gaps
from livermore.store.gaps import PublicGap
from livermore.store.keys import Keys
from livermore.store.redis import RedisStore
from tests.support.ledger import Ledger
from tests.support.weather import Away, Weather
from tests.support.world import World
from tests.system.conftest import MakeWorld

KEYS = Keys(1)


def ledger(world: World) -> list[PublicGap]:
    store = RedisStore(world.redis)
    members = store.run(gaps.between(KEYS, 0, world.clock.now(), 100_000))
    doubts = store.run(gaps.doubts(KEYS, "coinbase"))
    store.close()
    assert doubts == [], "REST has spoken of every gap"
    return [msgspec.json.decode(member, type=PublicGap) for member in members]


def causes(world: World) -> Counter[tuple[str, str]]:
    """How many gaps of each timeframe and cause."""
    return Counter((gap.timeframe, gap.cause) for gap in ledger(world))


def begun(make_world: MakeWorld, seed: int) -> World:
    world = make_world(seed)
    world.boot()
    world.run(90)
    return world


def test_a_first_start_leaves_no_gap(make_world: MakeWorld) -> None:
    assert ledger(begun(make_world, seed=5)) == []


def test_a_lost_connection_is_no_gap_where_the_newest_trades_join_on(make_world: MakeWorld) -> None:
    world = begun(make_world, seed=5)
    world.hang_up()
    world.run(120)
    assert ledger(world) == []
    assert Ledger(world).faults() == []


def test_an_exchange_that_was_away_is_the_cause_and_the_verdict_says_whether_there_was_anything_to_miss(
    make_world: MakeWorld,
) -> None:
    world = begun(make_world, seed=6)
    world.weather = Away()
    world.hang_up()
    world.run(300)
    world.weather = Weather()
    world.run(120)
    assert set(causes(world)) == {("1m", "exchange_down")}
    assert {gap.symbol for gap in ledger(world)} == set(world.symbols)
    assert "open" not in {gap.verdict for gap in ledger(world)}
    assert Ledger(world).faults() == []
    for gap in ledger(world):
        first, end = parse_iso(gap.start_time), parse_iso(gap.end_time)
        traded = world.truth(gap.symbol, Timeframe.M1, first, end - 1)
        assert gap.verdict == ("repaired" if traded else "no_trades")


def test_a_process_that_was_down_was_not_running(make_world: MakeWorld) -> None:
    world = begun(make_world, seed=7)
    world.kill()
    world.run(400)
    world.boot()
    world.run(120)
    assert set(causes(world)) == {("1m", "not_running")}
    assert Ledger(world).faults() == []


def test_what_is_older_than_the_history_that_is_kept_is_never_repaired_and_said_so(make_world: MakeWorld) -> None:
    world = begun(make_world, seed=8)
    world.kill()
    world.run(1_300 * 60)
    world.boot()
    world.run(200)
    found = {(gap.timeframe, gap.cause, gap.verdict) for gap in ledger(world)}
    assert ("1m", "not_running", "unrepaired") in found
    assert {timeframe for timeframe, _, verdict in found if verdict == "unrepaired"} == {"1m"}
    assert Ledger(world).faults() == []
