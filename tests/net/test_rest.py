"""An exchange's REST service: in turn, and whatever it answers, the right conclusion."""

import asyncio
import json
from collections.abc import Mapping, Sequence

import pytest

from livermore.errors import LivermoreError, ProtocolError, Transient
from livermore.exchanges.coinbase import Codec
from livermore.exchanges.frame import Request
from livermore.market.due import Page
from livermore.net.interface import Response
from livermore.net.rest import ExchangeRest, Signed
from tests.support.candles import BTC, T0, candle

MINUTE = 60_000
PAGE = Page(BTC, T0, T0 + 2 * MINUTE)


class Exchange:
    """Stands for network and limiter, and notes what is asked of them, in order."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.asked: list[object] = []

    async def get(
        self, url: str, query: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
    ) -> Response:
        self.asked.append((url, dict(query)) if headers is None else (url, headers))
        return self.answers.pop(0)

    async def turn(self, weight: int) -> None:
        self.asked.append("turn")

    async def pause(self, seconds: float) -> None:
        self.asked.append(seconds)


def rest(exchange: Exchange) -> ExchangeRest:
    return ExchangeRest(exchange, "https://api.example", Codec(), exchange)  # type: ignore[arg-type]


def says(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def candles(*minutes: float) -> bytes:
    made = [
        {
            "start": str(int(T0 + n * MINUTE) // 1000),
            "low": "100",
            "high": "100",
            "open": "100",
            "close": "100",
            "volume": "1",
        }
        for n in minutes
    ]
    return json.dumps({"candles": made}).encode()


def refused(answer: Response) -> tuple[LivermoreError, Exchange]:
    exchange = Exchange(answer)
    with pytest.raises(LivermoreError) as caught:
        asyncio.run(rest(exchange).candles(PAGE))
    return caught.value, exchange


def test_a_page_is_asked_for_in_turn_and_given_ascending() -> None:
    exchange = Exchange(says(200, candles(2, 0)))
    assert asyncio.run(rest(exchange).candles(PAGE)) == [candle(0), candle(2)]
    turn, (url, query) = exchange.asked
    assert turn == "turn"
    assert url == "https://api.example/api/v3/brokerage/market/products/BTC-USD/candles"
    assert (query["start"], query["end"]) == (str(T0 // 1000), str((T0 + 2 * MINUTE) // 1000))


def test_candles_outside_the_page_are_left_out() -> None:
    """As that of the minute in progress, which is not closed."""
    exchange = Exchange(says(200, candles(-1, 0, 1, 2, 3)))
    assert asyncio.run(rest(exchange).candles(PAGE)) == [candle(0), candle(1), candle(2)]


def test_a_candle_that_opens_where_none_can_is_not_left_out_of_its_bucket() -> None:
    exchange = Exchange(says(200, candles(-0.75, 0, 2.25, 3.25)))
    found = asyncio.run(rest(exchange).candles(PAGE))
    assert [one.open_time for one in found] == [T0, T0 + 2 * MINUTE + 15_000]


def test_a_page_without_candles_is_an_answer() -> None:
    assert asyncio.run(rest(Exchange(says(200, candles()))).candles(PAGE)) == []


def test_products_are_asked_for_in_turn_too() -> None:
    product = {"product_id": "BTC-USD", "base_currency_id": "BTC", "quote_currency_id": "USD", "status": "online"}
    exchange = Exchange(says(200, json.dumps({"products": [product]}).encode()))
    assert [p.symbol for p in asyncio.run(rest(exchange).products())] == ["BTC-USD"]
    assert exchange.asked[0] == "turn"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry_after": "7"}, 7),
        (418, {"retry_after": "180"}, 180),
        (429, {}, 10),
        (418, {}, 10),
        (403, {}, 30),
        (403, {"retry_after": "60"}, 60),
        (429, {"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10),
        (429, {"retry_after": "-5"}, 10),
        (429, {"retry_after": "1.5"}, 10),
        (429, {"retry_after": "\N{ARABIC-INDIC DIGIT ONE}"}, 10),
        (429, {"retry_after": ""}, 10),
        (429, {"retry_after": "0"}, 1),
        (418, {"retry_after": "259200"}, 259_200),
        (429, {"retry_after": "9" * 400}, 259_200),
    ],
)
def test_who_is_told_to_stay_away_stays_away_as_long_as_told(
    status: int, headers: Mapping[str, str], seconds: float
) -> None:
    """At least a second, and at most the three days of the longest ban there is."""
    error, exchange = refused(says(status, b"<html>Request blocked</html>", **headers))
    assert isinstance(error, Transient)
    assert error.retry_after == seconds
    assert exchange.asked[-1] == seconds
    assert str(status) in str(error)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_service_that_is_down_cannot_answer_now(status: int) -> None:
    error, exchange = refused(says(status, b"<html>"))
    assert isinstance(error, Transient)
    assert f"coinbase says {status}" in str(error)
    assert len(exchange.asked) == 2  # nobody else has to wait for that


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_an_answer_that_the_protocol_does_not_allow_is_shown_in_part(status: int) -> None:
    error, _ = refused(says(status, b"\xff no such thing" + b"x" * 10_000))
    assert isinstance(error, ProtocolError)
    assert f"answers {status} to /api/v3/brokerage/market/products/BTC-USD/candles" in str(error)
    assert "no such thing" in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"candles":[{}]}',
        b'{"candles":null}',
        b"\xff",
        candles(0).replace(b'"100"', b'"NaN"'),
    ],
)
def test_a_body_that_cannot_be_read_is_against_the_protocol(body: bytes) -> None:
    error, _ = refused(says(200, body))
    assert isinstance(error, ProtocolError)


def sealed(host: str, request: Request) -> Signed:
    path = request.private or request.path
    return Signed(path, request.query, {"Authorization": f"Bearer <GET {host}{path}>"})


def test_signed_requests_go_to_the_private_path_which_their_token_names() -> None:
    exchange = Exchange(says(200, candles(0)))
    signed = ExchangeRest(exchange, "https://api.example", Codec(), exchange, sealed)  # type: ignore[arg-type]
    asyncio.run(signed.candles(PAGE))
    path = "/api/v3/brokerage/products/BTC-USD/candles"
    assert exchange.asked[1] == (
        f"https://api.example{path}", {"Authorization": f"Bearer <GET api.example{path}>"}
    )  # fmt: skip


def accounts(*currencies: str, cursor: str = "") -> Response:
    rows = [
        {"uuid": "1", "currency": currency, "available_balance": {"value": "1", "currency": currency}}
        for currency in currencies
    ]
    return says(200, json.dumps({"accounts": rows, "has_next": bool(cursor), "cursor": cursor}).encode())


def test_an_account_is_read_to_its_end_each_part_in_its_turn() -> None:
    exchange = Exchange(accounts("BTC", "ETH", cursor="2"), accounts("BTC"))
    assert [(one.currency, one.quantity) for one in asyncio.run(rest(exchange).holdings())] == [
        ("BTC", "2"),
        ("ETH", "1"),
    ]
    url = "https://api.example/api/v3/brokerage/accounts"
    first, second = (url, {"limit": "250"}), (url, {"limit": "250", "cursor": "2"})
    assert exchange.asked == ["turn", first, "turn", second]


def test_an_account_that_comes_to_no_end_is_against_the_protocol() -> None:
    for answers in ([accounts(cursor="1"), accounts(cursor="1")], [accounts(cursor=str(n)) for n in range(1, 101)]):
        with pytest.raises(ProtocolError, match="does not come to an end"):
            asyncio.run(rest(Exchange(*answers)).holdings())


def test_a_key_that_is_not_taken_is_said_without_the_key() -> None:
    with pytest.raises(ProtocolError, match="answers 401 to /api/v3/brokerage/accounts"):
        asyncio.run(rest(Exchange(says(401, b"Unauthorized"))).holdings())


def test_what_our_key_may_not_do_keeps_nobody_from_asking_for_something_else() -> None:
    error, exchange = refused(says(403, b'{"error":"PERMISSION_DENIED"}', content_type="application/json"))
    assert isinstance(error, ProtocolError)
    assert exchange.asked[0] == "turn"
    assert len(exchange.asked) == 2
