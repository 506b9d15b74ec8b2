"""What crosses a mailbox: facts in the past tense. The fact itself stands in Redis already; a message only wakes."""

from dataclasses import dataclass

from livermore.market.candle import Candle, Series
from livermore.market.gap import Gap
from livermore.market.ticker import Ticker


@dataclass(frozen=True)
class CandleClosed:
    """A candle was stored for the first time."""

    candle: Candle

    @property
    def series(self) -> Series:
        return self.candle.series


@dataclass(frozen=True)
class CandleCorrected:
    """A stored candle was replaced."""

    candle: Candle

    @property
    def series(self) -> Series:
        return self.candle.series


@dataclass(frozen=True)
class HistoryChanged:
    """A series was filled anew, without news of each candle."""

    series: Series


@dataclass(frozen=True)
class HoleFound:
    """The wire cannot vouch for these buckets: REST has to supply them."""

    gap: Gap

    @property
    def series(self) -> Series:
        return self.gap.series


@dataclass(frozen=True)
class SymbolsChanged:
    """Which symbols are watched, the most used first: the whole list."""

    symbols: tuple[str, ...]


@dataclass(frozen=True)
class TickerChanged:
    """A new price."""

    ticker: Ticker


@dataclass(frozen=True)
class SignalComputed:
    """Signals of a series were stored, up to the candle that opened at ``open_time`` (ms)."""

    series: Series
    open_time: int


@dataclass(frozen=True)
class WarmedUp:
    """How far the warm-up is, in percent; 100 when every series is known. ``eta_ms``: how long it will still take."""

    percent: float
    symbols: int
    eta_ms: int | None = None
