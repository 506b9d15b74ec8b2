"""Tests of the promise where the exchange closes: whatever a wire does, what is told closed is the truth."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from livermore.market.gap import Cause
from livermore.market.timeframe import Timeframe
from tests.exchanges.kline_wire import GRACE, Stretch, World
from tests.support.examples import sampled

lengths = st.sampled_from([100, 900, 4_000, 19_000, 61_000, 130_000, 700_000])
trades = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1)), max_size=6).map(tuple)
fates = st.sampled_from(["clean", "clean", "lost", "unclosed", "doubled", "told again", "late", "cut", "cut"])
lives = st.lists(st.builds(Stretch, lengths, trades, fates), max_size=8)


def lived(life: list[Stretch], *, thorough: bool) -> World:
    """A world after a whole life on a lossy wire, and a clean stretch at its end."""
    world = World(thorough=thorough)
    for stretch in life:
        world.run(stretch)
    world.run(Stretch(5_000))
    return world


def check_every_bucket_is_told_of_in_order(world: World) -> None:
    """Up to what is over; one that ended just before the start may have been closed after it."""
    for series, seen in world.seen.items():
        step, first = series.timeframe.ms, series.timeframe.floor(world.start)
        told = [at for at in seen.settled if at >= first]
        assert told == list(range(first, told[-1] + 1, step)) if told else True
        assert (told[-1] if told else first - step) >= series.timeframe.last_closed(world.clock - GRACE)
        assert all(at >= first - step for at in seen.settled)


def check_what_is_closed_is_true(world: World) -> None:
    for series, seen in world.seen.items():
        assert seen.candles.keys() <= seen.known
        assert all(seen.candles.get(at) == world.truth(series, at) for at in seen.known), f"{series} of {seen}"


def check_what_is_told_of_holes_is_true(world: World) -> None:
    for series, seen in world.seen.items():
        step = series.timeframe.ms
        for gap in seen.gaps:
            assert not gap.traded or (gap.first == gap.last and world.truth(series, gap.first))
        for at, cause in seen.settled.items():
            end = at + step
            if cause is Cause.UNCLOSED:
                assert not any(since < end <= until for since, until in world.cuts), f"{at} of {series}"
            elif cause is Cause.DISCONNECT:
                assert any(since - GRACE <= end <= until + GRACE for since, until in world.cuts), f"{at} of {series}"
            elif cause is Cause.NOT_RUNNING:
                assert end <= world.start + GRACE


@settings(deadline=None, max_examples=sampled(100))
@given(lives, st.booleans())
@example([Stretch(4_000, (), "cut"), Stretch(700_000, ((500, 0),), "cut")], True)
@example([Stretch(19_000, ((0, 0),), "late"), Stretch(61_000, (), "doubled"), Stretch(61_000, (), "told again")], True)
def test_whatever_happens_what_is_told_is_the_truth_and_every_bucket_is_told_of(
    life: list[Stretch], thorough: bool
) -> None:
    world = lived(life, thorough=thorough)
    check_every_bucket_is_told_of_in_order(world)
    check_what_is_closed_is_true(world)
    check_what_is_told_of_holes_is_true(world)


@settings(deadline=None, max_examples=sampled(50))
@given(lives, trades)
def test_once_nothing_is_lost_any_more_every_bucket_is_known(
    life: list[Stretch], busy: tuple[tuple[int, int], ...]
) -> None:
    world = lived(life, thorough=True)
    since = world.now
    world.run(Stretch(400_000, busy))
    for series, seen in world.seen.items():
        ended = range(series.timeframe.floor(since), series.timeframe.floor(world.now - GRACE), series.timeframe.ms)
        assert seen.known.issuperset(ended)
    check_what_is_closed_is_true(world)


@settings(deadline=None, max_examples=sampled(50))
@given(st.lists(st.builds(Stretch, lengths, trades, st.sampled_from(["clean", "doubled", "told again"])), max_size=6))
def test_on_two_connections_at_once_nothing_is_lost_or_told_twice(life: list[Stretch]) -> None:
    world = lived(life, thorough=True)
    for series, seen in world.seen.items():
        holes = [at for at, cause in seen.settled.items() if cause is not None]
        assert seen.known.issuperset(holes)
        if series.timeframe is Timeframe.M1:
            first = Timeframe.M1.floor(world.start)
            assert seen.known.issuperset(range(first, Timeframe.M1.floor(world.now - GRACE), 60_000))


@settings(deadline=None, max_examples=sampled(50))
@given(lives)
def test_where_empty_buckets_are_not_closed_those_with_trades_are_all_the_same(life: list[Stretch]) -> None:
    world = lived([Stretch(s.ms, s.trades) for s in life], thorough=False)
    for series, seen in world.seen.items():
        for at in range(
            series.timeframe.floor(world.start), series.timeframe.floor(world.now - GRACE), series.timeframe.ms
        ):
            assert (at in seen.known) == (world.truth(series, at) is not None)
            assert at in seen.settled
