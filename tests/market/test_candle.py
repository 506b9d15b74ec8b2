"""Tests of candles: their stored form, and what makes one impossible."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.amount import canonical
from livermore.market.candle import Candle, Series, fault, from_json, stem, to_json
from livermore.market.timeframe import Timeframe
from tests.market.examples import NOON, candle

amounts = st.builds(canonical, st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,10})?", fullmatch=True).filter(str.isascii))
candles = st.builds(
    Candle,
    exchange=st.text(max_size=8),
    symbol=st.text(max_size=8),
    timeframe=st.sampled_from(Timeframe),
    open_time=st.integers(0, 4_000_000_000).map(lambda minute: minute * 60_000),
    open=amounts,
    high=amounts,
    low=amounts,
    close=amounts,
    volume=amounts,
    revision=st.integers(0, 10**6),
)


def test_the_stored_form_is_the_public_form_with_the_revision_last() -> None:
    stored = to_json(candle(open="1.5", high="2", low="1", close="1.75", volume="3.25", revision=2))
    assert stored == (
        b'{"timestamp":"2026-08-09T12:00:00.000Z","open":"1.5","high":"2","low":"1","close":"1.75","volume":"3.25",'
        b'"symbol":"BTC-USD","exchange":"coinbase","timeframe":"1m","revision":2}'
    )


@given(candles)
def test_a_candle_survives_the_way_there_and_back(one: Candle) -> None:
    assert from_json(to_json(one)) == one


@given(candles)
def test_the_stored_form_is_json_that_ends_with_its_revision(one: Candle) -> None:
    assert list(json.loads(to_json(one)))[-1] == "revision"
    assert to_json(one) == stem(one) + b',"revision":%d}' % one.revision


@given(candles, candles)
def test_stems_are_equal_where_candles_differ_in_nothing_but_their_revision(one: Candle, other: Candle) -> None:
    told_alike = one == msgspec.structs.replace(other, revision=one.revision)
    assert (stem(one) == stem(other)) == told_alike
    assert stem(one) == stem(msgspec.structs.replace(one, revision=one.revision + 1))


def test_a_symbol_cannot_forge_a_revision() -> None:
    forged = msgspec.structs.replace(candle(), symbol='X","revision":7,"y":"')
    assert from_json(to_json(forged)) == forged
    assert stem(forged).endswith(b'"timeframe":"1m"')


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        to_json(candle())[:-1],
        to_json(candle()).replace(b"1m", b"2m"),
        to_json(candle()).replace(b"2026-08-09T12:00:00.000Z", b"2026-08-09Z"),
        to_json(candle()).replace(b'"100"', b"100"),
        to_json(candle())[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_stored_candle_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        from_json(data)


def test_a_candle_knows_its_series_and_its_end() -> None:
    one = candle(timeframe=Timeframe.M5)
    assert one.series == Series("coinbase", "BTC-USD", Timeframe.M5)
    assert str(one.series) == "BTC-USD:5m"
    assert one.close_time == NOON + 300_000


SOUND: dict[str, Any] = {"open": "10", "high": "12", "low": "9", "close": "11", "volume": "0.5"}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({}, None),
        ({"volume": "0"}, None),
        ({"open": "12", "close": "9"}, None),
        ({"high": "10", "low": "10", "open": "10", "close": "10"}, None),
        ({"open_time": NOON + 1}, "open time is not aligned"),
        ({"open_time": NOON + 60_000, "timeframe": Timeframe.M5}, "open time is not aligned"),
        ({"low": "0"}, "price is not above zero"),
        ({"open": "0", "low": "0", "high": "12"}, "price is not above zero"),
        ({"close": "-1"}, "price is not above zero"),
        ({"high": "10.99999999"}, "high is below open or close"),
        ({"high": "11", "open": "11.00000001"}, "high is below open or close"),
        ({"low": "10.00000001"}, "low is above open or close"),
        ({"low": "10", "close": "9.5"}, "low is above open or close"),
        ({"volume": "-0.1"}, "volume is below zero"),
    ],
)
def test_a_candle_that_cannot_be_true_has_a_fault(wrong: dict[str, Any], reason: str | None) -> None:
    assert fault(candle(**{**SOUND, **wrong})) == reason


def test_prices_are_compared_as_numbers_not_as_texts() -> None:
    assert fault(candle(open="9", high="10", low="9", close="9")) is None
    assert fault(candle(open="0.1", high="0.10000000000000000001", low="0.1", close="0.10000000000000000001")) is None
