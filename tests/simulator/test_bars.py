"""Bars of ticks and lots."""

from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from livermore.simulator.bars import NOTHING, Bar, Bars

numbers = st.integers(1, 10**12)
bar_lists = st.lists(st.one_of(st.builds(Bar, st.just(0), *[numbers] * 5), st.builds(Bar, *[numbers] * 6)), min_size=1)


def bars(rows: list[Bar]) -> Bars:
    return Bars(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


@given(bar_lists)
def test_many_bars_are_the_first_open_the_extremes_the_last_close_and_all_the_volume(rows):
    traded = [row for row in rows if row.trades]
    total = bars(rows).total()
    if not traded:
        assert total.trades == 0
        return
    assert total == Bar(
        sum(row.trades for row in traded),
        traded[0].open,
        max(row.high for row in traded),
        min(row.low for row in traded),
        traded[-1].close,
        sum(row.volume for row in traded),
    )
    assert reduce(Bar.then, rows, NOTHING) == total


@given(bar_lists, st.integers(1, 5))
def test_neighbours_are_rolled_up_group_by_group(rows, size):
    whole = rows[: len(rows) // size * size]
    if whole:
        groups = [bars(whole[at : at + size]).total() for at in range(0, len(whole), size)]
        rolled = bars(whole).rolled_up(size)
        assert [rolled.at(index).trades for index in range(len(groups))] == [group.trades for group in groups]
        assert all(rolled.at(index) == group for index, group in enumerate(groups) if group.trades)


@given(bar_lists, bar_lists)
def test_bars_are_joined_one_after_another(one, other):
    joined = bars(one).followed_by(bars(other))
    assert [joined.at(index) for index in range(len(one) + len(other))] == one + other
    assert joined.sliced(len(one), len(one) + 1).at(0) == other[0]
    assert bars(one).and_then(other[0]).at(len(one)) == other[0]


def test_no_bars_are_nothing():
    assert bars([NOTHING]).sliced(0, 0).total() == NOTHING
