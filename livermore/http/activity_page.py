"""One page of the activity of one exchange or of several: newest first, each entry exactly once, whatever comes in."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.http.cursor import seal, unseal
from livermore.http.directory import Market
from livermore.store import activity

if TYPE_CHECKING:
    from livermore.http.front import Front


class Place(NamedTuple):
    """Of an entry in the one order of all exchanges, two of which may have entries of the same id."""

    ms: int
    number: int
    exchange: str


async def page(front: "Front", markets: Sequence[Market], limit: int, cursor: str | None) -> dict[str, Any]:
    """So many entries, and the cursor of those before them, or None where there are none."""
    scope = ("activity", *(market.name for market in markets))
    before = None if cursor is None else unseal(scope, cursor, Place)
    asked = (front.redis.run(activity.newest(market.name, limit + 1, _last(market.name, before))) for market in markets)
    found = await asyncio.gather(*asked)
    parts = zip(markets, found, strict=True)
    entries = [(Place(*entry.place, market.name), entry) for market, part in parts for entry in part]
    entries.sort(key=lambda one: one[0], reverse=True)
    shown = entries[:limit]
    after = seal(scope, shown[-1][0]) if len(entries) > limit else None
    return {"entries": [{"id": entry.id, **entry.fields} for _, entry in shown], "next_cursor": after}


def _last(exchange: str, before: Place | None) -> str:
    """The newest entry of an exchange that stands before a place in the one order of all exchanges."""
    if before is None:
        return "+"
    return f"{'' if exchange < before.exchange else '('}{before.ms}-{before.number}"
