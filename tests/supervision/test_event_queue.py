"""Tests of the supervisor's queue: nothing is lost, in order, and nobody waits for longer than asked."""

import threading
from queue import Empty

import pytest

from livermore.supervision import event_queue
from livermore.supervision.event_queue import EventQueue

PATIENCE = 20.0


def test_what_was_put_first_is_taken_first() -> None:
    events: EventQueue[int] = EventQueue()
    for i in range(5):
        events.put(i)
    assert [events.get(0) for _ in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("timeout", [-1.0, 0.0, 1e-9, 0.001])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_where_there_is_none_the_wait_ends(timeout: float, before: int) -> None:
    events: EventQueue[int] = EventQueue()
    for i in range(before):
        events.put(i)
    for _ in range(before):
        events.get(0)
    with pytest.raises(Empty):
        events.get(timeout)


def test_whoever_was_held_up_for_longer_than_it_was_to_wait_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    events: EventQueue[int] = EventQueue()
    events.put(1)
    events.get(0)
    clock = iter([0.0, 0.0005, 10.0])  # begun, before the lock that the event has left open, and after it
    monkeypatch.setattr(event_queue, "monotonic", lambda: next(clock))
    with pytest.raises(Empty):
        events.get(0.001)


def test_a_taker_that_waits_is_woken() -> None:
    events: EventQueue[str] = EventQueue()
    taken: list[str] = []
    taker = threading.Thread(target=lambda: taken.append(events.get(PATIENCE)))
    taker.start()
    events.put("news")
    taker.join(PATIENCE)
    assert taken == ["news"]


def test_of_what_many_threads_put_nothing_is_lost() -> None:
    events: EventQueue[tuple[int, int]] = EventQueue()
    putters = [threading.Thread(target=lambda i=i: [events.put((i, n)) for n in range(2_000)]) for i in range(4)]
    for putter in putters:
        putter.start()
    taken = [events.get(PATIENCE) for _ in range(8_000)]
    assert [[n for who, n in taken if who == i] for i in range(4)] == [list(range(2_000))] * 4
    with pytest.raises(Empty):
        events.get(0)
