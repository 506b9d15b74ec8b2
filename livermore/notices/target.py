"""What every kind of target has: its options, and how it says what became of a notice."""

from typing import Annotated, Any, NamedTuple, Protocol

from pydantic import AfterValidator, Field, SecretStr, model_validator

from livermore.net.interface import Network
from livermore.notices.notice import Notice
from livermore.notices.state_notice import StateNotice
from livermore.plugins import find, make
from livermore.settings import Options as BaseOptions
from livermore.settings import plugged, worded

Tidings = Notice | StateNotice
"""What a target may be told: of an alert, or of a pipeline's state."""
PACKAGE = "livermore.notices"
_NAME = worded(r"[a-z0-9][a-z0-9_-]{0,31}", "a name of small letters, digits, - and _")


class TargetOptions(BaseOptions):
    """``url`` is a secret; written alone it stands for all options. ``name``: by which the target is known, else its
    kind; ``allow_private``: whether it may be at an address that is not of the Internet at large, and without TLS;
    ``per_minute``: alerts that it may be told; ``states``: whether it is told of the pipeline's states, too.
    """

    url: SecretStr
    name: Annotated[str, *_NAME] | None = None
    allow_private: bool = False
    per_minute: int = Field(30, ge=1, le=6_000)
    states: bool = False

    @model_validator(mode="before")
    @classmethod
    def _of_a_url_alone(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value


class WebOptions(TargetOptions):
    """Of targets that are one URL to post to."""

    @model_validator(mode="after")
    def _is_a_url(self) -> "WebOptions":
        schemes = ("https://", "http://") if self.allow_private else ("https://",)
        if not self.url.get_secret_value().startswith(schemes):
            raise ValueError("expected the https URL of a webhook (http only where allow_private is set)")
        return self


class Outcome(NamedTuple):
    """What became of a notice: ``kind`` is `sent`, `refused` for good, or `postponed`.

    ``wait``: seconds for which the target wants to be left alone, or None where it has not said so.
    """

    kind: str
    reason: str = ""
    wait: float | None = None


class Target(Protocol):
    """Made of its ``Options``. ``shows_charts``: whether a notice to it should have one."""

    options: TargetOptions
    shows_charts: bool

    async def send(self, network: Network, tidings: Tidings, now: int) -> Outcome:
        """Send a notice once. ``now``: wall time, ms. What cannot be reached is `postponed`, or `Transient`."""


def _sealed(entry: dict[str, Any]) -> dict[str, Any]:
    """The same entry with its options read, so that its secrets are shown nowhere."""
    ((word, options),) = entry.items()
    return {word: find(PACKAGE, word).Options.model_validate(options)}


Entry = Annotated[dict[str, Any], plugged(PACKAGE), AfterValidator(_sealed)]
"""``{word: URL}`` or ``{word: {options}}``; each word is a file of this package."""


def names_of(entries: tuple[dict[str, Any], ...]) -> list[str]:
    """The name of each target, in their order."""
    return [options.name or word for entry in entries for word, options in entry.items()]


def make_target(entry: dict[str, Any]) -> Target:
    """The target that an entry stands for."""
    made: Target = make(PACKAGE, entry)
    return made
