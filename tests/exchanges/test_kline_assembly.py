"""Tests of the assembly of candles that the exchange closes: closings, holes and their causes, two connections."""

import dataclasses

import pytest

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Frame, Kline, Klines, Leaving, Refused, Subscribed, Tickers
from livermore.exchanges.kline_assembly import KlineAssembly
from livermore.exchanges.kline_series import REMEMBERED
from livermore.market.candle import Candle, Series
from livermore.market.gap import Cause, Gap
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe
from tests.market.examples import MINUTE, NOON

BTC, ETH = "BTC-USDT", "ETH-USDT"
GRACE = 2_500
M1 = Series("binance", BTC, Timeframe.M1)
M5 = M1._replace(timeframe=Timeframe.M5)
ETH_M1 = M1._replace(symbol=ETH)
SETTLED = NOON + GRACE
"""When a connection that began at noon is sure to bring every closing."""


def candle(at: int = NOON, close: str = "100", series: Series = M1) -> Candle:
    return Candle(*series, at, "100", "200", "50", close, "1")


def kline(
    at: int = NOON, close: str = "100", series: Series = M1, *, closed: bool = False, empty: bool = False
) -> Klines:
    return Klines([Kline(series, at, closed, None if empty else candle(at, close, series))])  # fmt: skip


def closing(at: int = NOON, close: str = "100", series: Series = M1, *, empty: bool = False) -> Klines:
    return kline(at, close, series, closed=True, empty=empty)


def ticker(price: str, at: int, symbol: str = BTC) -> Tickers:
    return Tickers([Ticker(symbol, price, "0", "0", price, price, "1", at)])


class Wire:
    """Frames for an assembly of one symbol or more, on one timeframe alone unless told otherwise."""

    def __init__(self, *symbols: str, grace: int = GRACE, only: Timeframe | None = Timeframe.M1) -> None:
        self.assembly, self.only = KlineAssembly("binance", symbols or (BTC,), grace), only

    def say(self, at: int | None, *events: object) -> Outcome:
        """A frame of that time (ms); of the outcome, what is about the timeframe."""
        found = self.assembly.take(Frame(events, None, at))  # type: ignore[arg-type]
        return dataclasses.replace(found, holes=[g for g in found.holes if self.only in {None, g.series.timeframe}])


def begun(*symbols: str, at: int = NOON) -> Wire:
    """A wire on which frames come in since noon, or earlier."""
    wire = Wire(*symbols)
    wire.say(at)
    return wire


def hole(first: int, last: int | None = None, cause: Cause = Cause.UNCLOSED, *, traded: bool = False) -> Gap:
    return Gap(M1, first, first if last is None else last, cause, traded)


def after(minutes: int) -> int:
    """When the first minutes after noon are over."""
    return NOON + minutes * MINUTE + GRACE


def told(*opens: int) -> Outcome:
    return Outcome(closed=[candle(at) for at in opens], known=[(M1, at) for at in opens])


# -- closing


def test_a_closing_closes_at_once() -> None:
    wire = begun()
    assert wire.say(NOON + 30_000, kline(close="7")) == Outcome()
    assert wire.say(NOON + MINUTE + 5, closing()) == told(NOON)
    assert wire.say(after(1)) == Outcome()


def test_a_bucket_without_trades_is_known_without_a_candle() -> None:
    assert begun().say(NOON + MINUTE, closing(empty=True)) == Outcome(known=[(M1, NOON)])


def test_the_bucket_in_progress_on_connecting_is_whole_when_it_is_closed() -> None:
    assert begun(at=NOON + 59_000).say(NOON + MINUTE, closing()) == told(NOON)


def test_the_bucket_before_may_still_be_closed_but_is_no_hole() -> None:
    assert begun(at=NOON + 5).say(NOON + 6, closing(NOON - MINUTE)) == told(NOON - MINUTE)
    assert begun(at=NOON + 5).say(NOON + GRACE) == Outcome()


@pytest.mark.parametrize("timeframe", Timeframe)
def test_every_timeframe_is_closed_by_its_own_closing(timeframe: Timeframe) -> None:
    series = M1._replace(timeframe=timeframe)
    at = timeframe.floor(NOON)
    wire = begun()
    assert wire.say(at + timeframe.ms + 5, closing(at, series=series)).known == [(series, at)]
    assert wire.say(at + timeframe.ms + 6, closing(at, series=series)) == Outcome()


