"""An exchange's REST service: requests in turn, and what its answers mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from livermore.errors import ProtocolError, Transient
from livermore.exchanges.codec import Codec
from livermore.exchanges.frame import Request
from livermore.market.candle import Candle
from livermore.market.due import Page
from livermore.market.holding import Holding, together
from livermore.market.product import Product
from livermore.net.interface import Network, Response

MOST_PAGES = 100
"""Parts of an account that are asked for: it has no more."""


class Signed(NamedTuple):
    """A request as it is sent, with all that shows whose it is."""

    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]


Seal = Callable[[str, Request], Signed]
"""Signs a request to this host."""
TOO_MANY = frozenset({418, 429})
PAUSE = 10.0
"""Seconds to stay away when an exchange says too many requests, but not for how long."""
REFUSED_PAUSE = 30.0
"""The same for 403 of a firewall, which answers HTML; the service itself says so of what a key may not do."""
BREATH = 5.0
"""The same when it tells that we are about to ask too much."""
SHORTEST, LONGEST = 1.0, 3 * 86_400.0
"""Bounds of what an exchange may ask for: not to come back at once, and no more than Binance's longest ban."""


class Limiter(Protocol):
    """What keeps the requests of all processes within what the exchange allows."""

    async def turn(self, weight: int) -> None:
        """Wait until one more request that costs so many tokens is allowed."""

    async def pause(self, seconds: float) -> None:
        """Nobody asks anything for so many seconds."""

    async def learn(self, per_second: float) -> None:
        """The exchange gives no more than so many tokens a second."""


class ExchangeRest:
    """Asks one exchange, never faster than its limiter allows."""

    def __init__(
        self, network: Network, base_url: str, codec: Codec, limiter: Limiter, seal: Seal | None = None
    ) -> None:
        """``seal``: where requests are signed, they go to the exchange's private paths, which nothing stands before."""
        self._network, self._base_url, self._codec, self._limiter = network, base_url, codec, limiter
        self._seal = seal

    async def candles(self, page: Page) -> list[Candle]:
        """The candles of a page, ascending; a bucket without trades has none.

        Raises:
            Transient: the service cannot answer, or forbids us to ask for a while.
            ProtocolError: it answers what its protocol does not allow.
        """
        return candles_of(self._codec, page, await self.answer(page))

    async def answer(self, page: Page) -> bytes:
        """The answer about a page as it is; raises as `candles` does."""
        body = await self._ask(self._codec.candle_request(page.series, page.first, page.last))
        spoken_of = self._codec.spoken_of(body)
        if spoken_of is not None and spoken_of < page.last:
            raise ProtocolError(f"{self._codec.name} does not have all of {page.series} yet, or no longer")
        return body

    async def products(self) -> list[Product]:
        """All that is listed; raises as `candles` does. What it tells of its limits is kept to."""
        bodies = [await self._ask(request) for request in self._codec.product_requests()]
        rate = self._codec.decode_rate(bodies)
        if rate is not None:
            await self._limiter.learn(rate)
        return self._codec.decode_products(bodies)

    async def time(self) -> int:
        """The exchange's clock, ms UTC; raises as `candles` does."""
        return self._codec.decode_time(await self._ask(self._codec.time_request()))

    async def holdings(self) -> list[Holding]:
        """What the account of our key holds, all of it; raises as `candles` does, and where nothing is signed."""
        found, cursors = list[Holding](), [""]
        while True:
            part = self._codec.decode_accounts(await self._ask(self._codec.account_request(cursors[-1])))
            found += part.holdings
            if not part.cursor:
                return together(found)
            if part.cursor in cursors or len(cursors) == MOST_PAGES:
                raise ProtocolError(f"{self._codec.name} does not come to an end of the account")
            cursors.append(part.cursor)

    async def _ask(self, request: Request) -> bytes:
        await self._limiter.turn(request.weight)
        answer = await self._get(request)
        if self._codec.over_limit(answer.headers):
            await self._limiter.pause(BREATH)
        if answer.status == 200:
            return answer.body
        await self._heed(answer)
        shown = answer.body[:200].decode(errors="replace")
        raise ProtocolError(f"{self._codec.name} answers {answer.status} to {request.path}: {shown}")

    async def _get(self, request: Request) -> Response:
        if self._seal is None:
            return await self._network.get(self._base_url + request.path, request.query)
        path, query, headers = self._seal(urlsplit(self._base_url).netloc, request)
        return await self._network.get(self._base_url + path, query, headers)

    async def _heed(self, answer: Response) -> None:
        forbidden = answer.status == 403 and "json" not in answer.headers.get("content-type", "")
        if answer.status in TOO_MANY or forbidden:
            wait = _seconds(answer.headers.get("retry-after"), REFUSED_PAUSE if forbidden else PAUSE)
            await self._limiter.pause(wait)
            raise Transient(f"{self._codec.name} says {answer.status}: no requests for {wait:g} s", retry_after=wait)
        if answer.status >= 500:
            raise Transient(f"{self._codec.name} says {answer.status}")


def candles_of(codec: Codec, page: Page, body: bytes) -> list[Candle]:
    """What an answer says of a page; exchanges may tell of more than was asked.

    A candle that opens within a bucket of the page, where none can, is part of it: its bucket is not an empty one.
    """
    found, floor = codec.decode_candles(page.series, body), page.series.timeframe.floor
    return [candle for candle in found if page.first <= floor(candle.open_time) <= page.last]


def _seconds(text: str | None, otherwise: float) -> float:
    """``Retry-After`` in seconds, within reason; as a date, which no exchange sends, it counts as absent."""
    if text is None or not (text.isascii() and text.isdigit()):
        return otherwise
    return min(max(float(text), SHORTEST), LONGEST)
