"""Going on in another process: keep the place once an event has been dealt with, and begin there."""

import os
from pathlib import Path

from livermore.client import Client

kept = Path("place.txt")
place = kept.read_text() if kept.exists() else None

with (
    Client(os.environ["LIVERMORE_URL"], os.environ["LIVERMORE_KEY"]) as client,
    client.stream(["candles:BTC-USD:1m"], exchange="coinbase", resume_from=place) as events,
):
    for event in events:
        print(event)
        kept.write_text(events.place or "")
