"""Both modes as real processes on a real Redis and MariaDB: who serves what, and what if one of them is killed."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from livermore.market.timeframe import Timeframe
from tests.support.mariadb import mariadb
from tests.support.notices import tells_of_an_alert, title_of
from tests.support.processes import Exchange, Livermore, get_json, livermore, nodes, until
from tests.support.site import Site, make_site
from tests.support.stream_client import stream_client
from tests.support.valkey import valkey

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

NOT_THERE = ["/admin", "/admin/v1/tree", "/admin/v1/stream", "/webhooks/clerk", "/ws/alerts", "/ws/candle-pulse"]


class Running(NamedTuple):
    """Exchange mode, warm and active, with a public host beside it."""

    site: Site
    pipeline: Livermore
    host: Livermore
    exchange: Exchange


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """On a clock that goes ten times as fast as the wall's, and reaches midnight within a minute."""
    with valkey() as redis, mariadb() as sql:
        site = make_site(tmp_path_factory.mktemp("site"), redis.place, sql.database(), speed=10)
        exchange = Exchange(site.folder, site.clock, options=("--symbols", "4"))
        pipeline = Livermore("exchange", site.folder, site.variables | exchange.variables())
        host = Livermore("pw-host", site.folder, site.variables)
        try:
            pipeline.wait_until_ok()
            host.wait_until_ok()
            yield Running(site, pipeline, host, exchange)
        finally:
            for process in (host, pipeline, exchange):
                process.end()


def answers(running: Running) -> dict[str, Any]:
    """What a client of the host sees of every kind of data."""
    paths = {
        "candles": "/candles/coinbase/BTC-USD/1h?limit=200",
        "signals": "/signals/coinbase/BTC-USD",
        "alerts": "/alerts?limit=100",
        "symbols": "/symbols",
    }
    found = {}
    for name, path in paths.items():
        status, body = running.host.get(path, running.site.key)
        assert status == 200, body
        found[name] = body["data"]
    return found


def exchange_status(running: Running) -> str:
    """What the host says of the exchange."""
    return str(running.host.get("/exchanges", running.site.key)[1]["data"][0]["status"])


def test_a_public_host_serves_everything_from_redis_and_sql_alone(running: Running) -> None:
    until(lambda: answers(running)["alerts"], "an alert", within=90)
    found = answers(running)
    assert len(found["candles"]) == 200
    assert {signal["timeframe"] for signal in found["signals"]} >= {"15m", "1h", "4h", "1d"}
    assert [entry["symbol"] for entry in found["symbols"]].count("BTC-USD") == 1
    assert exchange_status(running) == "online"
    status, health = running.host.health()
    assert (status, health["status"], health["simulated"]) == (200, "ok", True)
    assert set(health["services"]) == {"database", "redis", "auth"}


def test_a_public_host_starts_nothing_but_the_front_and_has_no_admin_side(running: Running) -> None:
    assert [node["path"] for node in nodes(running.host.tree())] == ["pw-host", "http_front"]
    assert {path: get_json(running.host.url + path)[0] for path in NOT_THERE} == dict.fromkeys(NOT_THERE, 404)
    assert get_json(running.pipeline.url + "/admin/v1/tree")[0] == 401


def test_both_modes_stream_candles_and_signals_of_all_six_timeframes(running: Running) -> None:
    wanted = {(kind, str(timeframe)) for kind in ("candle_close", "trade_signal") for timeframe in Timeframe}

    async def follow(port: int) -> list[tuple[int, int]]:
        async with stream_client(port, running.site.key) as client, asyncio.timeout(120):
            await client.subscribe("candles:*:*", "signals:*:*", "alerts:*")
            await client.read_until(lambda: wanted <= client.seen)
            return client.ids()

    async def follow_both() -> list[list[tuple[int, int]]]:
        return await asyncio.gather(follow(running.pipeline.port), follow(running.host.port))

    for ids in asyncio.run(follow_both()):
        assert ids == sorted(set(ids)), "events come once each, in the order of the stream"


def test_a_notice_reaches_the_webhook(running: Running) -> None:
    notices = until(lambda: list(filter(tells_of_an_alert, running.exchange.notices())), "a notice", within=90)
    assert title_of(notices[0]).startswith("[simulated]")
    assert notices[0]["embeds"][0]["image"]["url"] == "attachment://macdv-chart.png"


def test_a_key_that_is_rotated_and_revoked_on_the_command_line_is_out_at_both_hosts_and_its_successor_in(
    running: Running,
) -> None:
    def keys(*words: str) -> str:
        site = running.site
        answer = livermore("keys", *words, "--mode", "pw-host", folder=site.folder, variables=site.variables)
        assert (answer.returncode, answer.stderr) == (0, "")
        return answer.stdout.strip()

    def statuses(key: str) -> list[int]:
        return [host.get("/limits", key)[0] for host in (running.pipeline, running.host)]

    old = keys("create", "someone", "--per-minute", "600")
    assert statuses(old) == [200, 200]
    new = keys("rotate", old.split("_")[1], "--overlap", "1h")
    assert (statuses(old), statuses(new)) == ([200, 200], [200, 200])
    assert keys("revoke", old.split("_")[1]).endswith("fronts that have heard it: 2")
    until(lambda: statuses(old) == [401, 401], "both hosts to have heard it", within=10)
    assert statuses(new) == [200, 200]


def test_a_second_exchange_process_ends_at_once_and_names_the_owner(running: Running) -> None:
    second = Livermore("exchange", running.site.folder, running.site.variables | running.exchange.variables())
    try:
        assert second.wait(30) == 69
    finally:
        second.end()
    assert f"host {os.uname().nodename}, pid {running.pipeline.popen.pid}, since 20" in second.written()
    assert running.pipeline.health()[1]["status"] == "ok"


def test_when_the_exchange_process_is_killed_the_host_goes_on_with_the_same_data_marked_stale(
    running: Running,
) -> None:
    running.pipeline.kill()
    before = answers(running)
    path = "/candles/coinbase/BTC-USD/1m?limit=3"
    until(lambda: running.host.get(path, running.site.key)[1]["meta"]["stale"], "candles to be marked stale")
    after = answers(running)
    assert after["candles"] == before["candles"]
    assert after["alerts"] == before["alerts"]
    assert exchange_status(running) in {"stale", "offline"}
    assert running.host.health()[0] == 200
