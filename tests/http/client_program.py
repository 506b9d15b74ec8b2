"""What a user of the generated client writes: all candles of some series, page by page, one line each.

Run and type-checked by `test_generated_client`, which puts the client beside it.
"""

import sys
from collections.abc import Iterator

from livermore_client import AuthenticatedClient
from livermore_client.api.candles import get_candles
from livermore_client.models import CandleItem, CandlePage, GetCandlesTimeframe
from livermore_client.types import UNSET, Unset


def rows(client: AuthenticatedClient, symbol: str, timeframe: GetCandlesTimeframe) -> Iterator[CandleItem]:
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = get_candles.sync("coinbase", symbol, timeframe, client=client, limit=100, cursor=cursor)
        if not isinstance(page, CandlePage):
            raise SystemExit(str(page))
        yield from page.data
        cursor = page.meta.next_cursor


def main(url: str, key: str, *series: str) -> None:
    with AuthenticatedClient(base_url=url, token=key) as client:
        for one in series:
            symbol, timeframe = one.split(":")
            for row in rows(client, symbol, GetCandlesTimeframe(timeframe)):
                print(one, row.timestamp, row.close)


if __name__ == "__main__":
    main(*sys.argv[1:])
