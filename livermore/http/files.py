"""Files of packages, served from memory: pages, styles and scripts, which may load nothing from anywhere else."""

from importlib.resources import files
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any

from livermore.errors import LivermoreError
from livermore.http.answer import Answer
from livermore.http.parameters import Parameters
from livermore.http.refusal import not_found
from livermore.http.route import Access, Route

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from livermore.http.front import Front

OURS = "livermore.http"
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "py": "text/x-python; charset=utf-8",
    "sh": "text/x-sh; charset=utf-8",
}
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere, and nobody may frame it."""


_answers: "dict[Traversable, Answer]" = {}


class FileParameters(Parameters):
    """Which file of a folder."""

    file: str


def folder(package: str, path: str) -> "Traversable":
    """A folder in an installed package, which is not imported for that.

    Raises:
        LivermoreError: the package is not installed.
    """
    spec = find_spec(package)
    if spec is None:
        raise LivermoreError(f"the package {package} is not installed: pip install 'livermore[ui]'")
    return files(module_from_spec(spec)) / path


def answer(place: "Traversable") -> Answer:
    """A file as it is answered, each time with the same bytes."""
    if place not in _answers:
        _answers[place] = _read(place)
    return _answers[place]


def _read(place: "Traversable") -> Answer:
    return shown(place.read_bytes(), place.name)


def shown(content: bytes, name: str) -> Answer:
    """Something as a browser shows it that is called so."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "X-Frame-Options": "DENY"}
    return Answer(content, content_type=_TYPES[name.rpartition(".")[2]], headers=headers, tagged=True)


def page(path: str, name: str) -> Route[Any]:
    """A route for one of our own files."""
    place = folder(OURS, "static") / name

    async def serve(_: "Front", __: Parameters) -> Answer:
        return answer(place)

    return Route(path, Parameters, serve, Access.OPEN)


def pages(template: str, shown: "Mapping[str, Traversable]") -> Route[Any]:
    """A route ``…/{file}`` for files by their names; there are no others."""

    async def serve(_: "Front", asked: FileParameters) -> Answer:
        if asked.file not in shown:
            raise not_found("File")
        return answer(shown[asked.file])

    return Route(template, FileParameters, serve, Access.OPEN)


def ours(*endings: str) -> "Mapping[str, Traversable]":
    """Our own files with these endings, by name."""
    found = folder(OURS, "static").iterdir()
    return {place.name: place for place in found if place.is_file() and place.name.endswith(endings)}
