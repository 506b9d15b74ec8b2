"""Tests of the engine: a step for each closed candle tells what computing everything from history would tell."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.indicators.bars import filled
from livermore.indicators.engine import FILLS, Engine, News
from livermore.indicators.macd import Macd
from livermore.indicators.macdv import Macdv, Options
from livermore.indicators.outstanding import Made, outstanding
from livermore.indicators.values import Indicator
from livermore.market.candle import Candle, Series
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe
from tests.indicators.recorded import LONG
from tests.market.examples import MINUTE, NOON, SLP_1M, series

BTC, ETH = (Series("coinbase", symbol, Timeframe.M1) for symbol in ("BTC-USD", "ETH-USD"))
KEPT = 200


def candle_at(place: int, close: float, of: Series = BTC, revision: int = 0) -> Candle:
    """A candle in the ``place``-th minute."""
    high, low = str(close + 0.5), str(close - 0.25)
    return Candle(*of, NOON + place * MINUTE, str(close), high, low, str(close), "1", revision)


class Shelf:
    """A store that counts what is read of it, and takes what an engine has made as a script would."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self.kept = kept
        self.held: dict[Series, dict[int, Candle]] = {}
        self.cursors: dict[Series, Cursor] = {}
        self.rewrites: Counter[Series] = Counter()
        self.written: dict[tuple[Series, str], dict[str, Any]] = {}
        self.reads: Counter[str] = Counter()

    # -- what an engine reads

    def window(self, series: Series) -> list[Candle]:
        self.reads["window"] += 1
        held = self.held.get(series, {})
        return [held[at] for at in sorted(held)]

    def between(self, series: Series, first: int, last: int) -> list[Candle]:
        self.reads["between"] += 1
        held = self.held.get(series, {})
        return [held[at] for at in sorted(held) if first <= at <= last]

    def records(self, series: Sequence[Series], kind: str) -> list[Mapping[str, Any] | None]:
        self.reads["records"] += 1
        return [self.written.get((one, kind)) for one in series]

    # -- what others do to it

    def close(self, *candles: Candle, since: int | None = None) -> None:
        """Store candles; everything through the last of them is known."""
        for one in candles:
            held = self.held.setdefault(one.series, {})
            self.rewrites[one.series] += one.open_time <= max(held, default=-1)
            held[one.open_time] = one
            while len(held) > self.kept:
                del held[min(held)]
            before = self.cursors.get(one.series)
            begin = since if since is not None else (before.since if before else one.open_time)
            through = max(one.open_time, before.through if before else 0)
            self.cursors[one.series] = Cursor(begin, through, through)

    def news(self, series: Series, *closed: Candle, redo: int | None = None) -> News:
        return News(self.cursors.get(series), self.rewrites[series], closed, redo)

    def write(self, kind: str, made: Sequence[Made]) -> list[Made]:
        """Store what an engine has made, as JSON."""
        for one in made:
            self.written[one.series, kind] = json.loads(json.dumps(one.full, allow_nan=False))
        return list(made)


class Desk:
    """An engine over a shelf."""

    def __init__(self, shelf: Shelf, indicator: Indicator | None = None) -> None:
        self.shelf = shelf
        self.indicator = indicator or Macdv()
        self.begin()

    def begin(self) -> None:
        """Start anew, with nothing in memory."""
        self.engine = Engine(self.indicator, self.shelf)

    def hear(self, series: Series, *closed: Candle, redo: int | None = None) -> list[Made]:
        """Tell the engine of a series, and store what it makes."""
        made = self.engine.take({series: self.shelf.news(series, *closed, redo=redo)})
        return self.shelf.write(self.indicator.kind, made)

    def close(self, *candles: Candle) -> list[Made]:
        """Store candles of one series, and tell of them."""
        self.shelf.close(*candles)
        return self.hear(candles[0].series, *candles)


