"""The parameters of Binance's REST requests, and what is said of wrong ones (`exchanges.md` 4)."""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec

from livermore.market.timeframe import Timeframe

USUAL, MOST = 500, 1_000
"""Klines in an answer without and with ``limit``; more than the most are not sent, whatever was asked for."""

_KLINES = frozenset({"symbol", "interval", "startTime", "endTime", "timeZone", "limit"})
_NUMBER = re.compile(r"\d{1,20}", re.ASCII)


class Invalid(Exception):
    """A request that is refused with status 400 and one of Binance's codes."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class KlineQuery(NamedTuple):
    """``start`` and ``end`` are ms UTC; either may be missing."""

    symbol: str
    timeframe: Timeframe
    start: int | None
    end: int | None
    limit: int

    def span(self, now: int) -> tuple[int, int]:
        """The first and the last open time (ms) that are asked for: the oldest from the start on, else the newest."""
        step = self.timeframe.ms
        last = self.timeframe.floor(now if self.end is None else min(self.end, now))
        if self.start is None:
            return last - (self.limit - 1) * step, last
        first = -(-self.start // step) * step
        return first, min(last, first + (self.limit - 1) * step)


def read_kline_query(query: Mapping[str, str], names: Mapping[str, str]) -> KlineQuery:
    """Read the parameters of a request for klines; ``names`` has the symbol behind each name.

    Raises:
        Invalid: one is missing, unknown or makes no sense.
    """
    only(query, _KLINES)
    symbol, interval = symbol_behind(mandatory(query, "symbol"), names), mandatory(query, "interval")
    if interval not in set(Timeframe):
        raise Invalid(-1120, "Invalid interval.")
    if query.get("timeZone", "0") != "0":
        raise Invalid(-1130, "Data sent for parameter 'timeZone' is not valid.")
    limit = _number(query, "limit")
    if limit == 0:
        raise Invalid(-1130, "Data sent for parameter 'limit' is not valid.")
    start, end = _number(query, "startTime"), _number(query, "endTime")
    return KlineQuery(symbol, Timeframe(interval), start, end, min(limit or USUAL, MOST))


def read_symbols(query: Mapping[str, str], names: Mapping[str, str]) -> list[str] | None:
    """The symbols that ``symbol`` or ``symbols`` name; None if neither is there, which means all.

    Raises:
        Invalid: both are there, or one is no symbol.
    """
    if "symbol" in query and "symbols" in query:
        raise Invalid(-1128, "Combination of optional parameters invalid.")
    if "symbol" in query:
        return [symbol_behind(mandatory(query, "symbol"), names)]
    if "symbols" not in query:
        return None
    try:
        found = msgspec.json.decode(query["symbols"], type=list[str])
    except msgspec.MsgspecError as error:
        raise Invalid(-1100, "Illegal characters found in parameter 'symbols'.") from error
    return [symbol_behind(name, names) for name in dict.fromkeys(found)]


def symbol_behind(name: str, names: Mapping[str, str]) -> str:
    """The symbol of a name.

    Raises:
        Invalid: there is none.
    """
    if name not in names:
        raise Invalid(-1121, "Invalid symbol.")
    return names[name]


def only(query: Mapping[str, str], known: Collection[str]) -> None:
    """Check that nothing is sent that is not read.

    Raises:
        Invalid: something is.
    """
    read = sum(name in known for name in query)
    if read < len(query):
        sent = f"read '{read}' parameter(s) but was sent '{len(query)}'."
        raise Invalid(-1104, f"Not all sent parameters were read; {sent}")


def mandatory(query: Mapping[str, str], name: str) -> str:
    """A parameter that has to be there.

    Raises:
        Invalid: it is not.
    """
    if not query.get(name):
        raise Invalid(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return query[name]


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise Invalid(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    return int(text)
