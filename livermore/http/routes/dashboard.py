"""The dashboard: its page at ``/``, and the files that it loads. It asks the admin API, with the token it was given."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from livermore.http.files import folder, ours, page, pages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

CHARTS = "litecharts"
"""The wheel that carries TradingView Lightweight Charts: the page loads nothing from elsewhere."""


def chart_library() -> "Traversable | None":
    """The chart library's file; None where its wheel is not installed, which the page says."""
    return folder(CHARTS, "js") / "lightweight-charts.js" if find_spec(CHARTS) else None


def _files() -> "Mapping[str, Traversable]":
    """Everything that the page loads, by name."""
    library = chart_library()
    shown = {
        name: place for name, place in ours(".css", ".js", ".svg").items() if name.startswith(("dashboard", "favicon."))
    }
    return shown if library is None else {**shown, library.name: library}


ROUTES = [page("/", "dashboard.html"), pages("/static/{file}", _files())]
