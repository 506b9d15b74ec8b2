"""A herald: changes of state are told together, soon, seldom, and not at all once they are no news."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from livermore.lifecycle import Change, Phase
from livermore.notices.backoff import FIRST
from livermore.notices.door import Door, Means
from livermore.notices.herald import SETTLED, Herald
from livermore.notices.state_notice import StateNotice
from livermore.notices.target import Outcome
from livermore.store import alerts, notices, state_notices
from livermore.store.redis import AsyncRedisStore
from livermore.store.state_notices import BURST, EVERY, FRESH
from tests.notices.examples import Mailbox, Scripted
from tests.support.clocks import ManualClock
from tests.support.leases import KEYS
from tests.support.valkey import Valkey

DOWN = Outcome("postponed", "the answer is 503")
STEPS = (Phase.IDLE, Phase.STARTING, Phase.WARMING, Phase.ACTIVE)


class Court:
    """Redis, a clock that stands, and a herald."""

    def __init__(self, runner: asyncio.Runner, valkey: Valkey) -> None:
        self.runner, self.clock = runner, ManualClock()
        self.redis = runner.run(self._made(valkey))
        self.run(alerts.join(KEYS, "notifier"))
        self.target = Scripted()
        self.herald = runner.run(self._herald())

    async def _made(self, valkey: Valkey) -> AsyncRedisStore:
        return AsyncRedisStore(valkey.place)

    async def _herald(self) -> Herald:
        means = Means("coinbase", self.redis, KEYS, Mailbox(), self.clock, None)  # type: ignore[arg-type]
        return Herald(Door("hook", self.target, means))

    def run(self, query: Any) -> Any:
        return self.runner.run(self.redis.run(query))

    def change(self, after: Phase = Phase.ACTIVE, error: str = "") -> Change:
        """One that happens now, and is filed."""
        made = Change("coinbase", Phase.IDLE, after, self.clock.wall(), "here", 1, error)
        self.run(state_notices.announce(KEYS, made))
        for entry in self.run(alerts.next_deliveries(KEYS, "notifier", "notifier", 10, 1)):
            self.run(state_notices.file(KEYS, "notifier", entry.id, made, ["hook"]))
        self.clock.advance(0.1)
        return made

    def look(self) -> float | None:
        return self.runner.run(self.herald._tell_next())

    def look_for(self, seconds: float) -> None:
        """Let time pass."""
        end = self.clock.wall() + seconds * 1000
        while (left := (end - self.clock.wall()) / 1000) > 0:
            wait = self.look()
            self.clock.advance(left if wait is None else min(left, wait + 0.001))

    @property
    def told(self) -> list[tuple[Change, ...]]:
        """What was said, one for each attempt."""
        return [notice.changes for notice in self.target.notices if isinstance(notice, StateNotice)]

    def waiting(self) -> list[Change]:
        found: list[Change] = self.run(state_notices.waiting(KEYS, "hook"))
        return found


@pytest.fixture
def court(empty_valkey: Valkey) -> Iterator[Court]:
    with asyncio.Runner() as runner:
        made = Court(runner, empty_valkey)
        yield made
        runner.run(made.redis.close())


def test_changes_that_follow_each_other_are_told_together_once_they_have_settled(court: Court) -> None:
    changes = [court.change(phase) for phase in STEPS]
    wait = court.look()
    assert wait == pytest.approx(SETTLED - 0.1)
    assert court.told == []
    court.clock.advance(SETTLED)
    assert court.look() is None
    assert court.told == [tuple(changes)]
    assert court.waiting() == []


def test_what_nobody_changes_is_told_no_second_time(court: Court) -> None:
    court.change()
    court.look_for(600)
    assert len(court.told) == 1


def test_a_pipeline_that_restarts_for_ever_is_told_of_seldom_and_each_change_once(court: Court) -> None:
    changes = []
    for _ in range(600 // 15):
        changes += [court.change(phase) for phase in (Phase.STARTING, Phase.STOPPING)]
        court.look_for(15 - 0.2)
    court.look_for(EVERY)
    assert len(court.told) <= BURST + 1 + 600 / EVERY
    assert [one for told in court.told for one in told] == changes


def test_a_list_is_short(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_notices, "KEPT", 3)
    changes = [court.change() for _ in range(5)]
    assert court.waiting() == changes[-3:]


def test_what_cannot_be_told_is_tried_again_until_it_is_no_news(court: Court) -> None:
    court.target.outcomes = [DOWN, Outcome("sent")]
    court.change()
    court.look_for(60)
    assert len(court.told) == 2
    court.target.outcomes = [DOWN] * 100
    court.change()
    court.look_for(2 * FRESH / 1000)
    assert 3 <= len(court.told) <= 2 + BURST + FRESH / 1000 / EVERY
    assert court.waiting() == []


def test_a_target_that_has_come_back_is_tried_soon_if_it_fails_again(court: Court) -> None:
    court.target.outcomes = [DOWN, DOWN, Outcome("sent"), DOWN]
    waits = []
    for phase in (Phase.STARTING, Phase.ACTIVE):
        court.change(phase)
        court.clock.advance(SETTLED)
        while (wait := court.look()) is not None and len(court.told) < 4:
            waits.append(wait)
            court.clock.advance(wait + EVERY)
        court.clock.advance(EVERY)
    assert len(waits) == 2
    assert waits[0] < waits[1]
    assert wait is not None
    assert wait <= FIRST


def test_what_is_refused_is_not_tried_again_and_is_no_dead_letter(court: Court) -> None:
    court.target.outcomes = [Outcome("refused", "the answer is 404")]
    court.change()
    court.look_for(60)
    assert len(court.told) == 1
    assert court.run(notices.dead(KEYS)) == []


def test_a_change_of_long_ago_is_not_told(court: Court) -> None:
    court.change(Phase.STOPPED)
    court.clock.advance(FRESH / 1000)
    fresh = court.change(Phase.ACTIVE)
    court.look_for(10)
    assert court.told == [(fresh,)]


def test_no_turn_of_an_alert_is_taken(court: Court) -> None:
    def turn() -> int:
        return int(court.run(notices.turn(KEYS, "hook", 30, 5, court.clock.wall())))

    assert turn() == 0
    court.change()
    court.clock.advance(SETTLED)
    court.look()
    assert len(court.told) == 1
    assert [turn() for _ in range(6)] == [0] * 5 + [2_000]


def test_a_target_that_asks_to_be_left_alone_is_by_both(court: Court) -> None:
    court.run(notices.pause(KEYS, "hook", 20_000, court.clock.wall()))
    court.change()
    court.look_for(19)
    assert court.told == []
    court.target.outcomes = [Outcome("postponed", "the answer is 429", 30.0)]
    court.look_for(2)
    assert len(court.told) == 1
    assert court.run(notices.paused(KEYS, "hook", court.clock.wall())) > 28_000
    court.look_for(28)
    assert len(court.told) == 1
    court.look_for(3)
    assert len(court.told) == 2


def test_the_last_words_are_told_at_once(court: Court) -> None:
    changes = [court.change(phase) for phase in (Phase.STOPPING, Phase.STOPPED)]
    court.runner.run(court.herald.last_words())
    assert court.told == [tuple(changes)]
    court.runner.run(court.herald.last_words())
    assert len(court.told) == 1


def test_who_is_called_tells_without_being_asked(court: Court) -> None:
    async def watched() -> None:
        running = asyncio.ensure_future(court.herald.run())
        await asyncio.sleep(0)
        court.herald.call()
        async with asyncio.timeout(10):
            while not court.told:
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    court.change()
    court.clock.advance(SETTLED)
    court.runner.run(watched())
    assert len(court.told) == 1
