"""An operator's day against a live demo: a key, a symbol, a profile, a pause, a hand-over, and the key's end."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.demo import Demo
from tests.support.processes import get_json, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SYMBOL = "SLP-USD"
SIX = {"1m", "5m", "15m", "1h", "4h", "1d"}


class Office:
    """The admin API of one process, as its operator uses it."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts, self._base = facts, str(facts["page_url"]).partition("#")[0] + "admin/v1"

    def ask(self, path: str, method: str = "GET", **body: Any) -> tuple[int, Any]:
        """Status and data."""
        headers = {"Authorization": f"Bearer {self.facts['admin_token']}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self._base}{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str) -> Any:
        status, said = self.ask(path)
        assert status == 200, said
        return said

    def order(self, type_: str, **payload: Any) -> Any:
        """Give a command; the data of its success."""
        status, said = self.ask("/commands/coinbase", "POST", type=type_, payload=payload)
        assert status == 200, said
        return said.get("data")

    def phases(self) -> dict[int, str]:
        """The state of each instance, by its pid."""
        (one,) = [one for one in self.get("/instances")["instances"] if one["exchange"] == "coinbase"]
        return {process["pid"]: process["phase"] for process in one["processes"]}

    def public(self, path: str, key: str) -> int:
        """The status of a public route with this key."""
        return get_json(f"{self.facts['base_url']}{path}", {"X-API-Key": key})[0]


@pytest.fixture
def clock() -> str:
    now = time.time_ns() // 1_000_000
    return f"{now}@{now}x10"


@pytest.fixture
def office(tmp_path: Path, clock: str) -> Iterator[Office]:
    demo = Demo("exchange", tmp_path, LIVERMORE_CLOCK=clock)
    try:
        yield Office(demo.facts())
    finally:
        demo.end()


@pytest.fixture
def second(tmp_path: Path, office: Office, clock: str) -> Iterator[Office]:
    """Another process of the same exchange, which stands by."""
    demo = Demo("exchange", tmp_path, LIVERMORE_CLOCK=clock, LIVERMORE_STANDBY="true")
    demo.file = tmp_path / ".livermore" / "demo-exchange-standby.json"
    try:
        yield Office(demo.facts())
    finally:
        demo.end()


def test_an_operators_day(office: Office, second: Office) -> None:
    first_pid, second_pid = office.facts["pid"], second.facts["pid"]
    status, made = office.ask("/keys", "POST", name="a trader")
    assert status in {200, 201}, made
    key = made["key"]
    assert office.public("/candles/coinbase/BTC-USD/1m?limit=3", key) == 200

    assert office.order("remove-symbol", symbol=SYMBOL)["removed"]
    until(lambda: SYMBOL not in office.get("/meter/coinbase")["timestamps"], f"{SYMBOL} to be gone")
    assert office.order("add-symbol", symbol=SYMBOL)["added"]

    def warmed_up() -> bool:
        times = office.get("/meter/coinbase")["timestamps"].get(SYMBOL, {})
        return {timeframe for timeframe, at in times.items() if at is not None} == SIX

    until(warmed_up, f"{SYMBOL} to be warm", 60)
    assert office.public(f"/candles/coinbase/{SYMBOL}/1h", key) == 200

    assert office.order("switch-mode", mode="scalper-macdv")["switched"]
    status, refused = office.ask(
        "/commands/coinbase", "POST", type="switch-mode", payload={"mode": "scalper-orderbook"}
    )
    assert (status, "order_book" in refused["error"]["message"]) == (409, True)

    assert office.order("pause")["status"] == "paused"
    assert office.phases()[first_pid] == "idle"
    assert office.public("/candles/coinbase/BTC-USD/1m?limit=3", key) == 200, "what is stored is served meanwhile"
    assert office.order("resume")["status"] == "resumed"
    until(lambda: office.phases()[first_pid] == "active", "the pipeline to be active again")

    until(lambda: office.phases().get(second_pid) == "standby", "the second instance to stand by")
    assert office.order("handover")["to"]["pid"] == second_pid
    until(lambda: office.phases()[second_pid] == "active", "the second instance to be active")

    def newest(of: Office) -> Any:
        return of.get("/meter/coinbase")["timestamps"]["BTC-USD"]["1m"]

    before = newest(office)
    until(lambda: newest(office) > before, "a candle of the new owner, seen through the front of the old one", 30)

    assert second.ask(f"/keys/{made['id']}", "DELETE")[0] == 200
    for one in (office, second):
        until(lambda one=one: one.public("/symbols", key) == 401, "the key to be good nowhere")
    actions = [deed["action"] for deed in office.get("/audit")["data"]]
    assert {"POST /admin/v1/keys", "DELETE /admin/v1/keys/{id}", "POST /admin/v1/commands/{exchange}"} <= {*actions}
    events = [entry for entry in office.get("/activity/coinbase?limit=200")["entries"] if entry["event"] == "command"]
    assert {entry["type"] for entry in events} >= {"add-symbol", "switch-mode", "pause", "resume", "handover"}
