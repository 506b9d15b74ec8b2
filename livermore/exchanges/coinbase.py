"""Coinbase Advanced Trade: frames of the market-data WebSocket and the public REST service (`exchanges.md` 1 and 2)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from livermore.exchanges import coinbase_wire as wire
from livermore.exchanges.codec import Accounts, Sign
from livermore.exchanges.coinbase_wire import reading
from livermore.exchanges.frame import Frame, Refused, Request, Subscribed, Tickers, Trades
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market.amount import canonical, text_of, total
from livermore.market.candle import Candle, Series
from livermore.market.holding import Holding, checked
from livermore.market.instant import parse_iso
from livermore.market.product import Product
from livermore.market.ticker import Ticker, absolute_change
from livermore.market.timeframe import Timeframe
from livermore.market.trade import Trade

BROKERAGE = "/api/v3/brokerage"
ACCOUNTS = 250
"""Accounts of one answer."""
CHANNELS = ("heartbeats", "market_trades", "ticker")
GRANULARITY = {
    Timeframe.M1: "ONE_MINUTE",
    Timeframe.M5: "FIVE_MINUTE",
    Timeframe.M15: "FIFTEEN_MINUTE",
    Timeframe.H1: "ONE_HOUR",
    Timeframe.H4: "FOUR_HOUR",
    Timeframe.D1: "ONE_DAY",
}


class Codec:
    """Coinbase's side of `livermore.exchanges.codec`."""

    name = "coinbase"
    websocket_url = "wss://advanced-trade-ws.coinbase.com"
    rest_url = "https://api.coinbase.com"
    page = 350
    rate = 8.0
    grace = 2.0
    rolls_up = True
    tells_empty = False
    silence = 5.0
    symbols_per_connection = 1_000
    messages_per_second = 8.0
    signature = "coinbase_token"
    life = None

    def __init__(self, symbols: Sequence[str] = ()) -> None:
        """Coinbase's names are the canonical ones: nothing has to be known of them."""

    def assembly(self, symbols: Sequence[str], grace: int) -> TradeAssembly:
        return TradeAssembly(self.name, symbols, grace)

    def subscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:
        return [self._demand("subscribe", channel, symbols, sign()) for channel in CHANNELS]

    def unsubscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:
        """Heartbeats belong to the connection, and go on."""
        return [self._demand("unsubscribe", channel, symbols, sign()) for channel in CHANNELS[1:]]

    @staticmethod
    def _demand(kind: str, channel: str, symbols: Sequence[str], token: str | None) -> str:
        message: dict[str, Any] = {"type": kind, "channel": channel}
        if channel != "heartbeats":
            message["product_ids"] = list(symbols)
        if token is not None:
            message["jwt"] = token
        return msgspec.json.encode(message).decode()

    def decode(self, data: str | bytes) -> Frame:
        with reading("frame"):
            envelope = wire.envelope(data)
            if envelope.type == "error":
                return Frame([Refused(envelope.message, key="authentication" in envelope.message.lower())])
            time = parse_iso(envelope.timestamp) if envelope.timestamp else None
            reader = _READERS.get(envelope.channel)
            return Frame(reader(envelope, time) if reader else [], envelope.sequence_num, time)

    def candle_request(self, series: Series, first: int, last: int) -> Request:
        path = f"products/{series.symbol}/candles"
        span = (("start", str(first // 1000)), ("end", str(last // 1000)))
        query = (*span, ("granularity", GRANULARITY[series.timeframe]), ("limit", str(self.page)))
        return Request(f"{BROKERAGE}/market/{path}", query, private=f"{BROKERAGE}/{path}")

    def decode_candles(self, series: Series, body: bytes) -> list[Candle]:
        with reading("answer about candles"):
            found = {c.open_time: c for c in (_candle(series, raw) for raw in wire.candles(body).candles)}
        return [found[open_time] for open_time in sorted(found)]

    def spoken_of(self, body: bytes) -> None:
        """Minutes without trades are not in it."""

    def product_requests(self) -> list[Request]:
        query = (("product_type", "SPOT"),)
        return [Request(f"{BROKERAGE}/market/products", query, private=f"{BROKERAGE}/products")]

    def decode_products(self, bodies: Sequence[bytes]) -> list[Product]:
        with reading("answer about products"):
            return [_product(p) for body in bodies for p in wire.products(body).products if p.product_type == "SPOT"]

    def decode_rate(self, bodies: Sequence[bytes]) -> None:
        """Coinbase does not tell."""

    def time_request(self) -> Request:
        return Request(f"{BROKERAGE}/time")

    def decode_time(self, body: bytes) -> int:
        with reading("answer about the time"):
            return _whole(wire.server_time(body).epochMillis, 15)

    def account_request(self, cursor: str = "") -> Request:
        further = (("cursor", cursor),) if cursor else ()
        return Request(f"{BROKERAGE}/accounts", (("limit", str(ACCOUNTS)), *further))

    def decode_accounts(self, body: bytes) -> Accounts:
        with reading("answer about accounts"):
            found = wire.accounts(body)
            return Accounts([_holding(one) for one in found.accounts], found.cursor if found.has_next else "")

    def over_limit(self, headers: Mapping[str, str]) -> bool:  # noqa: ARG002 - Coinbase's speak of a second only
        return False


def _read_trades(envelope: wire.Envelope, _: int | None) -> list[Trades]:
    return [Trades([_trade(t) for t in e.trades], e.type == "snapshot") for e in wire.trades(envelope.events)]


def _trade(t: wire.Trade) -> Trade:
    return Trade(t.product_id, _whole(t.trade_id, 18), canonical(t.price), canonical(t.size), parse_iso(t.time))


def _read_tickers(envelope: wire.Envelope, time: int | None) -> list[Tickers]:
    """A pair that was not traded for a day has no such figures."""
    return [
        Tickers([_ticker(t, time or 0) for t in e.tickers if _has_figures(t)]) for e in wire.tickers(envelope.events)
    ]


def _has_figures(t: wire.Ticker) -> bool:
    return all((t.price, t.price_percent_chg_24_h, t.high_24_h, t.low_24_h, t.volume_24_h))


def _ticker(t: wire.Ticker, time: int) -> Ticker:
    """A ticker carries no time of its own: the envelope's counts."""
    price, percent = canonical(t.price), _signed(t.price_percent_chg_24_h)
    bid, ask = (canonical(quote) if quote else None for quote in (t.best_bid, t.best_ask))
    return Ticker(
        symbol=t.product_id,
        price=price,
        change24h=absolute_change(price, percent),
        change_percent24h=percent,
        high24h=canonical(t.high_24_h),
        low24h=canonical(t.low_24_h),
        volume24h=canonical(t.volume_24_h),
        timestamp=time,
        bid=bid,
        ask=ask,
    )


def _read_subscriptions(envelope: wire.Envelope, _: int | None) -> list[Subscribed]:
    return [
        Subscribed(frozenset(e.subscriptions.get("market_trades", ()))) for e in wire.subscriptions(envelope.events)
    ]


_READERS: dict[str, Callable[[wire.Envelope, int | None], Sequence[Any]]] = {
    "market_trades": _read_trades,
    "ticker": _read_tickers,
    "subscriptions": _read_subscriptions,
}


def _candle(series: Series, c: wire.Candle) -> Candle:
    o, h, l, close, v = map(canonical, (c.open, c.high, c.low, c.close, c.volume))  # noqa: E741 - OHLCV
    return Candle(*series, _whole(c.start, 11) * 1000, o, h, l, close, v)


def _whole(text: str, digits: int) -> int:
    """A whole number of at most so many digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise ValueError(f"expected a whole number, found {text[:40]!r}")
    return int(text)


def _signed(text: str) -> str:
    """A canonical amount that may be negative."""
    size = canonical(text.removeprefix("-"))
    return f"-{size}" if text.startswith("-") and size != "0" else size


def _product(p: wire.Product) -> Product:
    return Product(
        symbol=p.product_id,
        base=p.base_currency_id,
        quote=p.quote_currency_id,
        price=canonical(p.price or "0"),
        volume24h=canonical(p.volume_24h or "0"),
        quote_volume24h=canonical(p.approximate_quote_24h_volume or "0"),
        price_increment=p.price_increment,
        base_increment=p.base_increment,
        online=p.status == "online" and not (p.is_disabled or p.trading_disabled or p.view_only or p.alias),
        status=p.status,
        alias=p.alias,
    )


def _holding(a: wire.Account) -> Holding:
    available, hold = canonical(a.available_balance.value), canonical(a.hold.value) if a.hold is not None else "0"
    quantity = text_of(total(map(Decimal, (available, hold))))
    checked(a.currency, quantity, available)
    return Holding(a.currency, quantity, available, a.name[:100], a.uuid[:100])
