"""The table of all routes of a front, made from the words of its option ``routes``."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from livermore.errors import LivermoreError
from livermore.http.options import ROUTES
from livermore.http.refusal import Refusal
from livermore.http.route import Route
from livermore.plugins import find

_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)


class Found(NamedTuple):
    """A route, the decoded parts of the path that its template names, and the header ``Allow`` of its path.

    Where the path has no such method it is any route of the path.
    """

    route: Route[Any]
    values: dict[str, str]
    allowed: str


class Table:
    """Routes by path and method; those of one path have the same template."""

    def __init__(self, routes: Iterable[Route[Any]]) -> None:
        self.routes = list(routes)
        paths: dict[str, list[Route[Any]]] = {}
        for route in self.routes:
            paths.setdefault(route.path, []).append(route)
        self._patterns = [(_pattern(path), same) for path, same in paths.items()]
        served = [(re.sub(r"{\w+}", "{}", one.path), method) for one in self.routes for method in one.methods]
        twice = {f"{method} {path}" for path, method in served if served.count((path, method)) > 1}
        if twice:
            raise LivermoreError(f"two of the routes serve {', '.join(sorted(twice))}")

    @classmethod
    def of_words(cls, words: Iterable[str]) -> "Table":
        """Import the words' modules, and no others."""
        return cls(route for word in words for route in find(ROUTES, word).ROUTES)

    def find(self, path: str, method: str) -> Found | None:
        """The route of a path as it came in the request, still encoded.

        Raises:
            Refusal: a part of the path is badly encoded.
        """
        for pattern, routes in self._patterns:
            if match := pattern.fullmatch(path):
                route = next((one for one in routes if one.serves(method)), routes[0])
                values = {name: _decoded(text) for name, text in match.groupdict().items()}
                return Found(route, values, _allowed(routes))
        return None


def _allowed(routes: Sequence[Route[Any]]) -> str:
    methods = [method for route in routes for method in route.methods]
    with_head = ["GET", "HEAD"] if "GET" in methods else []
    return ", ".join(dict.fromkeys([*with_head, *methods, "OPTIONS"]))


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
