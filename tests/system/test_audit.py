"""Wrong candles in Redis: the auditor finds them in the virtual world, and the command where nobody runs."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from livermore.actors.auditor import AuditorOptions
from livermore.market.candle import Candle, Series, to_json
from livermore.market.timeframe import Timeframe
from livermore.store import candles, gaps, lease
from livermore.store.keys import Keys
from livermore.store.query import command, integer
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.supervision.spec import NodeSpec, SupervisorSpec
from tests.support.ledger import Ledger
from tests.support.processes import Exchange, Livermore, livermore
from tests.support.site import Site, make_site
from tests.support.valkey import Valkey, valkey
from tests.support.world import World
from tests.system.conftest import NEARLY_MIDNIGHT, few

KEYS = Keys(1)
HOURS = Series("coinbase", "ETH-USD", Timeframe.H1)
FIVES = Series("coinbase", "ETH-USD", Timeframe.M5)
MINUTES = Series("coinbase", "BTC-USD", Timeframe.M1)


def spoil(store: RedisStore, series: Series, place: int) -> Candle:
    """Replace a stored candle behind everybody's back; gives the one that was there."""
    right = store.run(candles.newest(KEYS, series, 1_000))[place]
    lose(store, right)
    wrong = msgspec.structs.replace(right, volume="123.456")
    assert store.run(command("ZADD", KEYS.candles(series), right.open_time, to_json(wrong), read=integer)) == 1
    return right


def lose(store: RedisStore, candle: Candle) -> None:
    at = candle.open_time
    assert store.run(command("ZREMRANGEBYSCORE", KEYS.candles(candle.series), at, at, read=integer)) == 1


def stored(store: RedisStore, candle: Candle) -> list[Candle]:
    return store.run(candles.between(KEYS, candle.series, candle.open_time, candle.open_time))


class AuditedWorld(World):
    """A world whose auditor looks at thirty pages in every round."""

    def _tree(self, changes: dict[str, str]) -> SupervisorSpec:
        made = _eager(super()._tree(changes))
        assert isinstance(made, SupervisorSpec)
        return made


def _eager(spec: NodeSpec) -> NodeSpec:
    if isinstance(spec, SupervisorSpec):
        return replace(spec, children=tuple(map(_eager, spec.children)))
    audits = isinstance(spec.options, AuditorOptions)
    return replace(spec, options=spec.options.model_copy(update={"every": 30.0, "pages": 30})) if audits else spec


@pytest.fixture
def world(empty_valkey: Valkey, sqlite: DatabasePlace) -> Iterator[World]:
    made = AuditedWorld(5, NEARLY_MIDNIGHT, empty_valkey, sqlite, instruments=few())
    yield made
    made.close()


def test_the_auditor_finds_what_is_wrong_or_missing_corrects_it_and_tells(world: World) -> None:
    world.boot()
    world.run(60)
    store = RedisStore(world.redis)
    wrong, missing = spoil(store, MINUTES, 100), store.run(candles.newest(KEYS, HOURS, 1_000))[100]
    lose(store, missing)
    corrected = msgspec.structs.replace(wrong, revision=wrong.revision + 1)
    world.run_until(lambda: stored(store, wrong) == [corrected] and stored(store, missing) == [missing], 900)
    ledger = Ledger(world)
    assert ledger.faults() == []
    assert ledger.told("candle_corrected") == {(str(MINUTES), wrong.open_time): 1}
    assert ledger.told("candle_close")[str(HOURS), missing.open_time] == 1
    store.close()


def test_an_auditor_that_looks_at_a_great_deal_finds_nothing_wrong_with_what_the_pipeline_stores(world: World) -> None:
    world.boot()
    world.run(100)
    world.hang_up()
    world.run(120)
    ledger = Ledger(world)
    assert ledger.faults() == []
    assert ledger.told("candle_corrected") == {}


def _check_that_an_owner_is_asked_to_repair(site: Site, variables: dict[str, str], store: RedisStore) -> None:
    wrong, missing = spoil(store, FIVES, 50), store.run(candles.newest(KEYS, FIVES, 1_000))[60]
    lose(store, missing)
    answer = livermore("audit", "--symbol", "ETH-USD", "--repair", folder=site.folder, variables=variables)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "run by another instance" in answer.stdout
    assert stored(store, wrong) == [msgspec.structs.replace(wrong, revision=1)]
    assert stored(store, missing) == [missing]
    assert store.run(gaps.doubts(KEYS, "coinbase")) == []


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str], RedisStore]]:
    """Stores that a pipeline has filled and left, and the exchange of which they tell."""
    folder = tmp_path_factory.mktemp("site")
    database = DatabasePlace(url=f"sqlite:///{folder / 'livermore.db'}")
    with valkey() as server:
        site = make_site(folder, server.place, database, speed=1)
        exchange = Exchange(folder, site.clock, options=("--symbols", "3"))
        variables = site.variables | exchange.variables()
        pipeline = Livermore("exchange", folder, variables)
        store = RedisStore(server.place)
        try:
            pipeline.wait_until_ok()
            _check_that_an_owner_is_asked_to_repair(site, variables, store)
            pipeline.end()
            yield site, variables, store
        finally:
            pipeline.end()
            exchange.end()
            store.close()


@pytest.mark.system
@pytest.mark.timeout(300)
def test_the_command_tells_every_mismatch_and_repairs_it_where_nobody_runs(
    left: tuple[Site, dict[str, str], RedisStore],
) -> None:
    site, variables, store = left
    only = ("audit", "--symbol", "BTC-USD", "--symbol", "ETH-USD")
    sound = livermore(*only, folder=site.folder, variables=variables)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.splitlines()[-1].endswith(" checks, 0 mismatches: 0 per million candles")

    wrong, missing = spoil(store, MINUTES, 100), store.run(candles.newest(KEYS, HOURS, 1_000))[100]
    lose(store, missing)
    found = livermore(*only, "--timeframe", "1m", "--timeframe", "1h", folder=site.folder, variables=variables)
    assert found.returncode == 1
    told = [line for line in found.stdout.splitlines() if " rest: " in line]
    assert [line.split()[0] for line in told] == [str(MINUTES), str(HOURS)]
    assert f"{wrong.open} {wrong.high} {wrong.low} {wrong.close} 123.456, expected " in told[0]
    assert "stored none, expected" in told[1]
    untouched = livermore(*only, "--timeframe", "1m", "--last", "5", folder=site.folder, variables=variables)
    assert untouched.returncode == 0

    repaired = livermore(*only, "--repair", folder=site.folder, variables=variables)
    assert repaired.returncode == 0, repaired.stdout
    assert "of which 0 are left" in repaired.stdout
    assert stored(store, wrong) == [msgspec.structs.replace(wrong, revision=1)]
    assert stored(store, missing) == [missing]
    assert store.run(lease.holder(KEYS)) is None, "the right to write was given back"


@pytest.mark.system
def test_simulated_candles_are_not_held_against_the_real_exchange(
    left: tuple[Site, dict[str, str], RedisStore],
) -> None:
    site, _, _ = left
    refused = livermore("audit", folder=site.folder, variables=site.variables)
    assert refused.returncode == 69
    assert "these candles are simulated" in refused.stderr
    words = ("audit", "--symbol", "NO-USD", "--rest-url", "http://127.0.0.1:1")
    nobody = livermore(*words, folder=site.folder, variables=site.variables)
    assert nobody.returncode == 69
    assert "no candles of NO-USD are stored here" in nobody.stderr
