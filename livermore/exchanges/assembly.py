"""The assembly of one connection's frames: sequence checked, trades folded, tickers conflated. Pure."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from livermore.exchanges.frame import Frame, Refused, Subscribed, Tickers, Trades
from livermore.market.candle import Candle, Series
from livermore.market.fold import BUCKET, TradeFold
from livermore.market.ticker import Ticker
from livermore.market.trade import Trade


@dataclass
class Outcome:
    """What a frame led to. ``known`` and ``holes`` are (series, open time in ms)."""

    closed: list[Candle] = field(default_factory=list)
    known: list[tuple[Series, int]] = field(default_factory=list)
    holes: list[tuple[Series, int]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    gap: bool = False


class Assembly:
    """Lives as long as its feed, over any number of connections."""

    def __init__(self, exchange: str, symbols: Sequence[str], grace: int) -> None:
        """``grace``: how long (ms) after a bucket's end, by the exchange's clock, its last trades may come in."""
        self._folds = {symbol: TradeFold(exchange, symbol) for symbol in symbols}
        self._exchange, self._grace = exchange, grace
        self._sequence: int | None = None
        self._flowing: set[str] = set()  # symbols whose trades this connection is known to carry
        self._horizon = 0  # buckets that end before this moment (ms) are over
        self._tickers: dict[str, Ticker] = {}
        self._active: set[str] = set()

    def connected(self) -> None:
        """A new connection begins: what came before may have a hole at its end."""
        self._sequence = None
        self._flowing.clear()
        for fold in self._folds.values():
            fold.interrupted()

    def take(self, frame: Frame) -> Outcome:
        """Take in one frame; frames come in the order in which they were received."""
        outcome = Outcome(gap=self._has_gap(frame))
        if outcome.gap:
            self._lost(frame.time)
        for event in frame.events:
            self._event(event, frame.time, outcome)
        if frame.time is not None:
            self._close(frame.time - self._grace, outcome)
        return outcome

    def ticks(self) -> tuple[list[Ticker], list[Candle]]:
        """The newest tickers and forming candles of symbols that moved since the last call."""
        forming = [candle for symbol in sorted(self._active) if (candle := self._folds[symbol].forming())]
        tickers = list(self._tickers.values())
        self._active.clear()
        self._tickers.clear()
        return tickers, forming

    def _has_gap(self, frame: Frame) -> bool:
        if frame.sequence is None:
            return False
        before, self._sequence = self._sequence, frame.sequence
        return before is not None and frame.sequence != before + 1

    def _lost(self, since: int | None) -> None:
        for fold in self._folds.values():
            fold.interrupted()
        self._listen(self._flowing, since)

    def _listen(self, symbols: Iterable[str], since: int | None) -> None:
        if since is not None:
            for symbol in symbols:
                self._folds[symbol].listening(since)

    def _event(self, event: Trades | Tickers | Subscribed | Refused, time: int | None, outcome: Outcome) -> None:
        if isinstance(event, Trades):
            self._trades(event, time, outcome)
        elif isinstance(event, Tickers):
            self._tickers |= {t.symbol: t for t in event.tickers if t.symbol in self._folds}
        elif isinstance(event, Refused):
            outcome.refusals.append(event.message)
        else:
            self._subscribed(event.symbols & self._folds.keys(), time)

    def _subscribed(self, symbols: Set[str], time: int | None) -> None:
        for symbol in self._flowing - symbols:
            self._folds[symbol].interrupted()
        self._flowing = set(symbols)
        self._listen(symbols, time)

    def _trades(self, event: Trades, time: int | None, outcome: Outcome) -> None:
        by_symbol: dict[str, list[Trade]] = {}
        for trade in event.trades:
            if trade.symbol in self._folds:
                by_symbol.setdefault(trade.symbol, []).append(trade)
        for symbol, trades in by_symbol.items():
            late = self._folds[symbol].add(trades, snapshot=event.snapshot)
            outcome.holes += [(self._series(symbol), open_time) for open_time in sorted(late)]
        self._active |= by_symbol.keys()
        self._flowing |= by_symbol.keys()
        self._listen(by_symbol, time)

    def _close(self, horizon: int, outcome: Outcome) -> None:
        if BUCKET.floor(horizon) <= self._horizon:
            return
        self._horizon = BUCKET.floor(horizon)
        for symbol, fold in self._folds.items():
            series = self._series(symbol)
            for bucket in fold.close(horizon):
                (outcome.known if bucket.whole else outcome.holes).append((series, bucket.open_time))
                outcome.closed += [bucket.candle] if bucket.candle is not None else []

    def _series(self, symbol: str) -> Series:
        return Series(self._exchange, symbol, BUCKET)
