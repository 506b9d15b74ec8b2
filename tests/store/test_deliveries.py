"""Deliveries: a message is new once, unless it could not be heeded."""

from livermore.store import deliveries
from livermore.store.query import command
from livermore.store.redis import RedisStore


def test_a_message_is_new_once(store: RedisStore) -> None:
    assert [store.run(deliveries.claim("clerk", "msg_1")) for _ in range(3)] == [True, False, False]
    assert store.run(deliveries.claim("clerk", "msg_2"))
    assert store.run(deliveries.claim("other", "msg_1"))


def test_one_that_could_not_be_heeded_is_new_again(store: RedisStore) -> None:
    store.run(deliveries.claim("clerk", "msg_1"))
    store.run(deliveries.release("clerk", "msg_1"))
    assert store.run(deliveries.claim("clerk", "msg_1"))


def test_it_is_remembered_for_longer_than_a_signature_is_good(store: RedisStore) -> None:
    store.run(deliveries.claim("clerk", "msg_1"))
    left = store.run(command("TTL", "webhooks:clerk:msg_1", read=int))
    assert 2 * 300 < left <= deliveries.KEPT
