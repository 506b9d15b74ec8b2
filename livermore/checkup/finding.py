"""Findings: what a checkup says, in one line each."""

from enum import StrEnum
from typing import NamedTuple

from livermore.log import clean


class Level(StrEnum):
    """How bad it is. Nothing runs with what is FAIL, or not for long."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(NamedTuple):
    """``remedy``: what to do about it, where there is something to be done.

    ``configured``: whether the tree or a variable is at fault, with which no start gets as far as reaching anything.
    """

    level: Level
    what: str
    found: str
    remedy: str = ""
    configured: bool = False

    @property
    def failed(self) -> bool:
        """Whether it is of the worst kind."""
        return self.level is Level.FAIL

    def shown(self) -> str:
        """The line for people, without any secret that is to be hidden."""
        line = f"{self.level:<4}  {self.what}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")
        return clean(" ".join(line.split("\n")))

    def plain(self) -> dict[str, str]:
        """The same for programs."""
        parts = {"level": str(self.level), "what": self.what, "found": self.found, "remedy": self.remedy}
        return {name: clean(text) for name, text in parts.items()}


def ok(what: str, found: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, what, found)


def warn(what: str, found: str, remedy: str) -> Finding:
    """It works, and will not for ever, or not as well as it could."""
    return Finding(Level.WARN, what, found, remedy)


def fail(what: str, found: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Level.FAIL, what, found, remedy)


def graded(what: str, found: str, remedy: str, *, bad: bool, worrying: bool) -> Finding:
    """By how bad it is; the remedy is not told where all is well."""
    if not bad and not worrying:
        return ok(what, found)
    return fail(what, found, remedy) if bad else warn(what, found, remedy)
