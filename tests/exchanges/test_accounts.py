"""Accounts: what Coinbase and Binance say of them is read exactly, and whatever else they may say is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import ProtocolError
from livermore.exchanges import binance, binance_us, coinbase
from livermore.exchanges.codec import Accounts
from livermore.exchanges.frame import Request
from livermore.market.holding import Holding, checked, together
from tests.exchanges.mutation import check_amounts, mutated, often, read

COINBASE, BINANCE, US = coinbase.Codec(), binance.Codec(), binance_us.Codec()
ACCOUNTS: dict[str, Any] = {
    "accounts": [
        {
            "uuid": "8bfc20d7-f7c6-4422-bf07-8243ca4169fe", "name": "BTC Wallet", "currency": "BTC",
            "available_balance": {"value": "1.230", "currency": "BTC"}, "default": False, "active": True,
            "created_at": "2021-05-31T09:59:59.000Z", "updated_at": "2021-05-31T09:59:59.000Z", "deleted_at": None,
            "type": "ACCOUNT_TYPE_CRYPTO", "ready": True, "hold": {"value": "0.0000000000000001", "currency": "BTC"},
            "retail_portfolio_id": "b87a2d3f-8a1e-49b3-a4ea-402d8c389aca", "platform": "ACCOUNT_PLATFORM_CONSUMER",
        },
        {"uuid": "1", "currency": "USD", "available_balance": {"value": "0", "currency": "USD"}},
    ],
    "has_next": True, "cursor": "789100", "size": 2,
}  # fmt: skip
ACCOUNT: dict[str, Any] = {
    "makerCommission": 15, "canTrade": True, "updateTime": 123456789, "accountType": "SPOT",
    "balances": [
        {"asset": "BTC", "free": "4723846.89208129", "locked": "0.00000000"},
        {"asset": "LTC", "free": "4763368.68006011", "locked": "1.00000001"},
    ],
    "permissions": ["SPOT"], "uid": 354937868,
}  # fmt: skip


def test_coinbase_is_asked_for_accounts_page_by_page() -> None:
    path = "/api/v3/brokerage/accounts"
    assert COINBASE.account_request() == Request(path, (("limit", "250"),))
    assert COINBASE.account_request("789100") == Request(path, (("limit", "250"), ("cursor", "789100")))


def test_an_account_of_coinbase_holds_what_is_available_and_what_is_not() -> None:
    btc = Holding("BTC", "1.2300000000000001", "1.23", "BTC Wallet", "8bfc20d7-f7c6-4422-bf07-8243ca4169fe")
    assert COINBASE.decode_accounts(json.dumps(ACCOUNTS).encode()) == Accounts(
        [btc, Holding("USD", "0", "0", "", "1")], "789100"
    )


def test_the_last_page_of_coinbase_leads_nowhere() -> None:
    assert COINBASE.decode_accounts(json.dumps(ACCOUNTS | {"has_next": False}).encode()).cursor == ""
    assert COINBASE.decode_accounts(b'{"accounts":[]}') == Accounts([])


def test_binance_is_asked_for_what_is_not_nothing_by_a_request_that_is_signed() -> None:
    path = "/api/v3/account"
    assert BINANCE.account_request() == Request(path, (("omitZeroBalances", "true"),), 20, path)
    assert US.account_request() == Request(path, (), 10, path)


def test_a_balance_of_binance_is_what_is_free_and_what_is_locked() -> None:
    assert BINANCE.decode_accounts(json.dumps(ACCOUNT).encode()) == Accounts(
        [Holding("BTC", "4723846.89208129", "4723846.89208129"), Holding("LTC", "4763369.68006012", "4763368.68006011")]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"asset": ""},
        {"asset": None},
        {"free": "-1"},
        {"free": "x"},
        {"locked": 1},
        {"free": "1" + "0" * 20},
        {"asset": "A B"},
    ],
)
def test_what_no_account_can_hold_is_a_protocol_error(change: dict[str, Any]) -> None:
    body = json.dumps({"balances": [ACCOUNT["balances"][0] | change]}).encode()
    with pytest.raises(ProtocolError, match="not a Binance answer about the account"):
        BINANCE.decode_accounts(body)


def test_a_refusal_of_coinbase_is_no_account() -> None:
    with pytest.raises(ProtocolError, match="not a Coinbase answer about accounts"):
        COINBASE.decode_accounts(b'{"error":"UNAUTHENTICATED"}')


@often
@given(st.data())
def test_an_answer_that_something_has_happened_to_is_read_well_or_refused(data: st.DataObject) -> None:
    for codec, original in ((COINBASE, ACCOUNTS), (BINANCE, ACCOUNT)):
        body = data.draw(mutated(lambda whole=original: [whole]))
        found = read(codec.decode_accounts, body)
        for one in found.holdings if found else ():
            check_amounts(one.quantity, one.available)
            checked(one.currency, one.quantity, one.available)
        for one in together(found.holdings) if found else ():
            assert one.quantity != "0"
