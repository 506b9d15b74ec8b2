"""Liveness: whether silence means that nothing happens, or that we are not told.

Only news counts, by the exchange's own time of it: pings, acknowledgements and old values said again do not. What is
usual is learnt for each channel, so that a quiet one raises no alarm.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

C = TypeVar("C", bound=Hashable)

FIRST_GUESS = 5_000.0
"""Milliseconds between two news of a channel of which nothing is known yet."""
LEARNING = 0.1
"""How much the newest stretch of silence counts in what is usual."""
SUSPICIOUS = 8
"""A silence so many times as long as usual is no chance: at random, one in three thousand."""


@dataclass
class Pulse:
    """Of one channel: the newest news (exchange's time, ms), when it came in, and how long silence usually lasts (ms).

    ``suspected``: when it was last asked about; ``strikes``: how much has been tried in vain since it fell silent.
    """

    heard_at: int
    usual: float
    news: int = 0
    suspected: int = 0
    strikes: int = 0


@dataclass
class Liveness(Generic[C]):
    """Any number of channels. ``least``: a shorter silence (ms) is never suspicious. ``now`` is market time, ms.

    ``times``: a silence so many times as long as usual is; ``first_guess``: what is usual (ms) until that is known.
    """

    least: int
    times: float = SUSPICIOUS
    first_guess: float = FIRST_GUESS
    pulses: dict[C, Pulse] = field(default_factory=dict)

    def follow(self, channel: C, now: int) -> None:
        """From now on the channel is expected to speak."""
        self.pulses.setdefault(channel, Pulse(now, self.first_guess))

    def forget(self, channel: C) -> None:
        self.pulses.pop(channel, None)

    def hear(self, channel: C, news: int, now: int) -> None:
        """Something was said that happened at ``news`` (the exchange's time, ms): it counts if it is newer.

        How old the first news is gives a first idea of what is usual.
        """
        pulse = self.pulses.setdefault(channel, Pulse(now, self.first_guess))
        if news > pulse.news:
            if pulse.news:
                pulse.usual += LEARNING * (now - pulse.heard_at - pulse.usual)
            else:
                pulse.usual = max(self.first_guess, now - news)
            pulse.news, pulse.heard_at, pulse.strikes, pulse.suspected = news, now, 0, 0

    def silent(self, now: int) -> list[C]:
        """The channels whose silence is suspicious, and was not asked about only just."""
        return [channel for channel, pulse in self.pulses.items() if self._is_due(pulse, now)]

    def _is_due(self, pulse: Pulse, now: int) -> bool:
        if pulse.strikes:
            return now - pulse.suspected > self.least
        return now - pulse.heard_at > max(self.least, self.times * pulse.usual)

    def acquit(self, channel: C, now: int) -> None:
        """Nothing has happened: so much silence is usual here."""
        pulse = self.pulses[channel]
        pulse.usual = max(pulse.usual, 2 * (now - pulse.heard_at) / self.times)
        pulse.strikes = 0

    def convict(self, channel: C, now: int) -> int:
        """Something has happened that we were not told. Gives how often this was found since it fell silent."""
        pulse = self.pulses[channel]
        pulse.strikes += 1
        pulse.suspected = now
        return pulse.strikes
