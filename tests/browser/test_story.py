"""A newcomer's first minutes: the demo's page shows a market that moves, and an alert arrives everywhere."""

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.support.demo import Demo
from tests.support.notices import alert_of, tells_of_an_alert
from tests.support.processes import get_json, until
from tests.support.stream_client import stream_client

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]

PATIENCE = 20_000
"""Milliseconds for something to appear on a page."""
OUTLOOK = re.compile(r"^(STRONG (BUY|SELL)|Bullish|Bearish|Reversal (Up|Down)\?|Mixed)$")
ALL_UP = re.compile(r"^(\d+) of \1 actors up$")


@pytest.fixture(scope="module")
def clock() -> str:
    """Ten times as fast as the wall's clock: three minutes pass in eighteen seconds."""
    now = time.time_ns() // 1_000_000
    return f"{now}@{now}x10"


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory, clock: str) -> Iterator[Demo]:
    """The demo of exchange mode."""
    demo = Demo("exchange", tmp_path_factory.mktemp("demo"), LIVERMORE_CLOCK=clock)
    try:
        yield demo
    finally:
        demo.end()


def first_alert(facts: dict[str, Any]) -> dict[str, Any]:
    """The first alert that comes on the stream; listened for in another thread, since Playwright has this one."""

    async def listen() -> dict[str, Any]:
        async with stream_client(urlsplit(facts["base_url"]).port or 0, facts["api_key"]) as client:
            await client.subscribe("alerts:*")
            async with asyncio.timeout(180 / 10 + 10):
                await client.read_until(lambda: any(frame["type"] == "alert" for frame in client.frames))
        alert: dict[str, Any] = next(frame["data"] for frame in client.frames if frame["type"] == "alert")
        return alert

    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, listen()).result()


def test_an_alert_is_seen_on_the_stream_on_the_page_in_the_api_and_in_the_webhook(
    exchange: Demo, window: OpenWindow
) -> None:
    facts = exchange.facts()
    page = window(facts["page_url"]).page
    alert = first_alert(facts)
    expect(page.locator(f'#alerts button[data-id="{alert["id"]}"]')).to_be_visible(timeout=PATIENCE)
    key = {"X-API-Key": facts["api_key"]}

    def recorded() -> bool:
        return alert["id"] in {row["id"] for row in get_json(f"{facts['base_url']}/alerts", key)[1]["data"]}

    until(recorded, "the alert in /alerts", 20)
    root, token = facts["page_url"].partition("#")[0], {"Authorization": f"Bearer {facts['admin_token']}"}
    why = get_json(f"{root}admin/v1/alerts/{alert['id']}", token)[1]
    assert [why[name] for name in ("id", "symbol", "timeframe")] == [alert[n] for n in ("id", "symbol", "timeframe")]
    assert why["candles"][-1]["timestamp"] == why["candle_time"]

    def noticed() -> bool:
        return alert["id"] in map(alert_of, filter(tells_of_an_alert, get_json(facts["webhook_url"])[1]))

    until(noticed, "its notice", 20)


def test_the_page_shows_a_market_that_moves_and_says_that_it_is_simulated(exchange: Demo, window: OpenWindow) -> None:
    page = window(exchange.facts()["page_url"]).page
    expect(page.locator("#simulated")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#tree-sum")).to_have_text(ALL_UP, timeout=PATIENCE)
    expect(page.locator("#chart-symbol")).to_have_text("BTC-USD", timeout=PATIENCE)
    expect(page.locator("#pane-legend")).to_contain_text("MACD-V", timeout=PATIENCE)
    expect(page.locator("#signals tr")).to_have_count(12, timeout=PATIENCE)
    expect(page.locator("#portfolio tr")).to_have_count(12, timeout=PATIENCE)
    expect(page.locator("#portfolio .outlook").first).to_have_text(OUTLOOK, timeout=PATIENCE)
    before = page.locator("#price").inner_text()
    expect(page.locator("#price")).not_to_have_text(before, timeout=PATIENCE)
    assert drawn(page) > 1000, "the chart is empty"


def drawn(page: Page) -> int:
    """How many pixels of the chart's canvases are not transparent."""
    found: int = page.evaluate(
        """() => [...document.querySelectorAll('#chart canvas')].reduce((sum, canvas) => {
            if (!canvas.width || !canvas.height) return sum;
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            let count = 0;
            for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
            return sum + count;
        }, 0)"""
    )
    return found


def test_an_actor_is_broken_by_a_button_and_is_seen_to_heal(exchange: Demo, window: OpenWindow) -> None:
    page = window(exchange.facts()["page_url"]).page
    expect(page.locator("#tree-sum")).to_have_text(ALL_UP, timeout=PATIENCE)
    page.locator("#break-who").select_option("coinbase/delivery/alert_recorder")
    page.locator("#break-now").click()
    row = page.locator("#tree tr").filter(has_text="alert_recorder")
    expect(row.locator(".error")).to_contain_text("broken on purpose", timeout=PATIENCE)
    expect(row.locator(".restarts")).to_have_text("1", timeout=PATIENCE)
    expect(row.locator(".state")).to_have_text("up", timeout=PATIENCE)


def test_the_token_leaves_the_address_and_a_wrong_one_shows_nothing(exchange: Demo, window: OpenWindow) -> None:
    facts = exchange.facts()
    page = window(facts["page_url"]).page
    expect(page.locator("#app")).to_be_visible(timeout=PATIENCE)
    assert facts["admin_token"] not in page.url
    stranger = window(facts["page_url"].partition("#")[0]).page
    expect(stranger.locator("#signin")).to_be_visible(timeout=PATIENCE)
    expect(stranger.locator("#app")).to_be_hidden()


def test_the_documents_can_be_explored_without_reaching_for_anything_elsewhere(
    exchange: Demo, window: OpenWindow
) -> None:
    facts = exchange.facts()
    routes = get_json(f"{facts['base_url']}/openapi.json")[1]["paths"]
    page = window(facts["docs_url"]).page
    expect(page.locator(".opblock")).to_have_count(len(routes), timeout=PATIENCE)


def test_a_public_host_has_a_status_page_that_tells_when_the_exchange_process_is_gone(
    exchange: Demo, window: OpenWindow, clock: str
) -> None:
    exchange.facts()
    host = Demo("pw-host", exchange.folder, LIVERMORE_CLOCK=clock)
    try:
        facts = host.facts()
        assert "#" not in facts["page_url"]
        page = window(facts["page_url"]).page
        expect(page.locator("main")).to_contain_text("simulated", timeout=PATIENCE)
        row = page.get_by_role("row").filter(has_text="Coinbase")
        expect(row).to_contain_text("online", timeout=PATIENCE)
        exchange.kill()
        expect(row).to_contain_text("stale", timeout=60_000)
    finally:
        host.end()
