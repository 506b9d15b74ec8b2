"""Tests of what is due: all that is not known, nothing that is, in pages that the exchange can answer."""

import sys
from collections.abc import Collection, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.due import WIRED, Need, Page, Patience, State, due, reaching_back
from livermore.market.gap import Cause, Gap
from livermore.market.timeframe import Timeframe
from tests.market.examples import NOON

PATIENCE = Patience()
SETTLED = NOON + PATIENCE.wire
"""A moment at which every timeframe's boundary has passed, and been waited for long enough."""


def series(timeframe: Timeframe = Timeframe.M1, symbol: str = "BTC-USD") -> Series:
    return Series("coinbase", symbol, timeframe)


def known(timeframe: Timeframe, buckets_ago: int, *, confirmed_ago: int | None = None, at: int = NOON) -> Cursor:
    """Known through the bucket that ended so many buckets before ``at``'s own began; 0 is the newest closed one."""
    newest = timeframe.last_closed(at)
    confirmed = buckets_ago if confirmed_ago is None else confirmed_ago
    return Cursor(0, newest - buckets_ago * timeframe.ms, newest - confirmed * timeframe.ms)


def due_of(
    cursors: Mapping[Series, Cursor | None], now: int, patience: Patience, urgent: Collection[Series] = ()
) -> list[Page]:
    """What is due where nothing is in doubt."""
    return due(
        {s: State(cursor, missed=sys.maxsize if s in urgent else 0) for s, cursor in cursors.items()}, now, patience
    )


def asked(
    cursor: Cursor | None, now: int, timeframe: Timeframe = Timeframe.M1, **keys: object
) -> list[tuple[int, int]]:
    """First and last open times asked for."""
    one = series(timeframe)
    urgent = {one} if keys.pop("urgent", False) else frozenset()
    return [(page.first, page.last) for page in due_of({one: cursor}, now, Patience(**keys), urgent)]  # type: ignore[arg-type]


# -- any cursors, at any time


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[Series, Cursor | None], int, Patience, set[Series]]:
    page, history = draw(st.integers(1, 12)), draw(st.integers(1, 40))
    patience = Patience(page=page, warmup=draw(st.integers(1, 20)), history=history)
    now = NOON + draw(st.integers(0, 2 * Timeframe.D1.ms))
    cursors: dict[Series, Cursor | None] = {}
    for timeframe in draw(st.lists(st.sampled_from(Timeframe), unique=True)):
        for symbol in draw(st.lists(st.sampled_from("ABC"), unique=True)):
            newest = timeframe.last_closed(now)
            ago = draw(st.none() | st.integers(-2, history + 5))
            behind = draw(st.integers(0, history))
            one = Cursor(0, newest - (ago or 0) * timeframe.ms, newest - ((ago or 0) + behind) * timeframe.ms)
            cursors[series(timeframe, symbol)] = None if ago is None else one
    urgent = {s for s in cursors if draw(st.booleans())}
    return cursors, now, patience, urgent


@given(situations())
def test_nothing_is_asked_that_is_known_or_not_over(situation: tuple) -> None:
    cursors, now, patience, urgent = situation
    for page in due_of(cursors, now, patience, urgent):
        cursor, timeframe = cursors[page.series], page.series.timeframe
        assert page.first % timeframe.ms == page.last % timeframe.ms == 0
        assert page.last + timeframe.ms <= now - patience.settle
        if cursor is not None and not page.fresh:
            assert page.first == (cursor.through if timeframe in WIRED else cursor.confirmed) + timeframe.ms


@given(situations())
def test_no_page_is_larger_than_the_exchange_can_answer_or_empty(situation: tuple) -> None:
    cursors, now, patience, urgent = situation
    assert all(1 <= page.buckets <= patience.page for page in due_of(cursors, now, patience, urgent))


@given(situations())
def test_a_series_starts_anew_exactly_where_it_does_not_join_on(situation: tuple) -> None:
    cursors, now, patience, urgent = situation
    for page in due_of(cursors, now, patience, urgent):
        cursor, ms = cursors[page.series], page.series.timeframe.ms
        newest = page.series.timeframe.last_closed(now - patience.settle)
        assert page.fresh == (cursor is None or newest - cursor.through > patience.history * ms)
        if page.fresh:
            assert page.last == newest
            assert page.buckets == min(patience.warmup, patience.page)


@given(situations())
def test_each_series_has_one_page_news_first_then_small_timeframes_then_as_they_are_listed(situation: tuple) -> None:
    cursors, now, patience, urgent = situation
    pages = due_of(cursors, now, patience, urgent)
    assert len({page.series for page in pages}) == len(pages)
    order = list(cursors)
    assert pages == sorted(pages, key=lambda p: (p.need, p.series.timeframe.ms, order.index(p.series)))