def wander(count: int, seed: int = 1, of: Series = BTC, traded: float = 1.0) -> list[Candle]:
    """Candles of a price that wanders, of ``count`` minutes, of which the share ``traded`` has one."""
    luck, price, found = Random(seed), 100.0, []
    for place in range(count):
        price = max(1.0, price + luck.uniform(-1, 1))
        if not place or luck.random() < traded:
            found.append(candle_at(place, round(price, 4), of))
    return found


def state(one: Made) -> bytes:
    """The state in a record, as bits."""
    return np.array(one.full["recursion"]["state"], np.float64).tobytes()


def batch(candles: Sequence[Candle], indicator: Indicator | None = None) -> bytes:
    """The state after these candles, computed from history."""
    return np.ascontiguousarray((indicator or Macdv()).states(filled(candles))[:, -1]).tobytes()


# -- one step for each candle


def test_a_closed_candle_costs_one_step_and_no_look_at_the_store() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:100])
    desk.shelf.reads.clear()
    for i, one in enumerate(candles[100:], 101):
        (made,) = desk.close(one)
        assert state(made) == batch(candles[:i])
        assert not made.full["rebased"]
        assert list(made.points) == [one.open_time]
    assert not desk.shelf.reads


@pytest.mark.parametrize("indicator", [Macdv(), Macd()], ids=["macdv", "macd"])
@pytest.mark.parametrize("name", ["SLP-CDE 1m", "ADA-BTC 5m"])
def test_bar_by_bar_a_recorded_series_comes_to_the_bits_of_its_history(indicator: Indicator, name: str) -> None:
    candles = series(SLP_1M, Timeframe.M1)[:1_200] if name == "SLP-CDE 1m" else LONG[name]()[:1_200]
    desk = Desk(Shelf(kept=2_000), indicator)
    for one in candles:
        desk.shelf.close(one)
        made = desk.hear(one.series, one)
    assert state(made[-1]) == batch(candles, indicator)
    assert made[-1].full["validity"]["observed_bars"] == 1_200


def test_what_is_kept_is_short_and_the_recursion_goes_on() -> None:
    desk, candles = Desk(Shelf(kept=100)), wander(400, traded=0.8)
    for one in candles:
        made = desk.close(one)
    assert state(made[-1]) == batch(candles)
    assert made[-1].full["validity"]["bars_used"] > 390
    assert made[-1].full["validity"]["ready"]


def test_minutes_without_trades_are_filled_on_the_way() -> None:
    desk, candles = Desk(Shelf()), wander(150, traded=0.5)
    made = desk.close(*candles[:70])
    for i, one in enumerate(candles[70:], 71):
        made = desk.close(one)
        assert state(made[-1]) == batch(candles[:i])


def test_many_series_are_told_together_and_each_as_alone() -> None:
    shelf = Shelf()
    desk, kinds = Desk(shelf), [Series("coinbase", f"C{i}-USD", Timeframe.M1) for i in range(40)]
    walks = [wander(80, seed=i, of=one, traded=0.9) for i, one in enumerate(kinds)]
    for one, walk in zip(kinds, walks, strict=True):
        shelf.close(*walk[:65])
        desk.hear(one)
    shelf.reads.clear()
    for walk in walks:
        shelf.close(*walk[65:])
    made = desk.engine.take({walk[0].series: shelf.news(walk[0].series, *walk[65:]) for walk in walks})
    last = {one.series: one for one in made}
    assert {one.series: state(one) for one in last.values()} == {w[0].series: batch(w) for w in walks}
    assert Counter(one.series for one in made) == {walk[0].series: len(walk[65:]) for walk in walks}
    assert shelf.reads["window"] == 0


# -- beginning and going on


def test_a_series_begins_with_its_sixtieth_traded_bar_and_shows_its_past() -> None:
    desk, candles = Desk(Shelf()), wander(62)
    assert [len(desk.close(one)) for one in candles] == [0] * 59 + [1, 1, 1]
    desk = Desk(Shelf())
    (made,) = desk.close(*candles[:60])
    assert made.full["rebased"]
    assert len(made.points) == 60


