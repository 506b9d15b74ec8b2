"""Tests of the liquidity score: golden values worked out by hand from `reference.md` 4.7, and its bounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.liquidity import CAP, scores
from livermore.market.product import Product


def product(symbol: str = "A", volume: str = "0", trades: int | None = None, quotes: str = "") -> Product:
    """``quotes``: bid, ask and their sizes."""
    bid, ask, bid_size, ask_size = quotes.split() if quotes else (None, None, None, None)
    return Product(
        symbol, "", "", "1", "0", volume, "", "", online=True,
        trade_count24h=trades, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size,
    )  # fmt: skip


def test_the_best_in_everything_has_the_full_score() -> None:
    assert scores([product(volume="1e3", trades=1000, quotes="100 100 1000 1000")], {"A": 1}) == {"A": 1.0}


def test_each_signal_has_its_weight() -> None:
    best = product("A", "1000", 1000, "100 100 9999 9999")
    other = product("B", "100", 100, "99 101 1 1")
    expected = (
        0.3 * math.log(101) / math.log(1001)
        + 0.3 * math.log(101) / math.log(1001)
        + 0.25 * (1 - 2 / 5)
        + 0.15 * math.log(201) / math.log(100001)
    )
    assert scores([best, other], {"A": 1, "B": 2})["B"] == round(expected, 3)


def test_what_is_not_told_weighs_nothing() -> None:
    found = scores([product("A", "1000"), product("B", "100")], {"A": 1, "B": 2})
    assert found == {"A": 1.0, "B": round(math.log(101) / math.log(1001), 3)}


def test_of_what_nothing_is_told_the_score_is_nought() -> None:
    assert scores([product()], {}) == {"A": 0.0}


@pytest.mark.parametrize(("rank", "capped"), [(15, False), (16, True), (None, True)])
def test_few_trades_cap_the_score_of_what_is_not_well_known(rank: int | None, capped: bool) -> None:
    ranks = {} if rank is None else {"A": rank}
    assert (scores([product(volume="5", trades=99)], ranks)["A"] == CAP) == capped
    assert scores([product(volume="5", trades=100)], ranks)["A"] == 1.0


def test_a_spread_of_five_percent_or_more_counts_as_none() -> None:
    assert scores([product(quotes="90 110 0 0")], {"A": 1})["A"] == 0.0


amounts = st.integers(0, 10**9).map(str)
quotes = st.tuples(amounts, amounts, amounts, amounts).map(" ".join) | st.just("")


@given(st.lists(st.builds(product, st.text("ABC", max_size=2), amounts, st.none() | st.integers(0, 10**7), quotes)))
def test_it_lies_between_nought_and_one(products: list[Product]) -> None:
    assert all(0 <= score <= 1 for score in scores(products, {}).values())
