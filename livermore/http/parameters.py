"""Parameters of requests as closed models: what is unknown, repeated or odd is refused by its name."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from livermore.http.refusal import Refusal, bad_parameter
from livermore.http.visitor import Administrator, Anybody, Letter, Visitor
from livermore.market.instant import parse_iso
from livermore.market.timeframe import Length, Rolled, Timeframe

LONGEST_QUERY = 8192

_WHOLE = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_DAY = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_MOMENT = re.compile(rf"^{_DAY}T{_CLOCK}(?:\.([0-9]{{1,9}}))?Z$")


class Parameters(BaseModel):
    """Base of all: closed, and without a word of what was sent in its errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    _visitor: Anybody | None = PrivateAttr(None)

    @property
    def visitor(self) -> Visitor:
        """Who asks, where keys open the door."""
        assert isinstance(self._visitor, Visitor)
        return self._visitor

    @property
    def administrator(self) -> Administrator:
        """Who asks, where it is an admin route."""
        assert isinstance(self._visitor, Administrator)
        return self._visitor

    @property
    def letter(self) -> Letter:
        """What was sent, where its signature says from whom."""
        assert isinstance(self._visitor, Letter)
        return self._visitor

    def asked_by(self, visitor: Anybody | None) -> Self:
        """The same, and who asks."""
        self._visitor = visitor
        return self


P = TypeVar("P", bound=Parameters)


def count(most: int) -> Any:
    """A number of rows, as `number`."""
    return number(most, f"How many rows, at most {most}")


def number(most: int, about: str, least: int = 1) -> Any:
    """A whole number from ``least`` to ``most``, in plain digits; ``about``: what it means."""

    def check(text: Any) -> int:
        value = int(text) if isinstance(text, str) and _WHOLE.fullmatch(text) else 0
        if not least <= value <= most:
            raise PydanticCustomError("count", f"expected a whole number from {least} to {most}")
        return value

    return Annotated[int, Field(ge=least, le=most, description=about), BeforeValidator(check)]


def _moment(text: Any) -> int:
    """Milliseconds, rounded up: a candle lies before or after a moment of any precision just as it does after that."""
    parts = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    try:
        if parts is not None:
            return parse_iso(parts[0]) + bool((parts[1] or "")[3:].strip("0"))
    except ValueError:
        parts = None  # digits in the right places that are no date
    raise PydanticCustomError("moment", "expected a time in UTC, as 2026-08-09T21:05:00.000Z")


def _one_of(known: Sequence[Length]) -> Callable[[Any], Length]:
    def check(text: Any) -> Length:
        found = next((one for one in known if one == text), None)
        if found is None:
            raise PydanticCustomError("timeframe", f"expected one of {', '.join(known)}")
        return found

    return check


def _words(known: Sequence[Length]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(known), "description": "Length of a candle"})


_IN_UTC = WithJsonSchema({"type": "string", "pattern": _MOMENT.pattern, "examples": ["2026-08-09T21:05:00.000Z"]})
"""A format `date-time` would allow offsets, and make clients send them."""

SERVED: Sequence[Length] = sorted([*Timeframe, *Rolled], key=lambda one: one.ms)
"""The timeframes of which there are candles: those that are stored, and those made of them."""

Moment = Annotated[int, BeforeValidator(_moment), _IN_UTC]
OneTimeframe = Annotated[Timeframe, BeforeValidator(_one_of(list(Timeframe))), _words(list(Timeframe))]
AnyTimeframe = Annotated[Timeframe | Rolled, BeforeValidator(_one_of(SERVED)), _words(SERVED)]
ExchangeName = Annotated[str, Field(max_length=50, description="Name of an exchange, as in `/exchanges`")]
Symbol = Annotated[
    str,
    Field(max_length=50, description="A pair: `BTC-USD`, `BTC%2FUSD` or the exchange's own spelling, in any case"),
]
_SEALED = {"pattern": "^[A-Za-z0-9_-]{12,200}$"}
Cursor = Annotated[
    str, Field(max_length=200, description="`next_cursor` of the answer before", json_schema_extra=_SEALED)
]
Order = Literal["asc", "desc"]


def read(
    model: type[P],
    path: Mapping[str, str],
    query: str,
    body: Sequence[tuple[str, Any]] = (),
    visitor: Anybody | None = None,
) -> P:
    """The parameters of a request: decoded parts of its path, its query as it came, and the members of its body.

    Raises:
        Refusal: naming the parameter.
    """
    if len(query) > LONGEST_QUERY:
        raise Refusal(414, "The query is too long")
    given: dict[str, Any] = dict(path)
    for name, value in [*_pairs(query), *body]:
        if name not in model.model_fields or name in path:
            known = ", ".join(name for name in model.model_fields if name not in path) or "none"
            raise bad_parameter(name[:50], f"no such parameter; known are: {known}")
        if name in given:
            raise bad_parameter(name, "expected once, found again")
        given[name] = value
    try:
        return model.model_validate(given).asked_by(visitor)
    except ValidationError as invalid:
        raise invalid_parameter(invalid, "query") from invalid


def invalid_parameter(invalid: ValidationError, whole: str) -> Refusal:
    """What a model finds wrong first, by the name of its place; ``whole``: that of the whole."""
    error = invalid.errors(include_url=False, include_input=False, include_context=False)[0]
    names = takewhile(lambda step: isinstance(step, str), error["loc"])
    return bad_parameter(".".join(map(str, names))[:200] or whole, error["msg"])


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Refusal(400, "The query is not UTF-8, or has too many parts") from error
