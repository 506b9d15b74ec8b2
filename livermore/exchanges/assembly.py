"""The interface of an assembly: what the frames of an exchange's connections add up to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from livermore.exchanges.frame import Frame
from livermore.exchanges.news import Channel
from livermore.market.candle import Candle, Series
from livermore.market.gap import Cause, Gap
from livermore.market.ticker import Ticker


@dataclass
class Outcome:
    """What a frame led to. ``known``: (series, open time in ms) of buckets that the wire vouches for.

    ``gap``: the sequence of frames has a hole; ``leaving``: the exchange is about to close the connection;
    ``denied``: it does not take our key.
    """

    closed: list[Candle] = field(default_factory=list)
    known: list[tuple[Series, int]] = field(default_factory=list)
    holes: list[Gap] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    gap: bool = False
    leaving: bool = False
    denied: bool = False


class Assembly(Protocol):
    """Lives as long as its feed, over any number of connections."""

    def watch(self, symbols: Sequence[str]) -> None:
        """From now on, these symbols; those that were watched before go on undisturbed."""

    def connected(self, cause: Cause) -> None:
        """A new connection begins: what came before may have a hole at its end, for this reason."""

    def take(self, frame: Frame) -> Outcome:
        """Take in one frame; frames come in the order in which they were received."""

    def ticks(self) -> tuple[list[Ticker], list[Candle]]:
        """The newest tickers and forming candles of symbols that moved since the last call."""

    def heard(self) -> Mapping[Channel, int]:
        """The exchange's own time (ms) of the newest news on each channel of the symbols that are watched."""

    @property
    def grace(self) -> int:
        """How long (ms) after a bucket's end its last news is waited for."""
