"""A line: the way of some symbols' frames from an exchange to us, over one connection after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from livermore.clock import Clock, wall_seconds
from livermore.errors import ProtocolError, Transient
from livermore.exchanges.assembly import Outcome
from livermore.exchanges.codec import Codec, Sign
from livermore.market.gap import Cause
from livermore.net.call import Call
from livermore.net.guard import Guard, IsMute, Remedy
from livermore.net.interface import Network
from livermore.supervision.loop_actor import together

SHORT_LIFE = 5.0
"""A connection that lasts less than so many seconds is no reason to connect again at once."""
RETRY = 5.0
"""Seconds until a connection is tried again that is to take another one's place."""
LOOK = 1_000
"""How often (ms of market time) silence is looked at."""


@dataclass(frozen=True)
class Terms:
    """What a line needs. ``codec`` makes one for symbols; ``grace``: ms, at most.

    ``heed``: what is done with the outcome of every frame, or with the error that it cannot be read; ``is_mute``:
    asks REST; ``down``: what is done when the exchange cannot be reached, before the line fails.
    """

    network: Network
    url: str
    codec: Callable[[Sequence[str]], Codec]
    sign: Sign
    clock: Clock
    grace: int
    heed: Callable[[Outcome | ProtocolError], Awaitable[None]]
    is_mute: IsMute
    down: Callable[[], Awaitable[None]]


class Line:
    """Does by itself what helps against silence: ask REST, subscribe again, connect again, and in the end fail."""

    def __init__(self, terms: Terms, symbols: Sequence[str], cause: Cause) -> None:
        """``cause``: why nothing was heard before."""
        self.symbols = list(symbols)
        self._terms, self._clock, self._cause = terms, terms.clock, cause
        self._log = structlog.get_logger("livermore.feed")
        self._codec, self._sign = terms.codec(symbols), terms.sign
        self.assembly = self._codec.assembly(symbols, terms.grace)
        self._guard = Guard(self._codec.name, int(self._codec.silence * 1000), terms.is_mute)
        self._calls: list[Call] = []  # the one that is listened to, and one that may take its place
        self._leaving = asyncio.Event()

    async def run(self) -> None:
        """Listen, for ever.

        Raises:
            Transient: the exchange cannot be reached, or hangs up at once.
            LivermoreError: nothing helps against its silence.
        """
        try:
            while True:
                await self._converse()
        finally:
            await self._hang_up()

    async def watch(self, symbols: Sequence[str]) -> None:
        """From now on, these symbols; of those that stay nothing is lost."""
        added = [symbol for symbol in symbols if symbol not in self.symbols]
        removed = [symbol for symbol in self.symbols if symbol not in symbols]
        self.symbols, self._codec = list(symbols), self._terms.codec(symbols)
        self.assembly.watch(symbols)
        for symbol in removed:
            self._guard.forget(symbol)
        await self._resubscribe(removed, added)

    async def _resubscribe(self, removed: Sequence[str], added: Sequence[str]) -> None:
        messages = self._codec.unsubscriptions(removed, self._sign) if removed else []
        messages += self._codec.subscriptions(added, self._sign) if added else []
        for call in self._calls:
            await call.send(messages)

    # -- connections

    async def _converse(self) -> None:
        """One connection, with those that take its place, until the last of them ends."""
        began = self._clock.monotonic()
        self.assembly.connected(self._cause)
        self._cause = Cause.DISCONNECT
        self._guard.connected(self._clock.now())
        try:
            await self._dial()
        except Transient:
            await self._terms.down()
            raise
        await together(self._keep(), self._watch())
        await self._hang_up()
        self._log.info("the connection has ended", exchange=self._codec.name, before=self._cause)
        if self._clock.monotonic() - began < SHORT_LIFE:
            raise Transient(f"{self._codec.name} hangs up as soon as we connect")

    async def _dial(self) -> Call:
        call = Call(self._terms.network, self._terms.url, self._take, self._codec.messages_per_second)
        self._calls.append(call)
        await call.open(self._codec.subscriptions(self.symbols, self._sign))
        return call

    async def _hang_up(self) -> None:
        while self._calls:
            await self._calls.pop().close()

    async def _keep(self) -> None:
        while await self._is_to_be_replaced(self._calls[0].ended):
            await self._replace()

    async def _is_to_be_replaced(self, ended: "asyncio.Future[None]") -> bool:
        leaving: asyncio.Future[Any] = asyncio.ensure_future(self._leaving.wait())
        try:
            await asyncio.wait({ended, leaving}, timeout=self._codec.life, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        if ended.done() and (error := ended.exception()) is not None and not isinstance(error, Transient):
            raise error
        return not ended.done()

    async def _replace(self) -> None:
        """Make before break: both are listened to until the new one speaks."""
        self._leaving.clear()
        try:
            await (await self._dial()).answered()
        except Transient as error:
            self._log.warning("a connection cannot be replaced yet", exchange=self._codec.name, reason=str(error))
            await self._calls.pop().close()
            await asyncio.wait({self._calls[0].ended}, timeout=RETRY)
            self._leaving.set()
        else:
            await self._calls.pop(0).close()

    async def _take(self, data: str | bytes) -> None:
        try:
            frame = self._codec.decode(data)
            outcome = self.assembly.take(frame)
        except ProtocolError as error:
            await self._terms.heed(error)
            return
        if frame.time is not None:
            self._guard.hear(frame.time, self._clock.now())
        if outcome.leaving:
            self._leaving.set()
        if outcome.denied and self._sign is not unsigned:
            await self._do_without_key()
        await self._terms.heed(outcome)

    async def _do_without_key(self) -> None:
        """What is public is told to everybody."""
        self._log.error("the exchange does not take our key; it is followed without one", exchange=self._codec.name)
        self._sign = unsigned
        await self._resubscribe([], self.symbols)

    # -- silence

    async def _watch(self) -> None:
        """Ends when the connection is to be given up for its silence."""
        while True:
            now = self._clock.now()
            if self._guard.says_nothing(now) or not await self._rouse(now):
                self._cause = Cause.SILENCE
                return
            await asyncio.sleep(wall_seconds(self._clock, LOOK))

    async def _rouse(self, now: int) -> bool:
        """Do what helps against the silence of symbols; False where that is another connection."""
        for symbol in self._guard.suspects(self.symbols, self.assembly.heard(), now):
            remedy = await self._guard.look_into(symbol, now)
            if remedy is Remedy.RECONNECT:
                return False
            if remedy is Remedy.RESUBSCRIBE:
                await self._resubscribe([symbol], [symbol])
        return True


def unsigned() -> None:
    """For messages that need no token."""
