"""Binance's kline stream: the open kline while it changes, and the closed one some time after its end."""

from collections.abc import Iterator
from itertools import count, groupby
from typing import Any

from livermore.market.timeframe import Timeframe
from livermore.simulator.binance_rows import kline_event
from livermore.simulator.closings import LATEST, PUSH, Closings
from livermore.simulator.grid import grid, trades_from
from livermore.simulator.source import KlineFacts


class KlineStream:
    """One symbol on one timeframe. Times are ms UTC; a bucket is named by its open time."""

    def __init__(self, market: KlineFacts, symbol: str, timeframe: Timeframe) -> None:
        self._market, self._symbol, self._timeframe = market, symbol, timeframe
        self._closings = Closings(market.seed, symbol, timeframe)

    def events(self, since: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """What is sent after ``since``, and when; the closing frame of the last bucket may be to come."""
        last = self._timeframe.last_closed(since)
        for start in count(max(last, 0), self._timeframe.ms):
            for at in self._changes(start, since):
                yield from self._event(start, at)
            at = self._closings.at(start)
            if at > since:
                yield from self._event(start, at, silent=self._closings.silent(start))

    def _changes(self, start: int, since: int) -> Iterator[int]:
        """When an open bucket is told of: on the grid, but not before the one before it is closed."""
        end, phase = start + self._timeframe.ms, self._closings.phase
        opens = grid(self._closings.at(start - self._timeframe.ms) * 1_000, PUSH, phase)
        trades = trades_from(self._market, self._symbol, max(start, since - LATEST - PUSH), end)
        for at, _ in groupby(trades, lambda trade: max(opens, grid(trade.time, PUSH, phase))):
            if since < at < end:
                yield at

    def _event(self, start: int, at: int, *, silent: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
        """A bucket as it stands at ``at``; if ``silent``, only if somebody traded in it."""
        for kline in self._market.klines(self._symbol, self._timeframe, start, start, at):
            if kline.trades or not silent:
                yield at, kline_event(kline, self._timeframe, at, closed=at > kline.last)
