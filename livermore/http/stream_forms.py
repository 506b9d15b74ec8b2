"""The forms of what the stream says: what is not declared here cannot be in a message."""

from typing import Annotated, Literal

from pydantic import Field

from livermore.http.schemas import (
    AlertItem,
    Amount,
    CandleItem,
    Direction,
    Form,
    Frame,
    GapItem,
    Name,
    Pair,
    Strength,
    Time,
)

Place = Annotated[
    str,
    Field(
        description="Its place in the exchange's order of events, to be sent as `resume_from`",
        examples=["coinbase:1766000000000-0"],
    ),
]
Channel = Annotated[
    str, Field(description="The one channel it is of, also for wildcards", examples=["candles:BTC-USD:1h"])
]
Echo = Annotated[str | None, Field(description="The `id` of the message that this answers; left out where it has none")]
Code = Literal[
    "PARSE_ERROR", "INVALID_MESSAGE", "INVALID_CHANNEL", "TOO_MANY_SUBSCRIPTIONS", "RATE_LIMITED", "UNAVAILABLE"
]


class Said(Form):
    """Base of all messages."""

    type: str


class Limits(Form):
    """What may be asked of this connection."""

    channels_per_message: int
    subscriptions: int = Field(description="Of one connection")
    messages_per_second: int = Field(description="From the client; more close the connection with 4029")
    message_bytes: int = Field(description="Of one message; a longer one closes the connection with 1009")
    resume_window_seconds: int = Field(description="What is no older than this can be had with `resume_from`")
    connections: int = Field(description="With one key at the same time")


class Welcome(Said):
    """The key is good: the first message of every connection."""

    type: Literal["welcome"]
    heartbeat_seconds: float = Field(description="Time between two heartbeats")
    exchanges: list[Name] = Field(description="What may be subscribed to")
    ids: dict[str, Place] = Field(description="The newest event of each exchange")
    limits: Limits


class Rejected(Form):
    """A channel that has not been subscribed to."""

    channel: str
    code: Code


class Confirmation(Said):
    """Base of the two answers."""

    exchange: Name
    channels: list[str] = Field(description="Every channel of the exchange that is active now, spelled canonically")
    rejected: list[Rejected]
    id: Echo = None


class Subscribed(Confirmation):
    """The answer to `subscribe`, with all that is active afterwards."""

    type: Literal["subscribed"]
    resumed: bool | None = Field(
        None,
        description="Whether everything after `resume_from` follows; if false something may be missing, and snapshots "
        "follow. Left out where `resume_from` was not given",
    )


class Unsubscribed(Confirmation):
    """The answer to `unsubscribe`, with all that is active afterwards."""

    type: Literal["unsubscribed"]


class SignalNews(Form):
    """How a pair moves, as of a closed candle."""

    symbol: Pair
    exchange: Name
    timeframe: Frame
    signal_type: Literal["momentum_signal"]
    direction: Direction
    strength: Strength
    price: Amount | None = Field(description="Where the candle closed")
    timestamp: Time = Field(description="When the candle opened")
    ready: bool = Field(description="Whether enough candles were taken into account to rely on it")
    bars_used: int = Field(description="How many candles were taken into account")


class GapNews(GapItem):
    """A time of one series that was not watched, or not whole."""

    symbol: Pair
    exchange: Name
    timeframe: Frame


class TickerItem(Form):
    """A price, and the last 24 hours."""

    symbol: Pair
    exchange: Name
    price: Amount
    bid: Amount | None
    ask: Amount | None
    change_24h: Amount
    change_percent_24h: Amount
    high_24h: Amount
    low_24h: Amount
    volume_24h: Amount = Field(description="In the base currency")
    timestamp: Time


class Event(Said):
    """Base of all that has a place in the order of events."""

    id: Place
    channel: Channel


class Snapshot(Event):
    """What a channel stands at: the newest candle or signal of each series, tickers, or the newest alerts.

    A large one comes in several messages. What follows `id` is not in it.
    """

    type: Literal["snapshot"]
    data: list[CandleItem] | list[SignalNews] | list[AlertItem] | list[TickerItem]


class CandleClose(Event):
    """A candle has closed."""

    type: Literal["candle_close"]
    data: CandleItem


class CandleCorrected(Event):
    """A closed candle was not right: this one, with the next `revision`, takes its place."""

    type: Literal["candle_corrected"]
    data: CandleItem


class TradeSignal(Event):
    """Direction and strength, at every closed candle."""

    type: Literal["trade_signal"]
    data: SignalNews


class Alert(Event):
    """A turn was noticed."""

    type: Literal["alert"]
    data: AlertItem


class Gap(Event):
    """Something was missed, or it is known what became of what was missed. It is told on the channel of candles."""

    type: Literal["gap"]
    data: GapNews


class Ticker(Said):
    """A price. Only the newest counts, so that it has no place in the order of events and is not resumed."""

    type: Literal["ticker"]
    channel: Channel
    data: TickerItem


class Pong(Said):
    """The answer to `ping`."""

    type: Literal["pong"]
    id: Echo = None


class Error(Said):
    """Something that was said could not be done. Unless the code is `RATE_LIMITED`, the connection goes on."""

    type: Literal["error"]
    code: Code
    message: str
    channel: str | None = Field(None, description="The channel that is wrong; left out where it is none")


class Heartbeat(Said):
    """All is well, and up to these events nothing is missing."""

    type: Literal["heartbeat"]
    timestamp: Time = Field(description="The server's clock")
    ids: dict[str, Place] | None = Field(
        None, description="The newest event of each exchange; left out while something is sent again"
    )


class Reconnect(Said):
    """The server is about to stop as planned, and closes with 1012: come back, and resume."""

    type: Literal["reconnect"]
    within_seconds: int = Field(description="Choose a moment in this time by chance, so that not all come at once")


FORMS: dict[str, type[Form]] = {
    "welcome": Welcome,
    "subscribed": Subscribed,
    "unsubscribed": Unsubscribed,
    "snapshot": Snapshot,
    "candle_close": CandleClose,
    "candle_corrected": CandleCorrected,
    "trade_signal": TradeSignal,
    "alert": Alert,
    "gap": Gap,
    "ticker": Ticker,
    "pong": Pong,
    "error": Error,
    "heartbeat": Heartbeat,
    "reconnect": Reconnect,
}
"""Every message of the server, by its ``type``."""
