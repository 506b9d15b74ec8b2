"""The same with nothing but Python's own library."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

ROOT, KEY = os.environ["LIVERMORE_URL"] + "/public/v1", os.environ["LIVERMORE_KEY"]


def get(path: str, **query: object) -> Any:
    """One answer; where the server asks to wait, it is waited for."""
    request = urllib.request.Request(f"{ROOT}{path}?{urllib.parse.urlencode(query)}", headers={"X-API-Key": KEY})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code not in {429, 503}:
                raise SystemExit(json.load(refused)["error"]["message"]) from refused
            time.sleep(int(refused.headers.get("Retry-After", "1")))


def candles(path: str, **query: object) -> Iterator[dict[str, Any]]:
    """Page after page, as long as there is a cursor."""
    while True:
        page = get(path, **query)
        yield from page["data"]
        if page["meta"]["next_cursor"] is None:
            return
        query["cursor"] = page["meta"]["next_cursor"]


for candle in candles("/candles/coinbase/BTC-USD/1h", start_time="2023-11-14T00:00:00Z", limit=1000):
    print(candle["timestamp"], candle["close"])
