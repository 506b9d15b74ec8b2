"""The recorded frames and answers of Binance.US and of Binance's cloud in Turkey."""

import gzip
from functools import cache

from tests.support.paths import recorded

SYMBOLS = {
    "us_ws_2021-10-12": ("COMP-USDT", "CRV-USDT", "OMG-BUSD", "ZRX-USDT"),
    "tr_ws_2023-04-10": ("BEL-BTC", "ELF-BUSD", "LTC-BRL", "XEM-USDT"),
}
"""The recordings, and the symbols of each."""


@cache
def frames(name: str) -> tuple[str, ...]:
    """The raw frames of a recording, in order."""
    lines = (line.partition(": ") for line in recorded(f"binance/{name}.txt").read_text().splitlines())
    return tuple(data for at, _, data in lines if at.replace(".", "").isdigit())


def exchange_info() -> bytes:
    """Binance.US's answer to `exchangeInfo`."""
    text = gzip.decompress(recorded("binance/us_exchangeInfo.txt.gz").read_bytes()).decode()
    return text.splitlines()[0].partition(": ")[2].encode()
