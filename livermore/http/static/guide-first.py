"""Which exchanges there are."""

import os

from livermore.client import Client

with Client(os.environ["LIVERMORE_URL"], os.environ["LIVERMORE_KEY"]) as client:
    for exchange in client.exchanges():
        print(exchange.id, exchange.status, exchange.symbol_count)