def test_a_repetition_is_not_told_again_whatever_it_says() -> None:
    wire = begun()
    wire.say(NOON + MINUTE + 5, closing())
    assert wire.say(NOON + MINUTE + 6, closing()) == Outcome()
    assert wire.say(NOON + MINUTE + 7, closing(close="99")) == Outcome()
    assert wire.say(NOON + 2 * MINUTE, closing(empty=True)) == Outcome()


def test_a_bucket_that_has_long_passed_is_not_told_again() -> None:
    wire = begun()
    for n in range(3 * REMEMBERED):
        wire.say(NOON + (n + 1) * MINUTE, closing(NOON + n * MINUTE))
    now = NOON + 3 * REMEMBERED * MINUTE + 5
    assert all(wire.say(now, closing(NOON + n * MINUTE)) == Outcome() for n in range(3 * REMEMBERED))


def test_symbols_that_are_not_watched_are_passed_over() -> None:
    wire = begun()
    found = wire.say(NOON + MINUTE, closing(series=ETH_M1), kline(NOON, series=ETH_M1), ticker("1", NOON, ETH))
    assert found == Outcome()
    assert wire.assembly.ticks() == ([], [])
    assert wire.assembly.heard() == {}


def test_a_candle_that_opens_where_none_can_is_told_to_be_refused_and_closes_nothing() -> None:
    wire = begun(at=NOON - MINUTE)
    odd = NOON + 28_015
    assert wire.say(NOON + 28_016, kline(odd)) == Outcome(known=[], holes=[hole(NOON - MINUTE)])
    assert wire.say(NOON + 90_000, closing(odd)) == Outcome(closed=[candle(odd)], holes=[hole(NOON)])
    assert wire.say(NOON + 90_001, Klines([Kline(M1, odd, closed=True, candle=None)])) == Outcome()


def test_a_closing_may_come_without_a_time() -> None:
    assert Wire().say(None, closing()) == told(NOON)
    assert begun().say(None, closing()) == told(NOON)


# -- holes


def test_a_bucket_that_is_not_closed_within_the_grace_is_a_hole() -> None:
    wire = begun(at=NOON - 9_000)
    wire.say(NOON, closing(NOON - MINUTE))
    assert wire.say(after(1) - 1) == Outcome()
    assert wire.say(after(1)) == Outcome(holes=[hole(NOON)])
    assert wire.say(after(1) + 1) == Outcome()


def test_a_hole_in_which_trades_were_seen_says_so() -> None:
    wire = begun()
    wire.say(NOON + 30_000, kline())
    assert wire.say(after(1)).holes == [hole(NOON, traded=True)]


def test_a_candle_of_nothing_is_no_trade() -> None:
    wire = begun()
    wire.say(NOON + 30_000, kline(empty=True))
    assert wire.say(after(1)).holes == [hole(NOON)]


def test_a_frame_of_any_symbol_is_a_clock_for_all() -> None:
    wire = begun(BTC, ETH)
    wire.say(NOON + MINUTE, closing())
    assert wire.say(after(1), kline(NOON + MINUTE)).holes == [Gap(ETH_M1, NOON, NOON, Cause.UNCLOSED)]


def test_a_frame_may_bring_the_closing_of_the_bucket_that_its_time_gives_up() -> None:
    assert begun().say(after(1), closing()) == told(NOON)


def test_a_closing_after_the_grace_is_told_once_all_the_same() -> None:
    wire = begun()
    assert wire.say(after(1)).holes == [hole(NOON)]
    assert wire.say(after(1) + 1, closing()) == told(NOON)
    assert wire.say(after(1) + 2, closing()) == Outcome()


def test_a_closing_whose_forerunner_is_missing_makes_a_hole_of_it_first() -> None:
    wire = begun()
    wire.say(NOON + MINUTE + 5, closing())
    assert wire.say(NOON + 3 * MINUTE + 5, closing(NOON + 2 * MINUTE)) == Outcome(
        [candle(NOON + 2 * MINUTE)], [(M1, NOON + 2 * MINUTE)], [hole(NOON + MINUTE)]
    )


def test_a_long_silence_is_one_gap_of_each_series() -> None:
    wire = Wire(only=None)
    wire.say(NOON - MINUTE)
    for timeframe in Timeframe:
        at = timeframe.last_closed(NOON)
        wire.say(NOON + 5, closing(at, series=M1._replace(timeframe=timeframe)))
    holes = wire.say(NOON + 65 * MINUTE).holes
    assert holes == [
        Gap(M1._replace(timeframe=t), NOON, t.last_closed(NOON + 65 * MINUTE - GRACE), Cause.UNCLOSED)
        for t in (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1)
    ]


