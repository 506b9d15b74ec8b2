"""Holdings of an account: how much of which currency, and what it is worth in dollars. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

import msgspec

from livermore.market.amount import text_of, total

DOLLARS = {"USD", "USDC", "USDT", "DAI", "GUSD", "BUSD", "PYUSD", "USDP", "TUSD", "FRAX", "LUSD", "SUSD", "FDUSD"}
"""What is worth a dollar, by definition."""
QUOTES = ("USD", "USDC", "USDT", "FDUSD")
"""In what a currency may be quoted for its price to be one in dollars, the best first."""
LONGEST = 40
"""Letters of a currency's name."""
_CENT, _GRAIN = Decimal("0.01"), Decimal("1e-18")
_EXACT = Context(prec=120)
MOST = Decimal(10) ** 20
"""No account holds so much of anything."""


class Holding(msgspec.Struct, frozen=True):
    """Amounts are canonical decimal strings. ``name``: for people; ``account``: the exchange's own id of it."""

    currency: str
    quantity: str
    available: str
    name: str = ""
    account: str = ""


def checked(currency: str, quantity: str, available: str) -> None:
    """Whether an exchange may say so of an account; amounts are canonical.

    Raises:
        ValueError: it may not.
    """
    if not (0 < len(currency) <= LONGEST and currency.isprintable() and " " not in currency):
        raise ValueError("expected the name of a currency")
    if not Decimal(available) <= Decimal(quantity) < MOST:
        raise ValueError("expected an amount that an account can hold")


def together(holdings: Iterable[Holding]) -> list[Holding]:
    """One holding for each currency of which there is something, by name: there may be several accounts of one."""
    found: dict[str, list[Holding]] = {}
    for one in holdings:
        found.setdefault(one.currency, []).append(one)
    added = (_added(found[currency]) for currency in sorted(found))
    return [one for one in added if one.quantity != "0"]


def _added(holdings: Sequence[Holding]) -> Holding:
    quantity, available = (
        text_of(_grain(total(Decimal(getattr(one, field)) for one in holdings))) for field in ("quantity", "available")
    )
    return msgspec.structs.replace(holdings[0], quantity=quantity, available=available)


def _grain(amount: Decimal) -> Decimal:
    """To as many digits as can be stored, never more than there is."""
    return amount.quantize(_GRAIN, ROUND_DOWN, _EXACT)


def pairs(currency: str) -> list[str]:
    """The symbols whose price is one of this currency in dollars, the best first."""
    return [f"{currency}-{quote}" for quote in QUOTES]


def price_of(currency: str, known: Mapping[str, str]) -> str | None:
    """The price of a currency in dollars, where the prices (by symbol) tell it."""
    if currency in DOLLARS:
        return "1"
    return next((known[pair] for pair in pairs(currency) if pair in known), None)


def value(quantity: str, price: str | None) -> str | None:
    """What so much is worth, in dollars and cents; None without a price, or where no account can be worth it."""
    if price is None:
        return None
    try:
        found = _EXACT.multiply(Decimal(quantity), Decimal(price)).quantize(_CENT, ROUND_HALF_EVEN, _EXACT)
    except InvalidOperation:
        return None
    return text_of(found) if found < MOST else None


def profit(value: str | None, cost: str | None) -> tuple[str | None, str | None]:
    """What was gained since it cost so much, in dollars and in percent of that; None where it cannot be said."""
    if value is None or cost is None:
        return None, None
    gained = Decimal(value) - Decimal(cost)
    share = None if Decimal(cost) == 0 else text((100 * gained / Decimal(cost)).quantize(_CENT, ROUND_HALF_EVEN))
    return text(gained), share


def text(amount: Decimal) -> str:
    """A canonical text, with a sign where the amount is negative."""
    return f"-{text_of(-amount)}" if amount < 0 else text_of(abs(amount))
