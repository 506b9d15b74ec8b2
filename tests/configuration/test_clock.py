"""Tests of the clock: market time as a straight line over wall time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.clock import AffineClock, wall_seconds
from livermore.errors import LivermoreError
from tests.support.clocks import ManualClock

speeds = st.integers(1, 10_000_000).map(lambda millionths: millionths / 1_000_000)
moments = st.integers(0, 10**14)


def at(wall: int, clock: AffineClock, monkeypatch: pytest.MonkeyPatch) -> int:
    """Market time at a wall time."""
    monkeypatch.setattr("livermore.clock.time.time_ns", lambda: wall * 1_000_000 + 999_999)
    return clock.now()


def test_with_nothing_given_market_time_is_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert at(1_786_309_548_228, AffineClock.from_text(""), monkeypatch) == 1_786_309_548_228


@pytest.mark.parametrize(("wall", "market"), [(2_000, 1_000), (2_001, 1_002), (3_000, 3_500), (1_900, 750)])
def test_market_time_runs_from_its_origin_at_its_speed(wall: int, market: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert at(wall, AffineClock.from_text("1000@2000x2.5"), monkeypatch) == market


@given(moments, moments, speeds)
def test_the_text_of_a_clock_gives_the_same_clock(market: int, wall: int, speed: float) -> None:
    clock = AffineClock(market, wall, speed)
    assert AffineClock.from_text(str(clock)) == clock


HALF = ["x", "1@2", "1x2", "@x1", "1@2x"]
OTHER_SPEEDS = ["1@2x0", "1@2x0.0", "1@2x10.1", "1@2x11", "1@2x-1", "1@2x1e1", "1@2xnan"]
OTHER_NUMBERS = ["-1@2x1", " 1@2x1", "1@2x1 ", "1@2x1\n", "\u0661@2x1", "1" * 16 + "@2x1"]


@pytest.mark.parametrize("text", [*HALF, *OTHER_SPEEDS, *OTHER_NUMBERS])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(LivermoreError, match="LIVERMORE_CLOCK is MARKET_MS@WALL_MSxSPEED"):
        AffineClock.from_text(text)


@pytest.mark.parametrize("speed", ["0.000001", "10", "10.000000"])
def test_a_speed_may_be_anything_above_zero_up_to_ten(speed: str) -> None:
    assert AffineClock.from_text(f"0@0x{speed}").speed == float(speed)


def test_a_stretch_of_market_time_is_shorter_in_wall_time_by_the_speed() -> None:
    assert wall_seconds(ManualClock(speed=10.0), 60_000) == 6.0
    assert wall_seconds(AffineClock(), 1_500) == 1.5


def test_monotonic_time_never_steps_back() -> None:
    clock = AffineClock()
    assert clock.monotonic() <= clock.monotonic()
