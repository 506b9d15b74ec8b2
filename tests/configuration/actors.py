"""Actors that only stand in trees."""

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator

from livermore.settings import Duration, Options, plugged
from livermore.supervision.actor import Worker
from livermore.supervision.loop_actor import LoopActor


class Word:
    """A message."""


class LongWord(Word):
    """A message that whoever accepts a word accepts, too."""


class Key(Options):
    """A nested model, and one alternative of a union."""

    key_id: str
    private_key: SecretStr


class TalkerOptions(Options):
    """One field of each kind that options have."""

    wait: Duration = 1.0
    count: int = Field(1, ge=1, le=9)
    tone: Literal["soft", "loud"] = "soft"
    names: tuple[str, ...] = ()
    key: Key | Literal["none"] = "none"
    url: SecretStr = SecretStr("")
    rules: tuple[Annotated[dict[str, Any], plugged("livermore.alerts")], ...] = ()

    @field_validator("url")
    @classmethod
    def _is_a_url(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith("https://"):
            raise ValueError("expected a URL")
        return value


class Talker(Worker):
    """Says words."""

    options: TalkerOptions
    emits = (Word,)


class Preacher(Worker):
    """Says long words only."""

    options: Options
    emits = (LongWord,)


class Listener(LoopActor):
    """Hears words."""

    options: Options
    accepts = (Word,)


class Deaf(Worker):
    """Hears and says nothing."""

    options: Options


class NeedyOptions(Options):
    """Two that there is no doing without."""

    name: str
    password: SecretStr


class Needy(Worker):
    """Needs something."""

    options: NeedyOptions


class Bystander:
    """No actor."""


def bystander() -> None:
    """No class, either."""
