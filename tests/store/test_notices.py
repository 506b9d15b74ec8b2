"""Notices in Redis: each target's list is its own, every step is taken once, and what was given up can be put back."""

import json
from typing import Any

import msgspec
import pytest
import redis

from livermore.store import alerts, notices
from livermore.store.lease import Lease
from livermore.store.notices import Dead, Due, Letter
from livermore.store.redis import RedisStore
from tests.store.test_alerts import alert, raise_alerts
from tests.support.leases import KEYS
from tests.support.valkey import Valkey

NOW = 1_700_000_000_000
TARGETS = ["discord", "hook"]


def letter(number: int = 0, **changes: Any) -> Letter:
    return msgspec.structs.replace(Letter(alert(number), NOW), **changes)


@pytest.fixture
def filed(store: RedisStore, mine: Lease) -> str:
    """One alert on the lists of both targets; the id of its entry in the outbox."""
    store.run(alerts.join(KEYS, "notifier"))
    raise_alerts(store, mine, 1)
    (entry,) = store.run(alerts.next_deliveries(KEYS, "notifier", "notifier", 10, 1))
    store.run(notices.file(KEYS, "notifier", entry.id, letter(), TARGETS))
    return entry.id


def told(store: RedisStore) -> list[dict[str, Any]]:
    """What the recorder is told."""
    store.run(alerts.join(KEYS, "looker"))
    found = store.run(alerts.next_deliveries(KEYS, "looker", "looker", 100, 1))
    return [json.loads(entry.data) for entry in found if entry.kind == "delivered"]


def test_a_filed_alert_waits_for_every_target_and_is_off_the_outbox(store: RedisStore, filed: str) -> None:
    for name in TARGETS:
        assert store.run(notices.first(KEYS, name)) == Due(alert().id, NOW)
        assert store.run(notices.letter(KEYS, name, alert().id)) == letter()
        assert store.run(notices.waiting(KEYS, name)) == 1
    assert store.run(alerts.claim_pending(KEYS, "notifier", "notifier", 10)) == []


def test_an_alert_that_is_filed_again_stays_as_it_was(store: RedisStore, filed: str) -> None:
    store.run(notices.postpone(KEYS, "hook", letter(attempts=3), NOW + 5))
    store.run(notices.file(KEYS, "notifier", filed, letter(since=NOW + 99), TARGETS))
    assert store.run(notices.letter(KEYS, "hook", alert().id)) == letter(attempts=3)
    assert store.run(notices.first(KEYS, "hook")) == Due(alert().id, NOW + 5)


def test_what_one_target_has_got_the_other_has_still_to_get(store: RedisStore, filed: str) -> None:
    assert store.run(notices.sent(KEYS, "discord", alert().id, chart=True))
    assert store.run(notices.first(KEYS, "discord")) is None
    assert store.run(notices.letter(KEYS, "discord", alert().id)) is None
    assert store.run(notices.letters(KEYS, "hook")) == [letter()]
    assert told(store) == [{"id": alert().id, "target": "discord", "error": None, "chart": True}]


def test_what_has_come_to_its_end_does_not_come_to_it_again(store: RedisStore, filed: str) -> None:
    assert store.run(notices.sent(KEYS, "discord", alert().id))
    assert not store.run(notices.sent(KEYS, "discord", alert().id))
    assert not store.run(notices.give_up(KEYS, Dead("discord", NOW, letter())))
    assert len(told(store)) == 1
    assert store.run(notices.dead(KEYS)) == []


def test_the_earliest_is_the_first(store: RedisStore) -> None:
    for number, at in ((0, 30), (1, 10), (2, 20)):
        store.run(notices.postpone(KEYS, "hook", letter(number), at))
    assert store.run(notices.first(KEYS, "hook")) == Due(alert(1).id, 10)


def test_a_dead_letter_is_kept_with_its_reason_and_told_of(store: RedisStore, filed: str) -> None:
    dead = Dead("hook", NOW + 1, letter(attempts=9, error="the answer is 404"))
    assert store.run(notices.give_up(KEYS, dead))
    assert [found for _, found in store.run(notices.dead(KEYS))] == [dead]
    assert store.run(notices.count_dead(KEYS)) == 1
    assert store.run(notices.first(KEYS, "hook")) is None
    assert told(store) == [{"id": alert().id, "target": "hook", "error": "the answer is 404", "chart": False}]


def test_of_dead_letters_the_newest_are_kept(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "DEAD_KEPT", 3)
    for number in range(5):
        store.run(notices.postpone(KEYS, "hook", letter(number), NOW))
        store.run(notices.give_up(KEYS, Dead("hook", NOW, letter(number))))
    kept = [found.letter.alert.id for _, found in store.run(notices.dead(KEYS))]
    assert kept == [alert(number).id for number in (4, 3, 2)]


def test_a_dead_letter_is_put_back_once_as_if_it_were_new(store: RedisStore, filed: str) -> None:
    store.run(notices.give_up(KEYS, Dead("hook", NOW, letter(attempts=9, error="gone"))))
    ((raw, dead),) = store.run(notices.dead(KEYS))
    assert store.run(notices.revive(KEYS, raw, dead, NOW + 7))
    assert not store.run(notices.revive(KEYS, raw, dead, NOW + 8))
    assert store.run(notices.dead(KEYS)) == []
    assert store.run(notices.first(KEYS, "hook")) == Due(alert().id, NOW + 7)
    assert store.run(notices.letter(KEYS, "hook", alert().id)) == letter(since=NOW + 7)


def test_turns_at_a_target_are_few_and_those_of_another_one_are_not_touched(store: RedisStore) -> None:
    def turn(name: str, now: int) -> int:
        return store.run(notices.turn(KEYS, name, 30, 5, now))

    assert [turn("hook", NOW) for _ in range(6)] == [0, 0, 0, 0, 0, 2000]
    assert turn("discord", NOW) == 0
    assert turn("hook", NOW + 2000) == 0
    assert turn("hook", NOW + 2000) == 2000


def test_a_target_that_wants_to_be_left_alone_is(store: RedisStore) -> None:
    store.run(notices.pause(KEYS, "hook", 5_000, NOW))
    assert store.run(notices.turn(KEYS, "hook", 30, 5, NOW)) == 5_000
    assert store.run(notices.turn(KEYS, "discord", 30, 5, NOW)) == 0
    assert store.run(notices.turn(KEYS, "hook", 30, 5, NOW + 5_000)) == 0


def test_targets_are_known_by_name(store: RedisStore) -> None:
    store.run(notices.add_targets(KEYS, TARGETS))
    store.run(notices.forget_target(KEYS, "hook"))
    assert store.run(notices.targets(KEYS)) == {"discord"}


def test_a_test_is_asked_for_and_answered(store: RedisStore, empty_valkey: Valkey) -> None:
    store.run(alerts.join(KEYS, "notifier"))
    store.run(notices.ask_for_test(KEYS, "test-1"))
    (entry,) = store.run(alerts.next_deliveries(KEYS, "notifier", "notifier", 10, 1))
    assert (entry.kind, json.loads(entry.data)) == ("test", "test-1")
    assert store.run(notices.test_results(KEYS, "test-1")) == {}
    for query in notices.answer_test(KEYS, "test-1", {"discord": "sent", "hook": "refused"}):
        store.run(query)
    assert store.run(notices.test_results(KEYS, "test-1")) == {"discord": "sent", "hook": "refused"}
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        assert 0 < client.pttl(KEYS.notices("test", "test-1")) <= notices.TOLD_FOR
