"""Alerts in Redis: the evaluator's place, which moves with all that it found, and the outbox with its groups."""

import asyncio
import json
from collections.abc import Iterator

import pytest
import redis

from livermore.errors import Fenced, LivermoreError
from livermore.market.alert import Alert, alert_id
from livermore.store import alerts, events
from livermore.store.alerts import Delivery, State
from livermore.store.lease import Lease
from livermore.store.redis import AsyncRedisStore, RedisStore
from tests.store.waiting import until_soon
from tests.support.candles import T0
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey


def alert(number: int = 0, symbol: str = "BTC-USD") -> Alert:
    at = T0 + number * 60_000
    return Alert(
        id=alert_id("level_cross", "coinbase", symbol, "1m", "level_-150", at),
        exchange="coinbase",
        symbol=symbol,
        timeframe="1m",
        rule="level_cross",
        label="level_-150",
        value=-151.25,
        price="0.00001234",
        candle_time=at,
        triggered_at=at + 61_000,
        late=False,
        details={"level": -150},
    )


def move(store: RedisStore, mine: Lease, before: str, after: str, *raised: Alert, **memories: bytes) -> bool:
    return store.run(alerts.move(mine, before, after, memories, raised))


def outbox(store: RedisStore, group: str = "looker") -> list[Delivery]:
    """Everything in it, asked for by a group of its own."""
    store.run(alerts.join(KEYS, group))
    return store.run(alerts.claim_pending(KEYS, group, "me", 100)) + store.run(
        alerts.next_deliveries(KEYS, group, "me", 100, 1)
    )


def test_before_the_first_move_nothing_is_remembered(store: RedisStore) -> None:
    assert store.run(alerts.state(KEYS)) == State("", {})


def test_the_place_moves_together_with_memories_outbox_and_event(store: RedisStore, mine: Lease) -> None:
    assert move(store, mine, "", "5-0", alert(0), alert(1, "ETH-USD"), **{"BTC-USD:1m": b'{"a":1}', "ETH-USD:1m": b"2"})
    assert store.run(alerts.state(KEYS)) == State("5-0", {"BTC-USD:1m": b'{"a":1}', "ETH-USD:1m": b"2"})
    delivered = outbox(store)
    assert [json.loads(d.data)["symbol"] for d in delivered] == ["BTC-USD", "ETH-USD"]
    assert {d.kind for d in delivered} == {"alert"}
    told = store.run(events.after(KEYS, events.START, 10))
    assert [(e.kind, e.series) for e in told] == [("alert", "BTC-USD:1m"), ("alert", "ETH-USD:1m")]
    assert json.loads(told[0].full)["label"] == "level_-150"
    assert json.loads(told[0].data) == {
        "id": alert(0).id, "timestamp": "2023-11-14T00:01:01.000Z", "symbol": "BTC-USD", "exchange": "coinbase",
        "timeframe": "1m", "signal_type": "momentum_signal", "direction": "bearish", "strength": "extreme",
        "price": "0.00001234", "late": False,
    }  # fmt: skip


def test_the_same_step_taken_again_does_nothing(store: RedisStore, mine: Lease) -> None:
    assert move(store, mine, "", "5-0", alert(), **{"BTC-USD:1m": b"1"})
    assert not move(store, mine, "", "5-0", alert(), **{"BTC-USD:1m": b"2"})
    assert store.run(alerts.state(KEYS)) == State("5-0", {"BTC-USD:1m": b"1"})
    assert len(outbox(store)) == len(store.run(events.after(KEYS, events.START, 10))) == 1


def test_a_step_from_a_place_that_is_no_longer_held_does_nothing(store: RedisStore, mine: Lease) -> None:
    move(store, mine, "", "5-0")
    assert not move(store, mine, "4-0", "6-0", alert())
    assert move(store, mine, "5-0", "6-0", alert())
    assert store.run(alerts.state(KEYS)).place == "6-0"
    assert len(outbox(store)) == 1


