"""The guard of a line: finds out whether silence means that nothing happens, and what is to be done if it does not."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum, auto

import structlog

from livermore.errors import LivermoreError, ProtocolError, Transient
from livermore.exchanges.news import Channel
from livermore.market.liveness import Liveness

TRIES = 3
"""Connections in a row on which nothing new is said, or not of a symbol, before it is given up."""
HUNG_UP = 5
"""A connection that is silent for so many times as long as usual is given up."""
NEWS = frozenset({"trades", "klines"})
"""The channels that show that a symbol is traded."""

IsMute = Callable[[str, int], Awaitable[bool]]
"""Whether a symbol has been traded since a moment (ms of the exchange's clock), as REST has it."""


class Remedy(Enum):
    """What may help."""

    NONE = auto()
    RESUBSCRIBE = auto()
    RECONNECT = auto()


class Guard:
    """Times are ms: ``now`` market time, ``news`` the exchange's own time of what it told."""

    def __init__(self, exchange: str, least: int, is_mute: IsMute) -> None:
        """``least``: a shorter silence (ms) is never suspicious."""
        self._exchange, self._is_mute = exchange, is_mute
        self._log = structlog.get_logger("livermore.feed")
        self._connection = Liveness[None](least, times=HUNG_UP, first_guess=least / HUNG_UP)
        self._symbols = Liveness[str](least)
        self._newest = self._tries = 0

    def connected(self, now: int) -> None:
        """A new connection is expected to speak."""
        self._connection.forget(None)
        self._connection.follow(None, now)

    def hear(self, news: int, now: int) -> None:
        """The exchange has told a time."""
        if news > self._newest:
            self._newest, self._tries = news, 0
            self._connection.hear(None, news, now)

    def forget(self, symbol: str) -> None:
        """It is not watched any more."""
        self._symbols.forget(symbol)

    def says_nothing(self, now: int) -> bool:
        """Whether the connection is to be given up.

        Raises:
            LivermoreError: none of those that were made in a row has said anything new.
        """
        if not self._connection.silent(now):
            return False
        self._tries += 1
        if self._tries > TRIES:
            raise LivermoreError(f"{self._exchange} says nothing new, however often we connect")
        return True

    def suspects(self, symbols: Iterable[str], heard: Mapping[Channel, int], now: int) -> list[str]:
        """The symbols whose silence has to be looked into."""
        for symbol in symbols:
            self._symbols.follow(symbol, now)
        for (symbol, channel), news in heard.items():
            if channel in NEWS:
                self._symbols.hear(symbol, news, now)
        return self._symbols.silent(now)

    async def look_into(self, symbol: str, now: int) -> Remedy:
        """Ask REST about a suspect: since its last news, or else since it has been watched.

        Raises:
            LivermoreError: everything has been tried.
        """
        pulse = self._symbols.pulses[symbol]
        try:
            mute = await self._is_mute(symbol, pulse.news or pulse.heard_at)
        except (Transient, ProtocolError) as error:
            self._log.warning("nobody can tell whether a silent symbol is traded", symbol=symbol, reason=str(error))
            return Remedy.NONE
        if not mute:
            self._symbols.acquit(symbol, now)
            return Remedy.NONE
        strikes = self._symbols.convict(symbol, now)
        self._log.warning("a symbol is traded, but we are not told", symbol=symbol, time=strikes)
        if strikes > TRIES:
            raise LivermoreError(f"{self._exchange} does not tell what is traded of {symbol}")
        return Remedy.RESUBSCRIBE if strikes == 1 else Remedy.RECONNECT
