"""Tests of Coinbase's codec on frames and answers that something has happened to: a protocol error, or nothing."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livermore.errors import ProtocolError
from livermore.exchanges.coinbase import Codec
from livermore.exchanges.frame import Frame, Tickers, Trades
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market.amount import canonical
from livermore.market.candle import Series, fault, from_json, to_json
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from tests.exchanges.recording import candles_page, products, renumbered

CODEC = Codec()
ETH = Series("coinbase", "ETH-USD", Timeframe.D1)
DAY = 86_400_000

often = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])

RAW = [
    "null", "true", "0", "-1", "1.5", "1e999", "-0.0", "NaN", "Infinity", "9" * 400, "9" * 5000, '""', '"NaN"', '"1e9"',
    '"-1"', '"\\ud800"', '"\\u0000"', '"2026-08-09Z"', '"9999-12-31T23:59:59.999Z"', "[]", "{}", "[[[]]]", '{"a":{}}',
    "[" * 2000 + "]" * 2000, "[" * 100_000, '"' + "x" * 5000 + '"', "'", "",
]  # fmt: skip
"""JSON, and what is none, to stand where something else stood."""


@cache
def frames() -> list[dict[str, Any]]:
    """A few frames of each kind, the long ones shortened."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for data in renumbered():
        kinds.setdefault(data["channel"], []).append(_shortened(data))
    refused = {"type": "error", "message": "authentication failure"}
    return [refused, *(data for found in kinds.values() for data in found[:4])]


@cache
def answers_about_candles() -> list[dict[str, Any]]:
    return [_shortened(json.loads(candles_page()))]


@cache
def answers_about_products() -> list[dict[str, Any]]:
    return [_shortened(json.loads(products()))]


def _shortened(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _shortened(value) for key, value in data.items()}
    return [_shortened(item) for item in data[:3]] if isinstance(data, list) else data


def places(data: Any, path: tuple = ()) -> list[tuple]:
    """Every place in a document but its root."""
    if isinstance(data, dict):
        pairs: list[tuple[Any, Any]] = list(data.items())
    else:
        pairs = list(enumerate(data)) if isinstance(data, list) else []
    return [at for key, value in pairs for at in [(*path, key), *places(value, (*path, key))]]


def replaced(data: Any, path: tuple, raw: str) -> bytes:
    """The document with other text in one place."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = "@@here@@"
    return json.dumps(copy).replace('"@@here@@"', raw).encode()


@st.composite
def mutated(draw: st.DrawFn, originals: Callable[[], list[Any]]) -> bytes:
    """What is left of an original."""
    data = draw(st.sampled_from(originals()))
    text = json.dumps(data).encode()
    at = draw(st.integers(0, len(text) - 1))
    until = draw(st.integers(at, min(len(text), at + 40)))
    match draw(st.sampled_from(["value", "value", "value", "key", "flip", "cut", "delete", "insert", "twice"])):
        case "value":
            return replaced(data, draw(st.sampled_from(places(data))), draw(st.sampled_from(RAW)))
        case "key":
            keys = sorted({path[-1] for path in places(data) if isinstance(path[-1], str)})
            one, other = draw(st.sampled_from(keys)), draw(st.sampled_from(keys))
            return text.replace(f'"{one}":'.encode(), f'"{other}":'.encode())
        case "flip":
            return text[:at] + bytes([text[at] ^ draw(st.integers(1, 255))]) + text[at + 1 :]
        case "cut":
            return text[:at]
        case "delete":
            return text[:at] + text[until:]
        case "insert":
            return text[:at] + draw(st.binary(max_size=20)) + text[at:]
        case _:
            return text[:at] + text[at:until] * 2 + text[until:]


def read(decode: Callable[[bytes], Any], data: bytes) -> Any:
    """What was read, or None for a protocol error; nothing else may be raised."""
    try:
        return decode(data)
    except ProtocolError:
        return None


def check_amounts(*amounts: str) -> None:
    assert all(canonical(amount) == amount for amount in amounts)


@often
@given(st.data())
def test_a_frame_that_something_has_happened_to_is_read_well_or_refused(data: st.DataObject) -> None:
    frame = read(CODEC.decode, data.draw(mutated(frames)))
    for event in frame.events if frame else ():
        for trade in event.trades if isinstance(event, Trades) else ():
            check_amounts(trade.price, trade.size)
            assert iso(trade.time)
        for ticker in event.tickers if isinstance(event, Tickers) else ():
            check_amounts(ticker.price, ticker.high24h, ticker.low24h, ticker.volume24h)
            check_amounts(ticker.change24h.removeprefix("-"), ticker.change_percent24h.removeprefix("-"))


@often
@given(st.data())
def test_whatever_is_read_the_assembly_can_take(data: st.DataObject) -> None:
    assembly = TradeAssembly("coinbase", ("BTC-USD", "ETH-USD"), 2_000)
    started = [CODEC.decode(json.dumps(frame)) for frame in renumbered()[:3]]
    odd = read(CODEC.decode, data.draw(mutated(frames)))
    end = Frame([], 99, (started[0].time or 0) + 200_000)
    near = odd is not None and (odd.time is None or abs(odd.time - (end.time or 0)) < DAY)
    for frame in [*started, *([odd] if near else []), end]:
        for closed in assembly.take(frame).closed:
            assert from_json(to_json(closed)) == closed
        for forming in assembly.ticks()[1]:
            assert to_json(forming)


@often
@given(st.data())
def test_so_is_an_answer_about_candles(data: st.DataObject) -> None:
    found = read(lambda body: CODEC.decode_candles(ETH, body), data.draw(mutated(answers_about_candles))) or []
    times = [c.open_time for c in found]
    assert times == sorted(set(times))
    for one in found:
        check_amounts(one.open, one.high, one.low, one.close, one.volume)
        assert fault(one) or from_json(to_json(one)) == one


@often
@given(st.data())
def test_so_is_an_answer_about_products(data: st.DataObject) -> None:
    for product in read(lambda body: CODEC.decode_products([body]), data.draw(mutated(answers_about_products))) or []:
        check_amounts(product.price, product.volume24h, product.quote_volume24h)


@often
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_so_is_any_rubbish(data: bytes | str) -> None:
    read(CODEC.decode, data)  # type: ignore[arg-type]
    if isinstance(data, bytes):
        read(lambda body: CODEC.decode_candles(ETH, body), data)
        read(lambda body: CODEC.decode_products([body]), data)
