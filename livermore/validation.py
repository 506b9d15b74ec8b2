"""Checking data against models: every fault becomes a problem with its place in the file."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from livermore.environment import Unset, mentioned
from livermore.plugins import did_you_mean
from livermore.strict_yaml import Document, Path

M = TypeVar("M", bound=BaseModel)

_NOTHING: Any = object()
_IS_NOT = {"literal_error", "model_type"}
_WORDS = (
    (r"value error, ", ""),
    (r"\w+ should be ", "expected "),
    (r"(\w+) should (have|match) ", r"expected a \1 to \2 "),
    (r"expected a valid (dictionary|mapping)\b.*", "expected a mapping"),
    (r"expected a valid (tuple|list)", "expected a list"),
    (r"expected a valid integer.*", "expected a whole number"),
    (r"expected a valid boolean.*", "expected true or false"),
)
"""What of pydantic's English is said otherwise here."""


class Fault(NamedTuple):
    """An error and its place in the data; ``alternative``: it only says that this is not one of several things."""

    error: ErrorDetails
    place: Path
    alternative: bool


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
        for fault in _faults(invalid, data):
            here = {place for place in unset if place[: len(fault.place)] == fault.place}
            if not here or fault.error["type"] == "extra_forbidden":
                _blame(fault, model, document, path)
            else:
                blamed |= here
    for place in sorted(blamed, key=str) if need_variables else ():
        for name, why in unset[place].names.items():
            document.blame("E_VARIABLE", f"{owner} needs the variable {name}, which {why}", (*path, *place))
    return None


def _unset(data: Any, path: Path) -> Iterator[tuple[Path, Unset]]:
    if isinstance(data, Unset):
        yield path, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _unset(value, (*path, key))


def _faults(invalid: ValidationError, data: Any) -> list[Fault]:
    """Of a value that is none of several things, only what keeps it from being the one that it was meant to be."""
    found = [_fault(error, data) for error in invalid.errors(include_url=False)]
    meant = {f.place[:n] for f in found if not f.alternative for n in range(len(f.place) + 1)}
    words = {f.place for f in found if f.alternative and f.error["type"] == "literal_error"}
    return [
        f
        for f in found
        if not f.alternative or f.place not in meant | (words if f.error["type"] == "model_type" else set())
    ]


def _fault(error: ErrorDetails, data: Any) -> Fault:
    """Pydantic names the alternatives that it tried as if they were steps on the way."""
    place: Path = ()
    for step in error["loc"]:
        inner = _at(data, [step])
        if inner is not _NOTHING:
            data, place = inner, (*place, step)
    last = error["loc"][-1:]
    if not last or place[-1:] == last:
        return Fault(error, place, alternative=False)
    alternative = error["type"] in _IS_NOT
    return Fault(error, place if alternative else (*place, *last), alternative)


def _at(data: Any, place: Iterable[str | int]) -> Any:
    for step in place:
        within = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if not within and not (isinstance(data, dict) and step in data):
            return _NOTHING
        data = data[step]
    return data


def _blame(fault: Fault, model: type[BaseModel], document: Document, path: Path) -> None:
    error, where = fault.error, (*path, *fault.place)
    if error["type"] == "extra_forbidden":
        known = error.get("ctx", {}).get("known") or known_keys(model, fault.place[:-1])
        key = str(where[-1])
        wanted = f"one of {', '.join(known)}" if known else "no key here"
        message = f"expected {wanted}; found {key!r}{did_you_mean(key, known)}"
        document.blame("E_UNKNOWN_KEY", message, where, at_key=True)
    elif error["type"] == "missing":
        document.blame(_code(fault, model), f"expected {where[-1]!r}, found nothing", where)
    else:
        shown = _found(error, _at(document.data, where), secret=_is_secret(model, fault.place))
        document.blame(_code(fault, model), _expected(error["msg"]) + shown, where)


_CODES = {
    "missing": "E_MISSING",
    "duration": "E_DURATION",
    "size": "E_SIZE",
    "percent": "E_RANGE",
    "enum": "E_ENUM",
    "literal_error": "E_ENUM",
}
_BOUNDS = ("greater_than", "less_than", "too_short", "too_long")


def _code(fault: Fault, model: type[BaseModel]) -> str:
    """The one that the model has for such a fault in this key, or else the general one."""
    kind = fault.error["type"]
    general = _CODES.get(kind) or ("E_RANGE" if kind.startswith(_BOUNDS) else "E_TYPE")
    key, inner = fault.place[-1:], _model_at(model, fault.place[:-1])
    own: Mapping[str, str] = getattr(inner, "codes", {})
    return (
        own.get(f"{key[0]}:{kind}") or own.get(f"{key[0]}:{general}") or own.get(str(key[0])) or general
        if key
        else general
    )


def _expected(text: str) -> str:
    text = text[:1].lower() + text[1:]
    for pattern, words in _WORDS:
        text = re.sub("^" + pattern, words, text)
    return text


def _found(error: ErrorDetails, written: Any, *, secret: bool) -> str:
    """What was found; of variables their names, for nobody knows what they hold."""
    found = error.get("input")
    if found != written and mentioned(written):
        return f"; found {shown(found, written)}"
    if secret or not isinstance(found, str | int | float | bool | None):
        return ""
    guess = ""
    if error["type"] in {"literal_error", "enum"} and isinstance(found, str):
        guess = did_you_mean(found, re.findall(r"'([^']*)'", error.get("ctx", {}).get("expected", "")))
    return f"; found {shown(found)}{guess}"


def shown(found: Any, written: Any = None) -> str:
    """What was found, as YAML writes it. ``written``: what stands in the file, if that mentions a variable."""
    if names := mentioned(written):
        return f"what {', '.join(sorted(names))} holds"
    return json.dumps(found) if found is None or isinstance(found, bool) else repr(found)


def shown_at(document: Document, path: Path, found: Any) -> str:
    """What was found at a place of a document."""
    written = _at(document.data, path)
    return shown(found, None if written is _NOTHING else written)


def known_keys(model: type[BaseModel], where: Path) -> list[str]:
    """The keys that the (nested) model at ``where`` takes, in the order they are declared."""
    inner = _model_at(model, where)
    return [info.alias or name for name, info in inner.model_fields.items()] if inner else []


def _is_secret(model: type[BaseModel], where: Path) -> bool:
    names = [step for step in where if isinstance(step, str)]
    inner = _model_at(model, where[: where.index(names[-1])]) if names else None
    field = inner.model_fields.get(names[-1]) if inner else None
    return field is not None and _inside(field.annotation, SecretStr) is not None


def _model_at(model: type[BaseModel], where: Path) -> type[BaseModel] | None:
    inner: type[BaseModel] | None = model
    for step in where:
        if inner is not None and isinstance(step, str) and step in inner.model_fields:
            inner = _inside(inner.model_fields[step].annotation, BaseModel)
    return inner


T = TypeVar("T")


def _inside(annotation: Any, base: type[T]) -> type[T] | None:
    """The class of this kind that an annotation speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, base):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _inside(inner, base))), None)
