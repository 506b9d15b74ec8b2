"""The exchange's clock, asked now and then: which bucket is over is for it to say."""

import structlog

from livermore import metrics
from livermore.clock import Clock
from livermore.errors import ProtocolError
from livermore.market.offset import SAMPLES, Offset
from livermore.net.rest import ExchangeRest

EVERY = 300_000
"""How often (ms of market time) the exchange is asked what time it is."""
RETRY = 15_000
"""The same where its last answer could not be used."""

_log = structlog.get_logger("livermore.poller")


class ExchangeTime:
    """Ours, and how far theirs is ahead of it."""

    def __init__(self, exchange: str, rest: ExchangeRest, clock: Clock) -> None:
        self._exchange, self._rest, self._clock = exchange, rest, clock
        self._offset, self._asked = Offset(), float("-inf")
        self._begun, self._origin = clock.monotonic(), clock.now()

    def now(self) -> int:
        """The exchange's time, ms, as far as is known; it never goes back."""
        return self._offset.at(self._ours())

    def _ours(self) -> int:
        """Ours, ms: it goes on evenly from when this was made, though somebody sets this machine's clock."""
        return self._origin + int((self._clock.monotonic() - self._begun) * 1000 * self._clock.speed)

    async def ask(self) -> None:
        """Ask, if it was not done only just: several times at first, for one answer may be slow.

        Raises:
            Transient: the service cannot answer, or forbids us to ask for a while.
        """
        if self._ours() - self._asked < EVERY:
            return
        try:
            for _ in range(1 if self._asked > 0 else SAMPLES):
                sent = self._ours()
                theirs = await self._rest.time()
                self._offset.sample(sent, self._ours(), theirs)
        except ProtocolError as error:
            _log.warning("the exchange's clock cannot be read", exchange=self._exchange, error=str(error))
            self._asked = self._ours() - EVERY + RETRY
        else:
            self._asked = self._ours()
            metrics.CLOCK_OFFSET.labels(self._exchange).set(self._offset.ms / 1000)
