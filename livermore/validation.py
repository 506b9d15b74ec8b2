"""Checking data against models: every fault becomes a problem with its place in the file."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from livermore.environment import Unset
from livermore.plugins import did_you_mean
from livermore.strict_yaml import Document, Path

M = TypeVar("M", bound=BaseModel)


def without_unset(data: Any) -> Any:
    """``data`` without the entries whose variables are not set: for models in which one field makes others unneeded."""
    if isinstance(data, dict):
        return {key: without_unset(value) for key, value in data.items() if not isinstance(value, Unset)}
    return data


def validate(
    model: type[M], data: Any, document: Document, path: Path, *, need_variables: bool = True, owner: str = "this"
) -> M | None:
    """Check ``data``, which stands at ``path`` of the document; faults go to the document's problems.

    ``need_variables``: whether a variable that is not set is a fault; if not, what hangs on it is not looked at.
    ``owner``: who needs what stands here, for people.

    Returns:
        The model, or None where there was a fault or something could not be looked at.
    """
    unset = dict(_unset(data, ()))
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        blamed: set[Path] = set()
        for error in invalid.errors(include_url=False):
            here = {place for place in unset if place[: len(error["loc"])] == error["loc"]}
            if not here:
                _blame(error, model, document, path)
            blamed |= here
    for place in sorted(blamed, key=str) if need_variables else ():
        for name in unset[place].names:
            document.blame("E_VARIABLE", f"{owner} needs the variable {name}, which is not set", (*path, *place))
    return None


def _unset(data: Any, path: Path) -> Iterator[tuple[Path, Unset]]:
    if isinstance(data, Unset):
        yield path, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _unset(value, (*path, key))


def _blame(error: ErrorDetails, model: type[BaseModel], document: Document, path: Path) -> None:
    where = error["loc"]
    if error["type"] == "extra_forbidden":
        known = known_keys(model, where[:-1])
        guess = did_you_mean(str(where[-1]), known)
        message = f"expected one of {', '.join(known)}; found {str(where[-1])!r}{guess}"
        document.blame("E_UNKNOWN_KEY", message, (*path, *where), at_key=True)
    elif error["type"] == "missing":
        document.blame("E_MISSING", f"expected {where[-1]!r}, found nothing", (*path, *where))
    else:
        document.blame(_code(error["type"]), _message(error), (*path, *where))


def _code(kind: str) -> str:
    named = {"duration": "E_DURATION", "percent": "E_RANGE", "enum": "E_ENUM", "literal_error": "E_ENUM"}
    bounds = ("greater_than", "less_than", "too_short", "too_long")
    return named.get(kind) or ("E_RANGE" if kind.startswith(bounds) else "E_TYPE")


def _message(error: ErrorDetails) -> str:
    text = error["msg"][:1].lower() + error["msg"][1:]
    found = error.get("input")
    shown = f"; found {found!r}" if isinstance(found, str | int | float | bool | None) else ""
    guess = ""
    if error["type"] in {"literal_error", "enum"} and isinstance(found, str):
        guess = did_you_mean(found, re.findall(r"'([^']*)'", error.get("ctx", {}).get("expected", "")))
    return text.replace("input should be", "expected") + shown + guess


def known_keys(model: type[BaseModel], where: tuple[str | int, ...]) -> list[str]:
    """The keys that the (nested) model at ``where`` takes, in the order they are declared."""
    for step in where:
        if isinstance(step, str) and step in model.model_fields:
            inner = _model_in(model.model_fields[step].annotation)
            if inner is None:
                return []
            model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
