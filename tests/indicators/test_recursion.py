"""Tests of states: what is computed over a history and what is stepped to bar by bar are the same bits."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.indicators.bars import Bars, Floats, filled
from livermore.indicators.macd import Macd
from livermore.indicators.macd import Options as MacdOptions
from livermore.indicators.macdv import Macdv
from livermore.indicators.macdv import Options as MacdvOptions
from livermore.indicators.recursion import flat_bar, unborn
from livermore.indicators.values import Indicator
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from tests.indicators.examples import STEP, bars, first
from tests.indicators.recorded import LONG, SHORT
from tests.market.examples import candle

SMALL: list[Indicator] = [
    Macdv(MacdvOptions(fast=2, slow=5, atr=4, signal=3)),
    Macd(MacdOptions(fast=2, slow=5, signal=3)),
]
ALL: list[Indicator] = [Macdv(), Macd(), *SMALL]
indicators = pytest.mark.parametrize("indicator", ALL, ids=lambda one: one.recipe)

finite = st.floats(min_value=5e-324, max_value=1.7976931348623157e308)
ordinary = st.floats(0.01, 1000)


def series_of(prices: st.SearchStrategy[float], most: int = 60) -> st.SearchStrategy[Bars]:
    """Bars of any three prices each, some of them filled; the first is traded."""
    rows = st.lists(st.tuples(prices, prices, prices, st.booleans()), min_size=1, max_size=most)
    return rows.map(_series)


def _series(rows: list[tuple[float, float, float, bool]]) -> Bars:
    columns: list[tuple[float, float, float, bool]] = []
    for *prices, traded in rows:
        low, close, high = sorted(prices)
        before = columns[-1][2] if columns else close
        columns.append((high, low, close, True) if traded or not columns else (before, before, before, False))
    high, low, close, observed = map(np.array, zip(*columns, strict=True))
    return Bars(np.arange(len(columns)) * STEP, high, low, close, observed)


def bar(some: Bars, at: int) -> Bars:
    """One bar, as that of one series."""
    return Bars(*(column[[at]] for column in (some.open_time, some.high, some.low, some.close, some.observed)))


def stepped(indicator: Indicator, some: Bars, states: Floats | None = None, begin: int = 0) -> Floats:
    """The states of a series, stepped to bar by bar."""
    columns = []
    states = unborn(indicator.width, 1) if states is None else states
    for at in range(begin, len(some)):
        states = indicator.step(states, bar(some, at))
        columns.append(states)
    return np.concatenate(columns, axis=1)


def assert_same_bits(one: Floats, other: Floats) -> None:
    assert one.tobytes() == np.ascontiguousarray(other).tobytes()


@indicators
@settings(deadline=None, max_examples=40)
@given(series_of(ordinary))
def test_history_and_steps_come_to_the_same_bits(indicator: Indicator, some: Bars) -> None:
    assert_same_bits(indicator.states(some), stepped(indicator, some))


@indicators
@settings(deadline=None, max_examples=40)
@given(series_of(ordinary), st.integers(1, 59))
def test_from_a_state_that_was_written_down_as_json_the_steps_go_on_to_the_same_bits(
    indicator: Indicator, some: Bars, count: int
) -> None:
    states = indicator.states(some)
    count = min(count, len(some) - 1)
    if count:
        kept = np.array(json.loads(json.dumps(states[:, count - 1].tolist())), np.float64)
        assert_same_bits(states[:, count:], stepped(indicator, some, kept[:, None], count))


@indicators
@settings(deadline=None, max_examples=40)
@given(series_of(ordinary), st.integers(1, 60))
def test_what_comes_later_never_changes_a_state(indicator: Indicator, some: Bars, count: int) -> None:
    part = first(some, min(count, len(some)))
    assert_same_bits(indicator.states(some)[:, : len(part)], indicator.states(part))


@indicators
@settings(deadline=None, max_examples=25)
@given(st.lists(series_of(ordinary, most=40), min_size=2, max_size=6))
def test_many_series_step_together_as_each_does_alone(indicator: Indicator, some: list[Bars]) -> None:
    length = min(map(len, some))
    states = unborn(indicator.width, len(some))
    for at in range(length):
        ones = [bar(one, at) for one in some]
        columns = ("open_time", "high", "low", "close", "observed")
        together = Bars(*(np.concatenate([getattr(one, name) for one in ones]) for name in columns))
        states = indicator.step(states, together)
    for i, one in enumerate(some):
        assert_same_bits(states[:, [i]], indicator.states(first(one, length))[:, [-1]])


@indicators
@settings(deadline=None, max_examples=40)
@given(series_of(ordinary), st.integers(-20, 20))
def test_the_unit_of_the_price_makes_no_difference_but_to_what_is_told_in_it(
    indicator: Indicator, some: Bars, exponent: int
) -> None:
    scale = 2.0**exponent
    scaled = Bars(some.open_time, some.high * scale, some.low * scale, some.close * scale, some.observed)
    unit = 1.0 if indicator.kind == "macd-v" else scale
    for ours, theirs in zip(
        indicator.lines(indicator.states(scaled)), indicator.lines(indicator.states(some)), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs * unit)


@indicators
@settings(deadline=None, max_examples=60)
@given(series_of(finite, most=70))
def test_whatever_finite_prices_come_no_record_has_infinity_or_anything_that_is_no_number(
    indicator: Indicator, some: Bars
) -> None:
    states = indicator.states(some)
    assert json.dumps(indicator.records(states), allow_nan=False)
    assert_same_bits(states, stepped(indicator, some))


@indicators
@pytest.mark.parametrize("name", [*LONG, *SHORT])
def test_recorded_series_come_to_the_same_bits_either_way(indicator: Indicator, name: str) -> None:
    some = filled((LONG | SHORT)[name]()[-1_500:])
    assert_same_bits(indicator.states(some), stepped(indicator, some))


@pytest.mark.parametrize("name", [*LONG, *SHORT])
def test_macd_and_macdv_are_of_the_same_averages(name: str) -> None:
    some = filled((LONG | SHORT)[name]()[-1_500:])
    plain, by_range = Macd(), Macdv()
    macd, _ = plain.lines(plain.states(some))
    states = by_range.states(some)
    np.testing.assert_array_equal(by_range.lines(states)[0], macd / by_range.parts(states)["atr"] * 100)


def test_a_bar_that_fills_repeats_the_close_and_was_not_traded() -> None:
    states = Macdv().states(bars([100.0, 103.0]))
    filling = flat_bar(states[:, [-1]], np.array([float(STEP)]))
    assert (filling.open_time, filling.high, filling.low, filling.close) == (2 * STEP, 103.0, 103.0, 103.0)
    assert not filling.observed


def test_recipes_tell_periods_apart() -> None:
    made: list[Callable[[], Indicator]] = [Macdv, Macd, lambda: SMALL[0], lambda: SMALL[1]]
    assert len({make().recipe for make in made}) == 4


def test_a_candle_is_one_bar_however_it_is_read() -> None:
    """An amount of a candle is the same number in a history and in a step."""
    amounts = ["0.1", "1e-7", "123456789012345678901234567890.123456789", "100000.000000000000000000001"]
    some: list[Candle] = [candle(i * STEP, high=a, low=a, close=a) for i, a in enumerate(amounts)]
    found = filled(some)
    assert found.high.tolist() == found.low.tolist() == found.close.tolist() == [float(a) for a in amounts]
    assert some[0].timeframe is Timeframe.M1
