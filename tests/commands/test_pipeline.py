"""Tests of what commands take from the tree file: rules, indicator and limits of the exchange that is meant."""

import argparse
from pathlib import Path

import pytest

from livermore.commands.pipeline import Pipeline, pipeline_of
from livermore.errors import ConfigurationError, LivermoreError
from livermore.market.timeframe import Timeframe
from tests.support.processes import ROOT

SHIPPED = (ROOT / "supervisors.yaml").read_text(encoding="utf-8")


def of(folder: Path, exchange: str, *edits: tuple[str, str], mode: str = "exchange") -> Pipeline:
    """The pipeline of an exchange in the shipped tree, once it is edited."""
    text = SHIPPED
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    file = folder / "tree.yaml"
    file.write_text(text, encoding="utf-8")
    return pipeline_of(argparse.Namespace(tree=str(file), mode=mode), {}, exchange)


@pytest.mark.parametrize("exchange", ["coinbase", "binance"])
def test_the_shipped_tree_runs_the_exchange_that_is_named_and_needs_no_variable(tmp_path: Path, exchange: str) -> None:
    found = of(tmp_path, exchange)
    assert (found.words, found.indicator.recipe) == (["level_cross", "reversal"], "macd-v 12/26/26/9")
    assert (found.timeframes, found.history) == (tuple(Timeframe), 1000)
    assert found.file == tmp_path / "tree.yaml"


def test_what_is_edited_is_heeded(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        "coinbase",
        ("levels: [150, 200, 250, 300, 350, 400]", "levels: [7]"),
        ("- reversal: {oversold_buffer: 5%, overbought_buffer: 3%}", ""),
        ("[{macdv: {fast: 12,", "[{macd: {}}, {macdv: {fast: 5,"),
        ("[1m, 5m, 15m, 1h, 4h, 1d]", "[5m]"),
        ("history: &history 1000", "history: &history 400"),
    )
    assert ([list(rule.options.levels) for rule in found.rules], found.words) == ([[7]], ["level_cross"])  # type: ignore[attr-defined]
    assert (found.indicator.recipe, found.timeframes, found.history) == ("macd-v 5/26/26/9", (Timeframe.M5,), 400)


def test_of_several_exchanges_the_one_that_is_named_is_found(tmp_path: Path) -> None:
    begin, end = SHIPPED.index("      - id: coinbase "), SHIPPED.index("  pw-host:")
    subtree = SHIPPED[begin:end]
    other = subtree.replace("- id: coinbase ", "- id: binance ").replace(
        "${LIVERMORE_EXCHANGE_NAME:-coinbase}", "binance"
    )
    other = other.replace("&history", "&its_history").replace("*history", "*its_history")
    other = other.replace("levels: [150, 200, 250, 300, 350, 400]", "levels: [9]")
    both = (subtree, subtree.replace("${LIVERMORE_EXCHANGE_NAME:-coinbase}", "coinbase").rstrip() + "\n" + other)
    for exchange, levels in (("binance", [9]), ("coinbase", [150, 200, 250, 300, 350, 400])):
        assert of(tmp_path, exchange, both).rules[0].options.levels == tuple(levels)  # type: ignore[attr-defined]
    with pytest.raises(LivermoreError, match="has no pipeline of kraken: choose another with --mode or --tree"):
        of(tmp_path, "kraken", both)


def test_a_tree_without_it_or_with_faults_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LivermoreError, match=r"the tree 'pw-host' of .*tree.yaml has no pipeline of coinbase"):
        of(tmp_path, "coinbase", mode="pw-host")
    with pytest.raises(LivermoreError, match="has no pipeline of coinbase"):
        of(tmp_path, "coinbase", ("history: &history 1000", 'history: &history "${HISTORY}"'))
    with pytest.raises(LivermoreError, match="has no pipeline of coinbase"):
        of(tmp_path, "coinbase", ("oversold_buffer: 5%", 'oversold_buffer: "${BUFFER}"'))
    with pytest.raises(ConfigurationError, match="levels"):
        of(tmp_path, "coinbase", ("levels: [150,", "levels: [-1,"))
