"""Access to an exchange's REST service: the options that name it, and the client that keeps within its limits."""

from pydantic import Field

from livermore.clock import Clock
from livermore.exchanges.codec import Codec
from livermore.net.interface import Network
from livermore.net.rest import ExchangeRest
from livermore.plugins import find
from livermore.settings import Options
from livermore.store.keys import Keys
from livermore.store.limiter import Limiter
from livermore.store.redis import AsyncRedisStore


class AccessOptions(Options):
    """``rest_url``: another address than the exchange's own; ``requests_per_second``: another rate than it allows.

    Where requests weigh differently (Binance), it is their weight that is counted.
    """

    exchange: str = "coinbase"
    rest_url: str = ""
    requests_per_second: float | None = Field(None, gt=0, le=1000)

    def codec(self) -> Codec:
        """The exchange's codec."""
        made: Codec = find("livermore.exchanges", self.exchange).Codec()
        return made

    def rest(self, codec: Codec, network: Network, redis: AsyncRedisStore, keys: Keys, clock: Clock) -> ExchangeRest:
        """A client that shares the exchange's limit with all others of this address."""
        limiter = Limiter(redis, keys, clock, self.requests_per_second or codec.rate)
        return ExchangeRest(network, self.rest_url or codec.rest_url, codec, limiter)
