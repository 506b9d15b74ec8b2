"""Trades and the grids of moments at which exchanges tell of them."""

from collections.abc import Iterator
from itertools import count

from livermore.simulator.source import Facts
from livermore.simulator.trade import Trade

_MINUTE = 60_000


def grid(time: int, step: int, phase: int = 0) -> int:
    """The first moment (ms) of a grid that is not before a time (microseconds); ``step`` and ``phase`` are ms."""
    return -((phase * 1_000 - time) // (step * 1_000)) * step + phase


def trades_from(facts: Facts, symbol: str, start: int, end: int | None = None) -> Iterator[Trade]:
    """The trades from ``start`` up to, but without, ``end`` (ms UTC), looked for minute by minute."""
    for minute in count(start - start % _MINUTE, _MINUTE):
        if end is not None and minute >= end:
            return
        yield from facts.trades(symbol, max(minute, start), min(minute + _MINUTE, end or minute + _MINUTE))