def test_a_bucket_with_trades_is_a_gap_of_its_own() -> None:
    wire = begun()
    wire.say(NOON + 5, kline())
    wire.say(NOON + 6, kline(NOON + 2 * MINUTE))
    assert wire.say(after(5)).holes == [
        hole(NOON, traded=True),
        hole(NOON + MINUTE),
        hole(NOON + 2 * MINUTE, traded=True),
        hole(NOON + 3 * MINUTE, NOON + 4 * MINUTE),
    ]


def test_a_time_in_the_far_future_is_one_gap_too() -> None:
    far = 253_402_300_799_999
    (gap,) = begun().say(far).holes
    assert (gap.first, gap.last) == (NOON, Timeframe.M1.last_closed(far - GRACE))


def test_a_frame_without_a_time_or_with_an_older_one_gives_nothing_up() -> None:
    wire = begun()
    assert wire.say(None) == Outcome()
    wire.say(after(1))
    assert wire.say(NOON + 5) == wire.say(None, kline(NOON + 9 * MINUTE)) == Outcome()


def test_nothing_is_remembered_of_trades_in_buckets_that_are_settled() -> None:
    wire = begun()
    for n in range(5):
        wire.say(NOON + n * MINUTE + 5, kline(NOON + n * MINUTE))
        wire.say(NOON + (n + 1) * MINUTE, *([closing(NOON + n * MINUTE)] if n % 2 else []))
    wire.say(after(5))
    assert wire.assembly._watched[BTC].series[Timeframe.M1]._traded == set()


# -- causes


def test_a_bucket_that_ends_while_subscriptions_are_made_was_not_listened_to() -> None:
    wire = begun(at=NOON - GRACE)
    assert wire.say(SETTLED).holes == [hole(NOON - MINUTE, cause=Cause.NOT_RUNNING)]
    assert begun(at=NOON - GRACE - 1).say(SETTLED).holes == [hole(NOON - MINUTE)]


def test_what_ended_between_two_connections_is_a_hole_of_that_cause_the_rest_is_not() -> None:
    wire = begun()
    wire.say(NOON + MINUTE + 5, closing())
    wire.assembly.connected(Cause.DISCONNECT)
    back = NOON + 5 * MINUTE - GRACE
    assert wire.say(back).holes == [hole(NOON + MINUTE, NOON + 3 * MINUTE, Cause.DISCONNECT)]
    assert wire.say(after(7)).holes == [
        hole(NOON + 4 * MINUTE, cause=Cause.DISCONNECT),
        hole(NOON + 5 * MINUTE, NOON + 6 * MINUTE),
    ]


def test_a_break_is_told_as_soon_as_the_next_connection_speaks() -> None:
    wire = begun()
    wire.assembly.connected(Cause.EXCHANGE_DOWN)
    assert wire.say(after(4)).holes == [hole(NOON, NOON + 3 * MINUTE, Cause.EXCHANGE_DOWN)]


def test_a_closing_that_was_lost_in_a_break_just_after_its_end_is_a_hole_of_that_cause() -> None:
    wire = begun()
    wire.say(NOON + MINUTE + 100)
    wire.assembly.connected(Cause.DISCONNECT)
    wire.say(NOON + MINUTE + 900)
    assert wire.say(after(1)).holes == [hole(NOON, cause=Cause.DISCONNECT)]


def test_a_bucket_in_progress_during_a_break_is_closed_all_the_same() -> None:
    wire = begun()
    wire.say(NOON + 10_000)
    wire.assembly.connected(Cause.DISCONNECT)
    assert wire.say(NOON + 50_000) == Outcome()
    assert wire.say(NOON + MINUTE + 5, closing()) == told(NOON)


def test_a_break_before_anything_was_heard_is_part_of_the_one_before() -> None:
    wire = Wire()
    wire.assembly.connected(Cause.DISCONNECT)
    wire.say(NOON)
    wire.assembly.connected(Cause.EXCHANGE_DOWN)
    wire.assembly.connected(Cause.DISCONNECT)
    assert wire.say(after(1)).holes == [hole(NOON, cause=Cause.EXCHANGE_DOWN)]


