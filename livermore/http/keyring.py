"""Who may come in: API keys are checked against SQL, remembered for a while, and bad ones are counted by address."""

import secrets
from collections import OrderedDict
from functools import partial

from livermore.clock import Clock
from livermore.errors import Transient
from livermore.http.background import Background
from livermore.http.cached import Cached
from livermore.http.limits import LocalLimiter
from livermore.http.refusal import too_many, unauthorized
from livermore.store import api_keys
from livermore.store.api_keys import ApiKey
from livermore.store.sql import Database

KEPT = 30.0
"""Seconds for which a key is believed: after that many a revoked one is out everywhere."""
UNKNOWN_KEPT = 10.0
GRACE = 270.0
"""Seconds for which a key is believed longer while SQL is down."""
MOST_KEYS = 10_000
BAD_PER_MINUTE = 60
"""Bad keys that an address may try, and keys that nobody can check."""

_NOBODY = ApiKey("", "", api_keys.digest(secrets.token_urlsafe(32)), frozenset(), 0, 0, None)
"""Compared with where there is no such key, so that knowing one takes as long as not knowing it."""


class Keyring:
    """The keys that were presented lately."""

    def __init__(self, database: Database, clock: Clock, background: Background) -> None:
        self._database, self._clock, self._background = database, clock, background
        self._entries: OrderedDict[str, Cached[ApiKey | None]] = OrderedDict()
        self.addresses = LocalLimiter(clock.monotonic)

    async def admit(self, presented: str | None, address: str) -> ApiKey:
        """The key that was presented from this address.

        Raises:
            Refusal: there is none, it is not good, or the address has tried too many bad ones.
            Transient: SQL cannot say.
        """
        if presented is None:
            raise unauthorized()
        key_id, secret = api_keys.split(presented) or ("", presented)
        if not self._proven(key_id, secret):
            standing = self.addresses.look(address, BAD_PER_MINUTE)
            if not standing.allowed:
                raise too_many(standing.retry_after)
        try:
            key = await self.current(key_id) if key_id else None
        except Transient:
            await self.addresses.take(address, BAD_PER_MINUTE)  # it has cost as much as a bad one
            raise
        if not api_keys.matches(key or _NOBODY, secret) or key is None:
            await self.addresses.take(address, BAD_PER_MINUTE)
            raise unauthorized()
        return key

    async def current(self, key_id: str) -> ApiKey | None:
        """The key with this id, unless it is revoked or has expired."""
        key = await self._entry(key_id).get()
        expired = key is not None and key.expires_at is not None and key.expires_at <= self._clock.wall()
        return None if expired else key

    def forget(self, key_id: str) -> None:
        """A key is not what it was: whatever is known of it is worth nothing, not even while SQL is down."""
        self._entries.pop(key_id, None)

    def expire(self) -> None:
        """Some keys may not be what they were: ask SQL anew, of each when it comes next."""
        for entry in self._entries.values():
            entry.expire()

    @property
    def believing(self) -> bool:
        """Whether some key would be good now, were SQL down."""
        return any(entry.kept and entry.value is not None for entry in self._entries.values())

    def _proven(self, key_id: str, secret: str) -> bool:
        """Whether this key was good a while ago: bad neighbours behind the same address must not lock it out."""
        entry = self._entries.get(key_id)
        known = entry.value if entry is not None and entry.kept else None
        return api_keys.matches(known or _NOBODY, secret) and known is not None

    def _entry(self, key_id: str) -> Cached[ApiKey | None]:
        if key_id not in self._entries:
            fetch = partial(self._database.run_aside, partial(api_keys.find, key_id=key_id))
            made = Cached(fetch, _lifetime, self._clock.monotonic, self._background, grace=_grace)
            self._entries[key_id] = made
        self._entries.move_to_end(key_id)
        if len(self._entries) > MOST_KEYS:
            self._entries.popitem(last=False)
        return self._entries[key_id]


def _grace(key: ApiKey | None) -> float:
    """One that was unknown may have been made since: while SQL is down nobody can say."""
    return GRACE if key is not None else 0.0


def _lifetime(key: ApiKey | None) -> float:
    return KEPT if key is not None else UNKNOWN_KEPT
