"""The assembly of an exchange that tells its candles: closings once, what was not closed as holes. Pure."""

from collections.abc import Mapping, Sequence

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Event, Frame, Kline, Klines, Leaving, Refused, Tickers
from livermore.exchanges.kline_series import Coverage, KlineSeries
from livermore.exchanges.news import Channel, News
from livermore.market.candle import Candle, Series
from livermore.market.gap import Cause
from livermore.market.grace import Grace
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe


class Watched:
    """All that is remembered of one symbol."""

    def __init__(self, exchange: str, symbol: str) -> None:
        self.coverage = Coverage()
        self.series = {t: KlineSeries(Series(exchange, symbol, t), self.coverage) for t in Timeframe}
        self.formed = 0  # when (ms) the newest one-minute candle in progress was told

    def resumed(self, at: int) -> None:
        self.coverage.resumed(at)
        for series in self.series.values():
            series.begin(at)


class KlineAssembly:
    """`livermore.exchanges.assembly.Assembly` of candles that are closed by the exchange.

    A closing tells of its whole bucket, whatever was lost before it; so frames of two connections, of which one
    replaces the other, may come mixed: the first closing counts, and the newest of everything else. No `connected` is
    needed between them, for nothing is lost.
    """

    def __init__(self, exchange: str, symbols: Sequence[str], grace: int) -> None:
        """``grace``: how long (ms) after a bucket's end, by the exchange's clock, its closing may come, at most."""
        self._exchange, self._grace = exchange, Grace(grace)
        self._watched: dict[str, Watched] = {}
        self._silent: set[str] = set()  # symbols whose coverage has not begun, or not again
        self._now = 0  # the exchange's clock
        self._horizon = 0  # buckets that end before this moment (ms) are over
        self._forming: dict[str, Candle] = {}
        self._news = News()
        self.watch(symbols)

    def watch(self, symbols: Sequence[str]) -> None:
        before = self._watched
        self._watched = {s: before.get(s) or Watched(self._exchange, s) for s in symbols}
        self._silent = (self._silent | (self._watched.keys() - before.keys())) & self._watched.keys()
        self._forming = {s: c for s, c in self._forming.items() if s in self._watched}
        self._news.watch(self._watched.keys())

    def connected(self, cause: Cause) -> None:
        for watched in self._watched.values():
            watched.coverage.broken(cause)
        self._silent = set(self._watched)

    def take(self, frame: Frame) -> Outcome:
        outcome = Outcome()
        if frame.time is not None:
            self._now = max(self._now, frame.time)
            self._resume()
        for event in frame.events:
            self._event(event, frame.time, outcome)
        self._give_up(outcome)
        return outcome

    def ticks(self) -> tuple[list[Ticker], list[Candle]]:
        forming = [candle for s, candle in sorted(self._forming.items()) if self._is_open(s, candle)]
        self._forming.clear()
        return self._news.tickers(), forming

    def heard(self) -> Mapping[Channel, int]:
        return self._news.heard()

    @property
    def grace(self) -> int:
        return self._grace.ms

    def _is_open(self, symbol: str, candle: Candle) -> bool:
        return self._watched[symbol].series[candle.timeframe].is_open(candle.open_time)

    def _resume(self) -> None:
        for symbol in self._silent:
            self._watched[symbol].resumed(self._now)
        self._silent.clear()

    def _event(self, event: Event, time: int | None, outcome: Outcome) -> None:
        if isinstance(event, Klines):
            for kline in event.klines:
                self._kline(kline, self._now if time is None else time, outcome)
        elif isinstance(event, Tickers):
            self._tick(event.tickers)
        elif isinstance(event, Refused):
            outcome.refusals.append(event.message)
        elif isinstance(event, Leaving):
            outcome.leaving = True

    def _tick(self, tickers: Sequence[Ticker]) -> None:
        for ticker in tickers:
            if self._news.hear((ticker.symbol, "tickers"), ticker.timestamp):
                self._news.tell(ticker)

    def _kline(self, kline: Kline, time: int, outcome: Outcome) -> None:
        """One that opens where none can is told, and refused by whoever stores it; its bucket stays open."""
        watched = self._watched.get(kline.series.symbol)
        if watched is None:
            return
        self._news.hear((kline.series.symbol, "klines"), time)
        if kline.open_time % kline.series.timeframe.ms:
            outcome.closed += [kline.candle] if kline.closed and kline.candle else []
        elif kline.closed:
            self._close(kline, watched.series[kline.series.timeframe], outcome)
        else:
            self._see(kline, watched, time)

    def _see(self, kline: Kline, watched: Watched, time: int) -> None:
        _, symbol, timeframe = kline.series
        watched.series[timeframe].see(kline)
        if timeframe is Timeframe.M1 and time > watched.formed:
            watched.formed = time
            if kline.candle is not None:
                self._forming[symbol] = kline.candle

    def _close(self, kline: Kline, series: KlineSeries, outcome: Outcome) -> None:
        """What counts of a delay is how far the clock has come, for by it the others are given up."""
        outcome.holes += series.give_up(kline.open_time, self._grace.ms)
        if series.close(kline.open_time):
            outcome.closed += [kline.candle] if kline.candle else []
            outcome.known.append((series.series, kline.open_time))
            self._grace.measure(kline.open_time + series.series.timeframe.ms, self._now)

    def _give_up(self, outcome: Outcome) -> None:
        """Whatever is over; every bucket ends with a minute."""
        horizon = Timeframe.M1.floor(self._now - self._grace.ms)
        if horizon <= self._horizon:
            return
        self._horizon = horizon
        for watched in self._watched.values():
            for series in watched.series.values():
                outcome.holes += series.give_up(horizon, self._grace.ms)
