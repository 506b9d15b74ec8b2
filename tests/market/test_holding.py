"""Holdings: they add up exactly, and are worth what a price says, or nobody can say what."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.holding import Holding, checked, price_of, profit, together, value


def holding(currency: str, quantity: str, available: str = "0", **more: str) -> Holding:
    return Holding(currency, quantity, available, **more)


def test_several_accounts_of_one_currency_are_one_holding_and_nothing_is_none() -> None:
    found = together([
        holding("ETH", "1.5", "1", name="ETH Wallet", account="a"),
        holding("BTC", "0"),
        holding("ETH", "0.25", "0.25", name="ETH Vault", account="b"),
        holding("ADA", "3", "3"),
    ])  # fmt: skip
    assert found == [holding("ADA", "3", "3"), holding("ETH", "1.75", "1.25", name="ETH Wallet", account="a")]


def test_what_cannot_be_stored_of_an_amount_is_cut_off_and_never_rounded_up() -> None:
    assert together([holding("X", "0.1234567890123456789", "0")])[0].quantity == "0.123456789012345678"
    assert together([holding("X", "0.0000000000000000009", "0")]) == []


@pytest.mark.parametrize(
    ("currency", "quantity", "available"),
    [
        ("", "1", "1"),
        ("A B", "1", "1"),
        ("A" * 41, "1", "1"),
        ("A\n", "1", "1"),
        ("A", "1", "2"),
        ("A", "1" + "0" * 20, "0"),
    ],
)
def test_what_no_account_can_hold_is_refused(currency: str, quantity: str, available: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        checked(currency, quantity, available)


def test_a_price_is_that_of_the_best_pair_and_a_dollar_is_a_dollar() -> None:
    known = {"BTC-USDT": "2", "BTC-USD": "1", "USDC-USD": "0.99", "ETH-USDT": "3"}
    assert [price_of(one, known) for one in ("BTC", "ETH", "USDC", "USD", "SLP")] == ["1", "3", "1", "1", None]


@pytest.mark.parametrize(
    ("quantity", "price", "worth"),
    [("0.5", "65000.01", "32500"), ("0.5", "65000.03", "32500.02"), ("3", "0.333", "1"), ("1", None, None),
     ("99999999999999999999", "99999999999", None)],
)  # fmt: skip
def test_a_value_is_in_dollars_and_cents(quantity: str, price: str | None, worth: str | None) -> None:
    assert value(quantity, price) == worth


@pytest.mark.parametrize(
    ("worth", "cost", "gained"),
    [
        ("150", "100", ("50", "50")), ("50", "150", ("-100", "-66.67")), ("5", "0", ("5", None)),
        (None, "1", (None, None)), ("1", None, (None, None)), ("100", "100", ("0", "0")),
    ],
)  # fmt: skip
def test_profit_is_told_with_its_sign_and_only_where_it_is_known(
    worth: str | None, cost: str | None, gained: tuple[str | None, str | None]
) -> None:
    assert profit(worth, cost) == gained


@given(st.decimals(0, 10**9, places=8), st.decimals(0, 10**6, places=8))
def test_a_value_is_at_most_half_a_cent_from_the_exact_one(quantity: Decimal, price: Decimal) -> None:
    worth = value(f"{quantity:f}", f"{price:f}")
    assert worth is not None
    assert abs(Decimal(worth) - quantity * price) <= Decimal("0.005")
