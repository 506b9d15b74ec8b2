"""The streams of one connection to the simulated Binance: joined, left, listed, and told in the order they fall due."""

from collections.abc import Iterable, Iterator
from typing import Any

from livermore.simulator.binance_demand import Demand, Id, Refused
from livermore.simulator.binance_rows import native
from livermore.simulator.binance_streams import StreamFrame, frames
from livermore.simulator.schedule import Schedule
from livermore.simulator.source import KlineFacts

MOST = 1_024
"""Streams on one connection."""

SHUTDOWN = "!serverShutdown"


class Subscriptions:
    """Times are ms UTC. ``combined`` says whether frames name their stream."""

    def __init__(self, market: KlineFacts, *, combined: bool) -> None:
        self.combined = combined
        self._market = market
        self._names = {native(listing.symbol).lower(): listing.symbol for listing in market.listings}
        self._streams: list[str] = []
        self._schedule: Schedule[StreamFrame] = Schedule()

    def obey(self, demand: Demand, now: int) -> Any:
        """Do what a client asks for.

        Returns:
            The result to tell.

        Raises:
            Refused: it cannot be done.
        """
        match demand.method:
            case "SUBSCRIBE":
                return self.join(demand.streams(), now, demand.id)
            case "UNSUBSCRIBE":
                return self._leave(demand.streams())
            case "LIST_SUBSCRIPTIONS":
                return self._streams
            case "SET_PROPERTY":
                return self._set(demand)
            case "GET_PROPERTY":
                return self._get(demand)

    def join(self, streams: Iterable[str], now: int, id_: Id = None) -> None:
        """Follow streams from ``now`` on.

        Raises:
            Refused: they are too many.
        """
        new = [stream for stream in dict.fromkeys(streams) if stream not in self._streams]
        if len(self._streams) + len(new) > MOST:
            raise Refused("Too many subscriptions", 4, id_)
        self._streams += new
        for stream in new:
            self._schedule.add(stream, frames(self._market, self._names, stream, now))

    def warn(self, at: int) -> None:
        """Say at the moment ``at`` that the server is going to shut down, and not at another one."""
        self._schedule.remove(SHUTDOWN)
        self._schedule.add(SHUTDOWN, iter([StreamFrame(at, SHUTDOWN, {"e": "serverShutdown", "E": at}, rank=-1)]))

    def next_due(self) -> int | None:
        """When the next frame falls due; None if there is none."""
        return self._schedule.next_due()

    def due(self, now: int) -> Iterator[Any]:
        """Take out what falls due up to ``now``, in order."""
        for frame in self._schedule.due(now):
            yield {"stream": frame.stream, "data": frame.data} if self.combined else frame.data

    def _leave(self, streams: Iterable[str]) -> None:
        for stream in streams:
            if stream in self._streams:
                self._streams.remove(stream)
                self._schedule.remove(stream)

    def _set(self, demand: Demand) -> None:
        match demand.params:
            case ["combined", bool(combined)]:
                self.combined = combined
            case ["combined", _]:
                raise Refused("Invalid value type: expected Boolean", 1, demand.id)
            case _:
                raise Refused("Unknown property", 0, demand.id)

    def _get(self, demand: Demand) -> bool:
        if demand.params != ["combined"]:
            raise Refused("Unknown property", 0, demand.id)
        return self.combined