def test_a_restart_goes_on_from_the_state_that_was_stored() -> None:
    desk, candles = Desk(Shelf(kept=100)), wander(300)
    for one in candles[:250]:
        desk.close(one)
    desk.begin()
    assert desk.hear(BTC) == []
    (made,) = desk.close(candles[250])
    assert desk.shelf.reads["window"] <= 60
    assert state(made) == batch(candles[:251])


def test_a_restart_finds_what_was_closed_meanwhile_and_tells_each_once() -> None:
    desk, candles = Desk(Shelf(kept=100)), wander(300)
    for one in candles[:250]:
        desk.close(one)
    desk.shelf.close(*candles[250:280])
    desk.begin()
    made = desk.hear(BTC)
    assert [one.full["timestamp"] for one in made] == [c.open_time for c in candles[250:280]]
    assert state(made[-1]) == batch(candles[:280])
    assert desk.hear(BTC) == []


def test_what_was_made_but_not_stored_is_made_again_to_the_same_bits() -> None:
    desk, candles = Desk(Shelf(kept=100)), wander(300)
    for one in candles[:250]:
        desk.close(one)
    desk.shelf.close(candles[250])
    news = {BTC: desk.shelf.news(BTC, candles[250])}
    lost = desk.engine.take(news)
    desk.begin()
    again = desk.engine.take(news)
    assert [one.full for one in again] == [one.full for one in lost]


def test_candles_whose_messages_were_lost_are_read() -> None:
    desk, candles = Desk(Shelf()), wander(100)
    desk.close(*candles[:80])
    desk.shelf.close(*candles[80:85])
    made = desk.hear(BTC, candles[84])
    assert [one.full["timestamp"] for one in made] == [c.open_time for c in candles[80:85]]
    assert state(made[-1]) == batch(candles[:85])


@pytest.mark.parametrize("heard", [[1, 0], [0, 0, 1], [0, 1, 1]])
def test_messages_in_any_order_and_twice_tell_each_candle_once(heard: list[int]) -> None:
    desk, candles = Desk(Shelf()), wander(82)
    desk.close(*candles[:80])
    desk.shelf.close(*candles[80:])
    made = desk.hear(BTC, *(candles[80 + i] for i in heard))
    assert [one.full["timestamp"] for one in made] == [c.open_time for c in candles[80:]]
    assert desk.hear(BTC, candles[81]) == []


def test_a_candle_beyond_what_is_known_without_a_hole_waits() -> None:
    desk, candles = Desk(Shelf()), wander(82)
    desk.close(*candles[:80])
    known = desk.shelf.cursors[BTC]
    desk.shelf.close(candles[81])
    desk.shelf.cursors[BTC] = known
    assert desk.hear(BTC, candles[81]) == []
    assert [one.full["timestamp"] for one in desk.close(candles[80], candles[81])] == [
        candles[80].open_time,
        candles[81].open_time,
    ]


def test_the_next_candle_waits_for_the_cursor_too() -> None:
    desk, candles = Desk(Shelf()), wander(81)
    desk.close(*candles[:80])
    known = desk.shelf.cursors[BTC]
    desk.shelf.close(candles[80])
    desk.shelf.cursors[BTC] = known
    assert desk.hear(BTC, candles[80]) == []
    assert len(desk.close(candles[80])) == 1


# -- computing from history again


def test_a_correction_is_recomputed_from_history_and_told_once_more() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:110])
    desk.hear(BTC)
    corrected = candle_at(100, 130.0, revision=1)
    desk.shelf.close(corrected)
    (made,) = desk.hear(BTC, redo=corrected.open_time)
    now = [*candles[:100], corrected, *candles[101:110]]
    assert state(made) == batch(now)
    assert made.full["timestamp"] == candles[109].open_time
    assert sorted(made.points) == [c.open_time for c in now[100:]]
    (made,) = desk.close(candles[110])
    assert state(made) == batch([*now, candles[110]])


