"""Two exchanges in one real process, and one public host that shows both: what each does without the other."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import pytest

from tests.support.mariadb import mariadb
from tests.support.processes import Exchange, Livermore, get_json, livermore, nodes, until
from tests.support.site import Site, make_site
from tests.support.stream_client import StreamClient, stream_client
from tests.support.two_exchanges import EXAMPLE
from tests.support.valkey import valkey

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

SYMBOLS = {"coinbase": "BTC-USD", "binance": "BTC-USDT"}
ADMIN = {"Authorization": "Bearer admin-token-of-tests"}


class Running(NamedTuple):
    """Both pipelines in one process, warm and active, with a public host beside it."""

    site: Site
    variables: dict[str, str]
    pipelines: Livermore
    host: Livermore
    exchanges: dict[str, Exchange]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with valkey() as redis, mariadb() as sql:
        folder = tmp_path_factory.mktemp("site")
        site = make_site(folder, redis.place, sql.database(), speed=10)
        exchanges = {
            name: Exchange(folder / name, site.clock, options=("--symbols", "3", "--protocol", name))
            for name in SYMBOLS
        }
        variables = site.variables | exchanges["coinbase"].variables()
        for name, exchange in exchanges.items():
            variables[f"{name.upper()}_REST_URL"] = exchange.urls["rest_url"]
            variables[f"{name.upper()}_WS_URL"] = exchange.urls["websocket_url"]
        pipelines = Livermore("exchange", folder, variables, tree=EXAMPLE)
        host = Livermore("pw-host", folder, site.variables, tree=EXAMPLE)
        try:
            pipelines.wait_until_ok(120)
            host.wait_until_ok()
            yield Running(site, variables, pipelines, host, exchanges)
        finally:
            for process in (host, pipelines, *exchanges.values()):
                process.end()


def statuses(running: Running) -> dict[str, str]:
    """What the host says of the exchanges that have symbols."""
    _, body = running.host.get("/exchanges", running.site.key)
    return {one["id"]: one["status"] for one in body["data"] if one["symbol_count"]}


def newest(running: Running, exchange: str) -> str:
    """The newest minute that the host has of an exchange."""
    path = f"/candles/{exchange}/{SYMBOLS[exchange]}/1m?limit=1"
    status, said = running.host.get(path, running.site.key)
    return str(said["data"][0]["timestamp"]) if status == 200 else ""  # who looks too often is refused


async def follow(port: int, key: str, *, candles: int) -> list[dict[str, Any]]:
    """Candles of both exchanges that come through one socket, until there are so many of each."""

    def enough(client: StreamClient) -> bool:
        told = [one["data"]["exchange"] for one in client.frames if one["type"] == "candle_close"]
        return all(told.count(name) >= candles for name in SYMBOLS)

    async with stream_client(port, key) as client, asyncio.timeout(120):
        for name in SYMBOLS:
            await client.send({"action": "subscribe", "channels": ["candles:*:1m"], "exchange": name})
        await client.read_until(lambda: enough(client))
        return client.frames


def one_public_host_shows_both_exchanges_with_symbols_candles_and_signals(running: Running) -> None:
    until(lambda: statuses(running) == dict.fromkeys(SYMBOLS, "online"), "both to be online", within=90)
    for name, symbol in SYMBOLS.items():
        for path in (f"/candles/{name}/{symbol}/1h?limit=5", f"/signals/{name}/{symbol}"):
            status, body = running.host.get(path, running.site.key)
            assert (status, {one["exchange"] for one in body["data"]}) == (200, {name})
    listed = running.host.get("/symbols?limit=1000", running.site.key)[1]["data"]
    assert {(one["exchange"], one["symbol"]) for one in listed} >= set(SYMBOLS.items())


def both_are_streamed_through_one_socket_each_with_ids_of_its_own(running: Running) -> None:
    frames = asyncio.run(follow(running.host.port, running.site.key, candles=4))
    assert frames[0]["type"] == "welcome"
    assert set(frames[0]["exchanges"]) == set(SYMBOLS)
    for name in SYMBOLS:
        told = [one for one in frames if one["type"] == "candle_close" and one["data"]["exchange"] == name]
        assert {one["id"].partition(":")[0] for one in told} == {name}
        assert len({one["id"] for one in told}) == len(told)


def health_metrics_and_dashboard_speak_of_both(running: Running) -> None:
    _, health = running.pipelines.health()
    well = {"connectionState": "active", "connected": True}
    assert health["services"]["exchanges"] == dict.fromkeys(SYMBOLS, well)
    _, overview = get_json(f"{running.pipelines.url}/admin/v1/overview", ADMIN)
    begun = [one["name"] for one in overview["exchanges"] if one["symbols"]]
    assert begun == list(SYMBOLS)
    for name in SYMBOLS:
        assert running.pipelines.metric(f'livermore_candles_closed_total{{exchange="{name}",timeframe="1m"}}') > 0
        assert running.pipelines.metric(f'livermore_notices_waiting{{exchange="{name}",target="discord"}}') >= 0


def administrators_see_both_instances_what_became_of_them_and_what_every_process_logs(running: Running) -> None:
    def ask(path: str) -> Any:
        status, body = get_json(f"{running.pipelines.url}/admin/v1{path}", ADMIN)
        assert status == 200, body
        return body

    online = {one["exchange"]: one["status"]["symbolCount"] for one in ask("/instances")["instances"] if one["online"]}
    assert online == dict.fromkeys(SYMBOLS, 3)
    entries = ask("/activity?limit=200")["entries"]
    assert {one["exchangeName"] for one in entries} == set(SYMBOLS)
    assert [one["id"] for one in entries] == sorted((one["id"] for one in entries), key=place, reverse=True)
    for name, symbol in SYMBOLS.items():
        assert ask(f"/warmup/{name}")["stats"]["status"] == "complete"
        assert ask(f"/meter/{name}")["timestamps"][symbol]["1m"] is not None
        assert ask(f"/catalogue/{name}?filter=watched")["total"] == 3
        assert ask(f"/indicators/{name}/{symbol}/1h/record")["validity"]["ready"] is True
    assert {one["exchange"] for one in ask("/exchanges/statuses")["exchanges"] if one["is_busy"]} == set(SYMBOLS)
    # the front, which has a process of its own, says this; the supervisor beside it has said more
    json_answer(f"{running.pipelines.url}/admin/v1/keys", {"name": "somebody"})
    until(lambda: any(one["event"] == "a key was made" for one in ask("/logs")["lines"]), "the front's line")
    lines = ask("/logs?limit=500")["lines"]
    processes = {one["process"] for one in lines}
    assert len(processes) == 2
    assert all(one.startswith("exchange@") for one in processes)
    assert running.variables["LIVERMORE_ADMIN_TOKEN"] not in str(lines)


def json_answer(url: str, body: dict[str, Any]) -> Any:
    """What is answered to JSON that is posted."""
    headers = {**ADMIN, "Content-Type": "application/json"}
    with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=10) as answer:
        return json.load(answer)


def place(id_: str) -> tuple[int, int]:
    """What ids are compared by."""
    ms, _, number = id_.partition("-")
    return int(ms), int(number)


def commands_take_the_exchange_that_is_meant_and_say_so_of_one_that_is_not(running: Running) -> None:
    def run(*words: str) -> Any:
        return livermore("--tree", str(EXAMPLE), *words, folder=running.site.folder, variables=running.variables)

    for name, symbol in SYMBOLS.items():
        warm = run("warmup", "--exchange", name)
        assert (warm.returncode, "100.0%" in warm.stdout) == (0, True), warm.stderr
        rest = running.exchanges[name].urls["rest_url"]
        audit = run("audit", "--exchange", name, "--symbol", symbol, "--last", "5", "--rest-url", rest)
        assert audit.returncode == 0, audit.stdout + audit.stderr
        tested = run("alerts", "test", "--exchange", name)
        assert (tested.returncode, tested.stdout.strip()) == (0, "discord: sent"), tested.stderr
    shown = {node["path"] for node in nodes(running.pipelines.tree())}
    assert {f"{name}/writer/pipeline/exchange_feed" for name in SYMBOLS} <= shown


def when_an_exchange_is_gone_the_other_goes_on_and_both_are_told_apart(running: Running) -> None:
    running.exchanges["binance"].kill()
    until(lambda: statuses(running).get("binance") in {"stale", "offline"}, "binance to be stale", within=90)
    before = newest(running, "coinbase")
    until(lambda: newest(running, "coinbase") > before, "another minute of coinbase", 60, 1)
    assert statuses(running)["coinbase"] == "online"
    assert running.pipelines.popen.poll() is None
    assert running.pipelines.states()["coinbase/writer/pipeline/exchange_feed"] == "up"


def when_the_process_is_killed_the_host_still_shows_both(running: Running) -> None:
    running.pipelines.kill()
    for name in SYMBOLS:
        until(lambda name=name: newest(running, name), f"minutes of {name}", every=1)
    assert running.host.health()[0] == 200


def a_process_each_on_the_same_stores_takes_over_and_one_of_them_ends_without_the_other(running: Running) -> None:
    folder = running.site.folder
    again = Exchange(folder / "again", running.site.clock, options=("--symbols", "3", "--protocol", "binance"))
    urls = {"BINANCE_REST_URL": again.urls["rest_url"], "BINANCE_WS_URL": again.urls["websocket_url"]}
    each = {
        name: Livermore("exchange", folder / name, running.variables | urls | {other: "false"}, tree=EXAMPLE)
        for name, other in (("coinbase", "BINANCE_ENABLED"), ("binance", "COINBASE_ENABLED"))
    }
    try:
        until(lambda: statuses(running) == dict.fromkeys(SYMBOLS, "online"), "both to be online again", within=120)
        until(lambda: each["binance"].health()[1].get("status") == "ok", "each to be well while both are")
        assert each["binance"].states()["coinbase"] == "disabled"
        each["coinbase"].kill()
        until(lambda: statuses(running)["coinbase"] != "online", "coinbase to be stale", within=90)
        before = newest(running, "binance")
        until(lambda: newest(running, "binance") > before, "another minute of binance", 60, 1)
        assert statuses(running)["binance"] == "online"
        services = each["binance"].health()[1]["services"]
        assert services["exchanges"]["binance"]["connected"] is True
    finally:
        for process in (*each.values(), again):
            process.end()


STORY = (
    one_public_host_shows_both_exchanges_with_symbols_candles_and_signals,
    both_are_streamed_through_one_socket_each_with_ids_of_its_own,
    health_metrics_and_dashboard_speak_of_both,
    administrators_see_both_instances_what_became_of_them_and_what_every_process_logs,
    commands_take_the_exchange_that_is_meant_and_say_so_of_one_that_is_not,
    when_an_exchange_is_gone_the_other_goes_on_and_both_are_told_apart,
    when_the_process_is_killed_the_host_still_shows_both,
    a_process_each_on_the_same_stores_takes_over_and_one_of_them_ends_without_the_other,
)


def test_two_exchanges_are_served_in_one_process_and_then_in_one_each(running: Running) -> None:
    """One story, as each part of it goes on from where the one before has left the processes."""
    for part in STORY:
        print(part.__name__, flush=True)
        part(running)
