"""What the account on a simulated exchange holds: drawn from the seed of its market, and always the same."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from livermore.simulator.listing import Listing
from livermore.simulator.noise import key, uniform

MOST, STEPS = 5_000, 100_000
"""The largest holding in dollars, where the price of its currency has so many of its smallest steps: about that."""
CASH = Decimal("1523.47")
NOWHERE = "MOBILE"
"""A currency that the account holds and nobody trades here."""


class Balance(NamedTuple):
    """Amounts are decimal; ``held`` is bound in orders."""

    currency: str
    name: str
    available: Decimal
    held: Decimal

    @property
    def is_nothing(self) -> bool:
        return self.available + self.held == 0


def balances(seed: int, listings: Sequence[Listing], cash: str) -> list[Balance]:
    """One of every currency that is listed, of many of them nothing, and some ``cash``, in which they are quoted."""
    coins = [_coin(seed, listing) for listing in listings]
    return [
        Balance(cash, f"Cash ({cash})", CASH, Decimal(0)),
        *coins,
        Balance(NOWHERE, NOWHERE, Decimal("12.5"), Decimal(0)),
    ]


def _coin(seed: int, listing: Listing) -> Balance:
    """Of two in three currencies there is something, and of some of that a part is bound."""
    drawn = [float(one) for one in uniform(key(seed, listing.base, "balance"), 0, 3)]
    digits = Decimal(listing.base_increment)
    guess = int(drawn[0] * MOST) / (STEPS * Decimal(listing.price_increment))
    whole = guess.quantize(digits) if drawn[1] < 2 / 3 else Decimal(0)
    held = (whole / 5).quantize(digits) if drawn[2] < 1 / 3 else Decimal(0)
    return Balance(listing.base, listing.name, whole - held, held)
