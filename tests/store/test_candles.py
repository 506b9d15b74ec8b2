"""Storing candles: one script, idempotent, fenced."""

import math

import pytest
import redis

from livermore.errors import Fenced
from livermore.market.candle import Candle, stem, to_json
from livermore.market.cursor import Cursor
from livermore.market.timeframe import Timeframe
from livermore.store import candles, events, lease
from livermore.store.candles import Known, Window, Write
from livermore.store.lease import Lease
from livermore.store.redis import RedisStore
from tests.support.candles import BTC, T0, candle
from tests.support.leases import KEYS, owner
from tests.support.valkey import Valkey

MINUTE = Timeframe.M1.ms


def write(store: RedisStore, mine: Lease, *written: Candle, news: bool = True, history: int = 1000) -> list[int]:
    return store.run(candles.write(mine, Write(written, (), news), history))


def known(
    store: RedisStore, mine: Lease, first: int, last: int, *, rest: bool = False, anew: bool = False
) -> Cursor | None:
    entry = Known(BTC, T0 + first * MINUTE, T0 + last * MINUTE, rest, anew)
    store.run(candles.write(mine, Write((), [entry]), 1000))
    return store.run(candles.cursors_of(KEYS, [BTC]))[0]


def stored(store: RedisStore) -> list[Candle]:
    return store.run(candles.newest(KEYS, BTC, 10_000))


def told(store: RedisStore) -> list[tuple[str, bytes]]:
    return [(event.kind, event.data) for event in store.run(events.after(KEYS, events.START, 1000))]


def test_a_new_candle_is_stored_and_told_in_its_public_form(store: RedisStore, mine: Lease) -> None:
    assert write(store, mine, candle(0)) == [1]
    assert stored(store) == [candle(0)]
    assert told(store) == [("candle_close", to_json(candle(0)))]


def test_storing_the_same_candle_again_changes_nothing(store: RedisStore, mine: Lease) -> None:
    write(store, mine, candle(0))
    assert write(store, mine, candle(0)) == [0]
    assert len(told(store)) == 1


def test_another_candle_in_its_place_is_a_correction_with_the_next_revision(store: RedisStore, mine: Lease) -> None:
    write(store, mine, candle(0, "100"))
    assert write(store, mine, candle(0, "101")) == [2]
    assert write(store, mine, candle(0, "102")) == [3]
    assert [(c.close, c.revision) for c in stored(store)] == [("102", 2)]
    assert [kind for kind, _ in told(store)] == ["candle_close", "candle_corrected", "candle_corrected"]
    assert told(store)[-1][1] == stem(candle(0, "102")) + b',"revision":2}'


def test_history_is_stored_without_being_told_but_a_correction_always_is(store: RedisStore, mine: Lease) -> None:
    assert write(store, mine, candle(0), candle(1), news=False) == [1, 1]
    assert told(store) == []
    write(store, mine, candle(1, "7"), news=False)
    assert [kind for kind, _ in told(store)] == ["candle_corrected"]


def test_only_the_newest_candles_are_kept(store: RedisStore, mine: Lease) -> None:
    write(store, mine, *(candle(n) for n in range(10)), history=3)
    assert [c.open_time for c in stored(store)] == [T0 + n * MINUTE for n in (7, 8, 9)]