@pytest.mark.parametrize("restarted", [False, True])
def test_a_correction_whose_message_was_lost_is_in_the_next_value(*, restarted: bool) -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:110])
    corrected = candle_at(100, 130.0, revision=1)
    desk.shelf.close(corrected)
    if restarted:
        desk.begin()
        assert desk.hear(BTC) == []
    (made,) = desk.close(candles[110])
    assert state(made) == batch([*candles[:100], corrected, *candles[101:111]])


def test_a_correction_that_is_heard_of_after_the_next_candle_still_reaches_the_trail() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:110])
    corrected = candle_at(100, 130.0, revision=1)
    desk.shelf.close(corrected)
    desk.close(candles[110])
    (made,) = desk.hear(BTC, redo=corrected.open_time)
    assert made.full["timestamp"] == candles[110].open_time
    assert sorted(made.points) == [c.open_time for c in candles[100:111]]


def test_a_correction_of_the_newest_candle_is_not_mistaken_for_what_was_told_first() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:110])
    told = candles[110]
    corrected = candle_at(110, 130.0, revision=1)
    desk.shelf.close(told)
    desk.shelf.close(corrected)
    made = desk.hear(BTC, told)
    assert state(made[-1]) == batch([*candles[:110], corrected])


def test_a_candle_that_fills_a_hole_of_the_past_changes_what_comes_after_it() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:50], *candles[51:110])
    desk.shelf.close(candles[50])
    assert desk.hear(BTC, candles[50]) == []
    (made,) = desk.close(candles[110])
    assert state(made) == batch(candles[:111])


def test_a_series_that_is_known_anew_begins_anew() -> None:
    desk, candles = Desk(Shelf()), wander(400)
    desk.close(*candles[:100])
    since = candles[200].open_time
    desk.shelf.close(*candles[200:300], since=since)
    (made,) = desk.hear(BTC)
    assert made.full["rebased"]
    assert state(made) == batch(candles[200:300])
    (made,) = desk.close(candles[300])
    assert not made.full["rebased"]
    assert state(made) == batch(candles[200:301])


def test_a_series_of_which_more_is_known_than_before_rests_on_all_of_it() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.shelf.close(*candles)
    desk.shelf.cursors[BTC] = desk.shelf.cursors[BTC]._replace(since=candles[30].open_time)
    (made,) = desk.hear(BTC)
    assert state(made) == batch(candles[30:])
    desk.shelf.cursors[BTC] = desk.shelf.cursors[BTC]._replace(since=candles[0].open_time)
    assert desk.hear(BTC) == []
    (made,) = desk.close(candle_at(120, 100.0))
    assert state(made) == batch([*candles, candle_at(120, 100.0)])


def test_after_more_than_is_kept_was_missed_a_series_begins_anew() -> None:
    desk, candles = Desk(Shelf(kept=100)), wander(400)
    desk.close(*candles[:100])
    desk.shelf.close(*candles[100:300])
    (made,) = desk.hear(BTC, candles[299])
    assert made.full["rebased"]
    assert state(made) == batch(candles[200:300])


def test_a_series_that_was_silent_for_very_long_is_computed_from_history() -> None:
    desk, candles = Desk(Shelf()), wander(100)
    desk.close(*candles)
    desk.shelf.reads.clear()
    late = candle_at(99 + FILLS + 1, 100.0)
    (made,) = desk.close(late)
    assert desk.shelf.reads["window"] == 1
    assert state(made) == batch([*candles, late])


def test_the_state_of_another_recipe_is_not_gone_on_from() -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:110])
    desk.indicator = Macdv(Options(fast=10))
    desk.begin()
    (made,) = desk.close(candles[110])
    assert state(made) == batch(candles[:111], desk.indicator)
    assert not made.full["rebased"]


NO_NUMBERS = {"recipe": Macdv().recipe, "state": [None] * 11, "rewrites": 0, "since": NOON}


