"""Tests of Coinbase's codec on frames and answers that something has happened to: a protocol error, or nothing."""

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livermore.exchanges.coinbase import Codec
from livermore.exchanges.frame import Frame, Tickers, Trades
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market.candle import Series, fault, from_json, to_json
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from tests.exchanges.mutation import check_amounts, mutated, often, read, shortened
from tests.exchanges.recording import candles_page, products, renumbered

CODEC = Codec()
ETH = Series("coinbase", "ETH-USD", Timeframe.D1)
DAY = 86_400_000


@cache
def frames() -> list[dict[str, Any]]:
    """A few frames of each kind, the long ones shortened."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for data in renumbered():
        kinds.setdefault(data["channel"], []).append(shortened(data))
    refused = {"type": "error", "message": "authentication failure"}
    return [refused, *(data for found in kinds.values() for data in found[:4])]


@cache
def answers_about_candles() -> list[dict[str, Any]]:
    return [shortened(json.loads(candles_page()))]


@cache
def answers_about_products() -> list[dict[str, Any]]:
    return [shortened(json.loads(products()))]


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