def test_garbage_in_the_place_of_a_candle_is_replaced(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.zadd(KEYS.candles(BTC), {"garbage": T0, '{"two":1}': T0})
    write(store, mine, candle(0))
    assert [c.close for c in stored(store)] == ["100"]


def test_candles_of_many_series_go_in_one_batch(store: RedisStore, mine: Lease) -> None:
    eth = BTC._replace(symbol="ETH-USD")
    assert write(store, mine, candle(0), candle(0, series=eth), candle(1)) == [1, 1, 1]
    assert store.run(candles.newest(KEYS, eth, 10)) == [candle(0, series=eth)]


def test_a_window_has_both_its_ends(store: RedisStore, mine: Lease) -> None:
    write(store, mine, *(candle(n) for n in range(5)))
    found = store.run(candles.between(KEYS, BTC, T0 + MINUTE, T0 + 3 * MINUTE))
    assert [c.open_time for c in found] == [T0 + n * MINUTE for n in (1, 2, 3)]


# -- rewrites


def rewrites(store: RedisStore) -> int:
    return store.run(candles.rewrites_of(KEYS, [BTC]))[0]


def test_what_follows_rewrites_nothing(store: RedisStore, mine: Lease) -> None:
    assert rewrites(store) == 0
    write(store, mine, candle(0), candle(1), candle(5))
    write(store, mine, candle(5), candle(9))
    assert rewrites(store) == 0


def test_a_correction_and_a_candle_before_the_newest_rewrite_the_past(store: RedisStore, mine: Lease) -> None:
    write(store, mine, candle(0), candle(5, "100"))
    write(store, mine, candle(5, "101"))
    assert rewrites(store) == 1
    write(store, mine, candle(3), news=False)
    assert rewrites(store) == 2
    write(store, mine, candle(0, "7"), candle(2))
    assert rewrites(store) == 4


def test_every_series_has_its_own_rewrites(store: RedisStore, mine: Lease) -> None:
    other = BTC._replace(timeframe=Timeframe.M5)
    write(store, mine, candle(1), candle(0), candle(0, series=other))
    assert store.run(candles.rewrites_of(KEYS, [other, BTC])) == [0, 1]


# -- cursors


def test_only_rest_begins_to_know_a_series(store: RedisStore, mine: Lease) -> None:
    assert known(store, mine, 5, 5) is None
    assert known(store, mine, 0, 9, rest=True) == Cursor(T0, T0 + 9 * MINUTE, T0 + 9 * MINUTE)


def test_what_joins_on_moves_the_cursor_and_what_does_not_leaves_it(store: RedisStore, mine: Lease) -> None:
    known(store, mine, 0, 9, rest=True)
    assert known(store, mine, 10, 10) == Cursor(T0, T0 + 10 * MINUTE, T0 + 9 * MINUTE)
    assert known(store, mine, 12, 12) == Cursor(T0, T0 + 10 * MINUTE, T0 + 9 * MINUTE)
    assert known(store, mine, 10, 14, rest=True) == Cursor(T0, T0 + 14 * MINUTE, T0 + 14 * MINUTE)


def test_what_is_known_already_never_moves_the_cursor_back(store: RedisStore, mine: Lease) -> None:
    known(store, mine, 0, 9, rest=True)
    assert known(store, mine, 3, 4, rest=True) == Cursor(T0, T0 + 9 * MINUTE, T0 + 9 * MINUTE)


def test_a_series_can_begin_anew(store: RedisStore, mine: Lease) -> None:
    known(store, mine, 0, 9, rest=True)
    begin = T0 + 500 * MINUTE
    assert known(store, mine, 500, 509, rest=True, anew=True) == Cursor(begin, begin + 9 * MINUTE, begin + 9 * MINUTE)


# -- the fence


def test_without_a_lease_nothing_is_written(store: RedisStore) -> None:
    with pytest.raises(Fenced):
        write(store, Lease("coinbase", 1, owner()), candle(0))
    assert stored(store) == []


def test_a_writer_whose_lease_was_taken_over_is_refused(store: RedisStore, mine: Lease) -> None:
    theirs = Lease("coinbase", 1, owner(epoch=2, pid=2))
    assert store.run(lease.claim(theirs, 60_000, instead_of=mine.token)) is None
    with pytest.raises(Fenced):
        write(store, mine, candle(0))
    assert write(store, theirs, candle(0)) == [1]


def test_an_old_epoch_cannot_put_its_lease_back(store: RedisStore, mine: Lease, empty_valkey: Valkey) -> None:
    store.run(lease.claim(Lease("coinbase", 1, owner(epoch=2)), 60_000, instead_of=mine.token))
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.delete(KEYS.lease)
    with pytest.raises(Fenced):
        store.run(lease.claim(mine, 60_000))


def test_a_lease_in_force_is_not_given_to_another(store: RedisStore, mine: Lease) -> None:
    assert store.run(lease.claim(Lease("coinbase", 1, owner(epoch=2, pid=2)), 60_000)) == mine.owner
    assert store.run(lease.holder(KEYS)) == mine.owner


def test_a_lease_is_kept_by_its_owner_only_and_given_back_once(store: RedisStore, mine: Lease) -> None:
    other = Lease("coinbase", 1, owner(epoch=2, pid=2))
    assert store.run(lease.keep(mine, 60_000, b"{}")) == "kept"
    assert store.run(lease.keep(other, 60_000, b"{}")) == mine.token
    assert store.run(lease.release(other)) == 0
    assert store.run(lease.release(mine)) == 1
    assert store.run(lease.keep(mine, 60_000, b"{}")) == "missing"


# -- pages


def page(store: RedisStore, first: float, last: float, count: int, *, newest_first: bool = False) -> list[int]:
    """Which minutes are on it."""
    found = store.run(candles.page(KEYS, BTC, first, last, count, newest_first=newest_first))
    return [(candles.opened(data) - T0) // MINUTE for data in found]


def test_a_page_has_both_its_ends_and_at_most_so_many_candles(store: RedisStore, mine: Lease) -> None:
    write(store, mine, *(candle(n) for n in range(6)))
    assert page(store, T0 + MINUTE, T0 + 4 * MINUTE, 10) == [1, 2, 3, 4]
    assert page(store, T0 + MINUTE, T0 + 4 * MINUTE, 2) == [1, 2]
    assert page(store, T0 + MINUTE, T0 + 4 * MINUTE, 2, newest_first=True) == [4, 3]


def test_a_page_may_be_without_ends(store: RedisStore, mine: Lease) -> None:
    write(store, mine, *(candle(n) for n in range(6)))
    assert page(store, -math.inf, math.inf, 2) == [0, 1]
    assert page(store, -math.inf, math.inf, 2, newest_first=True) == [5, 4]


def test_a_page_gives_candles_as_they_are_stored(store: RedisStore, mine: Lease) -> None:
    write(store, mine, candle(0))
    assert store.run(candles.page(KEYS, BTC, T0, T0, 1)) == [to_json(candle(0))]


# -- who says so


def by_wire(store: RedisStore, mine: Lease, *written: Candle) -> list[int]:
    return store.run(candles.write(mine, Write(written, (), rest=False), 1000))


def test_what_rest_has_confirmed_is_changed_by_rest_only(store: RedisStore, mine: Lease) -> None:
    write(store, mine, candle(1), candle(2))
    known(store, mine, 1, 2, rest=True)
    known(store, mine, 3, 3)
    assert by_wire(store, mine, candle(0), candle(1, "7"), candle(2, "7"), candle(3)) == [1, 0, 0, 1]
    assert write(store, mine, candle(1, "8")) == [2]
    assert [c.close for c in stored(store)] == ["100", "8", "100", "100"]


def test_what_was_made_of_a_window_is_stored_while_the_window_stands(store: RedisStore, mine: Lease) -> None:
    write(store, mine, candle(0), candle(1), candle(1, "7"))
    window = Window(BTC, T0, T0 + MINUTE, [candle(0), candle(1, "7", revision=1)])
    made = Write([candle(0, series=BTC._replace(timeframe=Timeframe.M5))], (), rest=False)
    assert store.run(candles.write_made(mine, made, [window], 1000)) == [1]
    assert store.run(candles.write_made(mine, made, [window], 1000)) == [0]


@pytest.mark.parametrize(
    "window",
    [[], [candle(0)], [candle(0), candle(1)], [candle(0), candle(1, revision=2)], [candle(0), candle(1), candle(2)]],
    ids=["nothing", "one less", "an older revision", "a newer revision", "one more"],
)
def test_what_was_made_of_a_window_that_has_changed_is_not_stored(
    store: RedisStore, mine: Lease, window: list[Candle]
) -> None:
    write(store, mine, candle(0), candle(1, "6"), candle(1, "7"))
    five = BTC._replace(timeframe=Timeframe.M5)
    made = Write([candle(0, series=five)], [Known(five, T0, T0, rest=True)], rest=False)
    assert store.run(candles.write_made(mine, made, [Window(BTC, T0, T0 + 2 * MINUTE, window)], 1000)) is None
    assert store.run(candles.newest(KEYS, five, 10)) == []
    assert store.run(candles.cursors(KEYS)) == {}
