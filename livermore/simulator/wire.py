"""The rows of Coinbase's frames and answers: field names, their order and their types as recorded (`exchanges.md` 1.5).

All amounts are decimal strings.
"""

from typing import Any, NamedTuple

import msgspec

from livermore.simulator.moments import rfc3339
from livermore.simulator.trade import Trade


class TradeRow(msgspec.Struct, gc=False):
    """``time`` has microseconds or less."""

    product_id: str
    trade_id: str
    price: str
    size: str
    time: str
    side: str


class TickerRow(msgspec.Struct, frozen=True, gc=False):
    """The newest price of a product, its last 24 hours and 52 weeks, and its best quotes."""

    type: str
    product_id: str
    price: str
    volume_24_h: str
    low_24_h: str
    high_24_h: str
    low_52_w: str
    high_52_w: str
    price_percent_chg_24_h: str
    best_bid: str
    best_ask: str
    best_bid_quantity: str
    best_ask_quantity: str


class CandleRow(msgspec.Struct, gc=False):
    """``start`` in UNIX seconds."""

    start: str
    high: str
    low: str
    open: str
    close: str
    volume: str
    product_id: str


class Frame(NamedTuple):
    """A frame that waits for its connection's next sequence number.

    ``at`` is the moment (ms UTC) from which on it may be sent, ``timestamp`` what its envelope says. Of frames that
    fall due at one moment, the lower ``rank`` goes first.
    """

    at: int
    timestamp: str
    channel: str
    events: Any
    rank: int = 0


def trade_row(trade: Trade) -> TradeRow:
    """A trade as the wire has it."""
    t = trade
    return TradeRow(t.symbol, str(t.number), t.price, t.size, rfc3339(t.time * 1_000), t.side)


def numbered(frame: Frame, sequence: int) -> str:
    """The text of a frame as number ``sequence`` of its connection."""
    envelope = {
        "channel": frame.channel,
        "timestamp": frame.timestamp,
        "sequence_num": sequence,
        "events": frame.events,
    }
    return msgspec.json.encode(envelope).decode()


def refusal(message: str) -> str:
    """An error frame; it has neither channel nor number."""
    return msgspec.json.encode({"type": "error", "message": message}).decode()
