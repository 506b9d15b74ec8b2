"""How far a warm-up is: percent, time to go and what is left of each symbol; once over it stays over."""

from livermore.market.candle import Series
from livermore.market.due import Need, Page
from livermore.market.timeframe import Timeframe
from livermore.store import warmup
from livermore.store.lease import Lease
from livermore.store.redis import RedisStore
from livermore.store.warmup import Progress
from tests.support.leases import KEYS

NOON = 1_786_276_800_000
SERIES = [Series("coinbase", symbol, timeframe) for timeframe in (Timeframe.M1, Timeframe.M5) for symbol in "AB"]


def pages(*series: Series, need: Need = Need.HISTORY) -> list[Page]:
    return [Page(one, 0, 0, need) for one in series]


def test_it_counts_what_is_left_of_the_most_that_ever_was() -> None:
    progress = Progress(1, NOON)
    assert progress.note(SERIES, pages(*SERIES), NOON).percent_complete == 0
    stats = progress.note(SERIES, pages(*SERIES[1:]), NOON + 10_000)
    assert (stats.percent_complete, stats.eta_ms, stats.status) == (25.0, 30_000, "fetching")
    assert (stats.completed_pairs, stats.total_pairs, stats.total_symbols) == (1, 4, 2)
    assert (stats.current_symbol, stats.current_timeframe) == ("B", "1m")
    assert stats.pending == {"A": 1, "B": 2}


def test_before_there_are_symbols_nothing_is_complete() -> None:
    stats = Progress(1, NOON).note([], [], NOON)
    assert (stats.percent_complete, stats.eta_ms, stats.status) == (0, None, "fetching")


def test_doubts_and_confirmations_are_no_part_of_it() -> None:
    progress = Progress(1, NOON)
    late = [*pages(SERIES[0], need=Need.DOUBT), *pages(SERIES[1], need=Need.CONFIRMATION)]
    stats = progress.note(SERIES, late, NOON)
    assert (stats.percent_complete, stats.status, progress.is_complete) == (100, "complete", True)


def test_once_over_it_stays_over() -> None:
    progress = Progress(1, NOON)
    progress.note(SERIES, [], NOON)
    stats = progress.note(SERIES, pages(*SERIES, need=Need.NEWS), NOON + 60_000)
    assert (stats.percent_complete, stats.status, stats.pending) == (100, "complete", {})


def test_it_is_stored_for_whoever_wants_to_know(store: RedisStore, mine: Lease) -> None:
    assert store.run(warmup.read(KEYS)) is None
    stats = Progress(1, NOON).note(SERIES, pages(*SERIES), NOON)
    store.run(warmup.write(mine, stats))
    assert store.run(warmup.read(KEYS)) == stats
