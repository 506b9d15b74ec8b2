"""How far the exchange's clock is ahead of ours: what decides whether a bucket is over when its socket is silent."""

from collections import deque
from statistics import median

SAMPLES = 5
SET = 2_000
"""Ms between two readings that are no matter of patience."""
SET_BACK = 60_000
"""Our own clock being so much earlier (ms) than it was: somebody has set it back."""


class Offset:
    """The exchange's time by our clock. All times are ms; a reading never goes back."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=SAMPLES)
        self._latest = 0

    def sample(self, sent: int, received: int, theirs: int) -> None:
        """Its clock was asked at one moment of ours and answered at another; it read ``theirs`` between them.

        What no slow answer explains is one clock or the other being set: then nothing before it counts any more.
        """
        found = theirs - (sent + received) / 2
        if self._samples and abs(found - self.ms) > received - sent + SET:
            self._samples.clear()
        self._samples.append(found)

    @property
    def ms(self) -> int:
        """The median of the last samples: one slow answer moves nothing."""
        return round(median(self._samples)) if self._samples else 0

    def at(self, now: int) -> int:
        """The exchange's time when our clock reads ``now``."""
        reading = now + self.ms
        if self._latest - reading > SET_BACK:
            self._latest = reading
        self._latest = max(self._latest, reading)
        return self._latest
