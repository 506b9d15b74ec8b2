"""Access to an exchange's REST service: the options that name it, and the client that keeps within its limits."""

from collections.abc import Callable
from typing import Literal

from pydantic import Field, SecretStr

from livermore.clock import Clock
from livermore.exchanges.codec import Codec
from livermore.net.interface import Network
from livermore.net.rest import ExchangeRest, Seal, Signed
from livermore.plugins import find
from livermore.settings import Options
from livermore.store.keys import Keys
from livermore.store.limiter import Limiter
from livermore.store.redis import AsyncRedisStore


class Credentials(Options):
    """The exchange's API key, with which subscriptions and requests are signed."""

    key_id: str
    private_key: SecretStr


class AccessOptions(Options):
    """``rest_url``: another address than the exchange's own; ``requests_per_second``: another rate than it allows.

    Where requests weigh differently (Binance), it is their weight that is counted.
    """

    exchange: str = "coinbase"
    credentials: Credentials | Literal["none"] = "none"
    rest_url: str = ""
    requests_per_second: float | None = Field(None, gt=0, le=1000)

    def codec(self) -> Codec:
        """The exchange's codec."""
        made: Codec = find("livermore.exchanges", self.exchange).Codec()
        return made

    def rest(self, codec: Codec, network: Network, redis: AsyncRedisStore, keys: Keys, clock: Clock) -> ExchangeRest:
        """A client that shares the exchange's limit with all others of this address."""
        limiter = Limiter(redis, keys, clock, self.requests_per_second or codec.rate)
        return ExchangeRest(network, self.rest_url or codec.rest_url, codec, limiter, self._seal(codec, clock))

    def signer(self, clock: Clock) -> Callable[[], str] | None:
        """What makes a token anew for each message of a WebSocket, or None where none is signed."""
        given = self.credentials
        if given == "none":
            return None
        sign = getattr(find("livermore.net", self.codec().signature), "sign", None)
        if sign is None:
            return None  # what it tells the public needs no signature
        return lambda: str(sign(given.key_id, given.private_key.get_secret_value(), clock.wall() // 1000))

    def _seal(self, codec: Codec, clock: Clock) -> Seal | None:
        """What signs each request anew, or None where nothing is signed."""
        given = self.credentials
        if given == "none":
            return None
        seal: Callable[..., Signed] = find("livermore.net", codec.signature).seal
        return lambda *asked: seal(given.key_id, given.private_key.get_secret_value(), clock.wall(), *asked)
