"""Binance spot: frames of the combined market-data streams and the public REST service (`exchanges.md` 3 and 4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

import msgspec

from livermore.exchanges import binance_wire as wire
from livermore.exchanges.binance_wire import reading
from livermore.exchanges.codec import Accounts, Sign
from livermore.exchanges.frame import Event, Frame, Kline, Klines, Leaving, Refused, Request, Tickers
from livermore.exchanges.kline_assembly import KlineAssembly
from livermore.market.amount import canonical, text_of, total
from livermore.market.candle import Candle, Series
from livermore.market.holding import Holding, checked
from livermore.market.product import Product
from livermore.market.ticker import Ticker, changes
from livermore.market.timeframe import Timeframe

STREAMS = (*(f"kline_{timeframe}" for timeframe in Timeframe), "miniTicker")
"""What is subscribed to for each symbol."""
BATCH = 200
"""How many streams one message may name."""
LONGEST = 4_000
"""Bytes of the longest message: one of more than 4,096 is never answered (binance-connector-rust, issue 27)."""
USED_UP = 0.9
BUDGET = 0.8
"""How much of the allowance is planned for."""

_TIMEFRAMES = {str(timeframe): timeframe for timeframe in Timeframe}


class Codec:
    """Binance's side of `livermore.exchanges.codec`.

    Binance writes `BTCUSDT` for `BTC-USDT`, and in the names of its streams `btcusdt`.
    """

    name = "binance"
    websocket_url = "wss://stream.binance.com:9443/stream"
    rest_url = "https://api.binance.com"
    page = 1_000
    weight_per_minute = 6_000
    """What REST allows an address to use; each answer tells how much of it is used."""
    rate = 80.0
    grace = 2.5
    rolls_up = False
    tells_empty = True
    silence = 10.0
    symbols_per_connection = 1_024 // len(STREAMS)
    messages_per_second = 3.0  # of five, among which pongs count
    signature = "binance_signature"
    life: float | None = 23 * 3_600.0
    weights: ClassVar[Mapping[str, int]] = {
        "klines": 2,
        "exchangeInfo": 20,
        "ticker/24hr": 80,
        "time": 1,
        "account": 20,
    }
    listing: ClassVar[Sequence[tuple[str, str]]] = (("showPermissionSets", "false"),)
    """How to ask for what is listed: permissions are most of the answer."""
    balances: ClassVar[Sequence[tuple[str, str]]] = (("omitZeroBalances", "true"),)
    """How to ask for balances: most of them are nothing."""

    def __init__(self, symbols: Sequence[str] = ()) -> None:
        """``symbols``: those whose frames are read; those of others are passed over."""
        self._symbols = {_native(symbol): symbol for symbol in symbols}

    def assembly(self, symbols: Sequence[str], grace: int) -> KlineAssembly:
        return KlineAssembly(self.name, symbols, grace)

    def subscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:  # noqa: ARG002 - nothing is signed
        return _demands("SUBSCRIBE", symbols)

    def unsubscriptions(self, symbols: Sequence[str], sign: Sign) -> list[str]:  # noqa: ARG002 - nothing is signed
        return _demands("UNSUBSCRIBE", symbols)

    def decode(self, data: str | bytes) -> Frame:
        """Lists are of streams that nobody has asked for."""
        with reading("frame"):
            message = wire.message(data)
            if isinstance(message, list):
                return Frame()
            if message.error is not None or message.code is not None:
                failure = message.error or wire.Failure(message.code or 0, message.msg)
                return Frame([Refused(f"{failure.msg} ({failure.code})")])
            return self._event(message.data, wire.event(message.data)) if message.stream else self._event(data, message)

    def _event(self, data: str | bytes | msgspec.Raw, head: wire.Event | list[msgspec.Raw]) -> Frame:
        if isinstance(head, list):
            return Frame()
        events: list[Event] = []
        if head.kind == "kline":
            events = self._kline(wire.kline(data))
        elif head.kind == "24hrMiniTicker":
            events = self._ticker(wire.mini_ticker(data))
        elif head.kind == "serverShutdown":
            events = [Leaving()]
        return Frame(events, time=head.time)

    def _kline(self, told: wire.Kline) -> list[Event]:
        symbol, timeframe, bar = self._symbols.get(told.symbol), _TIMEFRAMES.get(told.bar.interval), told.bar
        if symbol is None or timeframe is None:
            return []
        if bar.open_time > told.time:
            raise ValueError(f"a candle of {bar.open_time} told of at {told.time}")
        series = Series(self.name, symbol, timeframe)
        candle = _candle(series, bar) if bar.count != 0 and bar.first >= 0 else None
        return [Klines([Kline(series, bar.open_time, bar.closed, candle)])]

    def _ticker(self, told: wire.MiniTicker) -> list[Event]:
        """A pair that was never traded has no price."""
        symbol, price = self._symbols.get(told.symbol), canonical(told.close)
        if symbol is None or price == "0":
            return []
        change, percent = changes(price, canonical(told.open))
        high, low, volume = map(canonical, (told.high, told.low, told.volume))
        return [Tickers([Ticker(symbol, price, change, percent, high, low, volume, told.time)])]

    def candle_request(self, series: Series, first: int, last: int) -> Request:
        named = (("symbol", _native(series.symbol)), ("interval", str(series.timeframe)))
        span = (("startTime", str(first)), ("endTime", str(last)), ("limit", str(self.page)))
        return self._request("klines", (*named, *span))

    def decode_candles(self, series: Series, body: bytes) -> list[Candle]:
        with reading("answer about candles"):
            found = {row.open_time: _candle(series, row) for row in wire.rows(body) if row.count != 0}
        return [found[open_time] for open_time in sorted(found)]

    def spoken_of(self, body: bytes) -> int:
        """Minutes without trades are in it, too."""
        with reading("answer about candles"):
            return max((row.open_time for row in wire.rows(body)), default=0)

    def product_requests(self) -> list[Request]:
        return [self._request("exchangeInfo", self.listing), self._request("ticker/24hr")]

    def decode_products(self, bodies: Sequence[bytes]) -> list[Product]:
        with reading("answer about products"):
            listed, traded = bodies
            days = {day.symbol: day for day in wire.days(traded)}
            return [_product(s, days.get(s.symbol) or wire.Day(s.symbol)) for s in wire.exchange_info(listed).symbols]

    def decode_rate(self, bodies: Sequence[bytes]) -> float | None:
        """The weight per minute that `exchangeInfo` tells."""
        with reading("answer about products"):
            for limit in wire.exchange_info(bodies[0]).rate_limits if bodies else ():
                if (limit.rate_limit_type, limit.interval) == ("REQUEST_WEIGHT", "MINUTE"):
                    return limit.limit * BUDGET / (60 * limit.interval_num)
        return None

    def time_request(self) -> Request:
        return self._request("time")

    def decode_time(self, body: bytes) -> int:
        with reading("answer about the time"):
            return wire.server_time(body).server_time

    def account_request(self, cursor: str = "") -> Request:  # noqa: ARG002 - it comes in one part
        request = self._request("account", self.balances)
        return replace(request, private=request.path)

    def decode_accounts(self, body: bytes) -> Accounts:
        with reading("answer about the account"):
            return Accounts([_holding(one) for one in wire.account(body).balances])

    def over_limit(self, headers: Mapping[str, str]) -> bool:
        used = headers.get("x-mbx-used-weight-1m", "")
        return used.isascii() and used.isdigit() and float(used) > USED_UP * self.weight_per_minute

    def _request(self, what: str, query: Sequence[tuple[str, str]] = ()) -> Request:
        return Request(f"/api/v3/{what}", query, self.weights[what])


def _native(symbol: str) -> str:
    return symbol.replace("-", "")


def _demands(method: str, symbols: Iterable[str]) -> list[str]:
    streams = [f"{_native(symbol).lower()}@{stream}" for stream in STREAMS for symbol in symbols]
    numbered = enumerate(_batches(streams), 1)
    return [msgspec.json.encode({"method": method, "params": batch, "id": n}).decode() for n, batch in numbered]


def _batches(streams: Iterable[str]) -> Iterator[list[str]]:
    batch, room = list[str](), LONGEST
    for stream in streams:
        needed = len(stream.encode()) + len('"",')
        if batch and (needed > room or len(batch) == BATCH):
            yield batch
            batch, room = [], LONGEST
        batch.append(stream)
        room -= needed
    if batch:
        yield batch


def _candle(series: Series, c: wire.Bar | wire.Row) -> Candle:
    o, h, l, close, v = map(canonical, (c.open, c.high, c.low, c.close, c.volume))  # noqa: E741 - OHLCV
    return Candle(*series, c.open_time, o, h, l, close, v)


def _product(listed: wire.Symbol, day: wire.Day) -> Product:
    filters = {f.filter_type: f for f in listed.filters}
    price, lot = (filters.get(kind) or wire.Filter(kind) for kind in ("PRICE_FILTER", "LOT_SIZE"))
    return Product(
        symbol=f"{listed.base_asset}-{listed.quote_asset}",
        base=listed.base_asset,
        quote=listed.quote_asset,
        price=canonical(day.last_price),
        volume24h=canonical(day.volume),
        quote_volume24h=canonical(day.quote_volume),
        price_increment=_increment(price.tick_size),
        base_increment=_increment(lot.step_size),
        online=listed.status == "TRADING" and listed.is_spot_trading_allowed,
        status=listed.status,
        trade_count24h=day.count,
        bid=_quoted(day.bid_price),
        ask=_quoted(day.ask_price),
        bid_size=_quoted(day.bid_qty),
        ask_size=_quoted(day.ask_qty),
    )


def _increment(text: str) -> str:
    return canonical(text) if text else ""


def _quoted(text: str) -> str | None:
    """Binance writes 0 for what nobody bids or asks."""
    amount = canonical(text)
    return None if amount == "0" else amount


def _holding(balance: wire.Balance) -> Holding:
    free, locked = canonical(balance.free), canonical(balance.locked)
    quantity = text_of(total(map(Decimal, (free, locked))))
    checked(balance.asset, quantity, free)
    return Holding(balance.asset, quantity, free)
