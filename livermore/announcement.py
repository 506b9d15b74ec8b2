"""The box that a local run prints once it is up, and the same facts in a file for programs."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from pathlib import Path

from livermore.credentials import write_private

LOOK_EVERY = 0.2


class Announcement:
    """Waits, in a thread of its own, until the front says that all is well: then prints the box and writes the file."""

    def __init__(
        self, title: str, file: Path, facts: Mapping[str, object], health: str, wanted: Collection[str] = ("ok",)
    ) -> None:
        """``facts``: what the file says; those that have a label below are also in the box. ``health``: a URL, and
        ``wanted`` what its ``status`` may be.
        """
        self._title, self._file, self._facts, self._health = title, file, dict(facts), health
        self._wanted = wanted
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="announcement", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._file.unlink(missing_ok=True)
        self._thread.start()

    def close(self) -> None:
        """The run is over: what was announced holds no longer."""
        self._over.set()
        self._thread.join(2)
        self._file.unlink(missing_ok=True)

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            if _status(self._health) in self._wanted:
                write_private(self._file, self._facts)
                print(box(self._title, self._facts), flush=True)  # noqa: T201 - to people
                return


def _status(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http URL
            return str(json.load(answer)["status"])
    except (OSError, urllib.error.HTTPError, ValueError, KeyError):
        return ""  # not up yet


_LABELS = {
    "page_url": "page",
    "base_url": "API",
    "docs_url": "docs",
    "api_key": "API key",
    "admin_token": "admin token",
    "folder": "data",
}


def box(title: str, facts: Mapping[str, object]) -> str:
    """The facts as people want to see them, with a line that is ready to be pasted."""
    lines = [f"{label:<12} {facts[name]}" for name, label in _LABELS.items() if facts.get(name)]
    curl = f"curl -H 'X-API-Key: {facts['api_key']}' '{facts['base_url']}/candles/coinbase/BTC-USD/1m?limit=3'"
    width = max(map(len, (title, *lines, curl)))
    body = "\n".join(f"│ {line:<{width}} │" for line in (title, "", *lines, "", curl))
    return f"┌{'─' * (width + 2)}┐\n{body}\n└{'─' * (width + 2)}┘"