@pytest.mark.parametrize("recursion", [None, NO_NUMBERS])
def test_a_record_without_a_state_that_can_be_used_is_gone_on_from_history(recursion: dict[str, Any] | None) -> None:
    desk, candles = Desk(Shelf()), wander(120)
    desk.close(*candles[:110])
    record = desk.shelf.written[BTC, "macd-v"]
    del record["recursion"]
    if recursion:
        record["recursion"] = recursion
    desk.begin()
    (made,) = desk.close(candles[110])
    assert state(made) == batch(candles[:111])


def test_nothing_is_made_of_a_series_of_which_nothing_is_known() -> None:
    desk = Desk(Shelf())
    assert desk.hear(ETH) == []
    desk.shelf.cursors[ETH] = Cursor(NOON, NOON, NOON)
    assert desk.hear(ETH) == []


# -- whatever happens


class Story:
    """A desk to which things happen, beside what computing from all stored candles each time would tell."""

    def __init__(self, seed: int) -> None:
        self.shelf, self.luck, self.place = Shelf(kept=1_000), Random(seed), 0
        self.desk = Desk(self.shelf)
        self.done: int | None = None
        self.closed(65)

    def fresh(self, count: int) -> list[Candle]:
        found = []
        for _ in range(count):
            self.place += 1 + (self.luck.random() < 0.2) * self.luck.randrange(1, 4)
            found.append(candle_at(self.place, round(100 + self.luck.uniform(-5, 5), 3)))
        return found

    def compare(self, made: list[Made], redo: int | None = None) -> None:
        cursor = self.shelf.cursors[BTC]
        window = [c for c in self.shelf.window(BTC) if cursor.since <= c.open_time <= cursor.through]
        expected = outstanding(window, Macdv().compute(filled(window)), self.done, redo)
        assert [one.full["timestamp"] for one in made] == [one.full["timestamp"] for one in expected]
        for ours, theirs in zip(made, expected, strict=True):
            assert {**ours.full, "recursion": None} == {**theirs.full, "recursion": None}
            assert ours.points == theirs.points
        self.done = made[-1].full["timestamp"] if made else self.done

    def held(self, number: int) -> int:
        times = sorted(self.shelf.held[BTC])
        return times[number % len(times)]

    # -- what can happen

    def closed(self, number: int) -> None:
        self.compare(self.desk.close(*self.fresh(1 + number)))

    def silent(self, number: int) -> None:
        self.place += number

    def lost(self, number: int) -> None:
        self.shelf.close(*self.fresh(1 + number % 3))

    def corrected(self, number: int) -> None:
        at = self.held(number)
        self.shelf.close(candle_at((at - NOON) // MINUTE, 90.0 + number / 7, revision=1))
        self.compare(self.desk.hear(BTC, redo=at), at)

    def repaired(self, number: int) -> None:
        at = (self.held(number) - NOON) // MINUTE + 1
        if NOON + at * MINUTE not in self.shelf.held[BTC] and at < self.place:
            self.shelf.close(candle_at(at, 95.5))

    def restarted(self, _: int) -> None:
        self.desk.begin()
        self.compare(self.desk.hear(BTC))

    def crashed(self, _: int) -> None:
        """After a candle was taken, before it was stored."""
        self.shelf.close(*self.fresh(1))
        self.desk.engine.take({BTC: self.shelf.news(BTC)})
        self.desk.begin()

    def known_anew(self, number: int) -> None:
        self.shelf.close(*self.fresh(1), since=self.held(number))
        self.compare(self.desk.hear(BTC))


happenings = st.sampled_from(
    ["closed"] * 5 + ["lost", "silent", "corrected", "repaired", "restarted", "crashed", "known_anew"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(happenings, st.integers(0, 60)), min_size=5, max_size=30), st.integers(0, 5))
def test_whatever_happens_it_tells_what_computing_everything_each_time_would_tell(
    steps: list[tuple[str, int]], seed: int
) -> None:
    story = Story(seed)
    for what, number in steps:
        getattr(story, what)(number)
