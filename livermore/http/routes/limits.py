"""Limits: what the key that asks may do, and how much of it is used."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from livermore.errors import Transient
from livermore.http import cached, examples
from livermore.http.answer import Answer, of_model
from livermore.http.parameters import Parameters
from livermore.http.route import PUBLIC, Access, Document, Route
from livermore.http.schemas import LimitsItem, LimitsPage, Meta, meta
from livermore.market.instant import iso
from livermore.store import key_usage

if TYPE_CHECKING:
    from livermore.http.front import Front


async def limits(front: "Front", asked: Parameters) -> Answer:
    """Of the key that asks; this request is counted."""
    key, standing = asked.visitor
    item = LimitsItem(
        id=key.key_id,
        name=key.name,
        scopes=sorted(key.scopes),
        expires=None if key.expires_at is None else iso(key.expires_at),
        requests_per_minute=standing.limit,
        remaining=standing.remaining,
        reset_seconds=standing.reset,
        connections=key.connections,
        connections_open=front.guests.seated(key.key_id),
        requests_today=await _today(front, key.key_id),
        resume_window_seconds=await front.resume_window.seconds(),
    )
    return of_model(LimitsPage(success=True, data=[item], meta=Meta(**meta(1, simulated=False))))


async def _today(front: "Front", key_id: str) -> int | None:
    """What is written down, and what is not written yet; None while the first cannot be read."""
    day = key_usage.day_of(front.clock.wall())
    try:
        async with asyncio.timeout(cached.PATIENCE):
            written = await front.database.run_aside(partial(key_usage.today, key_id=key_id, day=day))
    except (Transient, TimeoutError):
        return None
    return None if written is None else written + front.usage.unwritten(key_id)


ROUTES = [
    Route(
        f"{PUBLIC}/limits",
        Parameters,
        limits,
        Access.READ,
        Document(
            "Limits",
            "What this key may do, and how much of it is used",
            "The limit of requests is shared by all servers. An empty allowance is full again after a minute.",
            LimitsPage,
            examples.LIMITS,
        ),
    )
]
