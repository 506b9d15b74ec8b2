"""Tests of finding code by its name."""

import pytest

from livermore.alerts.level_cross import LevelCross
from livermore.errors import LivermoreError
from livermore.plugins import did_you_mean, find, load, make, names


def test_a_reference_in_full_gives_what_its_name_stands_for() -> None:
    assert load("livermore.alerts.level_cross:LevelCross") is LevelCross


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("", "expected package.module:Class, found ''"),
        ("livermore.alerts", "expected package.module:Class"),
        ("livermore.alerts:", "expected package.module:Class"),
        (":LevelCross", "expected package.module:Class"),
        ("livermore.alertz:X", "cannot be imported: No module named 'livermore.alertz'"),
        ("livermore..alerts:X", "cannot be imported"),
        ("livermore.:X", "cannot be imported"),
        ("livermore.alerts.level_cross:LevelCros", "has no LevelCros; did you mean 'LevelCross'"),
        ("livermore.alerts.level_cross:a.b", "has no a.b"),
    ],
)
def test_a_reference_to_nothing_says_so(reference: str, said: str) -> None:
    with pytest.raises(LivermoreError, match=said):
        load(reference)


def test_a_word_is_a_file_of_the_package() -> None:
    assert find("livermore.exchanges", "coinbase").Codec.name == "coinbase"


@pytest.mark.parametrize("word", ["coinbas", "", "__init__", "..alerts.engine", "coinbase.Codec", "os"])
def test_a_word_without_a_file_is_refused_with_those_there_are(word: str) -> None:
    with pytest.raises(LivermoreError, match=r"expected one of .*coinbase.*; found"):
        find("livermore.exchanges", word)


def test_the_nearest_word_is_offered_if_it_is_near() -> None:
    assert did_you_mean("coinbas", ["coinbase", "binance"]) == "; did you mean 'coinbase'?"
    assert did_you_mean("kraken", ["coinbase", "binance"]) == ""
    assert did_you_mean("x", []) == ""


def test_words_are_sorted_and_none_begins_with_an_underscore() -> None:
    assert names("livermore.alerts") == [
        "engine",
        "level_cross",
        "line",
        "price_cross",
        "raising",
        "reversal",
        "rule",
        "stage_change",
    ]


@pytest.mark.parametrize("options", [None, {}, {"levels": [7]}])
def test_an_object_is_made_with_its_options(options: dict | None) -> None:
    made = make("livermore.alerts", {"level_cross": options})
    assert made.options.levels == ((7,) if options else (150, 200, 250, 300, 350, 400))


def test_a_file_that_makes_nothing_is_not_offered() -> None:
    with pytest.raises(
        LivermoreError, match=r"^expected one of level_cross, price_cross, reversal, stage_change; found 'engine'$"
    ):
        make("livermore.alerts", {"engine": {}})
    with pytest.raises(LivermoreError, match=r"^expected one of macd, macdv; found 'bars'$"):
        make("livermore.indicators", {"bars": {}})
