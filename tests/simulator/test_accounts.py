"""The accounts of the simulated exchanges: shown to who signs as the real ones want it, and always the same."""

import json
from decimal import Decimal
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from livermore.demo import make_private_key, public_key_of
from livermore.exchanges import binance, coinbase
from livermore.exchanges.frame import Request as Asked
from livermore.net import binance_signature, coinbase_token
from livermore.net.rest import Signed
from livermore.simulator.balances import balances
from livermore.simulator.binance_rest import BinanceRestService
from livermore.simulator.binance_venue import US
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from livermore.simulator.request import Answer, Request
from livermore.simulator.rest import RestService
from tests.simulator import binance_support
from tests.simulator.support import NOW

MARKET = Market(7)
HOST = "api.coinbase.com"
PRIVATE = make_private_key()
KEY_ID, SECRET = "organizations/o/apiKeys/k", "a-secret"
PATH = "/api/v3/brokerage/accounts"
MARKET_OF_FIFTY = made(50)
CLAIMS = {"sub": KEY_ID, "iss": "cdp", "nbf": NOW // 1000, "exp": NOW // 1000 + 120, "uri": f"GET {HOST}{PATH}"}


def send(service: RestService | BinanceRestService, signed: Signed, at: int = NOW) -> Answer:
    headers = {name.lower(): value for name, value in signed.headers.items()} | {"host": HOST}
    return service.answer(Request("GET", signed.path, dict(signed.query), "127.0.0.1", NOW, 0.0, at, headers))


def ours(cursor: str = "", limit: int = 250) -> Asked:
    asked = coinbase.Codec().account_request(cursor)
    return Asked(asked.path, (("limit", str(limit)), *asked.query[1:]))


def sealed(asked: Asked, private: str = PRIVATE, at: int = NOW) -> Signed:
    return coinbase_token.seal(KEY_ID, private, at, HOST, asked)


def service(**more: str) -> RestService:
    return RestService(MARKET, keys=more and {KEY_ID: public_key_of(more["private"])})


def shown(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def token(**changes: Any) -> Signed:
    """A token that is signed well, whatever it says."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    text = jwt.encode(claims, PRIVATE, "ES256", {"kid": KEY_ID, "nonce": "ab"})
    return Signed(PATH, (), {"Authorization": f"Bearer {text}"})


# -- Coinbase


def test_our_own_client_is_shown_all_of_the_account_page_by_page() -> None:
    codec, found, cursor = coinbase.Codec(), list[str](), ""
    while True:
        part = codec.decode_accounts(
            json.dumps(shown(send(service(private=PRIVATE), sealed(ours(cursor, 5))))).encode()
        )
        found += [one.currency for one in part.holdings]
        if not part.cursor:
            break
        assert len(part.holdings) == 5
        cursor = part.cursor
    assert found == ["USD", *(listing.base for listing in MARKET.listings), "MOBILE"]


def test_without_a_number_a_page_has_49_accounts() -> None:
    many = Market(7, MARKET_OF_FIFTY)
    answer = shown(send(RestService(many), sealed(Asked(PATH))))
    assert (answer["size"], answer["has_next"], answer["cursor"]) == (49, True, "49")


def test_a_key_of_the_other_kind_is_taken_too() -> None:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert shown(send(RestService(MARKET, keys={KEY_ID: public}), sealed(ours(), private)))["accounts"]


@pytest.mark.parametrize(
    "changes",
    [
        {"uri": None}, {"uri": f"GET {HOST}/api/v3/brokerage/products"}, {"uri": f"POST {HOST}{PATH}"},
        {"uri": f"GET elsewhere{PATH}"}, {"iss": "coinbase-cloud"}, {"sub": "somebody"}, {"exp": NOW // 1000 + 3600},
        {"nbf": NOW // 1000 + 60, "exp": NOW // 1000 + 180}, {"nbf": NOW // 1000 - 200, "exp": NOW // 1000 - 80},
        {"nbf": None}, {"exp": "soon"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("checked", [True, False])
def test_a_token_that_was_not_made_for_this_request_opens_nothing(changes: dict[str, Any], checked: bool) -> None:
    answer = send(service(private=PRIVATE) if checked else service(), token(**changes))
    assert answer.status == 401


def test_the_same_token_unchanged_opens_the_account() -> None:
    assert send(service(private=PRIVATE), token()).status == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic abc"])
def test_without_a_token_nothing_is_shown(header: str) -> None:
    answer = send(service(), Signed(PATH, (), {"Authorization": header}))
    assert (answer.status, json.loads(answer.body)["error"]) == (401, "UNAUTHENTICATED")


def test_somebody_else_s_signature_is_not_taken_nor_one_of_another_kind() -> None:
    assert send(service(private=make_private_key()), token()).status == 401
    assert send(RestService(MARKET, keys={"other": public_key_of(PRIVATE)}), token()).status == 401
    for algorithm, key in (("HS256", "0123456789abcdef0123456789abcdef"), ("none", None)):
        text = jwt.encode(CLAIMS, key, algorithm, {"kid": KEY_ID, "nonce": "ab"})
        assert send(service(private=PRIVATE), Signed(PATH, (), {"Authorization": f"Bearer {text}"})).status == 401
        assert send(service(), Signed(PATH, (), {"Authorization": f"Bearer {text}"})).status == 401


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "251"}, {"limit": "x"}, {"cursor": "-1"}])
def test_a_page_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    signed = sealed(ours())
    assert send(service(), signed._replace(query=tuple(query.items()))).status == 400


def test_the_account_is_drawn_from_the_seed_with_nothing_of_some_and_a_part_that_is_bound_of_others() -> None:
    found = balances(7, MARKET.listings, "USD")
    assert found == balances(7, MARKET.listings, "USD") != balances(8, MARKET.listings, "USD")
    many = balances(1, Market(1, MARKET_OF_FIFTY).listings, "USD")
    assert 0 < sum(one.is_nothing for one in many) < len(many) / 2
    assert 0 < sum(one.held > 0 for one in many) < len(many) / 2
    assert all(one.available >= 0 and one.held >= 0 for one in many)


# -- Binance


def binance_answer(asked: Asked, *, secret: str = SECRET, key: str = KEY_ID, at: int = NOW, **changes: str) -> Answer:
    signed = binance_signature.seal(key, secret, at, HOST, asked)
    rest = BinanceRestService(binance_support.MARKET, secrets={KEY_ID: SECRET})
    query = tuple({**dict(signed.query), **changes}.items())
    return send(rest, signed._replace(query=tuple(pair for pair in query if pair[1])))


ACCOUNT = binance.Codec().account_request()


def test_our_own_client_is_shown_what_binance_holds_for_it() -> None:
    answer = binance_answer(ACCOUNT)
    found = {one.currency: one for one in binance.Codec().decode_accounts(answer.body).holdings}
    held = {one.currency: one for one in balances(7, binance_support.MARKET.listings, "USDT") if not one.is_nothing}
    assert found.keys() == held.keys()
    assert all(Decimal(found[name].quantity) == held[name].available + held[name].held for name in held)
    assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "20"


def test_without_a_word_balances_of_nothing_are_told_too() -> None:
    assert len(shown(binance_answer(Asked(ACCOUNT.path, (), 20, ACCOUNT.path)))["balances"]) == 14


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"key": "somebody"}, 401, -2015), ({"secret": "another"}, 400, -1022),
        ({"omitZeroBalances": "false"}, 400, -1022),
        ({"signature": ""}, 400, -1102), ({"timestamp": ""}, 400, -1102), ({"at": NOW - 5_001}, 400, -1021),
        ({"at": NOW + 1_000}, 400, -1021), ({"recvWindow": "60001"}, 400, -1131), ({"timestamp": "now"}, 400, -1100),
        ({"recvWindow": "6000"}, 400, -1022),
    ],
)  # fmt: skip
def test_binance_refuses_what_is_not_signed_as_it_should_be(changes: dict[str, Any], status: int, code: int) -> None:
    answer = binance_answer(ACCOUNT, **changes)
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)


def test_without_a_key_binance_says_that_it_has_no_form() -> None:
    answer = send(BinanceRestService(binance_support.MARKET), Signed(ACCOUNT.path, (), {}))
    assert (answer.status, json.loads(answer.body)["code"]) == (401, -2014)


def test_it_weighs_less_at_the_other_venue() -> None:
    answer = send(BinanceRestService(binance_support.MARKET, US), Signed(ACCOUNT.path, (), {}))
    assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "10"
