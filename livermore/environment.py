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
    """Stands where a text names variables that are not set. What it is for may be unneeded, so this is no error yet."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def __repr__(self) -> str:
        return "unset " + ", ".join(self.names)


class Environment(Mapping[str, str]):
    """The variables of the process, over those of an ``.env`` file; ``NAME_FILE`` names a file that holds ``NAME``."""

    def __init__(self, variables: Mapping[str, str] | None = None, dotenv: Path | None = None) -> None:
        """``variables``: those of the process where left out. ``dotenv``: a file that need not exist."""
        written = dotenv_values(dotenv) if dotenv is not None and dotenv.is_file() else {}
        self._variables = {k: v for k, v in written.items() if v is not None} | dict(
            os.environ if variables is None else variables
        )

    def __getitem__(self, name: str) -> str:
        if name in self._variables:
            return self._variables[name]
        return self._read(self._variables[f"{name}_FILE"])

    def __iter__(self) -> Iterator[str]:
        return iter({name.removesuffix("_FILE") for name in self._variables} | set(self._variables))

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
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        held = variables.get(name, "")
        if not held and default is None:
            missing.append(name)
        return held or default or ""

    filled = _REFERENCE.sub(value, text)
    return Unset(missing) if missing else filled


def mentioned(data: Any) -> set[str]:
    """The names of all variables that ``data`` mentions."""
    if isinstance(data, dict):
        return set().union(*map(mentioned, data.values()))
    if isinstance(data, list):
        return set().union(*map(mentioned, data))
    return {found[1] for found in _REFERENCE.finditer(data)} if isinstance(data, str) else set()
