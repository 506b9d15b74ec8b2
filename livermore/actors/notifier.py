"""The notifier: follows the outbox and has people told about alerts and states, of alerts each target at least once."""

import asyncio
from contextlib import suppress

import msgspec
import structlog
from pydantic import field_validator

from livermore import metrics
from livermore.errors import Transient
from livermore.lifecycle import Change
from livermore.market.alert import Alert
from livermore.notices.artist import Artist
from livermore.notices.courier import Courier
from livermore.notices.door import Door, Means
from livermore.notices.herald import Herald
from livermore.notices.sample import sample
from livermore.notices.target import Entry, make_target, names_of
from livermore.resources import Resources
from livermore.settings import Options
from livermore.store import alerts, notices, state_notices
from livermore.store.alerts import Delivery
from livermore.store.exchange import keys_of
from livermore.store.notices import Dead, Letter
from livermore.store.shift import Shift
from livermore.supervision.loop_actor import LoopActor, together

GROUP = "notifier"
AT_ONCE = 20
BLOCK = 2_000
LAST_WORDS = 2.0
"""Seconds in which targets are told of the stop; what takes longer is not told, or at the next start."""


class NotifierOptions(Options):
    """Whose outbox, and where to: ``targets`` are ``{word: URL}`` or ``{word: {options}}``, each word a file of
    `livermore.notices`. ``charts``: whether they are drawn for the targets that show them.
    """

    exchange: str = "coinbase"
    targets: tuple[Entry, ...]
    charts: bool = True

    @field_validator("targets")
    @classmethod
    def _have_different_names(cls, targets: tuple[Entry, ...]) -> tuple[Entry, ...]:
        names = names_of(targets)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"expected a name of its own for each target; found {', '.join(twice)} more than once")
        return targets


class Notifier(LoopActor):
    """One of an exchange's processes tells at a time. An alert leaves the outbox for a list of each target, from which
    a courier takes it; late ones are never told.
    """

    options: NotifierOptions
    resources: Resources

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.notifier")
        self.redis = self.keep(self.resources.async_redis(BLOCK / 1000))
        self.keys = await keys_of(self.keep(self.resources.database()), self.options.exchange)
        self.names = names_of(self.options.targets)
        metrics.begin_notices(self.options.exchange, self.names)
        doors = self._doors()
        self.couriers = [Courier(door) for door in doors]
        self.heralds = [Herald(door) for door in doors if door.target.options.states]
        self.shift = Shift(self.redis, self.keys, GROUP, self.clock)
        await self.redis.run(alerts.join(self.keys, GROUP))

    def _doors(self) -> list[Door]:
        targets = [make_target(entry) for entry in self.options.targets]
        wanted = self.options.charts and any(target.shows_charts for target in targets)
        artist = self.keep(Artist(self.redis, self.keys)) if wanted else None
        network = self.keep(self.resources.network())
        means = Means(self.options.exchange, self.redis, self.keys, network, self.clock, artist)
        return [Door(name, target, means) for name, target in zip(self.names, targets, strict=True)]

    async def _part_with_others(self) -> None:
        """What targets that are gone had still to get is given up, so that nothing waits where nobody looks."""
        for gone in sorted(await self.redis.run(notices.targets(self.keys)) - {*self.names}):
            left = await self.redis.run(notices.letters(self.keys, gone))
            for letter in left:
                told = msgspec.structs.replace(letter, error="its target is not in the tree any more")
                await self.redis.run(notices.give_up(self.keys, Dead(gone, self.clock.wall(), told)))
            await self.redis.run(notices.forget_target(self.keys, gone))
            self.log.warning("a target is gone", target=gone, given_up=len(left))

    async def main(self) -> None:
        await self.shift.begin()
        await self._part_with_others()
        if self.names:
            await self.redis.run(notices.add_targets(self.keys, self.names))
        for courier in self.couriers:
            await courier.count()
        tellers: list[Courier | Herald] = [*self.couriers, *self.heralds]
        await together(self._follow(), self.shift.last(), *(teller.run() for teller in tellers))

    async def cool_down(self) -> None:
        """The pipeline has stopped before, and whoever wants to know of it is told now."""
        with suppress(TimeoutError, Transient):
            async with asyncio.timeout(LAST_WORDS):
                if not self.shift.ours:
                    return
                await self._take(await self._next(1))
                if self.heralds:
                    await together(*(herald.last_words() for herald in self.heralds), until=asyncio.FIRST_EXCEPTION)
        with suppress(Transient):
            await self.shift.end()

    async def _follow(self) -> None:
        while pending := await self.redis.run(alerts.claim_pending(self.keys, GROUP, GROUP, AT_ONCE)):
            await self._take(pending)
        while True:
            await self._take(await self._next(BLOCK))

    async def _next(self, block_ms: int) -> list[Delivery]:
        return await self.redis.run(alerts.next_deliveries(self.keys, GROUP, GROUP, AT_ONCE, block_ms))

    async def _take(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.kind == "alert" and await self._file(delivery):
                continue
            if delivery.kind == "state":
                await self._file_state(delivery)
                continue
            if delivery.kind == "test":
                await self._test(msgspec.json.decode(delivery.data, type=str))
            await self.redis.run(alerts.acknowledge(self.keys, GROUP, [delivery.id]))

    async def _file(self, delivery: Delivery) -> bool:
        """Put an alert on the list of every target; False where nobody is to be told."""
        alert = msgspec.json.decode(delivery.data, type=Alert)
        if alert.late:
            metrics.NOTICES.labels(self.options.exchange, "late").inc()
            return False
        letter = Letter(alert, self.clock.wall())
        await self.redis.run(notices.file(self.keys, GROUP, delivery.id, letter, self.names))
        for courier in self.couriers:
            courier.call()
        return True

    async def _file_state(self, delivery: Delivery) -> None:
        """Put a change on the list of every target that wants it; a herald knows whether it is news still."""
        change = msgspec.json.decode(delivery.data, type=Change)
        names = [herald.name for herald in self.heralds]
        await self.redis.run(state_notices.file(self.keys, GROUP, delivery.id, change, names))
        for herald in self.heralds:
            herald.call()

    async def _test(self, test: str) -> None:
        """Tell every target of nothing, once, and say what came of it."""
        notice = sample(test, self.options.exchange, self.clock.now())
        said = await asyncio.gather(*(courier.test(notice) for courier in self.couriers))
        results = dict(zip(self.names, said, strict=True)) or {"": "there is no target"}
        for query in notices.answer_test(self.keys, test, results):
            await self.redis.run(query)
