"""The status board: what the status page shows, also while the stores are down."""

import asyncio
from typing import TYPE_CHECKING, Any

from livermore.errors import Transient
from livermore.http.market_state import state

if TYPE_CHECKING:
    from livermore.http.front import Front

KEPT = 1.0
"""Seconds: the page is open to anyone, so that the stores are asked no more often than that."""


async def board(front: "Front") -> dict[str, Any]:
    """The state of the service, and of every exchange as far as it can be told."""
    _, report = await front.health.report()
    facts: dict[str, Any] = {name: report[name] for name in ("status", "timestamp", "simulated") if name in report}
    try:
        markets = await front.directory.markets()
        items = await asyncio.gather(*(state(front, market) for market in markets))
    except Transient:
        items = []  # the status says so already
    exchanges = [item.model_dump(exclude_unset=True) for item in items]
    return {**facts, "exchanges": exchanges, "docs": "docs" in front.options.routes}
