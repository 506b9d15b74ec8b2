"""What a connection is going to be sent: many streams of frames, merged in the order in which they fall due."""

from collections.abc import Hashable, Iterator
from heapq import heapify, heappop, heappush
from typing import Generic, NamedTuple, Protocol, TypeVar


class Stream(NamedTuple):
    """One symbol on one channel."""

    channel: str
    symbol: str


class Timed(Protocol):
    """``at``: when it may be sent, ms UTC; of those that fall due at one moment, the lower ``rank`` goes first."""

    @property
    def at(self) -> int: ...

    @property
    def rank(self) -> int: ...


Frame = TypeVar("Frame", bound=Timed)


class _Entry(NamedTuple, Generic[Frame]):
    """A stream's next frame. No two entries have the same ``number``, so that nothing behind it is compared."""

    at: int
    rank: int
    number: int
    stream: Hashable
    frame: Frame
    rest: Iterator[Frame]


class Schedule(Generic[Frame]):
    """Times are ms UTC. Streams have any name that can be hashed, and may be endless: of each only the next frame is
    ever made."""

    def __init__(self) -> None:
        self._entries: list[_Entry[Frame]] = []
        self._count = 0

    def add(self, stream: Hashable, frames: Iterator[Frame]) -> None:
        """Take ``frames``, which ascend, in. At the same moment, streams go in the order in which they were added."""
        self._count += 1
        self._push(self._count, stream, frames)

    def remove(self, stream: Hashable) -> None:
        """Forget a stream."""
        self._entries = [entry for entry in self._entries if entry.stream != stream]
        heapify(self._entries)

    def next_due(self) -> int | None:
        """When the next frame falls due; None if there is none."""
        return self._entries[0].at if self._entries else None

    def due(self, now: int) -> Iterator[Frame]:
        """Take out all frames that fell due up to ``now``, in order."""
        while self._entries and self._entries[0].at <= now:
            entry = heappop(self._entries)
            self._push(entry.number, entry.stream, entry.rest)
            yield entry.frame

    def _push(self, number: int, stream: Hashable, frames: Iterator[Frame]) -> None:
        frame = next(frames, None)
        if frame is not None:
            heappush(self._entries, _Entry(frame.at, frame.rank, number, stream, frame, frames))
