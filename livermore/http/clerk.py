"""Session tokens of Clerk: believed where everything about them is right, and nothing else (`reliability.md` S14)."""

from collections.abc import Container
from typing import Any, NamedTuple

import jwt

from livermore.clock import Clock
from livermore.http.signing_keys import SigningKeys

LEEWAY = 5_000
"""Milliseconds by which clocks may differ."""
LONGEST = 8_192
_REQUIRED = ("exp", "nbf", "iat", "iss", "sub", "sid", "azp")
_LATER = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud")}
"""Not looked at by the library, which has a clock of its own."""


class Session(NamedTuple):
    """``subject``: the user's id; ``until``: when the token ends, leeway included, in ms."""

    subject: str
    until: int


class Clerk:
    """One instance of Clerk."""

    def __init__(self, keys: SigningKeys, issuer: str, parties: Container[str], clock: Clock) -> None:
        """``parties``: the origins for whose pages tokens are made that are good here."""
        self._keys, self._issuer, self._parties, self._clock = keys, issuer, parties, clock

    async def session(self, token: str) -> Session | None:
        """The session of a token; None where anything about it is wrong.

        Raises:
            Transient: the keys cannot be fetched, and never were.
        """
        key_id = _key_id(token)
        key = await self._keys.find(key_id) if key_id is not None else None
        if key is None:
            return None
        try:
            options: Any = {"require": list(_REQUIRED), **_LATER}
            claims = jwt.decode(token, key, algorithms=["RS256"], issuer=self._issuer, options=options)
        except jwt.PyJWTError:
            return None
        return self._read(claims)

    def _read(self, claims: dict[str, Any]) -> Session | None:
        """A template's token has no `sid`, and a session that is still to be completed says so."""
        times = [claims[name] for name in ("nbf", "exp")]
        if any(isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < 1e11 for at in times):
            return None
        begins, ends = (int(1000 * at) for at in times)
        whole = all(isinstance(claims[name], str) and 0 < len(claims[name]) <= 255 for name in ("sub", "sid", "azp"))
        in_time = begins - LEEWAY <= self._clock.wall() < ends + LEEWAY
        if not whole or not in_time or claims["azp"] not in self._parties or claims.get("sts", "active") != "active":
            return None
        return Session(claims["sub"], ends + LEEWAY)


def _key_id(token: str) -> str | None:
    """The name of the key that a token says it is signed with, where it has the right form."""
    if len(token) > LONGEST or not token.isascii() or token.count(".") != 2:
        return None
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        return None
    key_id = header.get("kid")
    return key_id if header.get("alg") == "RS256" and isinstance(key_id, str) else None
