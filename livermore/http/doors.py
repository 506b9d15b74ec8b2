"""Who is let in where: API keys of the right scope, within their limits, and administrators to the admin routes."""

from typing import TYPE_CHECKING

from livermore.errors import Transient
from livermore.http.keyring import BAD_PER_MINUTE
from livermore.http.refusal import Refusal, too_many
from livermore.http.route import Access
from livermore.http.visitor import Administrator, Visitor

if TYPE_CHECKING:
    from tornado.httputil import HTTPHeaders

    from livermore.http.front import Front
    from livermore.http.limits import LocalLimiter

BEARER = "bearer "


def presented(headers: "HTTPHeaders") -> str | None:
    """The key or token that came with a request."""
    if "X-API-Key" in headers:
        return headers["X-API-Key"]
    given = headers.get("Authorization", "")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else None


async def admit(front: "Front", access: Access, secret: str | None, address: str) -> Visitor | Administrator | None:
    """Let somebody in, or not; gives who it is, where that is asked.

    Raises:
        Refusal: no.
        Transient: nobody can say now.
    """
    if access is Access.ADMIN:
        return await _admit_administrator(front, secret, address)
    if not access.keyed:
        return None
    key = await front.keyring.admit(secret, address)
    standing = await front.limiter.take(key.key_id, key.requests_per_minute)
    if not standing.allowed:
        raise too_many(standing.retry_after, standing.headers)
    front.usage.count(key.key_id)
    if access not in key.scopes:
        raise Refusal(403, f"This key has no scope {access}", headers=standing.headers)
    return Visitor(key, standing)


async def _admit_administrator(front: "Front", secret: str | None, address: str) -> Administrator:
    addresses, known = front.keyring.addresses, None
    try:
        if secret is not None and front.administrators is not None:
            known = await front.administrators.find(secret)
    except (Refusal, Transient):
        await count_bad(addresses, address)  # it has cost as much as a bad one
        raise
    if known is not None:
        return known
    if secret is not None:
        await count_bad(addresses, address)
    raise Refusal(401, "Only administrators may do this", headers={"WWW-Authenticate": 'Bearer realm="admin"'})


async def count_bad(addresses: "LocalLimiter", address: str) -> None:
    """Count one more token or signature from this address that is not good.

    Raises:
        Refusal: there were too many.
    """
    if not (await addresses.take(address, BAD_PER_MINUTE)).allowed:
        raise too_many(addresses.look(address, BAD_PER_MINUTE).retry_after)
