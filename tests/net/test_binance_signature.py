"""Signatures for Binance: the one of its own documents, and only for what is private."""

from urllib.parse import urlencode

from livermore.exchanges.binance import Codec
from livermore.exchanges.frame import Request
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.net.binance_signature import seal

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
NOW = 1_499_827_319_559


def test_the_example_of_the_documents_comes_out() -> None:
    order = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
    query = tuple((name, text) for name, _, text in (part.partition("=") for part in order.split("&")))
    path, signed, headers = seal(
        KEY, SECRET, NOW, "api.binance.com", Request("/api/v3/order", query, 1, "/api/v3/order")
    )
    assert path == "/api/v3/order"
    assert headers == {"X-MBX-APIKEY": KEY}
    assert urlencode(signed) == (
        f"{order}&recvWindow=5000&timestamp={NOW}"
        "&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    )


def test_what_is_public_is_sent_as_it_is_and_shows_no_key() -> None:
    request = Codec().candle_request(Series("binance", "BTC-USDT", Timeframe.M1), 0, 0)
    assert seal(KEY, SECRET, NOW, "api.binance.com", request) == (request.path, request.query, {})
