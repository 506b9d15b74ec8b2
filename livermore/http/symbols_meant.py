"""What a symbol in a filter means: one that is watched, in any spelling, or any other that may have been once."""

from collections.abc import Sequence

from livermore.http.directory import Market, canonical
from livermore.http.refusal import bad_parameter


async def meant(markets: Sequence[Market], written: str) -> str:
    """A symbol that is watched, in any spelling, or any other in the canonical one: it may have been watched once.

    Raises:
        Refusal: it is no pair.
    """
    for market in markets:
        if found := await market.find(written):
            return found
    if (pair := canonical(written)) is None:
        raise bad_parameter("symbol", "expected a pair, as BTC-USD")
    return pair
