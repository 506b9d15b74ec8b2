"""Cases 61, 63 and 65 to 68: messages, dead letters, watching, and names that outlive their incarnations."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from livermore.errors import Fenced, Finished, Permanent, Transient
from livermore.supervision.dead_letters import DeadLetters
from livermore.supervision.events import Remove, Request, Start, Stop, Watch, nobody
from livermore.supervision.file_keys import DeadLetterKeys
from livermore.supervision.mailbox import EMPTY, Mailbox
from livermore.supervision.spec import MailboxKeys
from livermore.supervision.state import State
from tests.conformance.support_f import AT_ONCE, House, Word, doer, in_threads, until
from tests.support.clocks import ManualClock
from tests.support.trees import supervisor

KEEPS = {"keep_on_restart": True}


# -- 61


def told(how: str, **mailbox: Any) -> House:
    """A house with a sender ``s`` and a receiver ``r`` that is down in this way."""
    receiver = doer("r", mailbox=mailbox, restart="transient", autostart=how != "never started")
    house = House(receiver, doer("s", receiver), intensity=9)
    if how == "stopped":
        house.do(Stop("r"))
    elif how == "removed":
        house.do(Stop("r"))
        house.do(Remove("r"))
    elif how != "never started":
        house.end("r", ENDS[how])
    return house


ENDS: dict[str, Exception] = {
    "crashed": RuntimeError("boom"),
    "waiting": Transient("no Redis"),
    "parked": Permanent("bad key"),
    "done": Finished("all done"),
}
HOW = [*ENDS, "stopped", "removed", "never started"]


@pytest.mark.parametrize("how", HOW)
def test_case_61_telling_a_name_that_is_down_never_raises_and_is_a_dead_letter(how: str) -> None:
    """★ Fails without: `self.dead_letters.add(path, "not_running", message)` in post_office.py, in `tell_all`."""
    house = told(how)
    before = house.letters().get(("r", "not_running"), 0)
    for word in ("one", "two"):
        house.emit("s#1", word)
    assert house.letters()["r", "not_running"] == before + 2
    assert house.state("s") is State.UP
    assert not {"one", "two"} & set(house.deeds.heard("r"))


@pytest.mark.parametrize(("how", "then"), [("crashed", 0.0), ("waiting", 2.0), ("parked", None), ("stopped", None)])
def test_case_61_with_keep_on_restart_it_is_queued_for_the_next_incarnation(how: str, then: float | None) -> None:
    house = told(how, **KEEPS)
    for word in ("one", "two"):
        house.emit("s#1", word)
    if then is None:
        house.do(Start("r"))
    else:
        house.advance(then)
    house.emit("s#1", "three")
    house.work("r")
    assert house.deeds.got[-3:] == [("r#2", "one"), ("r#2", "two"), ("r#2", "three")]
    assert house.letters() == {}


def test_case_61_what_was_queued_for_one_that_is_removed_then_is_a_dead_letter() -> None:
    house = told("stopped", **KEEPS)
    house.emit("s#1", "one")
    house.do(Remove("r"))
    assert house.letters() == {("r", "removed"): 1}


def test_case_61_nothing_is_lost_uncounted_and_no_sender_dies_while_the_receiver_crashes_again_and_again() -> None:
    """Three senders in threads, 20 crashes among 3,000 messages: heard, in flight at a crash, or a dead letter."""
    receiver = doer("r", backoff=AT_ONCE)
    senders = [doer(name, receiver) for name in ("s", "t", "u")]
    with in_threads(receiver, *senders, intensity=1000) as run:
        run.up("u")
        run.deeds.when["go"] = lambda sender: [
            sender.emit(Word("boom" if n % 150 == 0 else "hello")) for n in range(1000)
        ]
        for sender in senders:
            run.tell(sender.path, "go")
        until(lambda: accounted(run) == 3000, "the account of all messages")
        assert [run.shown()[sender.path]["generation"] for sender in senders] == [1, 1, 1]
        assert run.shown()["r"]["generation"] > 1


def accounted(run: Any) -> int:
    """Messages to ``r`` that were heard, fatal ones too, or are dead letters."""
    heard = len([word for word in run.deeds.heard("r") if word != "warm up"])
    return heard + sum(
        count for (path, _), count in list(run.incarnations.mail.dead_letters.counts.items()) if path == "r"
    )


# -- 63


def test_case_63_mail_that_is_kept_comes_in_order_and_without_the_message_that_was_fatal() -> None:
    house = House(doer("a", mailbox=KEEPS))
    house.tell("a", "one", "boom", "two", "three")
    house.work("a")
    house.tell("a", "four")
    house.advance(0.0)
    house.tell("a", "five")
    house.work("a")
    heard = ["one", "boom"], ["two", "three", "four", "five"]
    assert house.deeds.got == [
        *[("a#1", word) for word in ("warm up", *heard[0])],
        *[("a#2", word) for word in ("warm up", *heard[1])],
    ]
    assert house.letters() == {}


def test_case_63_mail_outlives_an_incarnation_that_hangs() -> None:
    house = House(doer("a", mailbox=KEEPS))
    house.deeds.when["long"] = lambda _: house.advance(8.25)
    house.tell("a", "long", "one")
    house.work("a", most=1)
    house.tell("a", "two")
    house.work("a")
    assert house.deeds.got[-3:] == [("a#2", "warm up"), ("a#2", "one"), ("a#2", "two")]
    assert house.letters() == {}


def test_case_63_each_senders_messages_keep_their_order_across_restarts() -> None:
    """Four threads send 500 messages each, every hundredth of them fatal: each is heard once, in its sender's order."""
    with in_threads(doer("a", mailbox=KEEPS, backoff=AT_ONCE), intensity=1000) as run:
        run.up("a")

        def send(name: str) -> None:
            for number in range(500):
                word = f"{name} {number:03}"
                if number % 100 == 50:
                    run.deeds.when[word] = run.deeds.when["boom"]
                run.tell("a", word)

        senders = [threading.Thread(target=send, args=(name,)) for name in "pqrs"]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        run.tell("a", "end")
        until(lambda: run.deeds.heard("a")[-1] == "end", "the last message")
        words = run.deeds.heard("a")
        for name in "pqrs":
            assert [word for word in words if word[0] == name] == [f"{name} {number:03}" for number in range(500)]
        assert words.count("warm up") == 1 + 4 * 5
        assert run.incarnations.mail.dead_letters.counts.total() == 0


