"""The trades of one minute."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.simulator.bars import Bar
from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.prints import Prints

MINUTE = 29_771_825
prints = st.builds(Prints, st.integers(0, 1_000_000), st.sampled_from(INSTRUMENTS))


@st.composite
def bars(draw) -> Bar:
    """Any candle that so many trades can make."""
    count = draw(st.one_of(st.integers(1, 4), st.integers(1, 150)))
    first = draw(st.integers(1, 10**7))
    last = first if count == 1 else draw(st.integers(1, 10**7))
    up, down = draw(st.integers(0, 10**5)), draw(st.integers(0, 10**5))
    if count == 3:
        up, down = draw(st.sampled_from([(up, 0), (0, down)]))
    if count < 3:
        up = down = 0
    high, low = max(first, last) + up, max(min(first, last) - down, 1)
    return Bar(count, first, high, low, last, count + draw(st.integers(0, 10**13)))


@given(prints, bars(), st.integers(0, 10**10))
def test_the_trades_of_a_minute_roll_up_to_exactly_its_candle(prints_, bar, number):
    minute = prints_.minute(MINUTE, number, bar)
    assert minute.bar(len(minute.trades)) == bar
    assert min(minute.lots) > 0


@given(prints, bars(), st.integers(0, 10**10))
def test_trades_ascend_inside_their_minute_and_are_numbered_without_a_hole(prints_, bar, number):
    minute = prints_.minute(MINUTE, number, bar)
    assert all(a < b for a, b in zip(minute.times, minute.times[1:], strict=False))
    assert minute.times[0] > MINUTE * 60_000_000
    assert minute.times[-1] < (MINUTE + 1) * 60_000_000
    assert [t.number for t in minute.trades] == list(range(number, number + len(minute.trades)))
    assert [t.time for t in minute.trades] == minute.times


@given(prints, bars())
def test_no_trade_falls_on_a_whole_millisecond(prints_, bar):
    assert all(time % 1_000 for time in prints_.minute(MINUTE, 0, bar).times)


@given(prints, bars())
def test_a_rising_price_was_paid_to_a_seller_and_a_falling_one_to_a_buyer(prints_, bar):
    minute = prints_.minute(MINUTE, 0, bar)
    pairs = zip(minute.ticks, minute.ticks[1:], minute.trades[1:], strict=False)
    moves = {(after > before, trade.side) for before, after, trade in pairs if after != before}
    assert moves <= {(True, "SELL"), (False, "BUY")}


@given(prints, bars(), st.data())
def test_a_minute_knows_how_many_trades_came_before_a_moment(prints_, bar, data):
    minute = prints_.minute(MINUTE, 0, bar)
    at = data.draw(st.integers(MINUTE * 60_000_000, (MINUTE + 1) * 60_000_000))
    count = minute.before(at)
    assert all(t < at for t in minute.times[:count])
    assert all(t >= at for t in minute.times[count:])
