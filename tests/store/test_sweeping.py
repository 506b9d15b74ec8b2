"""Sweeping Redis: what is too old goes, in bounded steps, what is young stays, and nobody without the lease does it."""

from collections.abc import Iterator

import msgspec
import pytest
import redis

from livermore.errors import Fenced
from livermore.store import notices, sweeping
from livermore.store.lease import Lease
from livermore.store.notices import Dead, Letter
from livermore.store.redis import RedisStore
from livermore.store.sweeping import Window
from tests.store.test_alerts import alert
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

NOW = 1_700_000_000_000
SERIES = ["BTC-USD:1m", "ETH-USD:1h"]
OTHER = Lease("coinbase", 1, owner(epoch=2))


@pytest.fixture
def client(empty_valkey: Valkey) -> Iterator["redis.Redis[bytes]"]:
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as made:
        made.config_set("stream-node-max-entries", 10)
        yield made
        made.config_set("stream-node-max-entries", 100)


def write_events(client: "redis.Redis[bytes]", count: int) -> None:
    """One each second, the newest now."""
    for i in range(count):
        client.xadd(KEYS.events, {"kind": "gap"}, id=f"{NOW - 1000 * (count - 1 - i)}-0")


def write_candles(client: "redis.Redis[bytes]", series: str, count: int) -> None:
    client.zadd(KEYS.candles_of(series), {f"{series} {i}": i for i in range(count)})


def dead(at: int, number: int = 0) -> Dead:
    return Dead("discord", at, Letter(alert(number), at))


def bury(client: "redis.Redis[bytes]", *letters: Dead) -> None:
    for one in letters:
        client.lpush(KEYS.notices("dead"), msgspec.json.encode(one))


def test_no_event_that_is_young_enough_goes_and_of_the_others_at_most_a_node_stays(
    store: RedisStore, mine: Lease, client: "redis.Redis[bytes]"
) -> None:
    write_events(client, 95)
    bound = NOW - 30_000
    while store.run(sweeping.events(mine, bound)):
        pass
    left = [int(id_.partition(b"-")[0]) for id_, _ in client.xrange(KEYS.events)]
    assert [at for at in left if at >= bound] == [NOW - 1000 * i for i in range(30, -1, -1)]
    assert len(left) < 31 + 10


def test_events_go_a_bounded_number_at_a_time(
    store: RedisStore, mine: Lease, client: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ENTRIES", 20)
    write_events(client, 95)
    assert store.run(sweeping.events(mine, NOW)) <= 20
    assert store.run(sweeping.length(KEYS.events)) >= 75


def test_the_oldest_candles_go_of_every_series_that_has_more(
    store: RedisStore, mine: Lease, client: "redis.Redis[bytes]"
) -> None:
    write_candles(client, SERIES[0], 30)
    write_candles(client, SERIES[1], 5)
    assert store.run(sweeping.candles(mine, SERIES, 10)) == 20
    assert [client.zrange(KEYS.candles_of(one), 0, 0) for one in SERIES] == [[b"BTC-USD:1m 20"], [b"ETH-USD:1h 0"]]
    assert [store.run(one) for one in sweeping.most_candles(KEYS, SERIES)] == [10, 5]
    assert store.run(sweeping.candles(mine, SERIES, 10)) == 0


def test_candles_go_a_bounded_number_at_a_time(
    store: RedisStore, mine: Lease, client: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ENTRIES", 7)
    for one in SERIES:
        write_candles(client, one, 15)
    assert [store.run(sweeping.candles(mine, SERIES, 10)) for _ in range(3)] == [7, 3, 0]


def test_dead_letters_are_forgotten_as_they_stand_and_one_that_was_put_back_is_left_alone(
    store: RedisStore, mine: Lease, client: "redis.Redis[bytes]"
) -> None:
    bury(client, dead(NOW), dead(NOW + 1, 1), dead(NOW + 2, 2))
    found = store.run(sweeping.oldest_dead(KEYS))
    assert [at for _, at in found] == [NOW, NOW + 1, NOW + 2]
    store.run(notices.revive(KEYS, found[0][0], dead(NOW), NOW))
    assert store.run(sweeping.dead_letters(mine, [raw for raw, _ in found[:2]])) == 1
    assert [one.at for _, one in store.run(notices.dead(KEYS))] == [NOW + 2]
    assert store.run(notices.waiting(KEYS, "discord")) == 1


def test_the_activity_log_loses_what_is_too_old_and_nothing_else(
    store: RedisStore, client: "redis.Redis[bytes]"
) -> None:
    for at in (NOW - 2, NOW - 1, NOW, NOW + 1):
        client.xadd("logs:network:coinbase", {"event": "x"}, id=f"{at}-0")
    assert store.run(sweeping.activities("coinbase", NOW)) == 2
    assert store.run(sweeping.oldest("logs:network:coinbase")) == NOW
    assert store.run(sweeping.oldest("logs:network:nobody")) is None


def test_without_the_lease_nothing_is_removed(store: RedisStore, mine: Lease, client: "redis.Redis[bytes]") -> None:
    write_events(client, 95)
    write_candles(client, SERIES[0], 30)
    bury(client, dead(NOW))
    letters = [raw for raw, _ in store.run(sweeping.oldest_dead(KEYS))]
    for work in (
        sweeping.events(OTHER, NOW),
        sweeping.candles(OTHER, SERIES, 10),
        sweeping.dead_letters(OTHER, letters),
        sweeping.keep_window(OTHER, Window(1)),
    ):
        with pytest.raises(Fenced):
            store.run(work)
    assert [client.xlen(KEYS.events), client.zcard(KEYS.candles_of(SERIES[0])), client.exists(KEYS.window)] == [
        95,
        30,
        0,
    ]
    assert store.run(notices.count_dead(KEYS)) == 1


def test_for_how_long_events_are_held_is_a_day_until_somebody_writes_down_another_time(
    store: RedisStore, mine: Lease
) -> None:
    assert store.run(sweeping.window(KEYS)) == Window(86_400)
    store.run(sweeping.keep_window(mine, Window(172_800)))
    assert store.run(sweeping.window(KEYS)) == Window(172_800)


def test_the_time_of_the_server_is_that_of_its_streams(store: RedisStore, client: "redis.Redis[bytes]") -> None:
    before = store.run(sweeping.time())
    id_ = client.xadd("a-stream", {"a": "b"})
    assert before <= int(id_.partition(b"-")[0]) <= store.run(sweeping.time())