# -- 65


@dataclass(frozen=True)
class Price:
    """What coalesces by its series."""

    series: str
    value: int


def reference(policy: str, capacity: int, prices: list[Price]) -> tuple[list[Price], list[Price]]:
    """What a mailbox keeps and drops, said as plainly as can be."""
    kept: list[Price] = []
    dropped: list[Price] = []
    for price in prices:
        kept.append(price)
        if len(kept) > capacity and policy == "coalesce":
            newest = {one.series: one for one in kept}
            first = [one for n, one in enumerate(kept) if one.series not in {other.series for other in kept[:n]}]
            dropped += [one for one in kept if one is not newest[one.series]]
            kept = [newest[one.series] for one in first]
        if len(kept) > capacity:
            dropped.append(kept.pop(-1 if policy == "drop_newest" else 0))
    return kept, dropped


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(["drop_newest", "drop_oldest", "coalesce"]),
    capacity=st.integers(1, 5),
    series=st.lists(st.sampled_from("abcd"), max_size=20),
)
def test_case_65_a_full_mailbox_keeps_and_drops_what_its_policy_says(
    policy: str, capacity: int, series: list[str]
) -> None:
    prices = [Price(name, number) for number, name in enumerate(series)]
    dropped: list[Any] = []
    key = "series" if policy == "coalesce" else None
    keys = MailboxKeys(capacity=capacity, overflow=policy, coalesce_key=key)  # type: ignore[arg-type]
    box = Mailbox(keys, lambda message, _: dropped.append(message))
    for price in prices:
        assert box.put(price)
    kept, gone = reference(policy, capacity, prices)
    assert list(iter(box.poll, EMPTY)) == kept
    assert sorted(price.value for price in dropped) == sorted(price.value for price in gone)


def test_case_65_coalescing_keeps_the_latest_of_each_key_in_the_position_of_the_first() -> None:
    dropped: list[Any] = []
    keys = MailboxKeys(capacity=4, overflow="coalesce", coalesce_key="series")
    box = Mailbox(keys, lambda message, policy: dropped.append((message.value, policy)))
    box.put_all([Price("a", 1), Price("b", 2), Price("a", 3), Price("c", 4), Price("a", 5)])
    assert list(iter(box.poll, EMPTY)) == [Price("a", 5), Price("b", 2), Price("c", 4)]
    assert dropped == [(1, "coalesce"), (3, "coalesce")]


