"""Which records of a series are still to be made: of every candle since the newest that has one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from livermore.indicators.record import Point
from livermore.indicators.values import Values
from livermore.market.candle import Candle, Series


class Made(NamedTuple):
    """A full record, and the points by open time (ms) that came or changed with it: [open time, value, signal line].

    ``state``: the numbers of the recursion once the record's candle was taken.
    """

    series: Series
    full: dict[str, Any]
    points: dict[int, Point]
    state: list[float]


def outstanding(window: Sequence[Candle], values: Values, done: int | None, redo: int | None = None) -> list[Made]:
    """The records to be made of a window of candles, which ascend and of which there is at least one.

    ``done``: open time (ms) of the newest candle that has a record; ``redo``: of the oldest that was corrected since.
    """
    if done is None or done < window[0].open_time:
        return _anew(window, values)
    since = done if redo is None else min(done, redo - 1)
    fresh = [c for c in window if c.open_time > done] or ([window[-1]] if since < done else [])
    again = [c for c in window if since < c.open_time <= done]
    return [
        _made(candle, values, [*again, candle] if i == 0 else [candle])
        for i, candle in enumerate(fresh)
        if values.published(values.index(candle.open_time))
    ]


def made(
    candle: Candle, record: dict[str, Any], points: dict[int, Point], state: list[float], *, rebased: bool
) -> Made:
    """A record, which is given what is known of its candle."""
    record["symbol"], record["timeframe"], record["close"] = candle.symbol, candle.timeframe, candle.close
    record["rebased"], record["revision"] = rebased, candle.revision
    return Made(candle.series, record, points, state)


def _anew(window: Sequence[Candle], values: Values) -> list[Made]:
    """The newest record only: a series that begins, or that does not join on, has a past but no news of it."""
    if not values.published(len(values.bars) - 1):
        return []
    return [_made(window[-1], values, window, rebased=True)]


def _made(candle: Candle, values: Values, trail: Sequence[Candle], *, rebased: bool = False) -> Made:
    at = values.index(candle.open_time)
    points = {c.open_time: values.point(values.index(c.open_time)) for c in trail}
    return made(candle, values.record(at), points, values.states[:, at].tolist(), rebased=rebased)