@settings(deadline=None)
@given(situations())
def test_answer_by_answer_all_that_is_due_becomes_known_and_is_asked_once(situation: tuple) -> None:
    cursors, now, patience, _ = situation
    urgent = set(cursors)  # nothing is waited for but the exchange's own answer
    missing = {s: list(_missing(s, cursor, now, patience)) for s, cursor in cursors.items()}
    got: dict[Series, list[int]] = {s: [] for s in cursors}
    for _ in range(200):
        pages = due_of(cursors, now, patience, urgent)
        if not pages:
            break
        for page in pages:
            got[page.series] += range(page.first, page.last + 1, page.series.timeframe.ms)
            cursors = {**cursors, page.series: _answered(cursors[page.series], page)}
    assert got == missing


def _missing(one: Series, cursor: Cursor | None, now: int, patience: Patience) -> range:
    ms = one.timeframe.ms
    end = (now - patience.settle) // ms * ms
    if cursor is None or end - ms - cursor.through > patience.history * ms:
        return range(end - min(patience.warmup, patience.page) * ms, end, ms)
    return range((cursor.through if one.timeframe in WIRED else cursor.confirmed) + ms, end, ms)


def _answered(cursor: Cursor | None, page: Page) -> Cursor:
    if cursor is None or page.fresh:
        return Cursor(page.first, page.last, page.last)
    return Cursor(cursor.since, max(cursor.through, page.last), page.last)


# -- one rule each


def test_with_nothing_missing_nothing_is_asked() -> None:
    cursors: Mapping[Series, Cursor] = {series(t): known(t, 0) for t in Timeframe}
    assert due_of(cursors, SETTLED, PATIENCE) == []


@pytest.mark.parametrize("timeframe", Timeframe)
def test_a_series_without_a_cursor_begins_with_one_page_of_history(timeframe: Timeframe) -> None:
    (page,) = due_of({series(timeframe): None}, SETTLED, PATIENCE)
    assert page == Page(series(timeframe), page.first, timeframe.last_closed(NOON), Need.HISTORY, fresh=True)
    assert page.buckets == 350


def test_a_warm_up_that_is_longer_than_a_page_is_cut_to_the_newest_page() -> None:
    (page,) = due_of({series(): None}, SETTLED, Patience(page=350, warmup=1000))
    assert page.buckets == 350
    assert page.last == Timeframe.M1.last_closed(NOON)


def test_the_wire_has_fifteen_seconds_before_rest_is_asked_in_its_place() -> None:
    missing = known(Timeframe.M1, 1)
    last = Timeframe.M1.last_closed(NOON)
    assert asked(missing, NOON + 14_999) == []
    assert asked(missing, NOON + 15_000) == [(last, last)]


def test_a_hole_that_was_reported_is_not_waited_for_longer_than_the_exchange_needs() -> None:
    missing = known(Timeframe.M5, 1)
    last = Timeframe.M5.last_closed(NOON)
    assert asked(missing, NOON + 2_999, Timeframe.M5, urgent=True) == []
    assert asked(missing, NOON + 3_000, Timeframe.M5, urgent=True) == [(last, last)]


@pytest.mark.parametrize("timeframe", [Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1])
def test_larger_candles_are_confirmed_at_every_boundary_although_they_are_known(timeframe: Timeframe) -> None:
    day = NOON // Timeframe.D1.ms * Timeframe.D1.ms
    rolled_up = known(timeframe, 0, confirmed_ago=1, at=day)
    last = timeframe.last_closed(day)
    assert asked(rolled_up, day + 2_999, timeframe) == []
    assert asked(rolled_up, day + 3_000, timeframe) == [(last, last)]


@pytest.mark.parametrize("timeframe", sorted(WIRED))
def test_what_the_wire_has_settled_is_not_confirmed(timeframe: Timeframe) -> None:
    assert asked(known(timeframe, 0, confirmed_ago=40), SETTLED, timeframe) == []


def test_a_long_gap_is_asked_for_page_by_page_from_its_beginning() -> None:
    cursor = known(Timeframe.M1, 1000)
    first = cursor.through + 60_000
    assert asked(cursor, SETTLED) == [(first, first + 349 * 60_000)]
    assert not due_of({series(): cursor}, SETTLED, PATIENCE)[0].fresh


def test_a_gap_longer_than_the_history_that_is_kept_is_not_filled() -> None:
    (page,) = due_of({series(): known(Timeframe.M1, 1001)}, SETTLED, PATIENCE)
    assert page.fresh
    assert page.last == Timeframe.M1.last_closed(NOON)


