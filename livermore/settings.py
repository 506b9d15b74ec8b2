"""Options as pydantic models: closed, frozen, with the units in the text of their values."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from livermore.errors import LivermoreError
from livermore.plugins import make

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Options(BaseModel):
    """Base of every options class: no unknown key, no change after loading, no bool read as a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_bool_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation in (int, float):
            raise PydanticCustomError("number", "expected a number")
        return value


def parse_duration(text: Any) -> float:
    """Seconds in ``250ms``, ``5s``, ``2m``, ``1h`` or ``7d``."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)", text, re.ASCII) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError("duration", "expected a duration with its unit, as 250ms, 5s, 2m or 1h")
    return float(found[1]) * _SECONDS[found[2]]


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
        try:
            make(package, entry)
        except LivermoreError as error:
            raise ValueError(str(error)) from error
        return entry

    return AfterValidator(check)


Duration = Annotated[float, BeforeValidator(lambda v: v if isinstance(v, float) else parse_duration(v))]
Percent = Annotated[float, BeforeValidator(lambda v: v if isinstance(v, float) else parse_percent(v))]
