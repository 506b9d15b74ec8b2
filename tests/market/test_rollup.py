"""Tests of rolling candles up: against an independent computation in whole numbers, over recorded series."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.candle import Candle, PublicCandle, fault
from livermore.market.rollup import roll_up
from livermore.market.rollup import rolled as rolled_public
from livermore.market.timeframe import Rolled, Timeframe
from tests.market.examples import BTC_5M, NOON, XRP_1M, candle, series

Exact = tuple[Fraction, Fraction, Fraction, Fraction, Fraction]


def rolled(candles: Sequence[Candle], timeframe: Timeframe) -> list[Candle]:
    """Every bucket of a larger timeframe that has candles, by the code under test."""
    groups: dict[int, list[Candle]] = defaultdict(list)
    for one in candles:
        groups[timeframe.floor(one.open_time)].append(one)
    return [roll_up(group, timeframe) for group in groups.values()]


def exactly(candles: Sequence[Candle], ms: int) -> dict[int, Exact]:
    """The same by fractions, one candle after the other."""
    found: dict[int, Exact] = {}
    for one in candles:
        o, h, l, c, v = map(Fraction, (one.open, one.high, one.low, one.close, one.volume))  # noqa: E741 - OHLCV
        opens = one.open_time // ms * ms
        if opens in found:
            before = found[opens]
            found[opens] = (before[0], max(before[1], h), min(before[2], l), c, before[4] + v)
        else:
            found[opens] = (o, h, l, c, v)
    return found


@pytest.mark.parametrize(
    ("name", "child", "parent"),
    [
        (BTC_5M, Timeframe.M5, Timeframe.H4),
        (BTC_5M, Timeframe.M5, Timeframe.D1),
        (XRP_1M, Timeframe.M1, Timeframe.M5),
        (XRP_1M, Timeframe.M1, Timeframe.H1),
    ],
)
def test_recorded_candles_roll_up_exactly(name: str, child: Timeframe, parent: Timeframe) -> None:
    candles = series(name, child)
    expected = exactly(candles, parent.ms)
    found = rolled(candles, parent)
    assert {c.open_time: tuple(map(Fraction, (c.open, c.high, c.low, c.close, c.volume))) for c in found} == expected
    assert {c.timeframe for c in found} == {parent}
    assert all(fault(c) is None for c in found)


def test_a_bucket_in_which_nothing_was_traded_has_no_candle() -> None:
    """The recorded outage of 2025-10-25 took one whole bucket of 4h with it."""
    candles = series(BTC_5M, Timeframe.M5)
    span = candles[-1].open_time - Timeframe.H4.floor(candles[0].open_time)
    assert len(candles) == 59_206
    assert len(rolled(candles, Timeframe.H4)) == span // Timeframe.H4.ms + 1 - 1


def test_it_makes_no_difference_whether_a_day_is_made_of_hours_or_of_minutes() -> None:
    minutes = series(XRP_1M, Timeframe.M1)
    step_by_step: Sequence[Candle] = minutes
    for parent in list(Timeframe)[1:]:
        step_by_step = rolled(step_by_step, parent)
    assert step_by_step == rolled(minutes, Timeframe.D1)


def test_first_opens_last_closes_and_volumes_are_added_exactly() -> None:
    children = [
        candle(NOON + 60_000, open="10", high="12", low="9.5", close="11", volume="0.1"),
        candle(NOON + 180_000, open="11.5", high="11.75", low="9.25", close="9.3", volume="0.2"),
    ]
    assert roll_up(children, Timeframe.M5) == candle(
        NOON, Timeframe.M5, open="10", high="12", low="9.25", close="9.3", volume="0.3"
    )


def test_prices_are_compared_as_numbers_not_as_texts() -> None:
    children = [candle(NOON, high="9.5", low="9.5"), candle(NOON + 60_000, high="10", low="10")]
    both = roll_up(children, Timeframe.M5)
    assert (both.high, both.low) == ("10", "9.5")


def test_a_roll_up_begins_its_own_revisions() -> None:
    assert roll_up([candle(revision=3)], Timeframe.M5).revision == 0


def test_one_that_is_not_stored_has_the_revisions_of_its_parts() -> None:
    parts = [
        candle(NOON + 900_000, Timeframe.M15, open="10", high="12", low="9.5", close="11", volume="0.1", revision=2),
        candle(NOON + 1_800_000 - 900_000, Timeframe.M15, open="1", high="2", low="1", close="2", volume="0.2"),
    ]
    assert rolled_public(parts, Rolled.M30) == PublicCandle(
        "2026-08-09T12:00:00.000Z", "10", "12", "1", "2", "0.3", "BTC-USD", "coinbase", "30m", 2
    )


@given(st.lists(st.decimals(0, 10**20, places=18, allow_nan=False), min_size=1, max_size=5))
def test_no_digit_of_a_volume_is_lost(volumes: list[Decimal]) -> None:
    children = [candle(NOON + i * 60_000, volume=f"{volume:f}") for i, volume in enumerate(volumes)]
    assert Fraction(roll_up(children, Timeframe.M5).volume) == sum(map(Fraction, volumes))
