"""All candles of 1 hour since the beginning of a day: pages, limits and outages are the client's business."""

import os

from livermore.client import Client

with Client(os.environ["LIVERMORE_URL"], os.environ["LIVERMORE_KEY"]) as client:
    for candle in client.candles("coinbase", "BTC-USD", "1h", start="2023-11-14T00:00:00Z"):
        print(candle.timestamp, candle.close)
