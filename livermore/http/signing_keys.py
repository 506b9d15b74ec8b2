"""Public keys of a Clerk instance: fetched once one is needed, kept for an hour, and longer while Clerk is away."""

from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWKSet, PyJWTError
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.iostream import UnsatisfiableReadError

from livermore.clock import Clock
from livermore.errors import Transient
from livermore.http.background import Background
from livermore.http.cached import Cached

_log = structlog.get_logger("livermore.http")

KEPT = 3_600.0
"""Seconds for which the keys are believed."""
GRACE = 86_400.0
"""Seconds for which they are believed longer while they cannot be fetched."""
UNKNOWN_EVERY = 300.0
"""Seconds between two fetches for the sake of keys that are unknown: anybody can make up their names."""
AGAIN = 10.0
"""Seconds after a fetch in vain before the next."""
PATIENCE = 5.0
LARGEST = 65_536
SHORTEST = 2_048
"""Bits of a key."""

_FAILURES = (OSError, HTTPClientError, UnsatisfiableReadError, ValueError, KeyError, PyJWTError, msgspec.MsgspecError)
"""How Tornado and the readers say that there is no such answer."""

Keys = Mapping[str, RSAPublicKey]


class SigningKeys:
    """By their names. The network is waited for aside, once for all who ask."""

    def __init__(self, url: str, clock: Clock, background: Background) -> None:
        self._url, self._monotonic = url, clock.monotonic
        self._cached: Cached[Keys] = Cached(
            self._fetch, lambda _: KEPT, clock.monotonic, background, grace=lambda _: GRACE
        )
        self._asked_at = self._not_before = float("-inf")

    async def find(self, key_id: str) -> RSAPublicKey | None:
        """The key of this name; None where Clerk has none, or had none lately.

        Raises:
            Transient: they cannot be fetched, and what is known is too old.
        """
        keys = await self._cached.get()
        if key_id not in keys and self._monotonic() - self._asked_at >= UNKNOWN_EVERY:
            self._asked_at = self._monotonic()  # at once: whoever comes next need not ask again
            self._cached.expire()
            keys = await self._cached.get()
        return keys.get(key_id)

    async def _fetch(self) -> Keys:
        now = self._monotonic()
        if now < self._not_before:
            raise Transient("the keys of Clerk could not be fetched just now", retry_after=self._not_before - now)
        self._asked_at, self._not_before = now, now + AGAIN
        try:
            keys = _read(await _get(self._url))
        except _FAILURES as error:
            _log.warning("the keys of Clerk cannot be fetched", url=self._url, reason=str(error))
            raise Transient("the keys of Clerk cannot be fetched", retry_after=AGAIN) from error
        self._not_before = float("-inf")
        return keys


async def _get(url: str) -> bytes:
    client = AsyncHTTPClient(force_instance=True, max_body_size=LARGEST)
    try:
        asked = HTTPRequest(url, connect_timeout=PATIENCE, request_timeout=PATIENCE, follow_redirects=False)
        return (await client.fetch(asked)).body
    finally:
        client.close()


def _read(body: bytes) -> Keys:
    """Those that can sign a session: RSA keys of a decent size that are for RS256."""
    found = PyJWKSet.from_dict(msgspec.json.decode(body, type=dict[str, Any]))
    fit = [one for one in found.keys if one.algorithm_name == "RS256" and one.public_key_use in {"sig", None}]
    keys = {one.key_id: one.key for one in fit if one.key_id and isinstance(one.key, RSAPublicKey)}
    return {name: key for name, key in keys.items() if key.key_size >= SHORTEST}
