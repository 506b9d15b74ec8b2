"""The pages of documents: drawn without an error, and without reaching for anything elsewhere."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.http.test_guide import listened_to
from tests.http.test_resume import newest
from tests.http.world import World, wait_until
from tests.support.candles import candle

pytestmark = [pytest.mark.browser]

PATIENCE = 20_000
"""Milliseconds for something to appear on a page."""
PAGES = ("docs", "docs/stream", "docs/guide")


def root(world: World) -> str:
    return f"http://127.0.0.1:{world.port}/public/v1"


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


def test_the_document_of_the_stream_can_be_explored(world: World, window: OpenWindow) -> None:
    page = window(f"{root(world)}/docs/stream").page
    viewer = page.locator("asyncapi-viewer")
    expect(viewer).to_contain_text("Livermore Stream", timeout=PATIENCE)
    for said in ("candle_corrected", "resume_from", "slow_consumer", "TOO_MANY_SUBSCRIPTIONS"):
        expect(viewer).to_contain_text(said, timeout=PATIENCE)


def test_the_guide_shows_one_language_or_all(world: World, window: OpenWindow) -> None:
    page = window(f"{root(world)}/docs/guide").page
    shown = page.locator("figure:has(figcaption):visible")
    whole = shown.count()
    expect(page.locator("#pages figure.py").first).to_contain_text("client.candles(")
    counts = {}
    for language in ("sh", "py", "mjs"):
        page.locator(f"#{language}").check()
        counts[language] = shown.count()
        assert page.locator(f"figure.{language}:visible").count() == counts[language]
    assert sum(counts.values()) == whole
    assert min(counts.values()) > 1


USE = """async ([url, key]) => {
    const { main } = await import(`${url}/public/v1/docs/guide-use.mjs`);
    window.said = [];
    main(url, key, (...words) => window.said.push(words.join(" "))).catch((error) => window.said.push(String(error)));
}"""


def closes(page: Page) -> list[str]:
    """What the program has said of closed candles."""
    return [words.split()[-1] for words in page.evaluate("window.said") if words.startswith("candle_close")]


def test_the_programs_for_browsers_run_in_one(world: World, window: OpenWindow) -> None:
    world.store(candle(0, "77"))
    wait_until(lambda: world.front.hub.place("coinbase") == newest(world), "the front to follow")
    page = window(f"{root(world)}/docs/guide").page
    page.evaluate(USE, [f"http://127.0.0.1:{world.port}", world.key])
    wait_until(lambda: listened_to(world), "the page to subscribe")
    world.store(candle(1, "1001"))
    wait_until(lambda: closes(page) == ["1001"], "an event")
    world.restart(lambda: world.store(candle(2, "1002")) and None)
    world.store(candle(3, "1003"))
    wait_until(lambda: closes(page)[-1] == "1003", "the events after the restart")
    assert closes(page) == ["1001", "1002", "1003"]
