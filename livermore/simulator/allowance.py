"""How many requests each client may make: a token bucket for each, the least recent forgotten when there are many."""

from collections import OrderedDict

_CLIENTS = 1_000


class Allowance:
    """``rate`` requests per second and at most ``burst`` at once, per client. Times are wall seconds."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, client: str, at: float) -> bool:
        """Whether ``client`` may make one more request at the moment ``at``; if so, it has made it."""
        tokens, since = self._buckets.pop(client, (self._burst, at))
        tokens = min(self._burst, tokens + max(0.0, at - since) * self._rate)
        admitted = tokens >= 1
        self._buckets[client] = (tokens - admitted, at)
        if len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return admitted
