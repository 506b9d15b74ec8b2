"""What a front reads: candles in a Redis of the benchmarks' own, and a key in a database that is gone afterwards."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import update

from bench.made import AT, Candles, leased, series
from bench.server import server
from livermore.market.candle import Candle
from livermore.store import api_keys, candles, fence, symbols
from livermore.store.candles import Known, Write
from livermore.store.redis import RedisStore
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from livermore.store.status import Origin
from livermore.store.tables import api_keys as keys

HISTORY = 1_000
UNLIMITED = 1_000_000_000
"""A limit as any other to the front, which counts and tells it; but nobody reaches it."""


class Site(NamedTuple):
    """``facts``: what a front has to be told; ``ahead``: minutes of candles that have not been closed yet."""

    facts: dict[str, object]
    key: str
    ahead: Sequence[list[Candle]]
    store: RedisStore

    def close(self, minute: Sequence[Candle]) -> None:
        """Close these candles, as a pipeline does."""
        known = [Known(c.series, c.open_time, c.open_time, rest=True) for c in minute]
        self.store.run(candles.write(leased(self.store), Write(minute, known, news=True), HISTORY))


@contextmanager
def site(count: int, past: int, ahead: int = 0) -> Iterator[Site]:
    """One with so many series, of which as many minutes as ``past`` are stored."""
    folder = tempfile.mkdtemp(prefix="lvm-bench-")
    all_ = series(count)
    made = Candles(all_, past + ahead)
    minutes = [made.minute(number) for number in range(past + ahead)]
    try:
        with server() as place:
            store = RedisStore(place)
            lease = leased(store)
            store.run(fence.put(lease, lease.keys.schema, msgspec.json.encode(Origin(1, simulated=False))))
            store.run(symbols.write(lease, [one.symbol for one in all_]))
            database = DatabasePlace(url=f"sqlite:///{Path(folder) / 'livermore.db'}")
            facts = {"redis": place.full_url, "database": database.full_url}
            made_site = Site(facts, _key(database), minutes[past:], store)
            for i, one in enumerate(all_):
                stored = [minute[i] for minute in minutes[:past]]
                known = [Known(one, AT, stored[-1].open_time, rest=True)]
                store.run(candles.write(lease, Write(stored, known, news=False), HISTORY))
            yield made_site
            store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _key(place: DatabasePlace) -> str:
    engine = make_engine(place)
    upgrade(engine)
    with engine.begin() as connection:
        key = api_keys.create(connection, "bench", time.time_ns() // 1_000_000, requests_per_minute=UNLIMITED)
        connection.execute(update(keys).values(connections=UNLIMITED))
    engine.dispose()
    return key
