"""The position keeper: asks now and then what our own account holds on an exchange, and writes it down."""

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog
from pydantic import Field

from livermore import metrics
from livermore.access import AccessOptions
from livermore.clock import wall_seconds
from livermore.errors import ProtocolError
from livermore.market.holding import Holding, price_of, value
from livermore.resources import Resources
from livermore.settings import Duration
from livermore.store import positions
from livermore.store.lease import Duty
from livermore.store.positions import Valued
from livermore.store.prices import prices
from livermore.supervision.loop_actor import LoopActor


class PositionOptions(AccessOptions):
    """``every``: market time from one look at the account to the next."""

    every: Duration = Field(300.0, ge=10)


class PositionKeeper(LoopActor):
    """It never trades. Without credentials there is no account, and nobody is asked anything."""

    options: PositionOptions
    resources: Resources

    async def warm_up(self) -> None:
        self.log = structlog.get_logger("livermore.positions").bind(exchange=self.options.exchange)
        self.duty: Duty = self.context.arguments["duty"]
        self.keys = self.duty.lease.keys
        self.redis = self.keep(self.resources.async_redis(0))
        self.database = self.keep(self.resources.database())
        codec, network = self.options.codec(), self.keep(self.resources.network())
        self.rest = self.options.rest(codec, network, self.redis, self.keys, self.clock)
        self.held, self.unlisted = -1, set[str]()

    async def main(self) -> None:
        if self.options.credentials == "none":
            self.log.info("there are no credentials: nobody is asked what the account holds")
            await asyncio.Event().wait()
        await self.inflow(self._keep_up_to_date())

    async def _keep_up_to_date(self) -> None:
        while True:
            try:
                await self._sync()
            except ProtocolError as error:
                self.log.warning("the account cannot be read", error=str(error))
            await asyncio.sleep(wall_seconds(self.clock, self.options.every * 1000))

    async def _sync(self) -> None:
        at = self.clock.wall()
        valued = await self._valued(await self.rest.holdings())
        write = partial(positions.sync, exchange=self.options.exchange, valued=valued, at=at)
        if not await self.database.run_aside(partial(write, exchange_id=self.keys.exchange_id)):
            self.log.warning("what the account holds was written down by somebody who has asked later")
            return
        metrics.POSITIONS_SYNCED.labels(self.options.exchange).set(at / 1000)
        if len(valued) != self.held:
            self.held = len(valued)
            self.log.info("the account was read", positions=self.held)

    async def _valued(self, holdings: Sequence[Holding]) -> list[Valued]:
        """By the prices of what is watched; by the exchange's list, which is long, only where a cost hangs on it."""
        currencies = [one.currency for one in holdings]
        known = await prices(self.redis, self.keys, self.options.exchange, currencies)
        unknown = {one for one in currencies if price_of(one, known) is None} - self.unlisted
        if unknown:
            written = await self.database.run_aside(partial(positions.held, exchange=self.options.exchange))
            unknown -= {one.symbol for one in written if one.cost_basis is not None}
        if unknown:
            known = {one.symbol: one.price for one in await self.rest.products() if one.price != "0"} | known
            self.unlisted |= {one for one in unknown if price_of(one, known) is None}
        return [Valued(one, value(one.quantity, price_of(one.currency, known))) for one in holdings]
