"""A trade, as an exchange reports it."""

import msgspec


class Trade(msgspec.Struct, frozen=True, gc=False):
    """``number``: the exchange's trade id, contiguous per symbol; ``time``: ms UTC; price and size: canonical."""

    symbol: str
    number: int
    price: str
    size: str
    time: int
