"""Signals in Redis: the full record, the trail behind it, and what the public may see of either."""

import json
from typing import Any

import pytest
import redis

from livermore.errors import Fenced
from livermore.market.signal import PublicSignal
from livermore.store import events, signals
from livermore.store.lease import Lease
from livermore.store.redis import RedisStore
from livermore.store.signals import TRAIL, Record
from tests.support.candles import BTC, T0
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

KIND = "macd-v"
ETH = BTC._replace(symbol="ETH-USD")
HOUR = 3_600_000


def record(value: float | None = 120.5, *, at: int = T0, stage: str = "rallying", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": at,
        "close": "34.1",
        "value": {"macdV": value, "signal": 1.5},
        "params": {"stage": stage, "seeded": True},
        "validity": {"ready": True, "bars_used": 300},
        **more,
    }


def write(store: RedisStore, mine: Lease, *records: Record, ttl_ms: float = HOUR) -> None:
    store.run(signals.write(mine, KIND, records, ttl_ms))


def test_a_record_is_stored_as_it_is_and_told_with_its_public_form(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(BTC, record(), {}))
    assert store.run(signals.read(KEYS, BTC, KIND)) == record()
    (event,) = store.run(events.after(KEYS, events.START, 10))
    assert (event.kind, event.series) == ("trade_signal", "BTC-USD:1m")
    assert json.loads(event.full) == record()
    assert json.loads(event.data) == {
        "symbol": "BTC-USD", "exchange": "coinbase", "timeframe": "1m", "signal_type": "momentum_signal",
        "direction": "bullish", "strength": "strong", "price": "34.1", "timestamp": "2023-11-14T00:00:00.000Z",
        "ready": True, "bars_used": 300,
    }  # fmt: skip


def test_a_record_that_is_not_to_be_told_is_stored_with_its_trail_and_makes_no_event(
    store: RedisStore, mine: Lease
) -> None:
    full = {"timestamp": T0, "value": {"macd": 1.5}}
    store.run(signals.write(mine, "macd", [Record(BTC, full, {T0: b"a"})], HOUR, told=False))
    assert store.run(signals.read(KEYS, BTC, "macd")) == full
    assert store.run(signals.trail(KEYS, BTC, "macd")) == [b"a"]
    assert store.run(events.after(KEYS, events.START, 10)) == []
    assert store.run(signals.read(KEYS, BTC, KIND)) is None


def test_the_public_form_names_nothing_of_the_indicator(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(BTC, record(), {}))
    (event,) = store.run(events.after(KEYS, events.START, 10))
    assert not [word for word in (b"macd", b"120.5", b"stage", b"rallying") if word in event.data.lower()]


def test_a_later_record_replaces_the_earlier_one_and_both_are_told(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(BTC, record(1.0), {}))
    write(store, mine, Record(BTC, record(2.0), {}))
    held = store.run(signals.read(KEYS, BTC, KIND))
    assert held is not None
    assert held["value"]["macdV"] == 2.0
    assert len(store.run(events.after(KEYS, events.START, 10))) == 2


def test_records_of_many_series_go_in_one_call_in_their_order(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(ETH, record(1.0), {T0: b"e"}), Record(BTC, record(2.0), {T0: b"b", T0 + 1: b"c"}))
    told = store.run(events.after(KEYS, events.START, 10))
    assert [event.series for event in told] == ["ETH-USD:1m", "BTC-USD:1m"]
    assert store.run(signals.trail(KEYS, ETH, KIND)) == [b"e"]
    assert store.run(signals.trail(KEYS, BTC, KIND)) == [b"b", b"c"]


def test_a_record_lives_as_long_as_it_is_told_to(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    write(store, mine, Record(BTC, record(), {}), ttl_ms=90_000_000.9)
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        assert 89_990_000 < client.pttl(KEYS.indicator(BTC, KIND)) <= 90_000_000


def test_a_trail_has_one_value_for_each_moment_ascending(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(BTC, record(), {T0 + 2: b"c", T0: b"a"}))
    write(store, mine, Record(BTC, record(), {T0 + 2: b"C", T0 + 1: b"b"}))
    assert store.run(signals.trail(KEYS, BTC, KIND)) == [b"a", b"b", b"C"]


def test_a_trail_keeps_its_newest_values(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(BTC, record(), {T0 + n: b"%d" % n for n in range(TRAIL + 3)}))
    held = store.run(signals.trail(KEYS, BTC, KIND))
    assert (len(held), held[0], held[-1]) == (TRAIL, b"3", b"%d" % (TRAIL + 2))


def test_without_the_lease_no_signal_is_written(store: RedisStore, mine: Lease) -> None:
    with pytest.raises(Fenced):
        write(store, Lease("coinbase", 1, owner(epoch=2)), Record(BTC, record(), {T0: b"a"}))
    assert store.run(signals.read(KEYS, BTC, KIND)) is None
    assert store.run(signals.trail(KEYS, BTC, KIND)) == []


# -- what the public may see


def shown(store: RedisStore) -> list[PublicSignal | None]:
    return store.run(signals.shown(KEYS, [ETH, BTC], KIND))


def test_what_is_shown_is_what_was_told_in_the_order_of_the_question(store: RedisStore, mine: Lease) -> None:
    write(store, mine, Record(BTC, record(-20.0, stage="reversing"), {}))
    assert shown(store) == [None, signals.public(BTC, record(-20.0, stage="reversing"))]
    assert store.run(signals.records(KEYS, [BTC, ETH], KIND)) == [record(-20.0, stage="reversing"), None]


@pytest.mark.parametrize(
    "nothing", [record(None), record(params={"stage": "rallying", "seeded": False})], ids=["no value", "not seeded"]
)
def test_a_record_without_a_value_is_not_shown(store: RedisStore, mine: Lease, nothing: dict[str, Any]) -> None:
    write(store, mine, Record(BTC, nothing, {}))
    assert shown(store) == [None, None]


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"{}", b"[1]", b'{"timestamp":"x"}'])
def test_garbage_in_the_place_of_a_record_is_not_shown_and_hides_no_other(
    store: RedisStore, mine: Lease, empty_valkey: Valkey, garbage: bytes
) -> None:
    write(store, mine, Record(BTC, record(), {}))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.set(KEYS.indicator(ETH, KIND), garbage)
    assert shown(store) == [None, signals.public(BTC, record())]
