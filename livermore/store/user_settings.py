"""Settings of a user (`reference.md` 12.3) as a closed form; secrets are in it only as names of variables."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from livermore.market.instant import parse_iso
from livermore.settings import Options

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_KNOWN_SECRETS = re.compile(r"-----BEGIN|^(?:sk|pk|rk)_(?:live|test)_|^whsec_|^lvm_[0-9a-f]{12}_|^eyJ|^gh[pousr]_|^xox")
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9]{20,}", re.ASCII)
"""So long a word without a break, of letters and digits, is no name that somebody has thought of."""


def looks_secret(text: str) -> bool:
    """Whether a text has the form of a key, a token or a password, rather than of a name."""
    return bool(_KNOWN_SECRETS.search(text) or any(_RANDOM.fullmatch(part) for part in text.split("_")))


def _variable(text: str) -> str:
    if not _NAME.fullmatch(text) or looks_secret(text):
        raise PydanticCustomError("variable", "expected the name of an environment variable, and never what it holds")
    return text


def _no_secret(text: str) -> str:
    if looks_secret(text):
        raise PydanticCustomError("secret", "expected no secret: those belong into environment variables")
    return text


def _moment(text: str) -> str:
    try:
        parse_iso(text)
    except ValueError as error:
        raise PydanticCustomError("moment", "expected a time in UTC, as 2026-08-09T21:05:00.000Z") from error
    return text


def _text(most: int) -> Any:
    return Annotated[str, Field(max_length=most), AfterValidator(_no_secret)]


Variable = Annotated[str, Field(examples=["COINBASE_API_KEY"]), AfterValidator(_variable)]
Word = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9_.-]+$"), AfterValidator(_no_secret)]
Pair = Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[A-Z0-9]+[-/]?[A-Z0-9]+$")]


class Profile(Options):
    """How somebody appears, and what they see."""

    public_name: _text(100) | None = None  # type: ignore[valid-type]  # a type that is made by a function
    description: _text(1000) | None = None  # type: ignore[valid-type]
    primary_exchange: Word | None = None
    trading_mode: Literal["paper", "live"] | None = None
    currency: str = Field("USD", pattern=r"^[A-Z]{3,10}$")
    timezone: str = Field("UTC", pattern=r"^[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$")
    locale: str = Field("en-US", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")


class Logging(Options):
    """Where a process keeps its files, and how much it says."""

    data_directory: _text(500) | None = None  # type: ignore[valid-type]
    log_directory: _text(500) | None = None  # type: ignore[valid-type]
    verbosity_level: Literal["error", "warn", "info", "debug"] = "error"


class Runtime(Options):
    """How a process is run."""

    auto_start: bool = False
    logging: Logging | None = None


class ExchangeSettings(Options):
    """An exchange with the names of the variables that hold its credentials."""

    enabled: bool
    ApiKeyEnvironmentVariableName: Variable
    SecretEnvironmentVariableName: Variable
    PasswordEnvironmentVariableName: Variable | None = None


class UserSettings(Options):
    """All of it; what is not named here cannot be set."""

    version: int = Field(1, ge=1, le=1, strict=True)
    sub: str | None = Field(None, max_length=255, pattern=r"^[A-Za-z0-9_|.-]+$")
    perseus_profile: Profile | None = None
    livermore_runtime: Runtime | None = None
    exchanges: dict[Word, ExchangeSettings] | None = Field(None, max_length=50)
    symbols: list[Pair] | None = Field(None, max_length=1000)
    scanner_symbols_last_update: Annotated[str, Field(max_length=40), AfterValidator(_moment)] | None = None
    scanner_exchange: Word | None = None

    def stored(self) -> dict[str, Any]:
        """As it is written down: what nobody has set is not there."""
        return {"version": self.version} | self.model_dump(mode="json", exclude_unset=True)


def patched(settings: dict[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    """A copy in which ``value`` stands at the end of ``path``; what lacks on the way is made. Nothing is checked."""
    first, *rest = path
    inner = settings.get(first)
    return settings | {first: patched(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}
