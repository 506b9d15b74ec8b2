"""The control: takes in commands to an exchange's pipeline, carries them out one by one, and says what came of each."""

import asyncio
import heapq
from contextlib import suppress
from importlib import import_module
from itertools import count
from typing import NamedTuple

import msgspec
import structlog
from pydantic import ValidationError

from livermore.access import AccessOptions
from livermore.control.kind import Kind
from livermore.control.office import Office
from livermore.control.profile import Profile
from livermore.errors import LivermoreError
from livermore.lifecycle import Phase
from livermore.lifecycle_machine import Want
from livermore.resources import Resources
from livermore.store import activity, commands, instances, lease
from livermore.store.claiming import is_here
from livermore.store.commands import ELSEWHERE, TAKEN, Command, Response
from livermore.store.exchange import keys_of
from livermore.store.lease import Owner
from livermore.store.reign import Reign
from livermore.supervision.loop_actor import LoopActor, together

BLOCK = 1_000
OLDEST = 30_000
"""Ms after which a command is not carried out any more."""
TOLD_WITHIN = 5.0
"""Seconds in which the instance tells how it stands."""
USUAL = 50
"""The priority of what has none, and of what nobody knows."""
MOST = 500
"""Commands that may wait."""
FILES = ("lifecycle", "symbols", "stored", "profile", "settings", "connection")
KINDS: dict[str, Kind] = {
    kind.name: kind for name in FILES for kind in import_module(f"livermore.control.{name}").KINDS
}


class ControlOptions(AccessOptions):
    """``profiles``: strategy profiles by their names."""

    profiles: dict[str, Profile] = {}


class Waiting(NamedTuple):
    """A command in the queue: the lower its priority the sooner, and of the same the older."""

    priority: int
    number: int
    given: Command


class Control(LoopActor):
    """Commands come from anybody who may write to Redis. Each is carried out once, by one process of the exchange."""

    options: ControlOptions
    resources: Resources
    accepts = (Reign,)

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.control").bind(exchange=self.options.exchange)
        self.queue: list[Waiting] = []
        self.numbers = count()
        self.woken = asyncio.Event()
        self.redis = self.keep(self.resources.async_redis(BLOCK / 1000))
        database = self.keep(self.resources.database())
        keys = await keys_of(database, self.options.exchange)
        here = instances.here()
        reign = Reign(Phase.IDLE, Want.REST, None)
        self.office = Office(
            exchange=self.options.exchange,
            process=here,
            redis=self.redis,
            database=database,
            keys=keys,
            clock=self.clock,
            access=self.options,
            profiles=self.options.profiles,
            resources=self.resources,
            reign=reign,
        )

    async def main(self) -> None:
        await together(self._listen(), self._work())

    def receive(self, message: Reign) -> None:
        self.office.heed(message)

    async def _listen(self) -> None:
        place = f"{max(0, self.clock.wall() - OLDEST)}-0"  # what an earlier incarnation took is not taken twice
        while True:
            found = await self.redis.run(commands.follow(self.office.keys, place, BLOCK))
            for _, data in found:
                self._take_in(data)
            place = found[-1][0] if found else place

    def _take_in(self, data: bytes) -> None:
        try:
            given = msgspec.json.decode(data, type=Command)
        except msgspec.MsgspecError as error:
            self.log.warning("a command cannot be read", reason=str(error))
            return
        if len(self.queue) >= MOST:
            self.log.warning("a command is dropped: too many wait", type=given.type, id=given.correlation_id)
            return
        usual = KINDS[given.type].priority if given.type in KINDS else USUAL
        heapq.heappush(self.queue, Waiting(given.priority or usual, next(self.numbers), given))
        self.woken.set()

    async def _work(self) -> None:
        while True:
            while not self.queue:
                self.woken.clear()
                await self.woken.wait()
            await self._settle(heapq.heappop(self.queue).given)

    async def _settle(self, given: Command) -> None:
        """Take it, carry it out and say what came of it."""
        token = await self._token(given)
        place = self.office.keys, given.correlation_id, self.office.process
        taken = await self.redis.run(commands.take(*place, token))
        if taken == ELSEWHERE:
            return
        if taken != TAKEN:
            assert isinstance(taken, Response)
            await self._say(taken)
            return
        await self._say(self._response(given, "ack"))
        last = await self._carried_out(given)
        await self._say(last)
        await self._write_down(given, last)

    async def _token(self, given: Command) -> str:
        """Of the lease, if this process holds it, or ''. Of a lease that is new the instance may still have to tell."""
        holder = await self.redis.run(lease.holder(self.office.keys))
        if holder is None or not is_here(holder):
            return ""
        kind = KINDS.get(given.type)
        if kind is None or kind.waits:
            with suppress(TimeoutError):
                await self.office.until(lambda reign: _is_of(reign, holder), TOLD_WITHIN)
        return lease.token(holder)

    async def _carried_out(self, given: Command) -> Response:
        try:
            data = await self._run(given)
        except LivermoreError as error:
            return self._response(given, "error", message=str(error))
        return self._response(given, "success", data={**data, "timestamp": self.clock.wall()})

    async def _run(self, given: Command) -> dict[str, object]:
        age = self.clock.wall() - given.timestamp
        if age > OLDEST:
            raise LivermoreError(f"the command has expired: it is {age / 1000:.0f} s old")
        kind = KINDS.get(given.type)
        if kind is None:
            raise LivermoreError(f"expected one of {', '.join(KINDS)}; found {given.type!r}")
        try:
            payload = kind.payload.model_validate(given.payload)
        except ValidationError as error:
            raise LivermoreError(f"{given.type}: {_fault(error)}") from error
        self.office.by = given.by
        return await kind.run(self.office, payload)

    def _response(self, given: Command, status: str, **more: object) -> Response:
        return msgspec.convert(
            {"correlationId": given.correlation_id, "status": status, "timestamp": self.clock.wall(), **more}, Response
        )

    async def _say(self, response: Response) -> None:
        for query in commands.respond(self.office.keys, response):
            await self.redis.run(query)

    async def _write_down(self, given: Command, last: Response) -> None:
        self.log.info("command", type=given.type, by=given.by, status=last.status, reason=last.message)
        entry = activity.command(self.options.exchange, given, last)
        await self.redis.run(activity.write(self.options.exchange, entry, self.clock.wall()))


def _fault(error: ValidationError) -> str:
    """The first fault, without the value that was found: it may be a secret by mistake."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'payload'}: {first['msg']}"


def _is_of(reign: Reign, holder: Owner) -> bool:
    return reign.duty is not None and reign.duty.lease.owner == holder
