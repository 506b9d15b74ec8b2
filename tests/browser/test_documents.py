"""The pages of documents: drawn without an error, and without reaching for anything elsewhere."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.http.world import World

pytestmark = [pytest.mark.browser]

PATIENCE = 20_000
"""Milliseconds for something to appear on a page."""
PAGES = ("docs", "docs/stream")


def root(world: World) -> str:
    return f"http://127.0.0.1:{world.port}/public/v1"


def test_the_document_of_the_stream_can_be_explored(world: World, window: OpenWindow) -> None:
    page = window(f"{root(world)}/docs/stream").page
    viewer = page.locator("asyncapi-viewer")
    expect(viewer).to_contain_text("Livermore Stream", timeout=PATIENCE)
    for said in ("candle_corrected", "resume_from", "slow_consumer", "TOO_MANY_SUBSCRIPTIONS"):
        expect(viewer).to_contain_text(said, timeout=PATIENCE)


def fits(page: Page) -> bool:
    """Whether nothing makes the whole page scroll sideways."""
    found: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return found


def test_one_page_of_documents_leads_to_all_others(world: World, window: OpenWindow) -> None:
    page = window(f"{root(world)}/docs").page
    for path in (*PAGES[1:], PAGES[0]):
        page.locator(f"nav.documents a[href$='{path.rpartition('/')[2]}']").click()
        expect(page.locator("nav.documents a[aria-current]")).to_be_visible(timeout=PATIENCE)
        assert page.url == f"{root(world)}/{path}"
        page.set_viewport_size({"width": 390, "height": 844})
        assert fits(page)
