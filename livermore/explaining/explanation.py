"""The explanation of one alert: plain data for people and programs, made of a row and of what is stored. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from livermore.indicators.bars import filled
from livermore.indicators.validity import READY_FROM
from livermore.indicators.values import Indicator, Values
from livermore.market.alert import alert_id, direction
from livermore.market.candle import Candle
from livermore.market.cursor import Cursor
from livermore.market.instant import iso, parse_iso
from livermore.market.timeframe import Timeframe
from livermore.plugins import names
from livermore.store.alert_history import Recorded
from livermore.store.gaps import PublicGap

SHOWN = 30
"""Candles of an explanation, the alert's own the last of them."""
RULES = "livermore.alerts"


class Stored(NamedTuple):
    """What the stores hold of an alert's series by now.

    ``candles``: all that are kept up to the alert's own, ascending; ``gaps``: of the ledger, of this and the smaller
    timeframes; ``indicator``: with the options that the newest record was made with.
    """

    candles: Sequence[Candle]
    cursor: Cursor | None
    gaps: Sequence[PublicGap]
    indicator: Indicator


class ShownCandle(msgspec.Struct, frozen=True):
    """A candle as it is stored now; amounts are decimal strings."""

    timestamp: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    revision: int


class Recomputed(msgspec.Struct, frozen=True):
    """The value from the stored candles; ``difference``: from the one that was judged; ``candles``: how many."""

    recipe: str
    candles: int
    difference: float | None
    value: dict[str, float | None]
    stage: str
    validity: dict[str, Any]


class Explanation(msgspec.Struct, frozen=True):
    """Times are ISO-8601 but for those in ``why`` and ``details``, which stand as they were stored (ms).

    ``why``: the rule with its options, what was remembered before, the reading, its candle's revision and its validity;
    None for alerts that were recorded before that was. ``revision``: of the candle now, None where it is not kept.
    ``gaps``: those that touch the bars that a value needs. ``remarks``: what cannot be told, or differs by now.
    """

    id: str
    exchange: str
    symbol: str
    timeframe: str
    rule: str | None
    label: str
    direction: str
    value: float
    price: str
    candle_time: str
    close_time: str
    triggered_at: str
    late: bool
    why: dict[str, Any] | None
    details: dict[str, Any]
    revision: int | None
    candles: list[ShownCandle]
    recomputed: Recomputed | None
    gaps: list[PublicGap]
    notified: bool
    notice_error: str | None
    remarks: list[str]


def explained(row: Recorded, stored: Stored) -> Explanation:
    """Why this alert was raised."""
    timeframe = Timeframe(row.timeframe)
    details = {key: value for key, value in row.details.items() if key != "why"}
    why = row.details.get("why")
    own = stored.candles[-1] if stored.candles and stored.candles[-1].open_time == row.candle_time else None
    again = _recomputed(row, why, stored) if own is not None else None
    return Explanation(
        row.id, row.exchange, row.symbol, row.timeframe, _rule(row), row.label, direction(row.label), row.value,
        row.price, iso(row.candle_time), iso(row.candle_time + timeframe.ms), iso(row.triggered_at), row.late,
        why, details,
        revision=None if own is None else own.revision,
        candles=[_shown(candle) for candle in stored.candles[-SHOWN:]] if own is not None else [],
        recomputed=again if again is not None and again.validity["ready"] else None,
        gaps=[gap for gap in stored.gaps if _touches(gap, row.candle_time, timeframe)],
        notified=row.notified,
        notice_error=row.notice_error,
        remarks=list(_remarks(why, own, again)),
    )  # fmt: skip


def _rule(row: Recorded) -> str | None:
    """The word of the rule, which the id is made of."""
    facts = row.exchange, row.symbol, row.timeframe, row.label, row.candle_time
    return next((word for word in names(RULES) if alert_id(word, *facts) == row.id), None)


def _recomputed(row: Recorded, why: Mapping[str, Any] | None, stored: Stored) -> Recomputed | None:
    since = stored.cursor.since if stored.cursor is not None else row.candle_time + 1
    window = [candle for candle in stored.candles if candle.open_time >= since]
    if not window:
        return None
    bars = filled(window)
    record = Values(stored.indicator, bars).record(len(bars) - 1)
    value, judged = record["value"], row.value if why is None else why["now"]["value"]
    difference = None if value["macdV"] is None else value["macdV"] - judged
    recipe, stage = stored.indicator.recipe, record["params"]["stage"]
    return Recomputed(recipe, len(window), difference, value, stage, record["validity"])


def _shown(c: Candle) -> ShownCandle:
    return ShownCandle(iso(c.open_time), c.open, c.high, c.low, c.close, c.volume, c.revision)


def _touches(gap: PublicGap, candle_time: int, timeframe: Timeframe) -> bool:
    first, end = candle_time - (READY_FROM - 1) * timeframe.ms, candle_time + timeframe.ms
    return parse_iso(gap.start_time) < end and first < parse_iso(gap.end_time)


def _remarks(why: Mapping[str, Any] | None, own: Candle | None, again: Recomputed | None) -> Iterator[str]:
    if why is None:
        yield "it was recorded before rule, state and reading were: only the row tells of them"
    if own is None:
        yield "its candle is no longer kept: neither candles nor a value computed anew can be shown"
        return
    if why is not None and why["revision"] != own.revision:
        yield f"its candle was judged at revision {why['revision']}, and is at revision {own.revision} by now"
    if again is None:
        yield "the candles that are known without a hole begin after it: its value cannot be computed anew"
    elif not again.validity["ready"]:
        yield f"its value cannot be computed anew from the {again.candles} candles kept: {again.validity['reason']}"
