"""What a client asks for on its WebSocket: to subscribe to a channel, or to leave it (`exchanges.md` 1.2)."""

from collections.abc import Collection
from typing import Literal

import msgspec

from livermore.errors import ProtocolError
from livermore.simulator.channels import HEARTBEATS
from livermore.simulator.listing import resolved


class Demand(msgspec.Struct, frozen=True):
    """A client's message. ``product_ids`` may be left out for heartbeats, and to leave a whole channel."""

    type: Literal["subscribe", "unsubscribe"]
    channel: str
    product_ids: list[str] | None = None
    jwt: str | msgspec.UnsetType = msgspec.UNSET


_decode = msgspec.json.Decoder(Demand).decode


def read_demand(text: str | bytes, channels: Collection[str]) -> Demand:
    """Read one message.

    Raises:
        ProtocolError: it is no such message, or names a channel that does not exist; the client is told the text.
    """
    try:
        demand = _decode(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ProtocolError(f"malformed message: {error}") from error
    if demand.channel not in channels:
        raise ProtocolError(f"unknown channel: {demand.channel[:40]}")
    if demand.jwt == "":
        raise ProtocolError("authentication failure")
    return demand


def wanted(demand: Demand, symbols: Collection[str]) -> list[str]:
    """The symbols that a subscription asks for, each once, in its order; for heartbeats ``heartbeats``.

    Raises:
        ProtocolError: it names none, or a product that does not exist.
    """
    if demand.channel == HEARTBEATS:
        return [HEARTBEATS]
    if not demand.product_ids:
        raise ProtocolError(f"{demand.channel} needs product_ids")
    return list(dict.fromkeys(_known(product_id, symbols) for product_id in demand.product_ids))


def _known(product_id: str, symbols: Collection[str]) -> str:
    symbol = resolved(product_id, symbols)
    if symbol is None:
        raise ProtocolError(f"unknown product: {product_id[:40]}")
    return symbol
