"""Binance ends every connection after a day, and some sooner: another one takes its place, and nothing is lost."""

from livermore.simulator.binance_session import BinanceSession
from livermore.simulator.market import Market
from livermore.store import gaps
from livermore.store.redis import RedisStore
from tests.support.binance import Binance
from tests.support.ledger import Ledger
from tests.system.conftest import MakeWorld

NOTICE = 10_000


class WatchedBinance(Binance):
    """Whose side of every connection is known."""

    def __init__(self) -> None:
        self.sessions: list[BinanceSession] = []

    def session(self, market: Market, at: int) -> BinanceSession:
        self.sessions.append(super().session(market, at))
        return self.sessions[-1]


def test_a_connection_that_is_about_to_be_cut_is_replaced_without_a_gap(make_world: MakeWorld) -> None:
    binance = WatchedBinance()
    world = make_world(seed=41, dialect=binance)
    world.boot()
    world.run(100)
    (first,) = binance.sessions
    first.shut_down(world.clock.now(), NOTICE)
    world.run(5)
    assert len(binance.sessions) == 2, "it is replaced at once"
    world.run(150)
    assert len(binance.sessions) == 2, "and by one only"
    store = RedisStore(world.redis)
    assert store.run(gaps.between(world.keys, 0, world.clock.now(), 1000)) == []
    assert store.run(gaps.doubts(world.keys, "binance")) == []
    store.close()
    assert Ledger(world).faults() == []
