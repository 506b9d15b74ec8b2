"""The forms of public answers: what is not declared here cannot be in one."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Time = Annotated[str, Field(description="ISO-8601, UTC, with milliseconds", examples=["2026-08-09T21:05:00.000Z"])]
Amount = Annotated[str, Field(description="An exact decimal number, in plain notation", examples=["64250.15"])]
Pair = Annotated[str, Field(description="The pair in its canonical spelling", examples=["BTC-USD"])]
Name = Annotated[str, Field(description="Name of the exchange", examples=["coinbase"])]
Frame = Annotated[str, Field(description="Length of a candle", examples=["1h"])]
Direction = Literal["bullish", "bearish", "neutral"]
Strength = Literal["weak", "moderate", "strong", "extreme"]


class Form(BaseModel):
    """Base of all: closed."""

    model_config = ConfigDict(extra="forbid")


class Meta(Form):
    """What there is to know about a page."""

    count: int = Field(description="Rows in this answer")
    next_cursor: str | None = Field(description="To be sent as `cursor` for the next page; null on the last one")
    has_more: bool = Field(description="Whether the next page has any row")
    simulated: bool = Field(default=False, description="True where the data are made up by a simulator, else left out")


class GapItem(Form):
    """A time that was not watched, or not whole."""

    start_time: Time = Field(description="Open time of its first candle")
    end_time: Time = Field(description="Where it ends; not included")
    cause: Literal["disconnect", "sequence_gap", "exchange_down", "not_running", "silence", "quarantined"]
    verdict: Literal["open", "no_trades", "repaired", "unrepaired"] = Field(
        description="What the exchange said when it was asked: `open` as long as it has not"
    )


class CandleMeta(Meta):
    """What there is to know about a page of candles."""

    stale: bool = Field(description="Whether the series lags behind: its writer may be gone")
    complete: bool = Field(
        description="Whether everything in the answered span is known, so that a time without a candle had no trades"
    )
    gaps: list[GapItem] = Field(description="What was missed of the answered span, and what became of it")


class CandleItem(Form):
    """What was traded in one bucket of time."""

    timestamp: Time = Field(description="When the candle opened")
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount
    symbol: Pair
    exchange: Name
    timeframe: Frame
    revision: int = Field(description="How often this candle, or one that it is made of, has been corrected")


class CoverageItem(Form):
    """How far the candles of one series reach, and what of them was missed."""

    symbol: Pair
    exchange: Name
    timeframe: Frame
    first: Time | None = Field(description="When the oldest candle opened; null where there is none")
    last: Time | None = Field(description="When the newest candle opened; null where there is none")
    count: int = Field(description="How many candles there are")
    known_from: Time | None = Field(description="Since when every candle is known; null where nothing is known")
    known_to: Time | None = Field(description="Up to when every candle is known; not included")
    complete: bool = Field(
        description="Whether everything from `first` to `last` is known, so that a time without a candle had no trades"
    )
    stale: bool = Field(description="Whether the series lags behind: its writer may be gone")
    gaps: list[GapItem] = Field(description="The newest gaps, ascending, and what became of them")
    gaps_cut: bool = Field(description="Whether there may have been older gaps, which are no longer kept")


class MarketTime(Form):
    """The time by which candles open and close."""

    timestamp: Time
    unix_ms: int = Field(description="The same in milliseconds since 1970")
    speed: float = Field(description="Seconds that pass in it while one passes here")


class TimeItem(Form):
    """What time it is."""

    timestamp: Time
    unix_ms: int = Field(description="The same in milliseconds since 1970")
    market: MarketTime | None = Field(description="The market's time where it is another one; null where it is this")


class SignalItem(Form):
    """How a pair moves."""

    symbol: Pair
    exchange: Name
    price: Amount | None = Field(description="The newest price, where it is known")
    type: Literal["momentum_signal"]
    direction: Direction
    strength: Strength
    timeframe: Frame
    updated_at: Time = Field(description="Open time of the newest candle that was taken into account")
    ready: bool = Field(description="Whether enough candles were taken into account to rely on it")
    bars_used: int = Field(description="How many candles were taken into account")
    stale: bool = Field(description="Whether the series lags behind: its writer may be gone")


class AlertItem(Form):
    """A turn that was noticed."""

    id: str = Field(description="The same for the same turn, however often it is noticed")
    timestamp: Time
    symbol: Pair
    exchange: Name
    timeframe: Frame
    signal_type: Literal["momentum_signal"]
    direction: Direction
    strength: Strength
    price: Amount
    late: bool = Field(description="Whether it was noticed only after the fact, as after an outage")


class ExchangeItem(Form):
    """An exchange."""

    id: Name
    name: str = Field(description="Its name for people", examples=["Coinbase"])
    status: Literal["online", "stale", "offline"]
    symbol_count: int
    data_age_seconds: int | None = Field(description="Since the newest candle was closed; null where there is none")
    simulated: bool = Field(default=False, description="True where the data are made up by a simulator, else left out")


class SymbolItem(Form):
    """A pair that is watched."""

    symbol: Pair
    base: str = Field(examples=["BTC"])
    quote: str = Field(examples=["USD"])
    exchange: Name
    liquidity_grade: Literal["high", "medium", "low"]
    last_price: Amount | None
    volume_24h: Amount | None = Field(description="Traded in the last 24 hours, in the base currency")


class LimitsItem(Form):
    """What a key may do, and how much of it is used."""

    id: str = Field(description="Of the key; no secret", examples=["3f9a1c5e7b20"])
    name: str = Field(description="Whose key it is")
    scopes: list[Literal["read", "stream"]]
    expires: Time | None = Field(description="When the key ends; null where it does not")
    requests_per_minute: int
    remaining: int = Field(description="How many of these are left now")
    reset_seconds: int = Field(description="After how many seconds without a request all of them are there again")
    connections: int = Field(description="How many streams may be open at once, on each server")
    connections_open: int = Field(description="How many are open on the server that answers; each counts its own")
    requests_today: int | None = Field(
        description="Since midnight in UTC; those at other servers count within a minute. Null while nobody can say"
    )
    resume_window_seconds: int = Field(
        description="How long after it broke off a stream can be resumed with nothing missing, at least"
    )


class CandlePage(Form):
    """Candles, ascending unless asked for otherwise."""

    success: Literal[True] = True
    data: list[CandleItem]
    meta: CandleMeta


class CoveragePage(Form):
    """One row."""

    success: Literal[True] = True
    data: list[CoverageItem]
    meta: Meta


class TimePage(Form):
    """One row."""

    success: Literal[True] = True
    data: list[TimeItem]
    meta: Meta


class SignalPage(Form):
    """Signals of all symbols and timeframes that were asked for."""

    success: Literal[True] = True
    data: list[SignalItem]
    meta: Meta


class AlertPage(Form):
    """Alerts, newest first."""

    success: Literal[True] = True
    data: list[AlertItem]
    meta: Meta


class ExchangePage(Form):
    """All exchanges."""

    success: Literal[True] = True
    data: list[ExchangeItem]
    meta: Meta


class SymbolPage(Form):
    """Symbols, in a fixed order."""

    success: Literal[True] = True
    data: list[SymbolItem]
    meta: Meta


class LimitsPage(Form):
    """One item: the key that asks."""

    success: Literal[True] = True
    data: list[LimitsItem]
    meta: Meta


class Fault(Form):
    """What is wrong."""

    code: str = Field(examples=["BAD_REQUEST"])
    message: str
    param: str | None = Field(None, description="The parameter that is wrong, where it is one")
    request_id: str = Field(description="To be named when asking for help")


class ErrorAnswer(Form):
    """Any answer that is not a success."""

    success: Literal[False] = False
    error: Fault


def meta(count: int, cursor: str | None = None, *, simulated: bool, **more: Any) -> dict[str, Any]:
    """The fields of a `Meta`; ``simulated`` only where it is true."""
    made_up = {"simulated": True} if simulated else {}
    return {"count": count, "next_cursor": cursor, "has_more": cursor is not None, **more, **made_up}
