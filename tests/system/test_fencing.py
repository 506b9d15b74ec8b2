"""A paused owner whose lease somebody else has taken: what it still wants to write is refused."""

import signal
from pathlib import Path

import pytest

from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.store import candles, lease
from livermore.store.events import newest_id
from livermore.store.keys import Keys
from livermore.store.lease import Lease, Owner
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from tests.support.processes import ROOT, Exchange, Livermore, until
from tests.support.site import make_site
from tests.support.valkey import valkey

pytestmark = pytest.mark.system

KEYS = Keys(1)


def test_after_a_takeover_nothing_of_the_former_owner_is_written(tmp_path: Path, sqlite: DatabasePlace) -> None:
    tree = (ROOT / "supervisors.yaml").read_text(encoding="utf-8")
    hasty = tree.replace("lease_ttl: 45s", "lease_ttl: 2s").replace("heartbeat: 15s", "heartbeat: 500ms")
    (tmp_path / "tree.yaml").write_text(hasty, encoding="utf-8")
    with valkey() as redis:
        site = make_site(tmp_path, redis.place, sqlite, speed=10)
        exchange = Exchange(tmp_path, site.clock, options=("--symbols", "2"))
        owner = Livermore("exchange", tmp_path, site.variables | exchange.variables(), tree=tmp_path / "tree.yaml")
        store = RedisStore(redis.place)
        try:
            owner.wait_until_ok()
            owner.send(signal.SIGSTOP)
            until(lambda: store.run(lease.holder(KEYS)) is None, "the lease to run out", 10)
            other = Lease("coinbase", 1, Owner(1_000, "another-host", 1, "", 0))
            assert store.run(lease.claim(other, 120_000)) is None
            before = store.run(newest_id(KEYS))
            series = [Series("coinbase", symbol, Timeframe.M1) for symbol in ("BTC-USD", "ETH-USD")]
            held = [store.run(candles.newest(KEYS, one, 1000)) for one in series]
            owner.send(signal.SIGCONT)
            parked = lambda: owner.states()["coinbase/writer/instance"] == "parked"  # noqa: E731 - it has no other use
            until(parked, f"the former owner to give up; {owner.log}", 30)
            assert "another-host" in owner.written()
            assert store.run(lease.holder(KEYS)) == other.owner
            assert store.run(newest_id(KEYS)) == before
            assert [store.run(candles.newest(KEYS, one, 1000)) for one in series] == held
            assert owner.states()["coinbase/writer/pipeline"] == "idle"
        finally:
            owner.end()
            exchange.end()
            store.close()
