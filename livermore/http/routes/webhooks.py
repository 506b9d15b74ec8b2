"""Webhooks: Clerk tells whom it has got to know, who has changed, and who is gone."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection

from livermore.errors import LivermoreError
from livermore.http.answer import Answer, of_data
from livermore.http.clerk_webhook import Delivery, deleted, opened, profile
from livermore.http.doors import count_bad
from livermore.http.parameters import Parameters
from livermore.http.refusal import Refusal
from livermore.http.route import Access, Route
from livermore.store import deliveries, profiles
from livermore.store.profiles import Taken

if TYPE_CHECKING:
    from livermore.http.front import Front

_log = structlog.get_logger("livermore.http")

CLERK = "clerk"
VARIABLE = "CLERK_WEBHOOK_SIGNING_SECRET"


async def clerk(front: "Front", asked: Parameters) -> Answer:
    """Take a message that is signed, new, and was not taken before; of the rest nothing is done."""
    secret = front.options.admin.webhook_secret.get_secret_value() if front.options.admin else ""
    if not secret:
        raise Refusal(404, f"Webhooks are not set up here: {VARIABLE} has no value")
    try:
        delivery = opened(asked.letter, secret)
    except Refusal:
        await count_bad(front.keyring.addresses, asked.letter.address)
        raise
    if not await front.redis.run(deliveries.claim(CLERK, delivery.id)):
        raise Refusal(400, "This message was taken before")
    try:
        await _heed(front, delivery)
    except LivermoreError:
        await front.redis.run(deliveries.release(CLERK, delivery.id))  # it is sent again, and may be heeded then
        raise
    return of_data({"received": True})


async def _heed(front: "Front", delivery: Delivery) -> None:
    work = _work(delivery, front.clock.wall())
    if work is None:
        return
    try:
        await front.database.run_aside(work)
    except Taken as error:
        _log.warning("a user of Clerk's cannot be kept", delivery=delivery.id, reason=str(error))
        raise Refusal(409, "The e-mail address belongs to another user") from error
    _log.info("Clerk has told of a user", delivery=delivery.id, type=delivery.type)


def _work(delivery: Delivery, now: int) -> Callable[[Connection], Any] | None:
    if delivery.type in {"user.created", "user.updated"}:
        return partial(profiles.keep, profile=profile(delivery.data), now=now)
    if delivery.type == "user.deleted":
        return partial(profiles.deactivate, clerk_id=deleted(delivery.data), now=now)
    return None


ROUTES = [Route("/webhooks/clerk", Parameters, clerk, Access.SIGNED, methods=("POST",))]
