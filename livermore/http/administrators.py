"""The administrators: the holder of the admin token, and users of a Clerk instance whose role here is admin."""

import hashlib
import hmac
from functools import partial
from typing import TYPE_CHECKING

from livermore.clock import Clock
from livermore.http.audit import Audit
from livermore.http.background import Background
from livermore.http.options import Admin
from livermore.http.refusal import NotEntitled
from livermore.http.visitor import HOLDER, Administrator
from livermore.store import users
from livermore.store.sql import Database
from livermore.store.users import User

if TYPE_CHECKING:
    from livermore.http.clerk import Clerk

OF_THE_TOKEN = Administrator(HOLDER, "the holder of the admin token")


class Administrators:
    """Role and access are asked of SQL each time: whoever loses them has lost them at once."""

    def __init__(self, options: Admin, database: Database, clock: Clock, background: Background) -> None:
        self._token = options.token.get_secret_value()
        self._database, self._clock = database, clock
        self._clerk = _clerk(options, clock, background)
        self.audit = Audit(database, clock)

    async def find(self, secret: str) -> Administrator | None:
        """Who shows this token; None where it is nobody's.

        Raises:
            NotEntitled: it is the token of somebody else.
            Transient: Clerk's keys or SQL are needed, and cannot be asked now.
        """
        if self._token and hmac.compare_digest(_digest(secret), _digest(self._token)):
            return OF_THE_TOKEN
        session = await self._clerk.session(secret) if self._clerk is not None else None
        return None if session is None else await self._of_user(session.subject, session.until)

    async def check(self, one: Administrator) -> None:
        """Whether somebody who was let in a while ago still may be in.

        Raises:
            NotEntitled: no.
            Transient: SQL cannot say.
        """
        if one.until is not None and self._clock.wall() >= one.until:
            raise NotEntitled("This session has ended", one)
        if one.user_id is not None:
            await self._of_user(one.identity, one.until)

    async def _of_user(self, clerk_id: str, until: int | None) -> Administrator:
        user = await self._database.run_aside(partial(users.of_clerk, clerk_id=clerk_id))
        if user is None:
            raise NotEntitled("This user is not known here", Administrator(clerk_id, clerk_id, None, until))
        one = Administrator(clerk_id, user.name, user.id, until)
        if not user.administers:
            raise NotEntitled(_why_not(user), one)
        return one


def _why_not(user: User) -> str:
    return "This user is no administrator" if user.is_active else "This user has no access any more"


def _clerk(options: Admin, clock: Clock, background: Background) -> "Clerk | None":
    place = options.clerk
    if place is None:
        return None
    from livermore.http.clerk import Clerk  # noqa: PLC0415 - who has only a token needs no cryptography
    from livermore.http.signing_keys import SigningKeys  # noqa: PLC0415 - as above

    return Clerk(SigningKeys(place.jwks_url, clock, background), place.issuer, options.pages, clock)


def _digest(text: str) -> bytes:
    """Of one length, whatever is compared."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
