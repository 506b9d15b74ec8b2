"""MACD-V of 6,000 series at a boundary, beside an object for each series, and beside TA-Lib over 250 bars (T5)."""

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import count
from typing import Any

import numpy as np

from bench.harness import ROUNDS, Result, Skipped, ratio
from bench.made import KINDS, Candles, Past, news_of, series
from bench.plain_macdv import PlainMacdv
from livermore.indicators.bars import Bars, Floats, filled
from livermore.indicators.engine import Engine
from livermore.indicators.macdv import Macdv
from livermore.indicators.values import Values
from livermore.market.analysis import stage
from livermore.market.candle import Candle

SERIES = 6_000
PAST, TURNS = 300, 2 * ROUNDS
"""Minutes before the first that is measured, and those that are."""
STEPS = 10
"""Bars of one turn, where a bar takes too little to be measured."""
RECOMPUTED, SAMPLE = 250, 600
"""Bars that TA-Lib is given, and for how many of the series."""
EQUAL = 1e-9


def results() -> Iterator[Result | Skipped]:
    """All targets."""
    all_ = series(SERIES)
    candles = Candles(all_, PAST + TURNS)
    minutes = [candles.minute(number) for number in range(PAST + TURNS)]
    past, bars = minutes[:PAST], [_bar(minute) for minute in minutes[PAST : PAST + STEPS]]
    yield _computed(past, bars)
    yield _against_talib(past, bars)
    yield _told(minutes)


def _computed(past: Sequence[list[Candle]], bars: Sequence[Bars]) -> Result:
    arrays, objects = Arrays(past), Objects(past)
    ours, theirs = lambda: _steps(arrays, bars), lambda: _steps(objects, bars)
    made = ratio(f"T5 {SERIES} series, {STEPS} more bars of each", ours, theirs, target=50, gate=15)
    _check(arrays.told, objects.told)
    return made


def _steps(one: "Arrays | Objects", bars: Sequence[Bars]) -> None:
    for bar in bars:
        one.step(bar)


def _against_talib(past: Sequence[list[Candle]], bars: Sequence[Bars]) -> Result | Skipped:
    name = f"T5 {SERIES} series, TA-Lib over {RECOMPUTED} bars"
    if importlib.util.find_spec("talib") is None:
        return Skipped(name, "TA-Lib is not installed")
    arrays, talib = Arrays(past), TaLib(past)
    share = SAMPLE / SERIES / STEPS
    return ratio(name, lambda: _steps(arrays, bars), talib.recompute, target=500, gate=15, share=share)


def _told(minutes: Sequence[list[Candle]]) -> Result:
    """From closed candles to records, which is what has to be stored."""
    objects, numbers = Objects(minutes[:PAST]), count(PAST)
    engine = Engine(Macdv(), Past(minutes[:PAST]))
    engine.take(news_of(minutes[PAST - 1]))
    news = iter([news_of(minute) for minute in minutes[PAST:]])
    ours, theirs = lambda: engine.take(next(news)), lambda: objects.records(minutes[next(numbers)])
    return ratio(f"T5 {SERIES} series, from candles to records", ours, theirs, target=50, gate=15)


def _check(ours: tuple[Floats, Floats], theirs: Sequence[tuple[float, float]]) -> None:
    if not np.allclose(np.array(ours).T, np.array(theirs), rtol=0, atol=EQUAL, equal_nan=True):
        raise AssertionError("arrays and objects have come to different values")


def _bar(minute: Sequence[Candle]) -> Bars:
    high, low, close = (np.array([getattr(c, name) for c in minute], np.float64) for name in ("high", "low", "close"))
    return Bars(np.array([c.open_time for c in minute]), high, low, close, np.ones(len(minute), np.bool_))


class Arrays:
    """The states of all series, a step of all of them at a time."""

    def __init__(self, past: Sequence[list[Candle]]) -> None:
        self._indicator = Macdv()
        kinds = [Values(self._indicator, filled([minute[i] for minute in past])).states[:, -1] for i in range(KINDS)]
        self._states = np.array([kinds[i % KINDS] for i in range(SERIES)]).T.copy()
        self.told: tuple[Floats, Floats] = self._indicator.lines(self._states)

    def step(self, bar: Bars) -> None:
        self._states = self._indicator.step(self._states, bar)
        self.told = self._indicator.lines(self._states)


class Objects:
    """An object for each series."""

    def __init__(self, past: Sequence[list[Candle]]) -> None:
        kinds = [PlainMacdv() for _ in range(KINDS)]
        for minute in past:
            for kind, c in zip(kinds, minute, strict=False):
                kind.add(float(c.high), float(c.low), float(c.close))
        self._all = [deepcopy(kinds[i % KINDS]) for i in range(SERIES)]
        self.told: list[tuple[float, float]] = []

    def step(self, bar: Bars) -> None:
        numbers = zip(self._all, bar.high.tolist(), bar.low.tolist(), bar.close.tolist(), strict=True)
        self.told = [one.add(high, low, close) for one, high, low, close in numbers]

    def records(self, minute: Sequence[Candle]) -> list[dict[str, Any]]:
        return [self._record(one, candle) for one, candle in zip(self._all, minute, strict=True)]

    def _record(self, one: PlainMacdv, candle: Candle) -> dict[str, Any]:
        """With the fields of `reference.md` 3.3 and the validity, as the engine's; it keeps no state to go on from."""
        value, line = one.add(float(candle.high), float(candle.low), float(candle.close))
        bars = one.fast.count
        told = {"macdV": value, "signal": line, "histogram": value - line}
        parts = {"fastEMA": one.fast.held, "slowEMA": one.slow.held, "atr": one.atr.held}
        periods = {"fastPeriod": 12, "slowPeriod": 26, "atrPeriod": 26, "signalPeriod": 9}
        seen = {"liquidity": "high", "gapRatio": 0.0, "zeroRangeRatio": 0.0, "nEff": bars, "spanBars": bars}
        bound = max((1 - part.alpha) ** (bars - part.period) for part in (one.fast, one.slow, one.atr))
        return {
            "timestamp": candle.open_time,
            "type": "macd-v",
            "value": {**told, **parts},
            "params": {**periods, "stage": stage(value, line), **seen, "seeded": True},
            "validity": {
                "ready": bars >= 250, "bars_used": bars, "observed_bars": bars, "residual_bound": bound, "reason": None,
            },
            "symbol": candle.symbol,
            "timeframe": candle.timeframe,
            "close": candle.close,
            "rebased": False,
            "revision": candle.revision,
        }  # fmt: skip


class TaLib:
    """Each series computed anew from its newest bars."""

    def __init__(self, past: Sequence[list[Candle]]) -> None:
        self._talib: Any = importlib.import_module("talib")
        bars = [_bar(minute) for minute in past[-RECOMPUTED:]]
        self._high, self._low, self._close = (
            np.array([getattr(bar, name) for bar in bars]).T.copy() for name in ("high", "low", "close")
        )

    def recompute(self) -> None:
        t = self._talib
        for high, low, close in zip(self._high[:SAMPLE], self._low, self._close, strict=False):
            value = (t.EMA(close, 12) - t.EMA(close, 26)) / t.ATR(high, low, close, 26) * 100
            t.EMA(value[26:], 9)


TARGETS = {"T5": results}
