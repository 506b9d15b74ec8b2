"""A line: the way of some symbols' frames from an exchange to us, over one connection after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from livermore.clock import Clock, wall_seconds
from livermore.errors import LivermoreError, ProtocolError, Transient
from livermore.exchanges.assembly import Outcome
from livermore.exchanges.codec import Codec, Sign
from livermore.market.gap import Cause
from livermore.market.liveness import Liveness
from livermore.net.call import Call
from livermore.net.interface import Network
from livermore.supervision.loop_actor import together

SHORT_LIFE = 5.0
"""A connection that lasts less than so many seconds is no reason to connect again at once."""
RETRY = 5.0
"""Seconds until a connection is tried again that is to take another one's place."""
LOOK = 1_000
"""How often (ms of market time) silence is looked at."""
TRIES = 3
"""Connections in a row on which nothing new is said before the line gives up."""
NEWS = frozenset({"trades", "klines"})
"""The channels that show that a symbol is traded."""


@dataclass(frozen=True)
class Terms:
    """What a line needs. ``codec`` makes one for symbols; ``grace``: ms, at most.

    ``heed``: what is done with the outcome of every frame, or with the error that it cannot be read; ``is_mute``:
    whether a symbol has been traded since a moment (ms of the exchange's clock), as REST has it; ``down``: what is done
    when the exchange cannot be reached, before the line fails.
    """

    network: Network
    url: str
    codec: Callable[[Sequence[str]], Codec]
    sign: Sign
    clock: Clock
    grace: int
    heed: Callable[[Outcome | ProtocolError], Awaitable[None]]
    is_mute: Callable[[str, int], Awaitable[bool]]
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
        least = int(self._codec.silence * 1000)
        self._frames, self._traded = Liveness[str](least), Liveness[str](least)
        self._calls: list[Call] = []  # the one that is listened to, and one that may take its place
        self._leaving = asyncio.Event()
        self._tries = 0

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
            self._traded.forget(symbol)
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
        self._frames.forget("")
        self._frames.follow("", self._clock.now())
        try:
            await self._dial()
        except Transient:
            await self._terms.down()
            raise
        await together(self._keep(), self._guard())
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
            self._frames.hear("", frame.time, self._clock.now())
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

    async def _guard(self) -> None:
        """Ends when the connection is to be given up for its silence."""
        while True:
            if not await self._is_alive():
                self._cause = Cause.SILENCE
                return
            await asyncio.sleep(wall_seconds(self._clock, LOOK))

    async def _is_alive(self) -> bool:
        now = self._clock.now()
        if self._frames.silent(now):
            self._tries += 1
            if self._tries > TRIES:
                raise LivermoreError(f"{self._codec.name} says nothing new, however often we connect")
            return False
        if self._frames.pulses[""].news:
            self._tries = 0
        return await self._all_heard(now)

    async def _all_heard(self, now: int) -> bool:
        for symbol in self.symbols:
            self._traded.follow(symbol, now)
        for (symbol, channel), news in self.assembly.heard().items():
            if channel in NEWS:
                self._traded.hear(symbol, news, now)
        return all([await self._is_heard(symbol, now) for symbol in self._traded.silent(now)])

    async def _is_heard(self, symbol: str, now: int) -> bool:
        """Whether this connection may be kept although a symbol is silent."""
        since = self._traded.pulses[symbol].news
        try:
            mute = await self._terms.is_mute(symbol, since)
        except (Transient, ProtocolError) as error:
            self._log.warning("nobody can tell whether a silent symbol is traded", symbol=symbol, reason=str(error))
            return True
        if not mute:
            self._traded.acquit(symbol, now)
            return True
        strikes = self._traded.convict(symbol, now)
        self._log.warning("a symbol is traded, but we are not told", symbol=symbol, time=strikes)
        if strikes == 1:
            await self._resubscribe([symbol], [symbol])
        elif strikes > TRIES:
            raise LivermoreError(f"{self._codec.name} does not tell what is traded of {symbol}")
        return strikes == 1


def unsigned() -> None:
    """For messages that need no token."""