def test_the_first_connection_is_one_after_not_running() -> None:
    wire = Wire()
    wire.assembly.connected(Cause.DISCONNECT)
    wire.say(NOON + MINUTE - 1)
    assert wire.say(after(1)).holes == [hole(NOON, cause=Cause.NOT_RUNNING)]


def test_a_frame_without_a_time_ends_no_break() -> None:
    wire = begun()
    wire.assembly.connected(Cause.DISCONNECT)
    wire.say(None, Refused("no"))
    assert wire.say(after(2)).holes == [hole(NOON, NOON + MINUTE, Cause.DISCONNECT)]


# -- two connections at once


def test_frames_that_come_twice_over_two_connections_say_nothing_twice() -> None:
    wire = begun(at=NOON + 1)
    frames = [(NOON + n * 20_000 + 20_000, kline(NOON, close=str(100 + n))) for n in range(2)]
    frames += [(NOON + MINUTE + 5, closing(close="102")), (NOON + MINUTE + 9, kline(NOON + MINUTE, close="103"))]
    outcomes = [wire.say(at, event) for at, event in (*frames, *frames)]
    assert [o for o in outcomes if o != Outcome()] == [Outcome([candle(close="102")], [(M1, NOON)])]
    assert wire.assembly.ticks() == ([], [candle(NOON + MINUTE, "103")])


def test_an_older_connection_that_lags_behind_takes_nothing_back() -> None:
    wire = begun()
    wire.say(NOON + 30_000, kline(close="130"), ticker("130", NOON + 30_000))
    wire.say(NOON + 10_000, kline(close="110"), ticker("110", NOON + 10_000))
    tickers, forming = wire.assembly.ticks()
    assert ([t.price for t in tickers], forming) == (["130"], [candle(close="130")])
    assert wire.assembly.heard()[BTC, "klines"] == NOON + 30_000
    wire.say(NOON + MINUTE + 5, closing())
    wire.say(NOON + 40_000, kline(close="140"))
    assert wire.say(after(1)) == Outcome()
    assert wire.assembly.ticks() == ([], [])


def test_a_closing_over_the_slower_connection_fills_the_hole() -> None:
    wire = begun()
    assert wire.say(after(1), kline(NOON + MINUTE)).holes == [hole(NOON)]
    assert wire.say(NOON + MINUTE + 5, closing()) == told(NOON)


# -- watching


def test_a_symbol_that_is_added_begins_with_the_bucket_in_progress() -> None:
    wire = begun(at=NOON)
    wire.say(NOON + MINUTE + 5, closing())
    wire.assembly.watch([BTC, ETH])
    wire.say(NOON + MINUTE + 50_000)
    assert wire.say(NOON + 2 * MINUTE + 5, closing(NOON + MINUTE), closing(NOON + MINUTE, series=ETH_M1)).known == [
        (M1, NOON + MINUTE),
        (ETH_M1, NOON + MINUTE),
    ]
    assert wire.say(after(2)) == Outcome()


def test_a_symbol_that_is_added_just_before_the_end_of_a_bucket_was_not_listened_to_before() -> None:
    wire = begun(at=NOON - 9_000)
    wire.say(NOON + 5, closing(NOON - MINUTE))
    wire.say(NOON + MINUTE - 10)
    wire.assembly.watch([ETH, BTC])
    wire.say(NOON + MINUTE - 5)
    assert wire.say(after(1)).holes == [Gap(ETH_M1, NOON, NOON, Cause.NOT_RUNNING), hole(NOON)]


def test_a_symbol_that_is_added_begins_by_the_newest_time_not_by_that_of_a_connection_that_lags() -> None:
    wire = begun()
    wire.say(after(3))
    wire.assembly.watch([ETH])
    wire.say(NOON + 5)
    assert [gap.first for gap in wire.say(after(4)).holes] == [NOON + 3 * MINUTE]


def test_a_symbol_that_is_no_longer_watched_leaves_nothing_behind() -> None:
    wire = begun(BTC, ETH)
    wire.say(NOON + 5, kline(series=ETH_M1), ticker("1", NOON + 5, ETH), kline(), ticker("2", NOON + 5))
    wire.assembly.watch([BTC])
    assert wire.assembly.heard() == {(BTC, "klines"): NOON + 5, (BTC, "tickers"): NOON + 5}
    assert [t.symbol for t in wire.assembly.ticks()[0]] == [BTC]
    assert [gap.series.symbol for gap in wire.say(after(1)).holes] == [BTC]


