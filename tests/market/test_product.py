"""Tests of which products are worth watching."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.market.product import Product, choose, ranked, unknown


def product(symbol: str, quote_volume: str = "0", *, online: bool = True, alias: str = "") -> Product:
    return Product(symbol, "", "", "1", "0", quote_volume, "0.01", "0.01", online, alias=alias)


LISTED = [product("C", "9"), product("A", "100"), product("B", "100"), product("D", "1000", online=False), product("E")]


def test_products_rank_by_volume_then_by_name() -> None:
    assert [p.symbol for p in ranked(LISTED)] == ["A", "B", "C", "E"]


def test_volumes_are_compared_as_numbers_not_as_texts() -> None:
    assert [p.symbol for p in ranked([product("A", "9"), product("B", "10")])] == ["B", "A"]


def test_with_none_named_the_most_traded_are_watched() -> None:
    assert choose(LISTED, (), 2, {}) == ["A", "B"]


def test_those_named_are_watched_however_many_there_are_if_they_trade() -> None:
    assert choose(LISTED, ("E", "D", "C", "A", "X"), 1, {}) == ["A", "C", "E"]


@given(st.permutations(LISTED), st.integers(0, 9))
def test_the_choice_does_not_depend_on_the_order_of_the_list(listed: list[Product], most: int) -> None:
    assert choose(listed, (), most, {}) == ["A", "B", "C", "E"][:most]


def test_with_none_named_only_what_can_be_traded_well_is_watched_beyond_the_fifteenth() -> None:
    listed = [product(f"S{n:02}", str(1000 - n)) for n in range(20)]
    assert choose(listed, (), 100, {"S16": 0.4, "S17": 0.399, "S03": 0.1}) == [f"S{n:02}" for n in (*range(15), 16)]


def test_of_an_alias_the_symbol_is_watched_under_which_its_data_arrive() -> None:
    listed = [product("BTC-USD", "9"), product("BTC-USDC", "9", online=False, alias="BTC-USD"), product("A", "1")]
    assert choose(listed, ("BTC-USDC",), 1, {}) == ["BTC-USD"]
    assert choose(listed, ("BTC-USDC", "BTC-USD"), 1, {}) == ["BTC-USD"]


def test_what_is_wanted_but_not_listed_is_named() -> None:
    assert unknown(LISTED, ("A", "D", "NOPE-USD")) == ["NOPE-USD"]
