"""A kline: a candle as Binance counts it, which says how many trades it has and exists even without any."""

from decimal import Decimal
from typing import NamedTuple

from livermore.market.amount import text_of


class Kline(NamedTuple):
    """Prices and volume are canonical decimals; ``last`` is its last ms UTC, ``number`` that of its first trade."""

    symbol: str
    start: int
    last: int
    open: str
    high: str
    low: str
    close: str
    volume: str
    number: int
    trades: int

    @property
    def numbers(self) -> tuple[int, int]:
        """The first and the last trade's number; -1 twice if there is none."""
        return (self.number, self.number + self.trades - 1) if self.trades else (-1, -1)

    @property
    def quote_volume(self) -> str:
        """About what was paid for the volume: at the middle of the four prices, since that needs no trades."""
        middle = sum(map(Decimal, (self.open, self.high, self.low, self.close)), Decimal(0)) / 4
        return _rounded(middle * Decimal(self.volume))


def _rounded(amount: Decimal) -> str:
    """To eight decimals, which is all that Binance writes."""
    return text_of(round(amount, 8))