def test_a_cursor_ahead_of_time_asks_for_nothing() -> None:
    assert asked(known(Timeframe.M1, -3), SETTLED) == []
    assert asked(known(Timeframe.H1, -3), SETTLED, Timeframe.H1) == []


def test_a_series_without_a_cursor_need_not_wait_for_the_wire() -> None:
    (page,) = due_of({series(): None}, NOON + 3_000, PATIENCE)
    assert page.last == Timeframe.M1.last_closed(NOON)


# -- doubts


def doubt(first: int, last: int | None = None) -> Gap:
    """Minutes before noon, counted backwards."""
    last = first if last is None else last
    return Gap(series(), NOON - first * 60_000, NOON - last * 60_000, Cause.LATE_TRADE)


def pages_of(state: State, now: int = SETTLED, patience: Patience = PATIENCE) -> list[tuple[Need, int, int]]:
    """Need, and minutes before noon."""
    ago = [
        (p.need, (NOON - p.first) // 60_000, (NOON - p.last) // 60_000) for p in due({series(): state}, now, patience)
    ]
    assert all(first >= last for _, first, last in ago)
    return ago


def test_a_doubt_in_what_is_known_is_asked_about() -> None:
    assert pages_of(State(known(Timeframe.M1, 0), [doubt(7, 5)])) == [(Need.DOUBT, 7, 5)]


def test_a_doubt_about_what_is_not_known_yet_is_asked_with_the_rest_of_it() -> None:
    state = State(known(Timeframe.M1, 3), [doubt(2)], missed=NOON)
    assert pages_of(state) == [(Need.NEWS, 3, 1)]


def test_a_doubt_is_not_asked_about_before_the_exchange_can_know() -> None:
    state = State(known(Timeframe.M1, 0), [doubt(1)])
    assert pages_of(state, NOON + 2_999) == []
    assert pages_of(state, NOON + 3_000) == [(Need.DOUBT, 1, 1)]


def test_what_nobody_knows_comes_before_what_may_be_wrong() -> None:
    state = State(known(Timeframe.M1, 3), [doubt(9)])
    assert [need for need, _, _ in pages_of(state)] == [Need.NEWS, Need.DOUBT]


def test_a_series_that_starts_anew_has_no_doubts() -> None:
    assert [need for need, _, _ in pages_of(State(known(Timeframe.M1, 2000), [doubt(1500)]))] == [Need.HISTORY]


# -- series of which little is traded


def begun(ago: int) -> Cursor:
    """Known from so many minutes before noon."""
    return known(Timeframe.M1, 0)._replace(since=NOON - ago * 60_000)


@pytest.mark.parametrize(("observed", "pages"), [(249, [(Need.HISTORY, 700, 351)]), (250, []), (None, [])])
def test_one_page_more_is_asked_for_where_too_few_candles_were_observed(
    observed: int | None, pages: list[tuple[Need, int, int]]
) -> None:
    assert pages_of(State(begun(350), observed=observed)) == pages


def test_nothing_is_asked_for_that_is_older_than_the_history_that_is_kept() -> None:
    assert pages_of(State(begun(900), observed=9)) == [(Need.HISTORY, 1000, 901)]
    assert pages_of(State(begun(1000), observed=9)) == []
    assert pages_of(State(begun(1500), observed=9)) == []


# -- what the wire told since something was traded


def reached_back(traded_ago: int, *, since_ago: int = 900, news: int = 3) -> tuple[int, int]:
    """How many minutes ago a page begins and ends that is to tell the newest minutes, and how long it was before."""
    page = Page(series(), NOON - news * 60_000, NOON - 60_000)
    found = reaching_back(page, begun(since_ago), NOON - traded_ago * 60_000, Patience())
    return (NOON - found.first) // 60_000, (NOON - found.last) // 60_000


def test_it_is_asked_about_once_more_with_the_same_request() -> None:
    assert reached_back(4) == (4, 1)
    assert reached_back(200) == (200, 1)


def test_not_if_that_took_another_page() -> None:
    assert reached_back(500) == (350, 1)
    assert reached_back(800, news=700) == (700, 1)


def test_nor_if_it_lies_before_the_series() -> None:
    assert reached_back(200, since_ago=50) == (50, 1)


def test_a_long_gap_is_asked_for_to_its_end_all_the_same() -> None:
    cursor, asked_for = begun(900)._replace(through=NOON - 800 * 60_000), []
    while pages := due({series(): State(cursor)}, SETTLED, Patience()):
        asked_for.append(pages[0])
        assert pages[0].buckets <= 350
        cursor = cursor._replace(through=pages[0].last)
    assert cursor.through == NOON - 60_000
    assert len(asked_for) == 3
