"""Changes of state in Redis: from the outbox to the lists of targets, once, and with a turn for each notice."""

import redis

from livermore.lifecycle import Change, Phase
from livermore.store import alerts, state_notices
from livermore.store.redis import RedisStore
from livermore.store.state_notices import BURST, EVERY, FRESH
from tests.support.leases import KEYS
from tests.support.valkey import Valkey

NOW = 1_700_000_000_000
CHANGE = Change("coinbase", Phase.WARMING, Phase.ACTIVE, NOW, "here", 1)


def announced(store: RedisStore) -> str:
    """The id of the entry in the outbox."""
    store.run(alerts.join(KEYS, "notifier"))
    store.run(state_notices.announce(KEYS, CHANGE))
    (entry,) = store.run(alerts.next_deliveries(KEYS, "notifier", "notifier", 10, 1))
    assert entry.kind == "state"
    return entry.id


def test_a_change_is_filed_once_for_every_target_and_is_off_the_outbox(store: RedisStore, empty_valkey: Valkey) -> None:
    entry = announced(store)
    assert store.run(state_notices.file(KEYS, "notifier", entry, CHANGE, ["discord", "hook"])) == 1
    assert store.run(state_notices.file(KEYS, "notifier", entry, CHANGE, ["discord", "hook"])) == 0
    assert store.run(alerts.claim_pending(KEYS, "notifier", "notifier", 10)) == []
    for name in ("discord", "hook"):
        assert store.run(state_notices.waiting(KEYS, name)) == [CHANGE]
        with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
            assert FRESH - 60_000 < client.pttl(KEYS.notices("states", name)) <= FRESH


def test_where_nobody_wants_to_know_it_is_off_the_outbox_too(store: RedisStore) -> None:
    assert store.run(state_notices.file(KEYS, "notifier", announced(store), CHANGE, [])) == 1
    assert store.run(alerts.claim_pending(KEYS, "notifier", "notifier", 10)) == []


def test_what_was_told_is_forgotten_by_the_target_that_was_told(store: RedisStore) -> None:
    store.run(state_notices.file(KEYS, "notifier", announced(store), CHANGE, ["discord", "hook"]))
    store.run(state_notices.told(KEYS, "discord", CHANGE))
    assert store.run(state_notices.waiting(KEYS, "discord")) == []
    assert store.run(state_notices.waiting(KEYS, "hook")) == [CHANGE]


def test_turns_are_few_and_come_back_slowly(store: RedisStore, empty_valkey: Valkey) -> None:
    def turn(now: int) -> int:
        return store.run(state_notices.turn(KEYS, "hook", now))

    assert [turn(NOW) for _ in range(BURST + 1)] == [0] * BURST + [EVERY * 1000]
    assert turn(NOW + EVERY * 1000) == 0
    assert turn(NOW + EVERY * 1000) == EVERY * 1000
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        place = KEYS.notices("state_turns", "hook")
        assert client.pttl(place) > BURST * EVERY * 1000 - 60_000, "it is not forgotten before it is full again"


def test_a_clock_that_was_set_back_far_gives_a_full_bucket(store: RedisStore) -> None:
    for _ in range(BURST):
        store.run(state_notices.turn(KEYS, "hook", NOW))
    life = BURST * EVERY * 1000
    assert store.run(state_notices.turn(KEYS, "hook", NOW - life)) > 0
    assert store.run(state_notices.turn(KEYS, "discord", NOW)) == 0
