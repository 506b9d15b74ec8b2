"""An exchange that replays a recording: frames when market time reaches them, REST answers from what they say."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.simulator.amounts import increment
from livermore.simulator.listing import Listing
from livermore.simulator.recorded_candles import of_rows, of_trades, rolled_up
from livermore.simulator.recorded_frames import Recorded, read_recording
from livermore.simulator.trade import Trade
from livermore.simulator.wire import Frame, TickerRow


class Recording:
    """One recording; a `Source`. All times are ms UTC; before the first frame nothing is known."""

    seed = 0

    def __init__(self, frames: Sequence[Recorded]) -> None:
        """``frames`` in recorded order."""
        self._frames = frames
        self.channels = frozenset(recorded.frame.channel for recorded in frames)
        self._trades = _trades_by_symbol(frames)
        symbols = dict.fromkeys(r.symbol for r in frames if r.symbol not in self.channels)
        self.listings: Sequence[Listing] = [_listing(symbol, self._trades.get(symbol, [])) for symbol in symbols]

    @classmethod
    def load(cls, path: Path) -> "Recording":
        """Read a file.

        Raises:
            LivermoreError: it cannot be read, or is no recording.
        """
        return cls(read_recording(path))

    @property
    def start(self) -> int:
        """When its first frame falls due."""
        return self._frames[0].frame.at

    def trades(self, symbol: str, start: int, end: int) -> list[Trade]:
        """The trades from ``start`` up to, but without, ``end``, ascending."""
        return [t for t in self._trades.get(symbol, []) if start * 1_000 <= t.time < end * 1_000]

    def newest_trades(self, symbol: str, now: int, count: int) -> list[Trade]:
        """The last ``count`` trades before ``now``, newest first."""
        return self.trades(symbol, 0, now)[: -count - 1 : -1]

    def candles(self, symbol: str, timeframe: Timeframe, first: int, last: int, now: int) -> list[Candle]:
        """The candles with open times from ``first`` to ``last``, ascending, as they stood at ``now``."""
        return [c for c in self._candles(symbol, timeframe, now) if first <= c.open_time <= last]

    def ticker(self, symbol: str, now: int) -> TickerRow | None:
        """The last ticker up to ``now``."""
        tickers = (ticker for recorded in self._until(symbol, now) for ticker in recorded.tickers[::-1])
        return next(tickers, None)

    def snapshot(self, channel: str, symbols: Sequence[str], now: int) -> list[Frame]:
        """All frames up to ``now``, in recorded order."""
        return [
            r.frame for r in self._frames if r.frame.channel == channel and r.symbol in symbols and r.frame.at <= now
        ]

    def updates(self, channel: str, symbol: str, since: int) -> Iterator[Frame]:
        """The frames after ``since``."""
        return (
            r.frame for r in self._frames if r.frame.channel == channel and r.symbol == symbol and r.frame.at > since
        )

    def _candles(self, symbol: str, timeframe: Timeframe, now: int) -> list[Candle]:
        if timeframe is Timeframe.M1:
            return of_trades(self.trades(symbol, 0, now))
        newest_first = [row for recorded in self._until(symbol, now) for row in recorded.candles[::-1]]
        candles = of_rows(reversed(newest_first))
        return candles if timeframe is Timeframe.M5 else rolled_up(candles, timeframe)

    def _until(self, symbol: str, now: int) -> Iterator[Recorded]:
        """The frames of a symbol up to ``now``, newest first."""
        return (r for r in reversed(self._frames) if r.symbol == symbol and r.frame.at <= now)


def _trades_by_symbol(frames: Sequence[Recorded]) -> dict[str, list[Trade]]:
    """Each trade once, ascending."""
    found: dict[str, dict[int, Trade]] = {}
    for recorded in frames:
        for trade in recorded.trades:
            found.setdefault(trade.symbol, {})[trade.number] = trade
    return {symbol: [trades[number] for number in sorted(trades)] for symbol, trades in found.items()}


def _listing(symbol: str, trades: Sequence[Trade]) -> Listing:
    """The increments are the finest that were seen."""
    price, size = (
        max((len(amount.partition(".")[2]) for amount in amounts), default=0)
        for amounts in ((t.price for t in trades), (t.size for t in trades))
    )
    return Listing(symbol, symbol.partition("-")[0], increment(price), increment(size))
