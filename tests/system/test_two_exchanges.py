"""Two exchanges in one process on the virtual-time world: each is stored as it was traded, whatever the other does."""

from collections.abc import Iterator
from typing import TypeVar

import pytest

from livermore import metrics
from livermore.store import status
from livermore.store.query import Query, command
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.supervision.events import Request, Start, Stop
from tests.support.notices import title_of
from tests.support.two_exchanges import TwoExchanges
from tests.support.valkey import Valkey
from tests.support.weather import Away, Weather
from tests.system.conftest import NEARLY_MIDNIGHT
from tests.system.test_world import LONG, check

T = TypeVar("T")


@pytest.fixture
def two(empty_valkey: Valkey, sqlite: DatabasePlace) -> Iterator[TwoExchanges]:
    made = TwoExchanges(1, NEARLY_MIDNIGHT, empty_valkey, sqlite)
    yield made
    made.close()


def test_both_are_stored_signalled_and_told_exactly_as_each_would_be_alone(two: TwoExchanges) -> None:
    two.boot()
    two.coinbase.run(LONG)
    ledgers = {name: check(world) for name, world in two.worlds.items()}
    for name, ledger in ledgers.items():
        assert {series.split(":")[1] for series, _ in ledger.told("candle_close")} == {
            "1m", "5m", "15m", "1h", "4h", "1d",
        }, name  # fmt: skip
        assert ledger.alerts, name
    assert len(two.coinbase.notices) == sum(len(ledger.alerts) for ledger in ledgers.values())
    names = {title_of(notice).split()[1].rstrip(":") for notice in two.coinbase.state_notices}
    assert names == {"coinbase", "binance"}


def test_an_exchange_that_is_away_holds_up_nothing_of_the_other_and_catches_up(two: TwoExchanges) -> None:
    two.boot()
    two.coinbase.run(90)
    two.coinbase.weather = Away()
    two.coinbase.hang_up()
    two.coinbase.run(240)
    check(two.binance)
    assert two.active("binance")
    two.coinbase.weather = Weather()
    two.coinbase.run(200)
    for world in two.worlds.values():
        check(world)


def test_a_pipeline_that_is_stopped_and_started_again_does_not_touch_the_other(two: TwoExchanges) -> None:
    process, answers = two.boot(), list[object]()
    two.coinbase.run(90)
    before = two.connections_of("binance")
    process.post(Request(Stop("coinbase/writer"), answers.append))
    two.coinbase.run(200)
    assert process.state("coinbase/writer") == "idle"
    assert read(two, status.read(two.coinbase.keys)) is None
    check(two.binance)
    process.post(Request(Start("coinbase/writer"), answers.append))
    two.coinbase.run_until(lambda: two.active("coinbase"))
    two.coinbase.run(150)
    check(two.coinbase)
    check(two.binance)
    assert two.connections_of("binance") == before


def test_an_exchange_that_fails_again_and_again_is_parked_and_the_other_goes_on(two: TwoExchanges) -> None:
    process = two.boot()
    two.coinbase.run_until(lambda: two.active("coinbase") and two.active("binance"))

    def crash() -> bool:
        if process.state("coinbase/writer/instance") == "up":
            two.coinbase.crash("coinbase/writer/instance")
        return process.state("coinbase/writer") == "parked"

    two.coinbase.run_until(crash, within=1200)
    two.coinbase.run(120)
    check(two.binance)
    assert two.active("binance")
    assert (process.state("coinbase/delivery"), process.ending) == ("up", None)


def test_each_exchange_has_a_rest_budget_of_its_own(two: TwoExchanges) -> None:
    two.boot()
    two.coinbase.run(30)
    for keys in (two.coinbase.keys, two.binance.keys):
        buckets = read(two, command("KEYS", keys.rest("*"), read=list))
        assert len([one for one in buckets if not one.endswith(b":rate")]) == 1
    assert two.coinbase.refused == two.binance.refused == 0


def read(two: TwoExchanges, query: Query[T]) -> T:
    """Ask Redis."""
    store = RedisStore(two.coinbase.redis)
    try:
        return store.run(query)
    finally:
        store.close()


def test_metrics_tell_which_exchange_an_actor_works_for_as_long_as_it_lives(two: TwoExchanges) -> None:
    def lives(actor: str) -> dict[str, float]:
        found = (sample for family in metrics.FOLLOWERS.collect() for sample in family.samples)
        return {
            one.labels["supervisor"]: one.value
            for one in found
            if one.labels["actor"] == actor and one.labels["supervisor"].startswith(one.labels["exchange"])
        }

    before = {actor: lives(actor) for actor in ("exchange_feed", "boundary_poller")}
    process = two.boot()
    two.coinbase.run(30)
    process.post(Request(Stop("coinbase/writer"), lambda _: None))
    two.coinbase.run(30)
    for actor, held in before.items():
        places = {f"{name}/writer/pipeline": held.get(f"{name}/writer/pipeline", 0.0) for name in two.worlds}
        grown = {place: lives(actor)[place] - count for place, count in places.items()}
        assert grown == {"coinbase/writer/pipeline": 0.0, "binance/writer/pipeline": 1.0}