def test_memories_of_other_series_stay(store: RedisStore, mine: Lease) -> None:
    move(store, mine, "", "5-0", **{"BTC-USD:1m": b"1", "ETH-USD:1m": b"1"})
    move(store, mine, "5-0", "6-0", **{"BTC-USD:1m": b"2"})
    assert store.run(alerts.state(KEYS)).memories == {"BTC-USD:1m": b"2", "ETH-USD:1m": b"1"}


def test_without_the_lease_nothing_moves_and_nothing_is_raised(store: RedisStore, mine: Lease) -> None:
    with pytest.raises(Fenced):
        move(store, Lease("coinbase", 1, owner(epoch=2)), "", "5-0", alert(), **{"BTC-USD:1m": b"1"})
    assert store.run(alerts.state(KEYS)) == State("", {})
    assert outbox(store) == store.run(events.after(KEYS, events.START, 10)) == []


# -- the outbox


@pytest.fixture
def groups(store: RedisStore) -> tuple[str, str]:
    for group in ("recorder", "notifier"):
        store.run(alerts.join(KEYS, group))
    return "recorder", "notifier"


def raise_alerts(store: RedisStore, mine: Lease, count: int) -> None:
    place = store.run(alerts.state(KEYS)).place
    after = f"{int(place.partition('-')[0] or 0) + 1}-0"
    assert move(store, mine, place, after, *(alert(n) for n in range(count)))


def take(store: RedisStore, group: str, count: int = 100) -> list[str]:
    return [d.id for d in store.run(alerts.next_deliveries(KEYS, group, group, count, 1))]


def length(valkey: Valkey) -> int:
    with redis.Redis(unix_socket_path=str(valkey.socket)) as client:
        return int(client.xlen(KEYS.outbox))


def test_a_group_may_be_joined_twice_and_keeps_its_place(store: RedisStore, mine: Lease, groups: object) -> None:
    raise_alerts(store, mine, 1)
    assert len(take(store, "recorder")) == 1
    store.run(alerts.join(KEYS, "recorder"))
    assert take(store, "recorder") == []


def test_a_group_that_joins_late_begins_with_the_oldest_entry(store: RedisStore, mine: Lease) -> None:
    raise_alerts(store, mine, 2)
    store.run(alerts.join(KEYS, "recorder"))
    assert len(take(store, "recorder")) == 2


def test_joining_at_a_key_that_is_no_stream_is_an_error(store: RedisStore, empty_valkey: Valkey) -> None:
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.set(KEYS.outbox, "garbage")
    with pytest.raises(LivermoreError, match="WRONGTYPE"):
        store.run(alerts.join(KEYS, "recorder"))


def test_every_group_gets_every_entry_once(store: RedisStore, mine: Lease, groups: tuple[str, str]) -> None:
    raise_alerts(store, mine, 3)
    first, second = (take(store, group) for group in groups)
    assert first == second
    assert len(first) == 3
    assert [take(store, group) for group in groups] == [[], []]


def test_an_entry_that_was_never_acknowledged_is_handed_out_again(
    store: RedisStore, mine: Lease, groups: object
) -> None:
    raise_alerts(store, mine, 3)
    first, second, third = take(store, "recorder")
    store.run(alerts.acknowledge(KEYS, "recorder", [second]))
    for consumer in ("recorder", "another"):  # whose earlier holder need not be the one who asks
        claimed = store.run(alerts.claim_pending(KEYS, "recorder", consumer, 10))
        assert [d.id for d in claimed] == [first, third]
        assert json.loads(claimed[0].data)["id"] == alert(0).id
    assert store.run(alerts.claim_pending(KEYS, "notifier", "notifier", 10)) == []


def test_pending_entries_are_claimed_a_few_at_a_time(store: RedisStore, mine: Lease, groups: object) -> None:
    raise_alerts(store, mine, 3)
    taken = take(store, "recorder")
    assert [d.id for d in store.run(alerts.claim_pending(KEYS, "recorder", "recorder", 2))] == taken[:2]


