"""The market: a pure function of seed, symbol and time, whose candles are exactly what its trades say."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from livermore.market.amount import canonical
from livermore.market.candle import fault
from livermore.market.rollup import roll_up
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import INSTRUMENTS, made
from livermore.simulator.market import Market
from livermore.simulator.trade import Trade
from tests.simulator.support import MINUTE, NOW, folded
from tests.support.examples import sampled

SYMBOLS = [instrument.symbol for instrument in INSTRUMENTS]
SMALL, LARGE = [Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1], [Timeframe.H4, Timeframe.D1]

seeds = st.integers(0, 10**12)
symbols, moments = st.sampled_from(SYMBOLS), st.integers(1_500_000_000_000, 2_000_000_000_000)
series = st.one_of(
    st.tuples(symbols, st.sampled_from(SMALL), st.integers(1, 3)),
    st.tuples(st.sampled_from(SYMBOLS[-4:]), st.sampled_from(LARGE), st.integers(1, 2)),
)


def ms(*moment: int) -> int:
    """A moment in UTC."""
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000  # type: ignore[arg-type,misc]


@settings(max_examples=sampled(25), deadline=None)
@given(seeds, series, moments)
@example(1, ("SLP-USD", Timeframe.D1, 2), ms(2026, 3, 29, 12))
@example(1, ("ATOM-USD", Timeframe.H4, 3), ms(2026, 3, 8, 11, 59))
@example(1, ("BTC-USD", Timeframe.H1, 3), ms(2026, 10, 25, 1, 30))
@example(1, ("BTC-USD", Timeframe.M1, 2), ms(2026, 1, 1))
@example(1, ("ETH-USD", Timeframe.M5, 2), ms(2026, 11, 1) - 1)
def test_candles_are_exactly_the_roll_up_of_the_trades_up_to_now(seed, series, now):
    symbol, timeframe, buckets = series
    market, newest = Market(seed), timeframe.floor(now)
    first = newest - (buckets - 1) * timeframe.ms
    candles = market.candles(symbol, timeframe, first, newest, now)
    assert candles == folded(market.trades(symbol, first, now), timeframe)


@pytest.mark.parametrize("seed", [1, 2])
def test_minutes_of_one_two_and_three_trades_are_exact(seed):
    market, first = Market(seed), Timeframe.D1.floor(NOW)
    trades = market.trades("ATOM-USD", first, first + Timeframe.D1.ms)
    now = first + Timeframe.D1.ms
    assert {1, 2, 3} <= set(Counter(t.time // 60_000_000 for t in trades).values())
    assert market.candles("ATOM-USD", Timeframe.M1, first, now - 1, now) == folded(trades, Timeframe.M1)


@settings(max_examples=40, deadline=None)
@given(seeds, symbols, moments, st.sampled_from([tf for tf in Timeframe if tf.child]), st.integers(1, 40))
def test_larger_candles_are_the_roll_up_of_smaller_ones(seed, symbol, now, timeframe, buckets):
    market, newest, child = Market(seed), timeframe.floor(now), timeframe.child
    assert child is not None
    first = newest - (buckets - 1) * timeframe.ms
    children: dict[int, list] = {}
    for candle in market.candles(symbol, child, first, now, now):
        children.setdefault(timeframe.floor(candle.open_time), []).append(candle)
    expected = [roll_up(bucket, timeframe) for bucket in children.values()]
    assert market.candles(symbol, timeframe, first, newest, now) == expected


@settings(max_examples=20, deadline=None)
@given(seeds, symbols, moments)
def test_trade_numbers_are_contiguous_and_times_ascend_across_minutes(seed, symbol, start):
    trades = Market(seed).trades(symbol, start, start + 45 * MINUTE)
    assert all(b.number == a.number + 1 and b.time > a.time for a, b in pairwise(trades))
    assert all(start * 1_000 <= t.time < (start + 45 * MINUTE) * 1_000 for t in trades)


@settings(max_examples=20, deadline=None)
@given(seeds, symbols, moments, st.integers(1, 250))
def test_the_newest_trades_end_right_before_now_and_leave_none_out(seed, symbol, now, count):
    market = Market(seed)
    newest = market.newest_trades(symbol, now, count)
    assert len(newest) == count
    assert all(b.number == a.number - 1 for a, b in pairwise(newest))
    assert newest[0].time < now * 1_000
    following = market.trades(symbol, now, now + 60 * MINUTE)
    assert following[0].number == newest[0].number + 1


@settings(max_examples=sampled(5), deadline=None)
@given(seeds, moments, st.randoms())
def test_the_same_seed_gives_the_same_answers_in_any_order_of_questions(seed, now, random):
    questions = [
        lambda m, s=symbol, at=at: (
            m.trades(s, at - 3 * MINUTE, at),
            m.candles(s, Timeframe.H1, at - 5 * Timeframe.H1.ms, at, at),
            m.candles(s, Timeframe.D1, at - 3 * Timeframe.D1.ms, at, at),
            m.ticker(s, at),
        )
        for symbol in ("BTC-USD", "SLP-USD")
        for at in (now, now + 1, now + 7 * MINUTE, now - Timeframe.D1.ms)
    ]
    one, other, order = Market(seed), Market(seed), list(range(len(questions)))
    random.shuffle(order)
    shuffled = {index: questions[index](other) for index in order}
    assert [questions[index](one) for index in range(len(questions))] == [shuffled[i] for i in range(len(questions))]


def test_another_seed_is_another_market():
    one, other = (Market(seed).candles("BTC-USD", Timeframe.H1, NOW - 10**8, NOW, NOW) for seed in (1, 2))
    assert len(one) == len(other)
    assert all(a != b for a, b in zip(one, other, strict=True))


def test_the_market_is_what_it_always_was():
    market = Market(1)
    [candle] = market.candles("BTC-USD", Timeframe.M1, NOW - 2 * MINUTE, NOW - 2 * MINUTE + 59_999, NOW)
    assert (candle.open, candle.high, candle.low, candle.close, candle.volume) == (
        "57162.87",
        "57206.24",
        "57161.22",
        "57203.85",
        "1.36800339",
    )
    assert market.newest_trades("BTC-USD", NOW, 1) == [
        Trade(symbol="BTC-USD", number=1786311436, price="57227.5", size="0.1315977", time=1786309547884905, side="BUY")
    ]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_candle_is_one_that_could_be_true(symbol):
    market = Market(3)
    for timeframe in Timeframe:
        candles = market.candles(symbol, timeframe, NOW - 349 * timeframe.ms, NOW, NOW)
        assert candles
        assert [fault(c) for c in candles if fault(c)] == []
        assert all(canonical(t) == t for c in candles for t in (c.open, c.high, c.low, c.close, c.volume))
        assert all(a.open_time < b.open_time for a, b in pairwise(candles))


@pytest.mark.parametrize("symbol", SYMBOLS[:-1])
def test_350_days_are_350_candles_the_last_of_them_open(symbol):
    first = Timeframe.D1.floor(NOW) - 349 * Timeframe.D1.ms
    candles = Market(1).candles(symbol, Timeframe.D1, first, NOW, NOW)
    assert [c.open_time for c in candles] == list(range(first, NOW, Timeframe.D1.ms))


def test_even_a_year_of_lots_is_far_from_overflowing():
    for instrument in INSTRUMENTS:
        candles = Market(1).candles(instrument.symbol, Timeframe.D1, NOW - 30 * Timeframe.D1.ms, NOW, NOW)
        lots = max(Decimal(c.volume) for c in candles).scaleb(instrument.size_digits)
        assert lots * 366 < 2**62


def test_prices_join_from_minute_to_minute():
    candles = Market(5).candles("BTC-USD", Timeframe.M1, NOW - 601 * MINUTE, NOW - MINUTE, NOW)
    assert len(candles) == 600
    assert max(abs(Decimal(b.open) - Decimal(a.close)) for a, b in pairwise(candles)) <= Decimal("0.01")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sparse_symbol_has_no_trade_in_most_minutes(seed):
    day = Timeframe.D1.ms
    market, first = Market(seed), Timeframe.D1.floor(NOW) - day
    minutes = market.candles("SLP-USD", Timeframe.M1, first, first + day - 1, NOW)
    fives = market.candles("SLP-USD", Timeframe.M5, first, first + day - 1, NOW)
    assert 100 < len(minutes) < 200
    assert len(fives) < 250
    assert len(market.candles("BTC-USD", Timeframe.M1, first, first + day - 1, NOW)) == 1_440


def test_the_smallest_prices_are_written_out():
    [candle] = Market(1).candles("SHIB-USD", Timeframe.H1, NOW - Timeframe.H1.ms + 1, NOW, NOW)
    assert candle.close.startswith("0.0000")
    assert "E" not in f"{candle.open}{candle.high}{candle.low}{candle.close}{candle.volume}"


def test_only_open_times_inside_the_span_are_answered_and_none_after_now():
    market, first = Market(1), Timeframe.M5.floor(NOW)

    def opens(start: int, end: int) -> list[int]:
        found = market.candles("BTC-USD", Timeframe.M5, start, end, NOW)
        return [(c.open_time - first) // Timeframe.M5.ms for c in found]

    assert opens(first - 600_000, first) == [-2, -1, 0]
    assert opens(first - 599_999, first - 1) == [-1]
    assert opens(first, first + 10**9) == [0]
    assert opens(first + 300_000, first + 10**9) == []
    assert opens(first, first - 1) == []


def test_the_first_minutes_of_the_epoch_are_no_trouble():
    market = Market(1)
    assert market.candles("BTC-USD", Timeframe.H1, -(10**9), 90 * MINUTE, 30 * MINUTE) == folded(
        market.trades("BTC-USD", 0, 30 * MINUTE), Timeframe.H1
    )
    assert market.newest_trades("BTC-USD", 0, 100) == []
    assert market.ticker("SLP-USD", 0) is None
    assert market.ticker("BTC-USD", 5 * MINUTE) is not None


def test_what_is_remembered_of_the_past_is_bounded():
    market = Market(1)
    for hour in range(100):
        market.trades("BTC-USD", NOW - hour * 3_600_000, NOW - hour * 3_600_000 + MINUTE)
    tape = market._symbols["BTC-USD"].tape
    assert tape._made.cache_info().currsize <= 64
    assert tape._hour.cache_info().currsize <= 24


def test_a_market_of_any_size_begins_with_the_twelve_and_takes_in_more_without_changing_them():
    assert made(12) == INSTRUMENTS
    assert made(100)[:30] == made(30)
    names = [instrument.symbol for instrument in made(100)]
    assert len(set(names)) == 100
    assert names[10:14] == ["ATOM-USD", "SLP-USD", "BTC2-USD", "ETH2-USD"]
    rates = [instrument.rate for instrument in made(100)]
    assert max(rates) == 60
    assert min(rates) == 0.05
    large = Market(1, made(30)).candles("BTC-USD", Timeframe.H1, NOW - 10**8, NOW, NOW)
    assert large == Market(1).candles("BTC-USD", Timeframe.H1, NOW - 10**8, NOW, NOW)


@pytest.mark.parametrize("instrument", made(100, "USDT")[12::11], ids=lambda instrument: instrument.symbol)
def test_the_further_symbols_trade_as_truly_as_the_first(instrument):
    market = Market(2, [instrument], "binance")
    start = Timeframe.H1.floor(NOW) - Timeframe.H1.ms
    trades = market.trades(instrument.symbol, start, NOW)
    candles = market.candles(instrument.symbol, Timeframe.M5, start, NOW, NOW)
    assert candles == [replace(c, exchange="binance") for c in folded(trades, Timeframe.M5)]
    assert instrument.symbol.endswith("-USDT")


def test_the_same_symbol_in_another_quote_is_another_market():
    quoted = Market(1, made(1, "USDT")).candles("BTC-USDT", Timeframe.H1, NOW - 10**8, NOW, NOW)
    assert all(
        a.open != b.open
        for a, b in zip(quoted, Market(1).candles("BTC-USD", Timeframe.H1, NOW - 10**8, NOW, NOW), strict=True)
    )
