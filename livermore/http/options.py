"""Options of the front: which routes it serves, of which exchange, and who may use its admin routes."""

import base64
import binascii
import re
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field, SecretStr, model_validator

from livermore.environment import Unset
from livermore.plugins import did_you_mean, names
from livermore.settings import Options

ROUTES = "livermore.http.routes"
ADMIN = "admin"
NO_SECRET = SecretStr("")
ORIGIN = r"^https?://[^/\s]+$"
_SAFE = r"(?:https://[^/\s@]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?)"
"""Whoever stands between could let anybody in: without TLS only on this machine."""
_ISSUER = rf"^(?:{_SAFE}(?:/[^\s?#]*)?)?$"
_JWKS = rf"^(?:{_SAFE}/[^\s#]*)?$"


def _given(data: Any) -> Any:
    """The entries that have a value: a variable that is not set is none."""
    if not isinstance(data, dict):
        return data
    return {key: value for key, value in data.items() if value != "" and not isinstance(value, Unset)}


def _known(words: tuple[str, ...]) -> tuple[str, ...]:
    """Nothing is imported: only the chosen tree's routes will be."""
    known = names(ROUTES)
    for word in words:
        if word not in known:
            raise ValueError(f"expected one of {', '.join(known)}; found {word!r}" + did_you_mean(word, known))
    if len(set(words)) < len(words):
        raise ValueError(f"expected each word once; found {', '.join(words)}")
    return words


class Clerk(NamedTuple):
    """An instance of Clerk: whom its tokens name as their issuer, and where its public keys are."""

    issuer: str
    jwks_url: str


def clerk_host(publishable_key: str) -> str:
    """The host that a publishable key names: base64 of ``HOST$``; empty where it names none."""
    parts = re.fullmatch(r"pk_(?:live|test)_([A-Za-z0-9+/=_-]{4,400})", publishable_key, re.ASCII)
    try:
        text = base64.urlsafe_b64decode((parts[1] if parts else "") + "===").decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text[:-1] if re.fullmatch(r"[A-Za-z0-9.-]{1,253}\$", text, re.ASCII) else ""


def _signing_secret(secret: SecretStr) -> SecretStr:
    """In the form in which Clerk shows it."""
    text = secret.get_secret_value()
    try:
        good = not text or (text.startswith("whsec_") and len(base64.b64decode(text[6:] + "==", validate=True)) >= 16)
    except binascii.Error:
        good = False
    if not good:
        raise ValueError("expected a signing secret as whsec_…")
    return secret


class OneExchange(Options):
    """The one exchange to serve; with neither name nor id, every one that SQL knows."""

    name: str = ""
    id: int | None = Field(None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_the_unset(cls, data: Any) -> Any:
        return _given(data)

    @model_validator(mode="after")
    def _both_or_neither(self) -> "OneExchange":
        if bool(self.name) != (self.id is not None):
            raise ValueError("expected both name and id of an exchange, or neither")
        return self


class Admin(Options):
    """Who may use the admin routes: the holder of a token, or users of a Clerk instance whose role is admin.

    ``origin``: their page's; ``authorized_parties``: further ones whose sessions are good. ``clerk_issuer`` and
    ``clerk_jwks_url``: where they are not those that the publishable key names. ``webhook_secret``: of Clerk's.
    """

    token: SecretStr = NO_SECRET
    clerk_publishable_key: SecretStr = NO_SECRET
    clerk_secret_key: SecretStr = NO_SECRET
    clerk_issuer: str = Field("", pattern=_ISSUER)
    clerk_jwks_url: str = Field("", pattern=_JWKS)
    origin: str = Field("http://localhost:4001", pattern=ORIGIN)
    authorized_parties: tuple[Annotated[str, Field(pattern=ORIGIN)], ...] = ()
    webhook_secret: Annotated[SecretStr, AfterValidator(_signing_secret)] = NO_SECRET

    @model_validator(mode="before")
    @classmethod
    def _a_token_needs_no_clerk(cls, data: Any) -> Any:
        given = _given(data)
        if not isinstance(data, dict) or "token" in given:
            return given
        return {key: value for key, value in data.items() if key != "token" and value != ""}  # Clerk's keys are blamed

    @model_validator(mode="after")
    def _complete(self) -> "Admin":
        keys = (self.clerk_publishable_key, self.clerk_secret_key)
        if not self.token.get_secret_value() and not all(key.get_secret_value() for key in keys):
            raise ValueError("expected clerk_publishable_key and clerk_secret_key, or token")
        return self

    @model_validator(mode="after")
    def _clerk_can_be_found(self) -> "Admin":
        key = self.clerk_publishable_key.get_secret_value()
        if key and not (self.clerk_issuer and self.clerk_jwks_url) and not clerk_host(key):
            raise ValueError("expected a clerk_publishable_key as pk_live_… or pk_test_…, which names a host")
        return self

    @property
    def clerk(self) -> Clerk | None:
        """The instance whose sessions are good here, if there is one."""
        key = self.clerk_publishable_key.get_secret_value()
        if not key:
            return None
        host = f"https://{clerk_host(key)}"
        return Clerk(self.clerk_issuer or host, self.clerk_jwks_url or f"{host}/.well-known/jwks.json")

    @property
    def pages(self) -> frozenset[str]:
        """The origins of pages that administrators use."""
        return frozenset({self.origin, *self.authorized_parties})


class FrontOptions(Options):
    """``routes``: words, each a file of `livermore.http.routes`. ``pipeline``: whether the pipeline belongs to this
    process, so that its health speaks of the exchange, too. ``mode``: a word to show there.
    """

    routes: Annotated[tuple[str, ...], AfterValidator(_known)] = Field(min_length=1)
    exchange: OneExchange = OneExchange()
    admin: Admin | None = None
    pipeline: bool = False
    mode: str = Field("", max_length=20)

    @model_validator(mode="after")
    def _admin_where_it_is_needed(self) -> "FrontOptions":
        if self.admin is None and any(word.startswith(ADMIN) for word in self.routes):
            raise ValueError("expected admin with a token or Clerk's keys, because routes name it")
        return self

    @property
    def shown_mode(self) -> str:
        """The mode by its own name, or by what is in this process."""
        return self.mode or ("exchange" if self.pipeline else "pw-host")
