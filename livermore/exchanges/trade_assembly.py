"""The assembly of an exchange that tells its trades: sequence checked, trades folded, tickers conflated. Pure."""

from collections.abc import Iterable, Mapping, Sequence, Set

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Event, Frame, Leaving, Refused, Subscribed, Tickers, Trades
from livermore.exchanges.news import Channel, News
from livermore.market.candle import Candle, Series
from livermore.market.fold import BUCKET, Bucket, TradeFold
from livermore.market.gap import Cause, Gap
from livermore.market.grace import Grace
from livermore.market.ticker import Ticker
from livermore.market.trade import Trade


class TradeAssembly:
    """`livermore.exchanges.assembly.Assembly` of trades, one connection after the other."""

    def __init__(self, exchange: str, symbols: Sequence[str], grace: int) -> None:
        """``grace``: how long (ms) after a bucket's end, by the exchange's clock, its last trades may come in."""
        self._exchange, self._grace = exchange, Grace(grace)
        self._folds: dict[str, TradeFold] = {}
        self._sequence: int | None = None
        self._flowing: set[str] = set()  # symbols whose trades this connection is known to carry
        self._waiting: set[str] = set()  # those that are listened to from the next time on that the exchange tells
        self._now = self._interrupted_at = 0  # the exchange's clock, and what it read when something was lost
        self._horizon = 0  # buckets that end before this moment (ms) are over
        self._active: set[str] = set()
        self._news = News()
        self.watch(symbols)

    def watch(self, symbols: Sequence[str]) -> None:
        self._folds = {s: self._folds.get(s) or TradeFold(self._exchange, s) for s in symbols}
        self._flowing &= self._folds.keys()
        self._waiting &= self._folds.keys()
        self._active &= self._folds.keys()
        self._news.watch(self._folds.keys())

    def connected(self, cause: Cause) -> None:
        self._sequence = None
        self._flowing.clear()
        self._interrupt(self._folds, cause)

    def take(self, frame: Frame) -> Outcome:
        outcome = Outcome(gap=self._has_gap(frame))
        if outcome.gap:
            self._interrupt(self._folds, Cause.SEQUENCE_GAP)
            self._waiting |= self._flowing
        for event in frame.events:
            self._event(event, frame.time, outcome)
        if frame.time is not None:
            self._tell_time(frame.time, outcome)
        return outcome

    def _tell_time(self, time: int, outcome: Outcome) -> None:
        """An old frame that is sent again does not tell since when we are listening."""
        self._now = max(self._now, time)
        if time > self._interrupted_at:
            for symbol in self._waiting:
                self._folds[symbol].listening(time)
            self._waiting.clear()
        self._close(time - self._grace.ms, outcome)

    def ticks(self) -> tuple[list[Ticker], list[Candle]]:
        forming = [candle for symbol in sorted(self._active) if (candle := self._folds[symbol].forming())]
        self._active.clear()
        return self._news.tickers(), forming

    def heard(self) -> Mapping[Channel, int]:
        return self._news.heard()

    @property
    def grace(self) -> int:
        return self._grace.ms

    def _has_gap(self, frame: Frame) -> bool:
        if frame.sequence is None:
            return False
        before, self._sequence = self._sequence, frame.sequence
        return before is not None and frame.sequence != before + 1

    def _interrupt(self, symbols: Iterable[str], cause: Cause) -> None:
        self._interrupted_at = self._now
        for symbol in symbols:
            self._folds[symbol].interrupted(cause)
            self._waiting.discard(symbol)

    def _event(self, event: Event, time: int | None, outcome: Outcome) -> None:
        if isinstance(event, Trades):
            self._trades(event, time, outcome)
        elif isinstance(event, Tickers):
            for ticker in event.tickers:  # it has no time of its own, so that one that is repeated says nothing
                self._news.tell(ticker)
        elif isinstance(event, Refused):
            outcome.refusals.append(event.message)
            outcome.denied = outcome.denied or event.key
        elif isinstance(event, Subscribed):
            self._subscribed(event.symbols & self._folds.keys())
        elif isinstance(event, Leaving):
            outcome.leaving = True

    def _subscribed(self, symbols: Set[str]) -> None:
        if ended := self._flowing - symbols:
            self._interrupt(ended, Cause.SILENCE)
        self._flowing = set(symbols)
        self._waiting |= symbols

    def _trades(self, event: Trades, time: int | None, outcome: Outcome) -> None:
        by_symbol: dict[str, list[Trade]] = {}
        for trade in event.trades:
            if trade.symbol in self._folds:
                by_symbol.setdefault(trade.symbol, []).append(trade)
        for symbol, trades in by_symbol.items():
            self._fold(symbol, trades, event.snapshot, outcome)
            self._news.hear((symbol, "trades"), max(trade.time for trade in trades))
            if time is not None and not event.snapshot:
                self._grace.measure(min(trade.time for trade in trades), time)
        self._active |= by_symbol.keys()
        self._flowing |= by_symbol.keys()
        self._waiting |= by_symbol.keys()

    def _fold(self, symbol: str, trades: list[Trade], snapshot: bool, outcome: Outcome) -> None:  # noqa: FBT001 - one caller
        doubts = self._folds[symbol].add(trades, snapshot=snapshot)
        series = self._series(symbol)
        for cause, times in ((Cause.LATE_TRADE, doubts.late - doubts.missing), (doubts.cause, doubts.missing)):
            outcome.holes += [Gap(series, at, at, cause, at in doubts.late) for at in sorted(times)]

    def _close(self, horizon: int, outcome: Outcome) -> None:
        if BUCKET.floor(horizon) <= self._horizon:
            return
        self._horizon = BUCKET.floor(horizon)
        for symbol, fold in self._folds.items():
            series = self._series(symbol)
            for bucket in fold.close(horizon):
                _note(bucket, series, outcome)

    def _series(self, symbol: str) -> Series:
        return Series(self._exchange, symbol, BUCKET)


def _note(bucket: Bucket, series: Series, outcome: Outcome) -> None:
    at = bucket.open_time
    if bucket.cause is not None:
        outcome.holes.append(Gap(series, at, at, bucket.cause, bucket.traded))
    else:
        outcome.known.append((series, at))
        outcome.closed += [bucket.candle] if bucket.candle is not None else []
