"""The two commands of the README as a newcomer types them, and what is left of them afterwards."""

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.demo import Demo
from tests.support.free_port import free_port
from tests.support.processes import get_json, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

KEYS = {"page_url", "base_url", "docs_url", "health_url", "metrics_url", "api_key", "admin_token", "pid"}


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that work in a folder, or name it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            here = str((entry / "cwd").readlink())
        except OSError:
            continue
        if int(entry.name) != os.getpid() and (str(folder) in line or here.startswith(str(folder))):
            found.append(line)
    return found


def simulators_of(folder: Path) -> list[str]:
    return [line for line in processes_of(folder) if "livermore.simulator" in line]


def candles(facts: dict[str, Any], limit: int = 3) -> dict[str, Any]:
    status, body = get_json(
        f"{facts['base_url']}/candles/coinbase/BTC-USD/1m?limit={limit}", {"X-API-Key": facts["api_key"]}
    )
    assert status == 200, body
    answer: dict[str, Any] = body
    return answer


def portfolio(facts: dict[str, Any]) -> dict[str, Any]:
    url = facts["base_url"].replace("/public/v1", "/admin/v1/positions")
    status, body = get_json(url, {"Authorization": f"Bearer {facts['admin_token']}"})
    assert status == 200, body
    answer: dict[str, Any] = body
    return answer


def test_a_demo_says_where_everything_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = Demo("exchange", tmp_path, API_PORT=str(free_port()))
    try:
        facts = demo.facts()
        assert facts.keys() >= KEYS
        assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600
        assert facts["pid"] == demo.popen.pid
        assert get_json(facts["health_url"])[1]["status"] == "ok"
        assert len(candles(facts)["data"]) == 3
        assert candles(facts)["meta"]["simulated"] is True
        until(lambda: portfolio(facts)["positions"], "what the account holds")
        assert {"BTC", "USD"} <= {one["symbol"] for one in portfolio(facts)["positions"]}
        assert demo.popen.stdout is not None
        box = "".join(demo.popen.stdout.readline() for _ in range(12))
        for name in ("page_url", "base_url", "docs_url", "api_key", "admin_token"):
            assert facts[name] in box
        assert demo.stop() == 0
    finally:
        demo.end()
    until(lambda: not processes_of(tmp_path), "all processes to be gone", 5)
    assert not demo.file.exists()
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not [path for path in (tmp_path / ".livermore").rglob("*") if path.is_socket()]


def test_a_public_host_serves_beside_an_exchange_demo_and_goes_on_when_that_is_killed(tmp_path: Path) -> None:
    now = time.time_ns() // 1_000_000
    fast = {"LIVERMORE_CLOCK": f"{now}@{now}x10"}
    exchange = Demo("exchange", tmp_path, **fast)
    host = None
    try:
        first = exchange.facts()
        host = Demo("pw-host", tmp_path, **fast)
        second = host.facts()
        port = int(first["base_url"].split(":")[2].split("/")[0])
        assert int(second["base_url"].split(":")[2].split("/")[0]) > port, "it takes the next free port"
        assert second["admin_token"] is None
        hour = "/candles/coinbase/BTC-USD/1h?limit=50"
        served = [get_json(f["base_url"] + hour, {"X-API-Key": f["api_key"]})[1]["data"] for f in (first, second)]
        assert served[0] == served[1]
        exchange.kill()
        assert candles(second)["data"]
        until(lambda: not simulators_of(tmp_path), "the simulated exchange to end with its parent", 10)
        until(lambda: candles(second)["meta"]["stale"], "candles to be marked stale", every=1.0)
        assert candles(second)["meta"]["simulated"] is True
        assert host.stop() == 0
    finally:
        exchange.end()
        if host is not None:
            host.end()
    until(lambda: not processes_of(tmp_path), "all processes to be gone", 5)