@pytest.mark.parametrize(
    ("policy", "letters"), [("drop_newest", 2), ("drop_oldest", 2), ("coalesce", 0)]
)  # the newest of a series says what the others would have
def test_case_65_what_is_dropped_is_counted_and_is_a_dead_letter_unless_a_newer_one_says_it(
    policy: str, letters: int
) -> None:
    key = "__class__" if policy == "coalesce" else None
    house = House(doer("a", mailbox={"capacity": 2, "overflow": policy, "coalesce_key": key}))
    house.tell("a", "one", "two", "three", "four")
    assert house.metric("livermore_actor_mailbox_dropped_total", actor="a", policy=policy) == 2
    assert house.letters().get(("a", "overflow"), 0) == letters
    assert house.state("a") is State.UP


# -- 66


def test_case_66_a_dead_letter_about_a_dead_letter_does_not_come_to_be() -> None:
    """Two that watch each other end together: what one would be told of the other is one letter, and that is all."""
    house = House(doer("a"), doer("b"), intensity=9)
    for name, other in ("ab", "ba"):
        house.lives[f"{name}#1"].context.request(Watch(other))
    house.settle()
    house.life("b").mailbox.close()  # as its host does first of all
    house.end("a", RuntimeError("boom"))
    assert house.letters() == {("b", "not_running"): 1}
    for _ in range(5):
        house.settle()
    assert house.letters() == {("b", "not_running"): 1}


def test_case_66_of_a_kind_of_dead_letter_the_first_is_logged_and_then_a_count_every_so_often() -> None:
    clock = ManualClock()
    letters = DeadLetters(clock, DeadLetterKeys(keep=100, log_every="10s"))  # type: ignore[arg-type]
    with capture_logs() as lines:
        for _ in range(10_000):
            letters.add("a", "crash", "secret words")
            clock.advance(0.002)
        letters.add("a", "stopped", "secret words")
        clock.advance(10.0)
        letters.add("a", "crash", "secret words")
    said = [(line["reason"], line["since_last"], line["count"]) for line in lines]
    assert said == [("crash", 1, 1), ("crash", 5000, 5001), ("stopped", 1, 1), ("crash", 5000, 10_001)]
    assert letters.counts == {("a", "crash"): 10_001, ("a", "stopped"): 1}
    assert len(letters.newest) == 100
    assert "secret" not in str(lines) + str(letters.newest)


# -- 67


def downs(house: House, who: str) -> list[tuple[str, int, str]]:
    """The ends that somebody was told of, and by which the telling was done."""
    house.work(who.partition("#")[0])
    return [(down.path, down.generation, str(down.ending.reason)) for to, down in house.deeds.downs if to == who]


def watching(*watched: str) -> House:
    """A house with a watcher ``w`` of these, and with ``a`` and ``b``."""
    house = House(doer("w"), doer("a"), doer("b"), intensity=99)
    for name in watched:
        house.actors["w#1"].watch(name)
    house.settle()
    return house


def test_case_67_a_watcher_hears_of_every_end_once() -> None:
    house = watching("a", "a")
    house.end("a", RuntimeError("boom"))
    house.end("b", RuntimeError("boom"))
    house.advance(0.0)
    house.do(Stop("a"))
    assert downs(house, "w#1") == [("a", 1, "crash"), ("a", 2, "stopped")]


def test_case_67_of_one_that_hangs_it_hears_when_it_is_given_up_and_not_when_the_thread_ends() -> None:
    house = watching("a")
    house.deeds.when["long"] = lambda _: house.advance(8.25)
    house.tell("a", "long")
    house.work_as(house.lives["a#1"])
    house.lives["a#1"].end(RuntimeError("boom"))
    house.settle()
    assert downs(house, "w#1") == [("a", 1, "hang")]


@pytest.mark.parametrize("name", ["a", "nowhere"])
def test_case_67_whoever_watches_where_nobody_lives_is_told_so_at_once(name: str) -> None:
    house = watching()
    house.end("a", Permanent("bad key"))
    house.actors["w#1"].watch(name)
    house.settle()
    assert downs(house, "w#1") == [(name, 1 if name == "a" else 0, "noproc")]
    if name == "a":
        house.do(Start("a"))
        house.end("a", RuntimeError("boom"))
        assert downs(house, "w#1")[1:] == [("a", 2, "crash")]


def test_case_67_whoever_watches_no_longer_hears_no_more() -> None:
    house = watching("a", "b")
    house.actors["w#1"].unwatch("a")
    house.settle()
    for name in "ab":
        house.end(name, RuntimeError("boom"))
    assert downs(house, "w#1") == [("b", 1, "crash")]