def test_to_watch_the_same_again_disturbs_nothing() -> None:
    wire = begun(at=NOON - 9_000)
    wire.say(NOON + 30_000, kline())
    wire.assembly.watch([BTC])
    assert wire.say(NOON + MINUTE + 5, closing()).closed == [candle()]
    assert wire.say(NOON + MINUTE + 6, closing()) == Outcome()


def test_a_symbol_may_be_added_during_a_break() -> None:
    wire = begun()
    wire.assembly.connected(Cause.DISCONNECT)
    wire.assembly.watch([BTC, ETH])
    wire.say(NOON + MINUTE - 5)
    assert [(gap.series, gap.cause) for gap in wire.say(after(1)).holes] == [
        (M1, Cause.DISCONNECT),
        (ETH_M1, Cause.NOT_RUNNING),
    ]


# -- refusals, leaving, ticks, heard


def test_refusals_and_leavings_are_told_and_harm_nothing() -> None:
    wire = begun()
    assert wire.say(NOON + 1, Refused("Invalid request")) == Outcome(refusals=["Invalid request"])
    assert wire.say(NOON + 2, Leaving()) == Outcome(leaving=True)
    assert wire.say(NOON + 3, Subscribed(frozenset())) == Outcome()
    assert wire.say(NOON + MINUTE, closing()) == told(NOON)


def test_of_several_tickers_and_candles_of_one_symbol_the_newest_is_told_once() -> None:
    wire = begun(BTC, ETH)
    wire.say(NOON + 1, ticker("1", NOON + 1), kline(close="101"), kline(series=ETH_M1))
    wire.say(NOON + 2, ticker("2", NOON + 2), kline(close="102"))
    tickers, forming = wire.assembly.ticks()
    assert [(t.symbol, t.price) for t in tickers] == [(BTC, "2")]
    assert forming == [candle(close="102"), candle(series=ETH_M1)]
    assert wire.assembly.ticks() == ([], [])


def test_only_one_minute_candles_with_trades_are_told_while_they_form() -> None:
    wire = begun()
    wire.say(NOON + 1, kline(empty=True), kline(series=M5))
    assert wire.assembly.ticks() == ([], [])


def test_a_candle_that_is_closed_before_it_was_told_of_no_longer_forms() -> None:
    wire = begun()
    wire.say(NOON + 59_000, kline())
    wire.say(NOON + MINUTE + 5, closing())
    assert wire.assembly.ticks() == ([], [])


def test_what_is_heard_goes_by_the_exchanges_time_and_never_back() -> None:
    wire = begun()
    wire.say(NOON + 5, kline())
    wire.say(NOON + 9, ticker("1", NOON + 9))
    wire.say(NOON + 7, kline(series=M5))
    wire.say(NOON + 6, kline())
    assert wire.assembly.heard() == {(BTC, "klines"): NOON + 7, (BTC, "tickers"): NOON + 9}


def test_a_ticker_that_is_sent_again_is_no_news() -> None:
    wire = begun()
    wire.say(NOON + 9, ticker("1", NOON + 9))
    wire.assembly.ticks()
    wire.say(NOON + 50, ticker("1", NOON + 9))
    assert wire.assembly.ticks() == ([], [])
    assert wire.assembly.heard()[BTC, "tickers"] == NOON + 9


# -- grace


def test_the_grace_follows_the_slowest_closings() -> None:
    wire = begun()
    assert wire.assembly.grace == GRACE
    for n in range(10):
        wire.say(NOON + (n + 1) * MINUTE + 400, closing(NOON + n * MINUTE))
    assert wire.assembly.grace == 700
    assert wire.say(NOON + 11 * MINUTE + 700).holes == [hole(NOON + 10 * MINUTE)]


def test_what_is_sent_again_does_not_lengthen_the_grace() -> None:
    wire = begun()
    for n in range(10):
        wire.say(NOON + (n + 1) * MINUTE + 400, closing(NOON + n * MINUTE))
        wire.say(NOON + (n + 1) * MINUTE + 9_000, closing(NOON + n * MINUTE))
    assert wire.assembly.grace == 700


def test_the_grace_is_never_longer_than_it_may_be() -> None:
    wire = begun()
    for n in range(10):
        wire.say(NOON + (n + 1) * MINUTE + 2_400, closing(NOON + n * MINUTE))
    assert wire.assembly.grace == GRACE
