"""Documents that something has happened to: what a codec makes of them is right, or a protocol error."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from livermore.errors import ProtocolError
from livermore.market.amount import canonical

often = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])

RAW = [
    "null", "true", "0", "-1", "1.5", "1e999", "-0.0", "NaN", "Infinity", "9" * 400, "9" * 5000, '""', '"NaN"', '"1e9"',
    '"-1"', '"\\ud800"', '"\\u0000"', '"2026-08-09Z"', '"9999-12-31T23:59:59.999Z"', "[]", "{}", "[[[]]]", '{"a":{}}',
    "[" * 2000 + "]" * 2000, "[" * 100_000, '"' + "x" * 5000 + '"', "'", "",
]  # fmt: skip
"""JSON, and what is none, to stand where something else stood."""


def shortened(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: shortened(value) for key, value in data.items()}
    return [shortened(item) for item in data[:3]] if isinstance(data, list) else data


def places(data: Any, path: tuple = ()) -> list[tuple]:
    """Every place in a document but its root."""
    if isinstance(data, dict):
        pairs: list[tuple[Any, Any]] = list(data.items())
    else:
        pairs = list(enumerate(data)) if isinstance(data, list) else []
    return [at for key, value in pairs for at in [(*path, key), *places(value, (*path, key))]]


def replaced(data: Any, path: tuple, raw: str) -> bytes:
    """The document with other text in one place."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = "@@here@@"
    return json.dumps(copy).replace('"@@here@@"', raw).encode()


@st.composite
def mutated(draw: st.DrawFn, originals: Callable[[], list[Any]]) -> bytes:
    """What is left of an original."""
    data = draw(st.sampled_from(originals()))
    text = json.dumps(data).encode()
    at = draw(st.integers(0, len(text) - 1))
    until = draw(st.integers(at, min(len(text), at + 40)))
    match draw(st.sampled_from(["value", "value", "value", "key", "flip", "cut", "delete", "insert", "twice"])):
        case "value":
            return replaced(data, draw(st.sampled_from(places(data))), draw(st.sampled_from(RAW)))
        case "key":
            keys = sorted({path[-1] for path in places(data) if isinstance(path[-1], str)}) or [""]
            one, other = draw(st.sampled_from(keys)), draw(st.sampled_from(keys))
            return text.replace(f'"{one}":'.encode(), f'"{other}":'.encode())
        case "flip":
            return text[:at] + bytes([text[at] ^ draw(st.integers(1, 255))]) + text[at + 1 :]
        case "cut":
            return text[:at]
        case "delete":
            return text[:at] + text[until:]
        case "insert":
            return text[:at] + draw(st.binary(max_size=20)) + text[at:]
        case _:
            return text[:at] + text[at:until] * 2 + text[until:]


def read(decode: Callable[[bytes], Any], data: bytes) -> Any:
    """What was read, or None for a protocol error; nothing else may be raised."""
    try:
        return decode(data)
    except ProtocolError:
        return None


def check_amounts(*amounts: str) -> None:
    assert all(canonical(amount) == amount for amount in amounts)