def test_case_67_a_watcher_that_restarts_loses_its_watches() -> None:
    house = watching("a")
    house.end("w", RuntimeError("boom"))
    house.advance(0.0)
    house.end("a", RuntimeError("boom"))
    assert downs(house, "w#2") == []


def test_case_67_a_watch_of_an_incarnation_that_has_been_replaced_meanwhile_is_not_heeded() -> None:
    house = watching()
    house.end("w", RuntimeError("boom"))
    house.advance(0.0)
    house.tree.handle(Request(Watch("a"), nobody, ("w", 1)))
    house.end("a", RuntimeError("boom"))
    assert downs(house, "w#2") == []


def test_case_67_a_watched_name_is_looked_for_beside_the_watcher_and_then_above() -> None:
    inner = supervisor("in", doer("in/a"), doer("in/w"))
    house = House(doer("a"), doer("b"), inner, intensity=9)
    for name in "ab":
        house.actors["in/w#1"].watch(name)
    house.settle()
    for path in ("a", "b", "in/a"):
        house.end(path, RuntimeError("boom"))
    house.work("in/w")
    assert [down.path for _, down in house.deeds.downs] == ["b", "in/a"]


def test_case_67_a_down_overtakes_the_mail_that_waits() -> None:
    house = watching("a")
    house.tell("w", *["hello"] * 100)
    house.end("a", RuntimeError("boom"))
    house.work("w", most=1)
    assert [(down.path, down.generation) for _, down in house.deeds.downs] == [("a", 1)]
    assert "hello" not in house.deeds.heard("w")


# -- 68


def test_case_68_a_name_always_reaches_the_newest_incarnation() -> None:
    """★ Fails without: `return self._heir is not None and self._heir.put(message)` in mailbox.py."""
    receiver = doer("r", mailbox=KEEPS)
    house = House(receiver, doer("s", receiver))
    house.emit("s#1", "before")
    house.work("r")
    house.end("r", RuntimeError("boom"))
    house.emit("s#1", "during")
    house.advance(0.0)
    house.emit("s#1", "after")
    house.work("r")
    assert [got for got in house.deeds.got if got[1] != "warm up"] == [
        ("r#1", "before"),
        ("r#2", "during"),
        ("r#2", "after"),
    ]


def test_case_68_what_was_put_into_the_mailbox_of_an_older_one_reaches_the_newest() -> None:
    """A sender has looked up the name, and is slow to send: by then there have been two restarts."""
    house = House(doer("a", mailbox=KEEPS))
    boxes = [house.life("a").mailbox]
    for _ in range(2):
        house.end("a", RuntimeError("boom"))
        house.advance(0.2)
        boxes.append(house.life("a").mailbox)
    for number, box in enumerate(boxes):
        assert box.put(Word(f"to {number}"))
    house.work("a")
    assert house.deeds.got[-3:] == [("a#3", "to 0"), ("a#3", "to 1"), ("a#3", "to 2")]


def test_case_68_an_older_incarnation_is_fenced() -> None:
    """★ Fails without: `sender.check_fence()` in incarnations.py, in `_emit` and in `_request`."""
    receiver = doer("r")
    house = House(receiver, doer("s", receiver))
    house.deeds.when["long"] = lambda _: house.advance(8.25)
    house.tell("s", "long")
    house.work_as(house.lives["s#1"], most=1)
    for act in (lambda: house.emit("s#1", "late"), lambda: house.actors["s#1"].request(Stop("r"))):
        with pytest.raises(Fenced):
            act()
    house.emit("s#2", "new")
    house.work("r")
    assert house.deeds.heard("r") == ["warm up", "new"]
    assert house.metric("livermore_fenced_sends_total", actor="s") == 1


def test_case_68_a_request_that_an_older_incarnation_had_made_is_not_done_after_its_end() -> None:
    """An instance asks for its pipeline and hangs: the pipeline must not run under a lease that another one holds."""
    pipeline = supervisor("p", doer("p/x"), autostart=False)
    house = House(doer("i"), pipeline, strategy="rest_for_one")
    house.deeds.when["long"] = lambda _: house.advance(8.25)
    house.tell("i", "long")
    house.work_as(house.lives["i#1"], most=1)
    assert house.generation("i") == 2
    house.tree.handle(Request(Start("p", {"epoch": 1}), nobody, ("i", 1)))
    house.settle()
    assert house.state("p") is State.IDLE
