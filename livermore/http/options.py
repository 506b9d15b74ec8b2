"""Options of the front: which routes it serves, of which exchange, and who may use its admin routes."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, model_validator

from livermore.environment import Unset
from livermore.plugins import did_you_mean, names
from livermore.settings import Options

ROUTES = "livermore.http.routes"
ADMIN = "admin"
NO_SECRET = SecretStr("")


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
    """Who may use the admin routes: the holder of a token, or users of a Clerk instance. ``origin``: their page's."""

    token: SecretStr = NO_SECRET
    clerk_publishable_key: SecretStr = NO_SECRET
    clerk_secret_key: SecretStr = NO_SECRET
    origin: str = Field("http://localhost:4001", pattern=r"^https?://[^/\s]+$")

    @model_validator(mode="before")
    @classmethod
    def _a_token_needs_no_clerk(cls, data: Any) -> Any:
        given = _given(data)
        if not isinstance(data, dict) or "token" in given:
            return given
        return {key: value for key, value in data.items() if key != "token"}  # what is unset is blamed on Clerk's keys

    @model_validator(mode="after")
    def _complete(self) -> "Admin":
        keys = (self.clerk_publishable_key, self.clerk_secret_key)
        if not self.token.get_secret_value() and not all(key.get_secret_value() for key in keys):
            raise ValueError("expected clerk_publishable_key and clerk_secret_key, or token")
        return self


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
