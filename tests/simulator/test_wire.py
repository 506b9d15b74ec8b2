"""The simulated frames against the recorded ones: same keys in the same order, same types, same forms of values."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from livermore.simulator.market import Market
from livermore.simulator.session import CoinbaseSession
from tests.simulator.support import MINUTE, NOW, RECORDING, read, run, shared, subscribe

DECIMAL, COUNT = r"(0|[1-9]\d*)(\.\d*[1-9])?", r"\d+"
FORMS = {
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7,9}Z",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z",
    "current_time": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{0,8}[1-9])? \+0000 UTC m=\+\d+\.\d{9}",
    "price_percent_chg_24_h": rf"-?{DECIMAL}",
    "trade_id": COUNT,
    "start": COUNT,
    "side": "BUY|SELL",
    "type": "snapshot|update|ticker",
    "channel": "[a-z_]+",
    "product_id": "[A-Z]+-USD",
}


def recorded() -> list[dict[str, Any]]:
    lines = map(json.loads, shared(RECORDING).read_text().splitlines())
    return [json.loads(line["data"]) for line in lines if line["t"] == "recv"]


@pytest.fixture(scope="module")
def simulated() -> list[dict[str, Any]]:
    session = CoinbaseSession(Market(7), NOW)
    frames = []
    for channel in ("market_trades", "candles", "ticker", "heartbeats"):
        frames += read(session.receive(subscribe(channel, "BTC-USD", "ETH-USD"), NOW))
    return frames + run(session, NOW + MINUTE)


def shape(value: Any) -> Any:
    """Keys in order and types, without the values; a list is as its rows are, which are all alike."""
    if isinstance(value, dict):
        return tuple((key, shape(inner)) for key, inner in value.items())
    if isinstance(value, list):
        shapes = {shape(inner) for inner in value}
        assert len(shapes) == 1
        return shapes.pop()
    return type(value).__name__


def kind(frame: dict[str, Any]) -> tuple[str, str]:
    return frame["channel"], frame["events"][0].get("type", "")


def shapes(frames: list[dict[str, Any]]) -> dict[tuple[str, str], set[Any]]:
    found: dict[tuple[str, str], set[Any]] = {}
    for frame in frames:
        if frame["channel"] != "subscriptions":
            found.setdefault(kind(frame), set()).add(shape(frame))
    return found


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All strings with the names they stand under."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, name)
    elif isinstance(value, str):
        yield name, value


def ill_formed(frames: list[dict[str, Any]]) -> list[tuple[str, str]]:
    plain = [frame for frame in frames if frame["channel"] != "subscriptions"]
    return [(n, text) for n, text in texts(plain) if not re.fullmatch(FORMS.get(n, DECIMAL), text)]


def test_simulated_frames_have_the_keys_and_types_of_recorded_ones(simulated):
    assert shapes(simulated) == shapes(recorded())


def test_simulated_values_have_the_form_of_recorded_ones(simulated):
    assert ill_formed(recorded()) == []
    assert ill_formed(simulated) == []


def test_simulated_acknowledgements_are_as_the_recorded_ones(simulated):
    def acknowledgements(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [frame for frame in frames if frame["channel"] == "subscriptions"]

    ours, theirs = acknowledgements(simulated), acknowledgements(recorded())
    assert {tuple(frame) for frame in ours} == {tuple(frame) for frame in theirs}
    first, other = ours[-1]["events"][0]["subscriptions"], theirs[-1]["events"][0]["subscriptions"]
    assert {channel: set(first[channel]) for channel in first} == {channel: set(other[channel]) for channel in first}


def test_frames_are_as_compact_as_recorded_ones():
    session = CoinbaseSession(Market(7), NOW)
    [*_, text] = session.receive(subscribe("heartbeats"), NOW)
    expected = '{"channel":"subscriptions","timestamp":"2026-08-09T21:05:48.123000000Z","sequence_num":0,'
    assert text == expected + '"events":[{"subscriptions":{"heartbeats":["heartbeats"]}}]}'
