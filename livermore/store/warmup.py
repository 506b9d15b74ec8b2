"""How far the warm-up of an exchange is, for people who wait for it."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from livermore.market.candle import Series
from livermore.market.due import Need, Page
from livermore.market.instant import iso
from livermore.store.fence import Right, put
from livermore.store.keys import Keys
from livermore.store.query import Query, command

FETCHING, COMPLETE = "fetching", "complete"


class Stats(msgspec.Struct, rename="camel"):
    """The stored form (`reference.md` 5.5). Pairs are series; times are ISO-8601; ``eta_ms`` is market time.

    ``pending``: how many pages are still to be asked for, by symbol.
    """

    exchange_id: int
    status: str
    started_at: str
    updated_at: str
    total_symbols: int
    total_pairs: int
    completed_pairs: int
    percent_complete: float
    eta_ms: int | None
    current_symbol: str | None
    current_timeframe: str | None
    pending: dict[str, int]


class Progress:
    """Follows the pages that are due until the warm-up is over. Times are ms of market time."""

    def __init__(self, exchange_id: int, started: int) -> None:
        self._exchange_id, self._started = exchange_id, started
        self._most = 0
        self.is_complete = False

    def note(self, series: Sequence[Series], pages: Sequence[Page], now: int) -> Stats:
        """``pages`` are due at this moment."""
        left = [page for page in pages if page.need in {Need.NEWS, Need.HISTORY}]
        self._most = max(self._most, len(left))
        self.is_complete = self.is_complete or (bool(series) and not left)
        if self.is_complete:
            left = []
        done = 1 - len(left) / self._most if self._most else float(self.is_complete)
        eta = round((now - self._started) * (1 - done) / done) if done > 0 else None
        first = left[0].series if left else None
        return Stats(
            self._exchange_id,
            COMPLETE if self.is_complete else FETCHING,
            iso(self._started),
            iso(now),
            len({one.symbol for one in series}),
            len(series),
            len(series) - len({page.series for page in left}),
            round(100 * done, 1),
            eta,
            first and first.symbol,
            first and str(first.timeframe),
            dict(Counter(page.series.symbol for page in left)),
        )


def write(right: Right, stats: Stats) -> Query[int]:
    """Replace what was written before."""
    return put(right, right.keys.warmup, msgspec.json.encode(stats))


def read(keys: Keys) -> Query[Stats | None]:
    """What was written last, or None."""
    return command("GET", keys.warmup, read=lambda a: msgspec.json.decode(a, type=Stats) if a else None)
