"""News of symbols beside their candles: the newest tickers, and when each channel was last heard. Pure."""

from collections.abc import Collection, Mapping

from livermore.market.ticker import Ticker

Channel = tuple[str, str]
"""A symbol and what is told of it: ``trades``, ``klines`` or ``tickers``."""


class News:
    """Of the symbols that are watched; of any other it takes no note."""

    def __init__(self) -> None:
        self._watched: Collection[str] = ()
        self._tickers: dict[str, Ticker] = {}
        self._heard: dict[Channel, int] = {}

    def watch(self, symbols: Collection[str]) -> None:
        self._watched = symbols
        self._tickers = {s: t for s, t in self._tickers.items() if s in symbols}
        self._heard = {channel: at for channel, at in self._heard.items() if channel[0] in symbols}

    def tell(self, ticker: Ticker) -> None:
        """The price of a symbol, as it is now."""
        if ticker.symbol in self._watched:
            self._tickers[ticker.symbol] = ticker

    def tickers(self) -> list[Ticker]:
        """Those that were told since the last call."""
        told = list(self._tickers.values())
        self._tickers.clear()
        return told

    def hear(self, channel: Channel, time: int) -> bool:
        """Whether what the exchange told at this time of its own (ms) is news; what is sent again is none."""
        if channel[0] not in self._watched or time <= self._heard.get(channel, 0):
            return False
        self._heard[channel] = time
        return True

    def heard(self) -> Mapping[Channel, int]:
        """The exchange's own time (ms) of the newest news on each channel."""
        return self._heard
