"""A trade as the simulated exchange keeps it: finer in time than its clients need, and with a side."""

import msgspec


class Trade(msgspec.Struct, frozen=True, gc=False):
    """``number`` is contiguous per symbol; ``time`` in microseconds UTC; price and size are canonical decimals.

    ``side`` is the maker's, as on Coinbase: ``BUY`` means that somebody sold into a waiting bid.
    """

    symbol: str
    number: int
    price: str
    size: str
    time: int
    side: str
