"""Options as pydantic models: closed, frozen, with the units in the text of their values."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from livermore.errors import LivermoreError
from livermore.plugins import find, make

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Options(BaseModel):
    """Base of every options class: no unknown key, no change after loading, no bool read as a number."""

    codes: ClassVar[Mapping[str, str]] = {}
    """Codes of faults in certain keys, by ``key`` or by ``key:GENERAL_CODE``; any other has the general one."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True, allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_bool_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        items = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(item, bool) for item in items) and cls._wants_number(info.field_name or ""):
            raise PydanticCustomError("number", "expected a number")
        return value

    @classmethod
    def _wants_number(cls, name: str) -> bool:
        field = cls.model_fields[name]
        takes = set(_leaves(field.annotation))
        reads_text = any(reader in field.metadata for reader in _READERS)
        return bool(takes & {int, float}) and not takes & {bool, Any} and not reads_text


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of; those of a literal's values."""
    inner = get_args(annotation)
    for part in inner:
        yield from _leaves(part)
    if not inner:
        yield annotation if isinstance(annotation, type) or annotation is Any else type(annotation)


def parse_duration(text: Any) -> float:
    """Seconds in ``250ms``, ``5s``, ``2m``, ``1h`` or ``7d``."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)", text, re.ASCII) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError("duration", "expected a duration with its unit, as 250ms, 5s, 2m or 1h")
    return float(found[1]) * _SECONDS[found[2]]


def parse_spell(text: Any) -> float:
    """As `parse_duration`, or ``never``, which is infinite."""
    return float("inf") if text == "never" else _or_word(text, "never")


def parse_limit(text: Any) -> float:
    """As `parse_duration`, or ``brutal``, which is no time at all, or ``infinity``."""
    words = {"brutal": 0.0, "infinity": float("inf")}
    return words[text] if text in ("brutal", "infinity") else _or_word(text, "brutal or infinity")


def _or_word(text: Any, words: str) -> float:
    try:
        return parse_duration(text)
    except PydanticCustomError:
        message: Any = f"expected a duration with its unit, as 250ms, 5s, 2m or 1h, or {words}"
        raise PydanticCustomError("duration", message) from None


def parse_size(text: Any) -> int:
    """Bytes in ``64KiB``, ``512MiB`` or ``2GiB``."""
    found = re.fullmatch(r"(\d{1,6})(KiB|MiB|GiB)", text, re.ASCII) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError("size", "expected a size with its unit, as 64KiB, 512MiB or 2GiB")
    return int(found[1]) * {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[found[2]]


def parse_percent(text: Any) -> float:
    """The fraction in ``5%``."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)%", text, re.ASCII) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError("percent", "expected a percentage, as 5%")
    return float(found[1]) / 100


def plugged(package: str) -> AfterValidator:
    """Checks ``{word: {options}}``: the word is a file of the package, the options are those of its class."""

    def check(entry: dict[str, Any]) -> dict[str, Any]:
        if len(entry) != 1:
            raise ValueError(f"expected one word with its options; found {', '.join(entry) or 'nothing'}")
        (word,) = entry
        try:
            make(package, entry)
        except LivermoreError as error:
            raise ValueError(str(error)) from error
        except ValidationError as error:
            raise _below(word, find(package, word).Options, error) from error
        return entry

    return AfterValidator(check)


def _below(word: str, model: type[BaseModel], invalid: ValidationError) -> ValidationError:
    """The same errors, one step down; they tell the keys that are known there, and nothing that a secret may be in."""
    known = list(model.model_fields)
    secret = {name for name, field in model.model_fields.items() if SecretStr in _leaves(field.annotation)}
    lines = []
    for error in invalid.errors(include_url=False):
        kind: Any = error["type"]
        told = PydanticCustomError(kind, error["msg"], {**error.get("ctx", {}), "known": known})
        hidden = secret and error["loc"][:1] in {(), *((name,) for name in secret)}
        found = () if hidden else error["input"]
        lines.append(InitErrorDetails(type=told, loc=(word, *error["loc"]), input=found))
    return ValidationError.from_exception_data(invalid.title, lines)


_DURATION, _PERCENT = BeforeValidator(parse_duration), BeforeValidator(parse_percent)
_SPELL, _LIMIT, _SIZE = BeforeValidator(parse_spell), BeforeValidator(parse_limit), BeforeValidator(parse_size)
_READERS = (_DURATION, _PERCENT, _SPELL, _LIMIT, _SIZE)
_TIME = r"\d{1,9}(\.\d{1,3})?(ms|s|m|h|d)"


def _text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern}|\\$\\{{.*\\}})$", "examples": list(examples)})


def worded(pattern: str, words: str) -> tuple[AfterValidator, WithJsonSchema]:
    """Annotations of a text that matches ``pattern``, which people are told in ``words``."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            message: Any = f"expected {words}"
            raise PydanticCustomError("worded", message)
        return text

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


_INFINITE = Field(allow_inf_nan=True)

Duration = Annotated[float, _DURATION, _text(_TIME, "250ms", "5s", "2m")]
Spell = Annotated[float, _INFINITE, _SPELL, _text(f"{_TIME}|never", "5s", "never")]
"""A duration, or ``never``."""
Limit = Annotated[float, _INFINITE, _LIMIT, _text(f"{_TIME}|brutal|infinity", "5s", "brutal", "infinity")]
"""A duration, or ``brutal`` (no time at all), or ``infinity``."""
Percent = Annotated[float, _PERCENT, _text(r"\d{1,3}(\.\d{1,6})?%", "5%")]
Size = Annotated[int, _SIZE, _text(r"\d{1,6}(KiB|MiB|GiB)", "512MiB")]
