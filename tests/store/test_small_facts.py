"""Symbols, status, origin and activity log: the small facts about an exchange."""

import msgspec
import pytest
import redis

from livermore.errors import Fenced
from livermore.lifecycle import Change, Phase
from livermore.market.instant import iso
from livermore.store import activity, fence, lease, status, symbols
from livermore.store.lease import Lease
from livermore.store.redis import RedisStore
from livermore.store.status import Origin, Status
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

NOW = 1_700_000_000_000
DAY = 86_400_000
STATUS = Status(
    exchange_id=1,
    exchange_name="coinbase",
    hostname="here",
    pid=7,
    connection_state="active",
    symbol_count=2,
    registered_at="2023-11-14T00:00:00.000Z",
    last_state_change="2023-11-14T00:00:01.000Z",
    last_heartbeat="2023-11-14T00:00:02.000Z",
    warmup_percent=99.5,
)


def test_symbols_are_read_in_the_order_in_which_they_were_written(store: RedisStore, mine: Lease) -> None:
    assert store.run(symbols.read(KEYS)) == []
    store.run(symbols.write(mine, ["ETH-USD", "BTC-USD"]))
    assert store.run(symbols.read(KEYS)) == ["ETH-USD", "BTC-USD"]


def test_without_the_lease_no_symbols_are_chosen(store: RedisStore, mine: Lease) -> None:
    with pytest.raises(Fenced):
        store.run(symbols.write(Lease("coinbase", 1, owner(epoch=2)), ["ETH-USD"]))
    assert store.run(symbols.read(KEYS)) == []


def test_the_status_is_told_with_the_lease_and_gone_with_it(store: RedisStore, mine: Lease) -> None:
    assert store.run(status.read(KEYS)) is None
    store.run(lease.keep(mine, 60_000, msgspec.json.encode(STATUS)))
    assert store.run(status.read(KEYS)) == STATUS
    store.run(lease.release(mine))
    assert store.run(status.read(KEYS)) is None


def test_the_status_has_the_names_of_the_older_system(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    store.run(lease.keep(mine, 60_000, msgspec.json.encode(STATUS)))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        told = msgspec.json.decode(client.get(KEYS.status))
    assert told.keys() >= {"exchangeId", "exchangeName", "connectionState", "symbolCount", "lastHeartbeat", "lastError"}


def test_status_and_lease_run_out_together(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    store.run(lease.keep(mine, 45_000, b"{}"))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        left = [client.pttl(key) for key in (KEYS.lease, KEYS.status)]
    assert all(44_000 < one <= 45_000 for one in left)


def test_where_the_data_come_from_is_remembered(store: RedisStore, mine: Lease) -> None:
    assert store.run(status.origin(KEYS)) is None
    store.run(fence.put(mine, KEYS.schema, msgspec.json.encode(Origin(status.SCHEMA, simulated=True))))
    assert store.run(status.origin(KEYS)) == Origin(status.SCHEMA, simulated=True)


# -- activity


def test_an_entry_of_the_activity_log_has_its_fields(store: RedisStore, empty_valkey: Valkey) -> None:
    store.run(activity.write("coinbase", {"event": "state_transition", "toState": "active"}, NOW))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        ((_, fields),) = client.xrange("logs:network:coinbase")
    assert fields == {b"event": b"state_transition", b"toState": b"active"}


def test_a_change_and_a_failure_have_the_fields_of_their_kind() -> None:
    change = Change("coinbase", Phase.WARMING, Phase.ACTIVE, NOW, "here", 7)
    where = {"timestamp": iso(NOW), "exchangeName": "coinbase", "hostname": "here", "pid": "7"}
    told = {"event": "state_transition", "fromState": "warming", "toState": "active"}
    assert activity.fields(change) == {**told, **where}
    failed = msgspec.structs.replace(change, error="the lease is gone")
    assert activity.fields(failed) == {"event": "error", "error": "the lease is gone", "state": "active", **where}


def test_the_activity_log_forgets_what_is_older_than_90_days(store: RedisStore, empty_valkey: Valkey) -> None:
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.config_set("stream-node-max-entries", 1)  # so that trimming, which goes by nodes, is exact
        client.xadd("logs:network:coinbase", {"event": "old"}, id=f"{NOW - 90 * DAY - 1}-0")
        client.xadd("logs:network:coinbase", {"event": "kept"}, id=f"{NOW - 90 * DAY}-0")
        store.run(activity.write("coinbase", {"event": "new"}, NOW))
        client.config_set("stream-node-max-entries", 100)
        assert [fields[b"event"] for _, fields in client.xrange("logs:network:coinbase")] == [b"kept", b"new"]