def test_a_pending_entry_that_is_gone_from_the_stream_is_left_out(
    store: RedisStore, mine: Lease, groups: object, empty_valkey: Valkey
) -> None:
    raise_alerts(store, mine, 2)
    first, second = take(store, "recorder")
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.xdel(KEYS.outbox, first)
    assert [d.id for d in store.run(alerts.claim_pending(KEYS, "recorder", "recorder", 10))] == [second]


@pytest.fixture
def waiting(empty_valkey: Valkey, runner: asyncio.Runner) -> Iterator[AsyncRedisStore]:
    made = AsyncRedisStore(empty_valkey.place, blocking=2)
    yield made
    runner.run(made.close())


def test_who_waits_at_the_outbox_is_woken_by_the_next_alert(
    store: RedisStore,
    mine: Lease,
    groups: object,
    waiting: AsyncRedisStore,
    runner: asyncio.Runner,
    empty_valkey: Valkey,
) -> None:
    async def woken() -> list[Delivery]:
        asked = asyncio.ensure_future(waiting.run(alerts.next_deliveries(KEYS, "recorder", "recorder", 10, 2_000)))
        with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
            await until_soon(lambda: client.info("clients")["blocked_clients"] == 1, "somebody who waits")
        raise_alerts(store, mine, 1)
        return await asked

    assert len(runner.run(woken())) == 1


# -- trimming


def test_what_every_group_has_acknowledged_is_forgotten(
    store: RedisStore, mine: Lease, groups: tuple[str, str], empty_valkey: Valkey
) -> None:
    raise_alerts(store, mine, 5)
    for group in groups:
        store.run(alerts.acknowledge(KEYS, group, take(store, group)))
    assert store.run(alerts.trim(KEYS)) == 4  # the newest stays: it is where the groups stand
    assert store.run(alerts.trim(KEYS)) == 0
    raise_alerts(store, mine, 1)
    assert [len(take(store, group)) for group in groups] == [1, 1]


def test_what_one_group_has_not_seen_is_kept(
    store: RedisStore, mine: Lease, groups: tuple[str, str], empty_valkey: Valkey
) -> None:
    raise_alerts(store, mine, 5)
    store.run(alerts.acknowledge(KEYS, "recorder", take(store, "recorder")))
    assert store.run(alerts.trim(KEYS)) == 0
    store.run(alerts.acknowledge(KEYS, "notifier", take(store, "notifier", 2)))
    store.run(alerts.trim(KEYS))
    assert len(take(store, "notifier")) == 3


def test_what_one_group_has_seen_and_not_acknowledged_is_kept(
    store: RedisStore, mine: Lease, groups: tuple[str, str], empty_valkey: Valkey
) -> None:
    raise_alerts(store, mine, 5)
    store.run(alerts.acknowledge(KEYS, "recorder", take(store, "recorder")))
    taken = take(store, "notifier")
    store.run(alerts.acknowledge(KEYS, "notifier", [*taken[:2], *taken[3:]]))
    assert store.run(alerts.trim(KEYS)) == 2
    assert [d.id for d in store.run(alerts.claim_pending(KEYS, "notifier", "notifier", 10))] == [taken[2]]


def test_ids_are_compared_as_numbers(store: RedisStore, groups: tuple[str, str], empty_valkey: Valkey) -> None:
    """As texts, 9 would come after 10."""
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        for id_ in ("9-9", "9-10", "10-0"):
            client.xadd(KEYS.outbox, {"kind": "alert", "data": "{}"}, id=id_)
    store.run(alerts.acknowledge(KEYS, "recorder", take(store, "recorder")))
    store.run(alerts.acknowledge(KEYS, "notifier", take(store, "notifier", 2)))
    assert store.run(alerts.trim(KEYS)) == 1  # of 9-10, where the notifier stands, and 10-0, where the recorder does
    assert take(store, "notifier") == ["10-0"]


def test_without_groups_nothing_is_forgotten(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    raise_alerts(store, mine, 2)
    assert store.run(alerts.trim(KEYS)) == 0
    assert length(empty_valkey) == 2
