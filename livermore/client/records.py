"""What the API gives, record by record. Fields that are not known here are passed over."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all. Amounts are exact decimal strings, times ISO-8601 strings in UTC with milliseconds."""


class Candle(Record, frozen=True, kw_only=True):
    """``timestamp``: when it opened. ``revision``: how often it has been corrected."""

    timestamp: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    symbol: str
    exchange: str
    timeframe: str
    revision: int = 0


class Gap(Record, frozen=True, kw_only=True):
    """A time that was not watched, from ``start_time`` to before ``end_time``; a page does not repeat its series."""

    start_time: str
    end_time: str
    cause: str
    verdict: str
    symbol: str | None = None
    exchange: str | None = None
    timeframe: str | None = None


class Signal(Record, frozen=True, kw_only=True):
    """How a pair moves. ``updated_at``: open time of the newest candle that was taken into account."""

    symbol: str
    exchange: str
    price: str | None
    type: str
    direction: str
    strength: str
    timeframe: str
    updated_at: str
    ready: bool
    bars_used: int
    stale: bool = False


class SignalNews(Record, frozen=True, kw_only=True):
    """How a pair moves, as of the candle that opened at ``timestamp`` and closed at ``price``."""

    symbol: str
    exchange: str
    timeframe: str
    signal_type: str
    direction: str
    strength: str
    price: str | None
    timestamp: str
    ready: bool
    bars_used: int


class Alert(Record, frozen=True, kw_only=True):
    """A turn that was noticed. ``late``: only after the fact, as after an outage."""

    id: str
    timestamp: str
    symbol: str
    exchange: str
    timeframe: str
    signal_type: str
    direction: str
    strength: str
    price: str
    late: bool = False


class Ticker(Record, frozen=True, kw_only=True):
    """A price, and the last 24 hours."""

    symbol: str
    exchange: str
    price: str
    bid: str | None
    ask: str | None
    change_24h: str
    change_percent_24h: str
    high_24h: str
    low_24h: str
    volume_24h: str
    timestamp: str


class Exchange(Record, frozen=True, kw_only=True):
    """``status``: online, stale or offline. ``data_age_seconds``: since the newest candle was closed."""

    id: str
    name: str
    status: str
    symbol_count: int
    data_age_seconds: int | None = None
    simulated: bool = False


class Symbol(Record, frozen=True, kw_only=True):
    """A pair that is watched."""

    symbol: str
    base: str
    quote: str
    exchange: str
    liquidity_grade: str
    last_price: str | None = None
    volume_24h: str | None = None


class Coverage(Record, frozen=True, kw_only=True):
    """How far the candles of one series reach. ``known_to`` is not included, ``first`` and ``last`` are open times.

    ``complete``: everything in between is known. ``gaps_cut``: there may have been older gaps than those here.
    """

    symbol: str
    exchange: str
    timeframe: str
    first: str | None
    last: str | None
    count: int
    known_from: str | None
    known_to: str | None
    complete: bool
    stale: bool
    gaps: tuple[Gap, ...]
    gaps_cut: bool = False


class MarketTime(Record, frozen=True, kw_only=True):
    """The time by which candles open and close; ``speed``: seconds that pass in it while one passes at the server."""

    timestamp: str
    unix_ms: int
    speed: float = 1.0


class Time(Record, frozen=True, kw_only=True):
    """What the server's clock says; ``market``: where the market has another time."""

    timestamp: str
    unix_ms: int
    market: MarketTime | None = None


class Limits(Record, frozen=True, kw_only=True):
    """What the key may do, and how much of it is used. ``id`` is no secret.

    ``reset_seconds``: after how many seconds without a request all of them are there again. ``connections``: streams at
    once, on each server. ``requests_today``: None while nobody can say. ``resume_window_seconds``: for how long after
    it broke off a stream can be resumed with nothing missing.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    expires: str | None
    requests_per_minute: int
    remaining: int
    reset_seconds: int
    connections: int
    connections_open: int
    requests_today: int | None = None
    resume_window_seconds: int = 86_400


class Meta(Record, frozen=True, kw_only=True):
    """What is said of a page; the last three of candles only."""

    count: int
    next_cursor: str | None = None
    has_more: bool = False
    simulated: bool = False
    stale: bool = False
    complete: bool = False
    gaps: tuple[Gap, ...] = ()


class Page(Record, Generic[T], frozen=True, kw_only=True):
    """One answer."""

    data: tuple[T, ...]
    meta: Meta


class CandlePage(Record, frozen=True, kw_only=True):
    """``complete``: everything in it is known: a time without a candle had no trades. ``stale``: it lags behind."""

    candles: tuple[Candle, ...]
    stale: bool
    complete: bool
    gaps: tuple[Gap, ...]
