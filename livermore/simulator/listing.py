"""What an exchange says of a product that never changes: its names and the smallest steps of its amounts."""

from collections.abc import Iterable
from dataclasses import dataclass

_USDC, _USD = "-USDC", "-USD"


@dataclass(frozen=True)
class Listing:
    """Increments are decimal strings."""

    symbol: str
    name: str
    price_increment: str
    base_increment: str

    @property
    def base(self) -> str:
        return self.symbol.partition("-")[0]

    @property
    def quote(self) -> str:
        return self.symbol.partition("-")[2]

    @property
    def twin(self) -> str | None:
        """The name under which the same order book is listed once more, if it has one."""
        return self.base + _USDC if self.quote == "USD" else None


def resolved(product_id: str, symbols: Iterable[str]) -> str | None:
    """The symbol that a product id stands for: itself, or the -USD book behind a -USDC name; None if unknown."""
    symbol = product_id.removesuffix(_USDC) + _USD if product_id.endswith(_USDC) else product_id
    known = set(symbols)
    return product_id if product_id in known else symbol if symbol in known else None
