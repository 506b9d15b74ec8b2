"""Redis commands as values: the words to send, and how to read the answer. Whoever holds a client runs them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Word = str | bytes | int | float


@dataclass(frozen=True)
class Script:
    """A Lua script: its text, and the hash by which a server that has seen it knows it."""

    text: str
    sha: str


@dataclass(frozen=True)
class Query(Generic[T]):
    """One command. With a ``script`` the words are its key count, keys and arguments."""

    words: Sequence[Word]
    read: Callable[[Any], T]
    script: Script | None = None

    def by_hash(self) -> list[Word]:
        """The command, sending only the script's hash."""
        return ["EVALSHA", self.script.sha, *self.words] if self.script else list(self.words)

    def in_full(self) -> list[Word]:
        """The command, sending the script's text."""
        return ["EVAL", self.script.text, *self.words] if self.script else list(self.words)


def command(*words: Word, read: Callable[[Any], T]) -> Query[T]:
    """A plain command."""
    return Query(words, read)


def call(name: str, keys: Sequence[str], arguments: Sequence[Word], read: Callable[[Any], T]) -> Query[T]:
    """A call of the script ``scripts/NAME.lua``."""
    return Query([len(keys), *keys, *arguments], read, script(name))


@cache
def script(name: str) -> Script:
    """Read a script once. A first line ``-- fenced`` puts the check of the lease before it."""
    folder = files("livermore.store") / "scripts"
    text = (folder / f"{name}.lua").read_text(encoding="utf-8")
    if text.startswith("-- fenced"):
        text = (folder / "fence.lua").read_text(encoding="utf-8") + text
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def nothing(_: Any) -> None:
    """For answers that say nothing."""


def text(answer: Any) -> str | None:
    """A string, or None where there is none."""
    return answer.decode() if isinstance(answer, bytes) else answer


def integer(answer: Any) -> int:
    """A number."""
    return int(answer)
