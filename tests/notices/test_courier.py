"""A courier: each target gets everything once it can, whatever becomes of others, and nothing is tried for ever."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from livermore.errors import Transient
from livermore.notices import courier as module
from livermore.notices.courier import Courier
from livermore.notices.door import Door, Means
from livermore.notices.sample import sample
from livermore.notices.target import Outcome
from livermore.store import alerts, notices
from livermore.store.notices import Letter
from livermore.store.redis import AsyncRedisStore
from tests.notices.examples import Mailbox, Scripted, alert
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS
from tests.support.valkey import Valkey

DAY = 86_400
DOWN = Outcome("postponed", "the answer is 503")


class Office:
    """Redis, a clock that stands, and couriers."""

    def __init__(self, runner: asyncio.Runner, valkey: Valkey) -> None:
        self.runner, self.clock = runner, ManualClock()
        self.redis = runner.run(self._made(valkey))
        self.means = Means("coinbase", self.redis, KEYS, Mailbox(), self.clock, None)  # type: ignore[arg-type]

    async def _made(self, valkey: Valkey) -> AsyncRedisStore:
        return AsyncRedisStore(valkey.place)

    def run(self, query: Any) -> Any:
        return self.runner.run(self.redis.run(query))

    def courier(self, target: Scripted, name: str = "hook") -> Courier:
        async def make() -> Courier:
            return Courier(Door(name, target, self.means))

        return self.runner.run(make())

    def file(self, *numbers: int, name: str = "hook") -> None:
        for number in numbers:
            letter = Letter(alert(number), self.clock.wall())
            self.run(notices.postpone(KEYS, name, letter, self.clock.wall() + number))
        self.clock.advance(0.1)

    def bring(self, courier: Courier) -> float:
        return self.runner.run(courier._bring_next())

    def bring_for(self, courier: Courier, seconds: float) -> None:
        """Let time pass; each attempt takes a moment."""
        end = self.clock.wall() + seconds * 1000
        while (left := (end - self.clock.wall()) / 1000) > 0:
            wait = self.bring(courier)
            self.clock.advance(min(left, wait + 0.001) if wait > 0 else 0.05)

    def waiting(self, name: str = "hook") -> int:
        return int(self.run(notices.waiting(KEYS, name)))

    def dead(self) -> list[tuple[str, str, int]]:
        """Target, reason and attempts of each."""
        return [(d.target, d.letter.error, d.letter.attempts) for _, d in self.run(notices.dead(KEYS))]


@pytest.fixture
def office(empty_valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(module, "LOOK", 100.0)
    with asyncio.Runner() as runner:
        made = Office(runner, empty_valkey)
        yield made
        runner.run(made.redis.close())


def test_what_is_due_is_brought_in_its_order_and_no_more_is_left(office: Office) -> None:
    target = Scripted()
    courier = office.courier(target)
    office.file(3, 1, 2)
    for _ in range(3):
        assert office.bring(courier) == 0
    assert target.told == [alert(number).id for number in (1, 2, 3)]
    assert office.waiting() == 0
    assert office.bring(courier) > 0
    assert len(target.told) == 3


def test_what_cannot_be_brought_now_waits_and_is_tried_again(office: Office) -> None:
    target = Scripted(DOWN, Transient("hook.invalid cannot be reached"))
    courier = office.courier(target)
    office.file(1)
    office.bring(courier)
    assert office.bring(courier) > 0, "it is not tried again at once"
    office.bring_for(courier, 60)
    assert target.told == [alert(1).id] * 3
    assert (office.waiting(), office.dead()) == (0, [])


def test_after_a_day_it_is_a_dead_letter(office: Office) -> None:
    target = Scripted(*[DOWN] * 1000)
    courier = office.courier(target)
    office.file(1)
    office.bring_for(courier, DAY - 1000)
    assert office.waiting() == 1
    assert len(target.told) < 250, "it is tried ever more seldom"
    assert len(target.told) > 90, "but no more seldom than each quarter of an hour"
    office.bring_for(courier, 2000)
    assert office.waiting() == 0
    assert office.dead() == [("hook", "the answer is 503", len(target.told))]


def test_what_is_refused_is_a_dead_letter_at_once(office: Office) -> None:
    target = Scripted(Outcome("refused", "the answer is 404"))
    courier = office.courier(target)
    office.file(1, 2)
    office.bring_for(courier, 10)
    assert target.told == [alert(1).id, alert(2).id]
    assert office.dead() == [("hook", "the answer is 404", 1)]


def test_a_target_that_is_down_holds_up_no_other_and_repeats_nothing_at_it(office: Office) -> None:
    down, well = Scripted(*[DOWN] * 5), Scripted()
    first, second = office.courier(down, "down"), office.courier(well, "well")
    for name in ("down", "well"):
        office.file(1, 2, 3, name=name)
    office.bring(first)
    for _ in range(3):
        office.bring(second)
    assert well.told == [alert(number).id for number in (1, 2, 3)]
    assert (office.waiting("well"), office.waiting("down")) == (0, 3)
    office.bring_for(first, 600)
    office.bring_for(second, 600)
    assert len(well.told) == 3
    assert sorted(set(down.told)) == well.told
    assert (office.waiting("down"), office.dead()) == (0, [])


def test_a_hung_target_holds_up_no_other(office: Office) -> None:
    hung, well = Scripted(), Scripted()
    hung.hangs = True
    couriers = office.courier(hung, "hung"), office.courier(well, "well")
    for name in ("hung", "well"):
        office.file(1, 2, name=name)

    async def both() -> None:
        tasks = [asyncio.ensure_future(courier.run()) for courier in couriers]
        await asyncio.wait_for(hung.hung.wait(), 10)
        async with asyncio.timeout(10):
            while await office.redis.run(notices.waiting(KEYS, "well")):
                await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    office.runner.run(both())
    assert (len(well.told), len(hung.told), office.waiting("hung")) == (2, 1, 2)


def test_one_notice_that_fails_does_not_keep_others_from_coming(office: Office) -> None:
    target = Scripted()
    target.by_alert[alert(1).id] = DOWN
    courier = office.courier(target)
    office.file(1, 2, 3, 4)
    office.bring_for(courier, 20)
    assert {alert(number).id for number in (2, 3, 4)} <= set(target.told)
    assert office.waiting() == 1


def test_a_target_is_left_alone_for_as_long_as_it_asks(office: Office) -> None:
    target = Scripted(Outcome("postponed", "the answer is 429", 100.0))
    courier = office.courier(target)
    office.file(1, 2)
    office.bring_for(courier, 98)
    assert target.told == [alert(1).id]
    office.bring_for(courier, 5)
    assert sorted(target.told[1:]) == [alert(1).id, alert(2).id]


def test_a_courier_that_starts_anew_knows_what_is_left_and_that_the_target_wants_to_be_left_alone(
    office: Office,
) -> None:
    first = Scripted(Outcome("sent"), Outcome("postponed", "the answer is 429", 100.0))
    office.file(1, 2, 3)
    courier = office.courier(first)
    for _ in range(2):
        office.bring(courier)
    second = Scripted()
    office.bring_for(office.courier(second), 95)
    assert second.told == []
    office.bring_for(office.courier(second), 10)
    assert sorted(second.told) == [alert(2).id, alert(3).id]


def test_an_allowance_that_is_used_up_by_a_notice_is_waited_for(office: Office) -> None:
    target = Scripted(Outcome("sent", "", 50.0))
    courier = office.courier(target)
    office.file(1, 2)
    office.bring_for(courier, 49)
    assert len(target.told) == 1
    office.bring_for(courier, 3)
    assert len(target.told) == 2


def test_no_more_is_brought_in_a_minute_than_is_allowed(office: Office) -> None:
    target = Scripted(per_minute=30)
    courier = office.courier(target)
    office.file(*range(1, 101))
    office.bring_for(courier, 60)
    assert 30 <= len(target.told) <= 36


def test_a_target_that_is_down_is_not_stormed_by_all_that_waits(office: Office) -> None:
    target = Scripted(*[DOWN] * 10_000)
    courier = office.courier(target)
    office.file(*range(1, 201))
    office.bring_for(courier, 3600)
    assert len(target.told) < 150
    target.outcomes.clear()  # it is back
    office.bring_for(courier, 900)
    assert (office.waiting(), office.dead()) == (0, [])


def test_a_letter_that_is_gone_is_taken_off_the_schedule(office: Office, empty_valkey: Valkey) -> None:
    import redis

    target = Scripted()
    courier = office.courier(target)
    office.file(1)
    with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
        client.delete(KEYS.notices("letters", "hook"))
    assert office.bring(courier) == 0
    assert office.bring(courier) > 0
    assert target.told == []


def test_a_notice_of_simulated_data_says_so(office: Office, empty_valkey: Valkey) -> None:
    import redis

    target = Scripted()
    courier = office.courier(target)
    for simulated in (b"true", b"false"):
        office.file(1)
        with redis.Redis(unix_socket_path=str(empty_valkey.socket)) as client:
            client.set(KEYS.schema, b'{"version":1,"simulated":' + simulated + b"}")
        office.bring(courier)
    assert [notice.marks for notice in target.notices] == [("simulated",), ()]


@pytest.mark.parametrize("drawn", [b"a chart", None])
@pytest.mark.parametrize("shows", [True, False])
def test_the_recorder_is_told_whether_a_chart_went_with_it(office: Office, drawn: bytes | None, shows: bool) -> None:
    class Painter:
        async def chart_of(self, *_: object) -> bytes | None:
            return drawn

    office.means = replace(office.means, artist=Painter())  # type: ignore[arg-type]
    target = Scripted()
    target.shows_charts = shows
    courier = office.courier(target)
    office.run(alerts.join(KEYS, "recorder"))
    office.file(1)
    office.bring(courier)
    (entry,) = office.run(alerts.next_deliveries(KEYS, "recorder", "recorder", 10, 1))
    assert msgspec.json.decode(entry.data)["chart"] is (shows and drawn is not None)


def test_a_test_says_what_came_of_it(office: Office) -> None:
    target = Scripted(Outcome("sent"), Outcome("refused", "the answer is 404"), DOWN)
    courier, notice = office.courier(target), sample("test-1", "coinbase", office.clock.now())
    assert office.runner.run(courier.test(notice)) == "sent"
    assert office.runner.run(courier.test(notice)) == "refused: the answer is 404"
    assert office.runner.run(courier.test(notice)) == "postponed: the answer is 503"
    assert office.runner.run(courier.test(notice)).startswith("not sent: it may be told nothing for another ")
    assert (office.waiting(), office.dead()) == (0, [])


@pytest.mark.parametrize("called", [True, False])
def test_who_is_called_looks_at_once(office: Office, monkeypatch: pytest.MonkeyPatch, called: bool) -> None:
    monkeypatch.setattr(module, "LOOK", 30.0)
    courier = office.courier(Scripted())

    async def rest() -> bool:
        task = asyncio.ensure_future(courier._rest(20.0))
        await asyncio.sleep(0)
        if called:
            courier.call()
        done, _ = await asyncio.wait({task}, timeout=5 if called else 0.05)
        task.cancel()
        return bool(done)

    assert office.runner.run(rest()) is called
