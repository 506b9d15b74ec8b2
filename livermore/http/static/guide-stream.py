"""Events as they come. The stream connects again by itself, and goes on where it was."""

import asyncio
import os

from livermore.client import AlertRaised, AsyncClient, CandleClose, NotResumed


async def main() -> None:
    async with AsyncClient(os.environ["LIVERMORE_URL"], os.environ["LIVERMORE_KEY"]) as client:
        async for event in client.stream(["candles:BTC-USD:*", "alerts:*"], exchange="coinbase"):
            match event:
                case CandleClose(data=candle):
                    print("closed", candle.symbol, candle.timeframe, candle.close)
                case AlertRaised(data=alert):
                    print("alert", alert.symbol, alert.direction, alert.strength)
                case NotResumed(since=place):
                    print("something may be missing since", place)


asyncio.run(main())
