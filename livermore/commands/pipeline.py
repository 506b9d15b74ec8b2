"""The pipeline of an exchange as the tree file has it: what commands need that compute and judge as it does."""

from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import NamedTuple, cast

from livermore.actors.alert_evaluator import EvaluatorOptions
from livermore.actors.indicator_calculator import PACKAGE, CalculatorOptions
from livermore.actors.instance import InstanceOptions
from livermore.alerts.engine import make_rules
from livermore.alerts.rule import Rule
from livermore.commands.common import Asked, Variables, mode_of
from livermore.errors import LivermoreError
from livermore.indicators.values import Indicator
from livermore.market.timeframe import Timeframe
from livermore.plugins import make
from livermore.supervision.spec import SupervisorSpec, actors
from livermore.tree_file import TreeFile


class Pipeline(NamedTuple):
    """``words``: those of the rules; ``indicator``: the one that alerts are made of; ``history``: candles of a series.

    ``file``: where it stands.
    """

    rules: list[Rule]
    words: list[str]
    indicator: Indicator
    timeframes: tuple[Timeframe, ...]
    history: int
    file: Path


def pipeline_of(asked: Asked, variables: Variables, exchange: str) -> Pipeline:
    """What the tree that would run says of this exchange; no variable needs to be set that it does not hang on.

    Raises:
        ConfigurationError: with everything that is wrong with the tree.
        LivermoreError: nothing in it judges the signals of this exchange.
    """
    file, mode = TreeFile.find(asked.tree, variables), mode_of(asked, variables)
    pair = {"LIVERMORE_EXCHANGE_NAME": exchange, "LIVERMORE_EXCHANGE_ID": "1"}  # a front wants both; none is to run
    told = ChainMap(pair, cast("MutableMapping[str, str]", variables))
    tree = file.tree(mode, told, need_variables=False)
    found = next(_pipelines(tree.root, exchange), None)
    if found is None:
        raise LivermoreError(
            f"the tree {mode!r} of {file.path} has no pipeline of {exchange}: choose another with --mode or --tree, or "
            "set the variables that its options hang on"
        )
    instance, calculator, evaluator = found
    indicators = [make(PACKAGE, entry) for entry in calculator.indicators]
    indicator = next(one for one in indicators if one.told)
    words = [word for entry in evaluator.rules for word in entry]
    return Pipeline(make_rules(evaluator.rules), words, indicator, calculator.timeframes, instance.history, file.path)


def _pipelines(
    root: SupervisorSpec, exchange: str
) -> Iterator[tuple[InstanceOptions, CalculatorOptions, EvaluatorOptions]]:
    """An instance starts the pipeline that stands beside it."""
    listed = [(spec.path, spec.options) for spec in actors(root)]
    for path, instance in listed:
        if isinstance(instance, InstanceOptions) and instance.exchange == exchange:
            beside = path.rpartition("/")[0] + "/pipeline/"
            below = [options for path, options in listed if path.startswith(beside)]
            calculator = next((one for one in below if isinstance(one, CalculatorOptions)), None)
            evaluator = next((one for one in below if isinstance(one, EvaluatorOptions)), None)
            if calculator is not None and evaluator is not None:
                yield instance, calculator, evaluator
