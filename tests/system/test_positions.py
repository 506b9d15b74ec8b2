"""The position keeper in the virtual world: it reads the account of either exchange, and writes down what is held."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.net.interface import Response
from livermore.simulator.balances import Balance, balances
from livermore.simulator.binance_rest import BinanceRestService
from livermore.simulator.market import Market
from livermore.simulator.request import Request
from livermore.store import candles, positions
from livermore.store.positions import Position
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.support.binance import Binance
from tests.support.dialect import Dialect
from tests.support.weather import Weather
from tests.support.world import COINBASE, World
from tests.system.conftest import MakeWorld

KEEPER = "coinbase/writer/pipeline/position_keeper"
KEY, SECRET = "a-key-of-the-world", "a-secret-of-the-world"
EVERY = 60.0


class SignedBinance(Binance):
    """With a key, which its tree gives to those who ask for the account."""

    variables: Mapping[str, str] = {
        "LIVERMORE_EXCHANGE_NAME": "binance", "Coinbase_ApiKeyId": KEY, "Coinbase_EcPrivateKeyPem": SECRET,
    }  # fmt: skip

    def tree(self, text: str) -> str:
        return text

    def rest(self, market: Market) -> BinanceRestService:
        return BinanceRestService(market, secrets={KEY: SECRET})


class Watching(Weather):
    """Notes what is asked, and answers about the account what it is told to."""

    def __init__(self) -> None:
        self.asked_for: list[str] = []
        self.instead: Response | None = None

    def asked(self, request: Request) -> Response | None:
        self.asked_for.append(request.path)
        return self.instead if request.path.endswith(("/accounts", "/account")) else None

    def account(self) -> int:
        return sum(path.endswith(("/accounts", "/account")) for path in self.asked_for)


@pytest.fixture
def a_world(make_world: MakeWorld) -> Callable[..., World]:
    def make(dialect: Dialect = COINBASE) -> World:
        made = make_world(4, dialect=dialect)
        made.options["position_keeper"] = {"every": EVERY}
        made.weather = Watching()
        return made

    return make


@pytest.fixture
def database(sqlite: DatabasePlace) -> Iterator[Database]:
    made = Database(sqlite)
    yield made
    made.close()


def held(database: Database, exchange: str = "coinbase") -> dict[str, Position]:
    return {one.symbol: one for one in database.run(partial(positions.held, exchange=exchange))}


def synced_at(database: Database, exchange: str = "coinbase") -> int:
    return database.run(partial(positions.synced_at, exchange=exchange)) or 0


def truth(world: World, cash: str) -> dict[str, Balance]:
    found = balances(world.seed, world.market.listings, cash)
    return {one.currency: one for one in found if not one.is_nothing}


@pytest.mark.parametrize(
    ("dialect", "cash"), [(COINBASE, "USD"), (SignedBinance(), "USDT")], ids=["coinbase", "binance"]
)
def test_the_account_is_read_with_a_signature_and_valued_by_what_is_traded(
    a_world: Callable[..., World], database: Database, dialect: Dialect, cash: str
) -> None:
    world = a_world(dialect)
    world.boot()
    world.run_until(lambda: bool(held(database, dialect.name)))
    found, true = held(database, dialect.name), truth(world, cash)
    assert found.keys() == true.keys()
    for symbol, one in found.items():
        assert Decimal(one.quantity) == true[symbol].available + true[symbol].held
        assert Decimal(one.available) == true[symbol].available
    assert found[cash].cost_basis == "1523.47"
    assert found["MOBILE"].cost_basis is None
    priced = {one for one in found if one not in {cash, "MOBILE"}}
    assert priced
    for symbol in priced:
        price = Decimal(
            world.truth(f"{symbol}-{dialect.quote}", Timeframe.H1, world.start - 7_200_000, world.clock.now())[-1].close
        )
        worth = Decimal(found[symbol].quantity) * price
        assert abs(Decimal(found[symbol].cost_basis or "0") - worth) < worth / 20 + 1


def test_it_looks_again_and_the_cost_of_the_first_look_stays(a_world: Callable[..., World], database: Database) -> None:
    world = a_world()
    world.boot()
    world.run_until(lambda: synced_at(database) > 0)
    first, before = synced_at(database), held(database)
    world.run_until(lambda: synced_at(database) >= first + 3 * EVERY * 1000 - 1000)
    assert {symbol: one.cost_basis for symbol, one in held(database).items()} == {
        symbol: one.cost_basis for symbol, one in before.items()
    }
    assert isinstance(world.weather, Watching)
    assert world.weather.account() == 4
    assert world.weather.asked_for.count("/api/v3/brokerage/products") == 1, "the long list is not asked for again"


@pytest.mark.parametrize("dialect", [Binance()], ids=["binance"])
def test_without_credentials_nobody_is_asked_anything_about_an_account(
    a_world: Callable[..., World], database: Database, dialect: Dialect
) -> None:
    world = a_world(dialect)
    world.boot()
    world.run(200)
    assert isinstance(world.weather, Watching)
    assert world.weather.asked_for
    assert world.weather.account() == 0
    assert held(database, "binance") == {}
    assert world.process is not None
    assert world.process.state(KEEPER) == "up"


UNREADABLE = (
    Response(401, {}, b"Unauthorized"),
    Response(200, {}, b"<html>"),
    Response(200, {}, b'{"accounts":[{"uuid":"1"}]}'),
    Response(503, {}, b""),
    Response(403, {}, b"<html>"),
)


def test_an_account_that_cannot_be_read_leaves_what_is_written_and_everybody_else_in_peace(
    a_world: Callable[..., World], database: Database
) -> None:
    world = a_world()
    world.boot()
    world.run_until(lambda: synced_at(database) > 0)
    weather: Any = world.weather
    for answer in UNREADABLE:
        before, first = held(database), synced_at(database)
        weather.instead, asked = answer, weather.account()
        world.run(1.5 * EVERY)
        assert weather.account() > asked
        assert (held(database), synced_at(database)) == (before, first), answer
        weather.instead = None
        world.run_until(lambda last=first: synced_at(database) > last)
    store = RedisStore(world.redis)
    newest = store.run(candles.newest(world.keys, Series("coinbase", "BTC-USD", Timeframe.M1), 1))
    assert newest[0].open_time >= world.clock.now() - 3 * 60_000
    store.close()


def test_a_crash_between_answer_and_store_is_made_good_by_the_next_look(
    a_world: Callable[..., World], database: Database
) -> None:
    world = a_world()
    world.boot()
    world.run_until(lambda: synced_at(database) > 0)
    first = synced_at(database)
    world.crash(KEEPER)
    world.run_until(lambda: synced_at(database) > first)
    assert held(database).keys() == truth(world, "USD").keys()
