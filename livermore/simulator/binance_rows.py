"""The payloads of Binance's streams and answers: field names, their order and their types (`exchanges.md` 3 and 4).

Prices and amounts have eight decimals, always.
"""

from decimal import Decimal
from typing import Any

from livermore.simulator.kline import Kline
from livermore.simulator.quotes import Quotes
from livermore.simulator.trade import Trade

_HALF = Decimal("0.5")
"""Takers buy as much as they sell: what they bought is not counted, but is half."""


def native(symbol: str) -> str:
    """Binance's name of a symbol: BTCUSDT for BTC-USDT."""
    return symbol.replace("-", "")


def eight(amount: str | Decimal) -> str:
    """An amount as Binance writes it."""
    return f"{Decimal(amount):.8f}"


def kline_event(kline: Kline, interval: str, at: int, *, closed: bool) -> dict[str, Any]:
    """A kline as it stands at ``at`` (ms UTC)."""
    k, name, (first, last) = kline, native(kline.symbol), kline.numbers
    inner = {
        "t": k.start, "T": k.last, "s": name, "i": interval, "f": first, "L": last,
        "o": eight(k.open), "c": eight(k.close), "h": eight(k.high), "l": eight(k.low), "v": eight(k.volume),
        "n": k.trades, "x": closed, "q": eight(k.quote_volume),
        "V": eight(Decimal(k.volume) * _HALF), "Q": eight(Decimal(k.quote_volume) * _HALF), "B": "0",
    }  # fmt: skip
    return {"e": "kline", "E": at, "s": name, "k": inner}


def kline_row(kline: Kline) -> list[str | int]:
    """A kline as REST has it: twelve values."""
    k = kline
    bought, paid = eight(Decimal(k.volume) * _HALF), eight(Decimal(k.quote_volume) * _HALF)
    amounts = [eight(amount) for amount in (k.open, k.high, k.low, k.close, k.volume)]
    return [k.start, *amounts, k.last, eight(k.quote_volume), k.trades, bought, paid, "0"]


def trade_event(trade: Trade, at: int) -> dict[str, Any]:
    """A trade; ``m`` says that the buyer's order had waited."""
    t = trade
    return {
        "e": "trade", "E": at, "s": native(t.symbol), "t": t.number, "p": eight(t.price), "q": eight(t.size),
        "T": t.time // 1_000, "m": t.side == "BUY", "M": True,
    }  # fmt: skip


def mini_ticker_event(day: Kline, at: int) -> dict[str, Any]:
    """The last 24 hours in short."""
    d = day
    return {
        "e": "24hrMiniTicker", "E": at, "s": native(d.symbol), "c": eight(d.close), "o": eight(d.open),
        "h": eight(d.high), "l": eight(d.low), "v": eight(d.volume), "q": eight(d.quote_volume),
    }  # fmt: skip


def ticker_event(day: Kline, quotes: Quotes, at: int) -> dict[str, Any]:
    """The last 24 hours at length."""
    row = ticker_row(day, quotes, at)
    fields = {
        "s": "symbol", "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "x": "prevClosePrice",
        "c": "lastPrice", "Q": "lastQty", "b": "bidPrice", "B": "bidQty", "a": "askPrice", "A": "askQty",
        "o": "openPrice", "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume",
        "O": "openTime", "C": "closeTime", "F": "firstId", "L": "lastId", "n": "count",
    }  # fmt: skip
    return {"e": "24hrTicker", "E": at} | {short: row[long] for short, long in fields.items()}


def ticker_row(day: Kline, quotes: Quotes, now: int) -> dict[str, Any]:
    """The last 24 hours as REST has them."""
    d, q, (first, last) = day, quotes, day.numbers
    change, volume = Decimal(d.close) - Decimal(d.open), Decimal(d.volume)
    return {
        "symbol": native(d.symbol),
        "priceChange": eight(change),
        "priceChangePercent": f"{100 * change / Decimal(d.open):.3f}",
        "weightedAvgPrice": eight(Decimal(d.quote_volume) / volume if volume else Decimal(0)),
        "prevClosePrice": eight(d.open),
        "lastPrice": eight(d.close),
        "lastQty": "0.00000000",
        "bidPrice": eight(q.bid),
        "bidQty": eight(q.bid_quantity),
        "askPrice": eight(q.ask),
        "askQty": eight(q.ask_quantity),
        "openPrice": eight(d.open),
        "highPrice": eight(d.high),
        "lowPrice": eight(d.low),
        "volume": eight(d.volume),
        "quoteVolume": eight(d.quote_volume),
        "openTime": d.start,
        "closeTime": now,
        "firstId": first,
        "lastId": last,
        "count": d.trades,
    }


def mini_row(row: dict[str, Any]) -> dict[str, Any]:
    """What is left of a ticker row when ``type=MINI`` is asked for."""
    names = (
        "symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume",
        "openTime", "closeTime", "firstId", "lastId", "count",
    )  # fmt: skip
    return {name: row[name] for name in names}
