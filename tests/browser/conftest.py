"""Chromium for tests, which notices what a reader would: errors of a page, and requests that leave this machine."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.http.conftest import database, make_world, world
from tests.support.programs import program

__all__ = ["chromium", "database", "make_world", "window", "world"]

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
"""No sandbox: in a container the tests are root. Nothing but what a page asks for."""


class Window:
    """A page, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.abroad: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._watch)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _watch(self, request: Request) -> None:
        place = urlsplit(request.url)
        if place.scheme not in {"data", "blob"} and place.hostname != "127.0.0.1":
            self.abroad.append(request.url)


OpenWindow = Callable[[str], Window]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file: while it runs, Playwright's event loop has the thread."""
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[OpenWindow]:
    """Opens addresses, each in a window without a past; what went wrong in any of them fails the test."""
    windows: list[Window] = []

    def visit(url: str, width: int = 1440, height: int = 900) -> Window:
        windows.append(Window(chromium.new_page(viewport={"width": width, "height": height})))
        windows[-1].page.goto(url)
        return windows[-1]

    yield visit
    for one in windows:
        one.page.context.close()
        assert one.errors == []
        assert one.abroad == []
