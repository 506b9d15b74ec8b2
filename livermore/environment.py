"""Variables of the environment: where they come from, and how ``${NAME}`` in a tree is filled with them."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from livermore.errors import LivermoreError

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}", re.ASCII)


class Unset:
    """Stands where a text names variables that have no value. It may be unneeded there, so this is no error yet."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names``: each with the reason, as `is not set`."""
        self.names = names

    def __repr__(self) -> str:
        return "unset " + ", ".join(self.names)


class Environment(Mapping[str, str]):
    """The variables of the process, over those of an ``.env`` file; ``NAME_FILE`` names a file that holds ``NAME``.

    An empty variable gives way to whatever else there is of its name.
    """

    def __init__(self, variables: Mapping[str, str] | None = None, dotenv: Path | None = None) -> None:
        """``variables``: those of the process where left out. ``dotenv``: a file that need not exist."""
        written = dotenv_values(dotenv) if dotenv is not None and dotenv.is_file() else {}
        beneath = {name: value for name, value in written.items() if value is not None}
        self._layers = (dict(os.environ if variables is None else variables), beneath)

    def __getitem__(self, name: str) -> str:
        for layer in self._layers:
            if layer.get(name):
                return layer[name]
            if file := layer.get(f"{name}_FILE"):
                return self._read(file)
        if any(name in layer for layer in self._layers):
            return ""
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        names = set().union(*self._layers)
        return iter(names | {name.removesuffix("_FILE") for name in names if self._names_a_file(name)})

    def _names_a_file(self, name: str) -> bool:
        return name.endswith("_FILE") and any(layer.get(name) for layer in self._layers)

    def __len__(self) -> int:
        return len(list(iter(self)))

    @staticmethod
    def _read(file: str) -> str:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise LivermoreError(f"the secret file {file} cannot be read: {error}") from error


def fill(data: Any, variables: Mapping[str, str]) -> Any:
    """A copy of ``data`` in which every ``${NAME}`` and ``${NAME:-default}`` is replaced.

    An empty variable counts as not set. A text that names one without a default becomes an `Unset`.
    """
    if isinstance(data, dict):
        return {key: fill(value, variables) for key, value in data.items()}
    if isinstance(data, list):
        return [fill(item, variables) for item in data]
    return _fill_text(data, variables) if isinstance(data, str) else data


def _fill_text(text: str, variables: Mapping[str, str]) -> str | Unset:
    missing: dict[str, str] = {}

    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        try:
            held = variables.get(name, "")
        except LivermoreError as error:
            missing[name] = f"has no value: {error}"
            return ""
        if not held and default is None:
            missing[name] = "is not set"
        return held or default or ""

    filled = _REFERENCE.sub(value, text)
    return Unset(missing) if missing else filled


def misspelt(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Texts, with their places, in which a ``${`` begins no variable, as ``${NAME-default}``."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from misspelt(value, (*path, key))
    elif isinstance(data, str) and "${" in _REFERENCE.sub("", data):
        yield path, data


def mentioned(data: Any) -> set[str]:
    """The names of all variables that ``data`` mentions."""
    if isinstance(data, dict):
        return set().union(*map(mentioned, data.values()))
    if isinstance(data, list):
        return set().union(*map(mentioned, data))
    return {found[1] for found in _REFERENCE.finditer(data)} if isinstance(data, str) else set()
