"""The table of all routes of a front, made from the words of its option ``routes``."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from livermore.errors import LivermoreError
from livermore.http.options import ROUTES
from livermore.http.refusal import Refusal
from livermore.http.route import Route
from livermore.plugins import find

_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)


class Found(NamedTuple):
    """A route, and the decoded parts of the path that its template names."""

    route: Route[Any]
    values: dict[str, str]


class Table:
    """Routes by path. A path belongs to at most one route, whatever the method."""

    def __init__(self, routes: Iterable[Route[Any]]) -> None:
        self.routes = list(routes)
        self._patterns = [(_pattern(route.path), route) for route in self.routes]
        paths = [re.sub(r"{\w+}", "{}", route.path) for route in self.routes]
        twice = {path for path in paths if paths.count(path) > 1}
        if twice:
            raise LivermoreError(f"two of the routes serve {', '.join(sorted(twice))}")

    @classmethod
    def of_words(cls, words: Iterable[str]) -> "Table":
        """Import the words' modules, and no others."""
        return cls(route for word in words for route in find(ROUTES, word).ROUTES)

    def find(self, path: str) -> Found | None:
        """The route of a path as it came in the request, still encoded.

        Raises:
            Refusal: a part of the path is badly encoded.
        """
        for pattern, route in self._patterns:
            if match := pattern.fullmatch(path):
                return Found(route, {name: _decoded(text) for name, text in match.groupdict().items()})
        return None


def _pattern(template: str) -> re.Pattern[str]:
    """Fixed texts win over parts by standing first in their file."""
    pieces = re.split(r"{(\w+)}", template)
    named = [f"(?P<{text}>[^/]+)" if i % 2 else re.escape(text) for i, text in enumerate(pieces)]
    return re.compile("".join(named), re.ASCII)


def _decoded(text: str) -> str:
    refusal = Refusal(400, "The path is badly encoded")
    if _BAD_PERCENT.search(text) or not text.isascii():
        raise refusal
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise refusal from error
