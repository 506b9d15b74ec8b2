"""Tests of MACD-V: golden vectors, stages, validity, and what holds for any series."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.indicators.bars import Bars, filled
from livermore.indicators.macdv import Macdv, Options
from livermore.indicators.values import Values
from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from tests.indicators.examples import STEP, bars, first, wave
from tests.market.examples import SLP_1M, candle, series


def values_of(some: Bars, **options: int) -> Values:
    return Macdv(Options(**options)).compute(some)


def newest(some: Bars, **options: int) -> dict[str, Any]:
    """The record at the last bar."""
    return values_of(some, **options).record(len(some) - 1)


def extended(some: Bars, count: int) -> Bars:
    """The series with filled bars behind it."""
    close = np.append(some.close, np.full(count, some.close[-1]))
    flat = close[len(some) :]
    return Bars(
        np.arange(len(close)) * STEP, np.append(some.high, flat), np.append(some.low, flat), close,
        np.append(some.observed, np.full(count, False)),
    )  # fmt: skip


# -- golden vectors (`reference.md`, Appendix A)

NAMES = ("macdV", "signal", "histogram", "fastEMA", "slowEMA", "atr")
VECTORS = {
    "n=60": (
        filled(wave(60)),
        (87.8561610986012, -2.559968869235096, 90.4161299678363),
        (100.52889881293987, 99.0285517960232, 1.707731134795241),
        ("rallying", 60, 60),
    ),
    "n=200": (
        filled(wave(200)),
        (-21.109178690037794, 65.61391034735621, -86.723089037394),
        (113.01830104308978, 113.3726964124586, 1.6788685840063924),
        ("retracing", 200, 200),
    ),
    "n=80, synthetic where i>=10 and i%3=0": (
        filled(wave(80, without=range(12, 80, 3))),
        (141.25166851594804, 179.04466691967883, -37.79299840373079),
        (111.45824617023027, 109.01566071489839, 1.7292436124788853),
        ("retracing", 57, 80),
    ),
}


@pytest.mark.parametrize("case", VECTORS)
def test_golden_vectors(case: str) -> None:
    some, lines, parts, told = VECTORS[case]
    record = newest(some)
    assert [record["value"][name] for name in NAMES] == pytest.approx([*lines, *parts], rel=1e-9)
    assert (record["params"]["stage"], record["params"]["nEff"], record["params"]["spanBars"]) == told
    assert record["params"]["seeded"]
    assert "reason" not in record["params"]


def test_the_golden_vector_of_a_pair_that_hardly_trades() -> None:
    traded = filled(wave(60, without=[i for i in range(1, 60) if i % 5]))
    record = newest(extended(traded, 60 - len(traded)))
    assert record["value"] == dict.fromkeys(NAMES)
    params = record["params"]
    assert (params["stage"], params["nEff"], params["spanBars"]) == ("unknown", 12, 56)
    assert (params["seeded"], params["reason"]) == (False, "Low trading activity")
    assert record["validity"]["reason"] == "Low trading activity"


def test_a_record_says_where_it_comes_from() -> None:
    record = newest(filled(wave(80, without=[20, 21, 22, 23])))
    assert record["timestamp"] == 79 * STEP
    assert record["type"] == "macd-v"
    params = record["params"]
    assert [params[f"{name}Period"] for name in ("fast", "slow", "atr", "signal")] == [12, 26, 26, 9]
    assert params["gapRatio"] == pytest.approx(4 / 80)
    assert params["zeroRangeRatio"] == pytest.approx(4 / 80)


@pytest.mark.parametrize(
    ("traded", "liquidity"),
    [(100, "high"), (81, "high"), (80, "medium"), (51, "medium"), (50, "low"), (26, "low")],
)
def test_liquidity_is_the_share_of_minutes_without_trades(traded: int, liquidity: str) -> None:
    assert newest(bars(np.linspace(100, 120, 100), observed=range(traded)))["params"]["liquidity"] == liquidity


# -- validity


def test_nothing_is_told_before_sixty_bars_were_traded() -> None:
    values = values_of(filled(wave(70, without=[30, 31])))
    assert [values.published(at) for at in (60, 61, 62)] == [False, True, True]
    assert values.seen[61] == 60


@pytest.mark.parametrize(("n", "ready"), [(60, False), (249, False), (250, True), (400, True)])
def test_a_value_is_ready_from_250_traded_bars_on(n: int, ready: bool) -> None:
    validity = newest(filled(wave(n)))["validity"]
    assert validity["ready"] is ready
    assert validity["reason"] == (None if ready else f"{250 - n} more traded bars are needed")


def test_bars_that_were_filled_do_not_make_a_value_ready() -> None:
    validity = newest(filled(wave(300, without=range(50, 101))))["validity"]
    assert (validity["ready"], validity["bars_used"], validity["observed_bars"]) == (False, 300, 249)


@pytest.mark.parametrize(
    ("n", "bound"), [(5, 1.0), (26, 1.0), (27, 25 / 26), (60, (25 / 26) ** 34), (250, (25 / 26) ** 224)]
)
def test_the_residual_bound_is_what_is_left_of_the_seed(n: int, bound: float) -> None:
    assert newest(filled(wave(n)))["validity"]["residual_bound"] == pytest.approx(bound, rel=1e-12)


def test_before_it_is_seeded_a_record_has_no_value_at_all() -> None:
    record = newest(filled(wave(25)))
    assert record["value"] == dict.fromkeys(NAMES)
    assert record["params"]["stage"] == "unknown"


@pytest.mark.parametrize("n", [26, 33])
def test_a_value_without_a_signal_line_has_zero_in_its_place_and_no_stage(n: int) -> None:
    record = newest(filled(wave(n)))
    assert record["value"]["macdV"] is not None
    assert (record["value"]["signal"], record["value"]["histogram"], record["params"]["stage"]) == (0.0, 0.0, "unknown")


def test_the_signal_line_begins_with_its_ninth_value() -> None:
    values = values_of(filled(wave(40)))
    assert np.isnan(values.signal[:33]).all()
    assert values.signal[33] == pytest.approx(np.mean(values.value[25:34]))


def test_a_price_that_never_moved_has_no_value_and_is_never_ready() -> None:
    record = newest(bars([100.0] * 300, span=0.0))
    assert record["value"]["macdV"] is None
    assert record["value"]["atr"] == 0.0
    assert record["params"]["stage"] == "unknown"
    assert (record["validity"]["ready"], record["validity"]["reason"]) == (False, "No value is defined")


def test_a_value_whose_signal_line_is_not_defined_yet_is_not_ready() -> None:
    record = newest(bars([100.0] * 300 + [101.0] * 5, span=0.0))
    assert record["value"]["macdV"] is not None
    assert record["validity"]["ready"] is False


def test_a_value_that_needs_more_bars_than_there_are_is_not_ready() -> None:
    record = newest(filled(wave(300)), slow=350)
    assert record["value"]["macdV"] is None
    assert record["validity"]["ready"] is False


def test_a_hole_in_the_values_counts_as_zero_in_the_signal_line() -> None:
    values = values_of(bars([100.0, 101.0, *[102.0] * 60], span=0.0), fast=2, slow=3, atr=2, signal=2)
    assert np.isnan(values.value[-1])
    assert not np.isnan(values.signal[3:]).any()


@pytest.mark.parametrize(("before", "since"), [(0.9998, 0.9999), (1.0001, 1.0), (102.3, 102.4), (7e-7, 8e-7)])
def test_a_pegged_price_that_stands_still_for_hours_does_not_turn_rounding_into_momentum(
    before: float, since: float
) -> None:
    """The range it had goes on shrinking; how the two averages are rounded does not."""
    values = values_of(bars([before] * 30 + [since] * 1_000, span=0.0))
    defined = values.value[~np.isnan(values.value)]
    assert abs(defined[-1]) < 0.2
    assert np.isnan(values.value[-1])
    assert newest(values.bars)["validity"]["ready"] is False


# -- any series


def paths(max_size: int = 120) -> st.SearchStrategy[Bars]:
    steps = st.lists(
        st.tuples(st.integers(-500, 500), st.integers(0, 300), st.booleans()), min_size=1, max_size=max_size
    )
    return steps.map(_path)


def _path(steps: list[tuple[int, int, bool]]) -> Bars:
    price, candles = 1_000, []
    for i, (change, reach, traded) in enumerate(steps):
        if traded or i == 0:
            before, price = price, max(1, price + change)
            o, h, l, c = before, max(before, price) + reach, max(1, min(before, price) - reach), price  # noqa: E741 - OHLC
            candles.append(candle(i * STEP, open=str(o), high=str(h), low=str(l), close=str(c)))
    return filled(candles)


@settings(deadline=None)
@given(paths(), st.integers(0, 119))
def test_what_comes_later_never_changes_a_value(some: Bars, count: int) -> None:
    count = count % len(some) + 1
    whole, part = values_of(some), values_of(first(some, count))
    np.testing.assert_array_equal(whole.states[:, :count], part.states)
    np.testing.assert_array_equal(whole.value[:count], part.value)
    assert whole.record(count - 1) == part.record(count - 1)


@settings(deadline=None)
@given(paths(), st.integers(-20, 20))
def test_the_unit_of_the_price_does_not_matter(some: Bars, exponent: int) -> None:
    scale = 2.0**exponent
    scaled = Bars(some.open_time, some.high * scale, some.low * scale, some.close * scale, some.observed)
    np.testing.assert_array_equal(values_of(scaled).value, values_of(some).value)
    np.testing.assert_array_equal(values_of(scaled).signal, values_of(some).signal)


amounts = st.from_regex(r"[0-9]{1,32}(\.[0-9]{1,32})?", fullmatch=True).filter(str.isascii)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(amounts, amounts, amounts, st.booleans()), min_size=1, max_size=60), st.integers(1, 5))
def test_a_record_of_any_candles_has_numbers_or_nothing(fields: list[tuple], repeat: int) -> None:
    candles: list[Candle] = []
    for i, (high, low, close, traded) in enumerate(fields * repeat):
        if traded or i == 0:
            candles.append(candle(i * STEP, high=high, low=low, close=close))
    some = filled(candles)
    values = values_of(some)
    for at in {0, len(some) // 2, len(some) - 1}:
        assert json.dumps(values.record(at), allow_nan=False)
        assert json.dumps(values.point(at), allow_nan=False)


def test_a_bar_is_found_by_its_open_time() -> None:
    values = values_of(filled(wave(80, without=[40])))
    assert [values.index(at * STEP) for at in (0, 39, 41, 79)] == [0, 39, 41, 79]
    assert values.point(79) == [79 * STEP, values.value[79], values.signal[79]]
    assert values.point(0) == [0, None, None]


def test_minutes_without_trades_leave_the_range_as_it_was() -> None:
    some = filled(series(SLP_1M, Timeframe.M1)[:3_000])
    values = values_of(some)
    fills = np.flatnonzero(~some.observed & (values.seen >= 26))
    assert len(fills) > 100
    atr = Macdv().parts(values.states)["atr"]
    np.testing.assert_array_equal(atr[fills], atr[fills - 1])
