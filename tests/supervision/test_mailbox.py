"""The mailbox: two lanes, a bound, and nothing after it is closed."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from livermore.supervision.mailbox import EMPTY, Mailbox
from livermore.supervision.orders import STOP
from livermore.supervision.spec import MailboxKeys


@dataclass(frozen=True)
class Price:
    series: str
    value: int


def mailbox(**keys: Any) -> tuple[Mailbox, list[Any]]:
    dropped: list[Any] = []
    return Mailbox(MailboxKeys(**keys), lambda message, reason: dropped.append((message, reason))), dropped


def taken(box: Mailbox) -> list[Any]:
    return list(iter(box.poll, EMPTY))


def test_messages_come_out_in_the_order_they_went_in() -> None:
    box, _ = mailbox()
    box.put_all([1, 2])
    box.put(3)
    assert taken(box) == [1, 2, 3]


def test_the_control_lane_overtakes_a_backlog() -> None:
    box, _ = mailbox()
    box.put_all(range(10_000))
    box.put_control("now")
    assert box.get() == "now"


@pytest.mark.parametrize(("overflow", "kept"), [("drop_oldest", [2, 3, 4]), ("drop_newest", [1, 2, 3])])
def test_a_full_mailbox_drops_as_it_was_told_and_says_so(overflow: str, kept: list[int]) -> None:
    box, dropped = mailbox(capacity=3, overflow=overflow)
    box.put_all([1, 2, 3])
    assert box.put(4)
    assert taken(box) == kept
    assert [reason for _, reason in dropped] == [overflow]


def test_coalescing_keeps_the_newest_of_a_series_in_the_place_of_the_oldest() -> None:
    box, dropped = mailbox(capacity=3, overflow="coalesce", coalesce_key="series")
    box.put_all([Price("a", 1), Price("b", 1), Price("a", 2), Price("b", 2)])
    assert taken(box) == [Price("a", 2), Price("b", 2)]
    assert [message for message, _ in dropped] == [Price("a", 1), Price("b", 1)]


def test_coalescing_drops_the_oldest_when_every_series_is_another() -> None:
    box, _ = mailbox(capacity=2, overflow="coalesce", coalesce_key="series")
    box.put_all([Price(name, 1) for name in "abc"])
    assert taken(box) == [Price("b", 1), Price("c", 1)]


def test_a_closed_mailbox_refuses_gives_back_what_was_left_and_tells_the_taker_to_stop() -> None:
    box, _ = mailbox()
    box.put_all([1, 2])
    assert box.close() == [1, 2]
    assert not box.put(3)
    assert not box.put_control(3)
    assert box.get() is STOP


def test_a_taker_that_waits_is_woken_by_a_message_and_by_the_closing() -> None:
    box, _ = mailbox()
    got: list[Any] = []
    taker = threading.Thread(target=lambda: got.extend(iter(box.get, STOP)))
    taker.start()
    box.put("hello")
    box.close()
    taker.join(5)
    assert not taker.is_alive()
    assert got in (["hello"], [])  # the closing may overtake the message


def test_nothing_is_lost_or_doubled_between_many_putters_and_one_taker() -> None:
    box, _ = mailbox(capacity=1_000_000)
    got: list[int] = []
    taker = threading.Thread(target=lambda: got.extend(iter(box.get, "end")))
    putters = [threading.Thread(target=lambda n=n: [box.put(n * 10_000 + i) for i in range(10_000)]) for n in range(4)]
    for thread in (taker, *putters):
        thread.start()
    for thread in putters:
        thread.join()
    box.put("end")
    taker.join(30)
    assert sorted(got) == list(range(40_000))
    assert [n for n in got if n < 10_000] == list(range(10_000)), "one sender's messages keep their order"


def test_what_waits_can_be_taken_at_once() -> None:
    box, _ = mailbox()
    box.put_all([1, 2, 3])
    box.put(4)
    assert box.get_some(2) == [1, 2]
    assert box.poll_some(10) == [3, 4]
