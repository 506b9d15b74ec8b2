"""In what Binance's two spot exchanges differ (`exchanges.md` 3 to 5)."""

from typing import NamedTuple


class Venue(NamedTuple):
    """Weights are per request, the budget per minute and client; pings in wall seconds."""

    budget: int
    raw_requests: int
    klines_weight: int
    listing_weight: int
    account_weight: int
    tickers_weights: tuple[int, int, int]
    """Of up to 20 symbols, up to 100, and more or all."""
    ping_every: float
    pong_within: float
    warns: bool
    """Whether it says that it is going to shut down."""


VENUES = {
    "com": Venue(6_000, 61_000, 2, 20, 20, (2, 40, 80), 20.0, 60.0, warns=True),
    "us": Venue(1_200, 6_100, 1, 10, 10, (1, 20, 40), 180.0, 600.0, warns=False),
}
COM, US = VENUES.values()
