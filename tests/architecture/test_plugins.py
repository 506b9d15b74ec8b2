"""Tests that every file which a word of YAML can name keeps the contract of its package; new ones are found."""

import importlib
import inspect
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.alerts.engine import step
from livermore.alerts.rule import Memory, Reading, RuleOptions, Trigger
from livermore.errors import ProtocolError
from livermore.exchanges.codec import Codec
from livermore.exchanges.frame import Frame, Request
from livermore.http.options import ROUTES
from livermore.http.route import Route
from livermore.indicators.bars import Bars, filled
from livermore.indicators.recursion import unborn
from livermore.market.candle import Series
from livermore.market.due import Patience
from livermore.market.timeframe import Timeframe
from livermore.plugins import make, names
from livermore.settings import Options
from livermore.supervision.actor import Actor, Worker
from livermore.supervision.loop_actor import LoopActor
from tests.architecture.sources import PACKAGE, imports, tree_of
from tests.market.examples import NOON, candle


def camel_case(word: str) -> str:
    return word.replace("_", " ").title().replace(" ", "")


def modules(package: str) -> Iterator[ModuleType]:
    """All files of a package that could be plugins."""
    for name in names(f"livermore.{package}"):
        yield importlib.import_module(f"livermore.{package}.{name}")


def word_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def defined(module: ModuleType) -> dict[str, type]:
    """The classes that a file defines itself."""
    return {
        name: one for name, one in vars(module).items() if inspect.isclass(one) and one.__module__ == module.__name__
    }


RULES = [word_of(module) for module in modules("alerts") if "Options" in defined(module)]
INDICATORS = [word_of(module) for module in modules("indicators") if "Options" in defined(module)]
EXCHANGES = [
    word_of(module) for module in modules("exchanges") if "Codec" in defined(module) and word_of(module) != "codec"
]
ACTORS = names("livermore.actors")


def test_there_are_plugins_of_every_kind() -> None:
    assert {"level_cross", "reversal", "stage_change", "price_cross"} <= set(RULES)
    assert {"macd", "macdv"} <= set(INDICATORS)
    assert {"coinbase", "binance", "binance_us"} <= set(EXCHANGES)
    assert {"http_front", "instance", "exchange_feed"} <= set(ACTORS)


@pytest.mark.parametrize("package", ["alerts", "indicators"])
def test_whoever_has_options_has_a_class_that_is_named_as_the_file(package: str) -> None:
    for module in modules(package):
        assert "Options" not in defined(module) or camel_case(word_of(module)) in defined(module), module.__name__


# -- alert rules

stages = st.sampled_from(["oversold", "rallying", "ranging", "unknown"])
readings = st.builds(
    Reading,
    series=st.just(Series("coinbase", "BTC-USD", Timeframe.M1)),
    close_time=st.just(2 * 60_000),
    close=st.floats(1, 100),
    value=st.floats(-600, 600),
    signal=st.floats(-600, 600),
    histogram=st.floats(-100, 100),
    stage=stages,
)
memories = st.builds(
    Memory,
    value=st.floats(-600, 600),
    time=st.just(60_000),
    reversed=st.booleans(),
    fired=st.dictionaries(st.just("level_150"), st.just(0)),
    stage=stages,
    close=st.floats(1, 100),
)
EAGER = {"price_cross": {"symbols": ["BTC-USD"], "prices": [50]}}
"""Options of rules that find nothing unless they are told what to look for."""


@pytest.mark.parametrize("word", RULES)
def test_a_rule_can_be_made_without_options_and_has_the_files_name(word: str) -> None:
    rule = make("livermore.alerts", {word: None})
    assert rule.name == word
    assert issubclass(importlib.import_module(f"livermore.alerts.{word}").Options, RuleOptions)
    assert [*inspect.signature(rule.judge).parameters] == ["memory", "now"]


@pytest.mark.parametrize("word", RULES)
@given(memories, readings)
def test_a_rule_decides_alike_each_time_and_names_what_it_found(word: str, memory: Memory, now: Reading) -> None:
    rule = make("livermore.alerts", {word: EAGER.get(word)})
    after, trigger = rule.judge(memory, now)
    assert rule.judge(memory, now) == (after, trigger)
    assert isinstance(after, Memory)
    assert (trigger is None) == (after.fired == memory.fired)
    if trigger is not None:
        assert isinstance(trigger, Trigger)
        assert trigger.rule == word
        assert trigger.label
        assert not after.cool(trigger.label, now.close_time) or not after.cool(word, now.close_time)
    assert [one.trigger for one in step([rule], memory, now)[1]] == [trigger] * (trigger is not None)


# -- indicators


@pytest.mark.parametrize("word", INDICATORS)
def test_an_indicator_has_a_kind_and_a_record_at_every_bar(word: str) -> None:
    indicator = make("livermore.indicators", {word: None})
    bars = filled([candle(NOON + i * 60_000, close=str(100 + i % 7)) for i in range(300) if i % 11])
    values = indicator.compute(bars)
    record = values.record(len(bars) - 1)
    assert record["type"] == indicator.kind
    assert record["timestamp"] == int(bars.open_time[-1])
    assert set(record["validity"]) == {"ready", "bars_used", "observed_bars", "residual_bound", "reason"}
    assert values.index(int(bars.open_time[5])) == 5
    assert values.published(len(bars) - 1) is True
    assert values.published(0) is False
    assert values.point(len(bars) - 1)[0] == record["timestamp"]
    assert {"signal", "histogram"} < record["value"].keys()
    assert json.loads(json.dumps(record, allow_nan=False)) == record


@pytest.mark.parametrize("word", INDICATORS)
def test_an_indicator_goes_on_bar_by_bar_as_it_computes_history(word: str) -> None:
    indicator = make("livermore.indicators", {word: None})
    bars = filled([candle(NOON + i * 60_000, close=str(100 + i % 7)) for i in range(300) if i % 11])
    states = unborn(indicator.width, 1)
    for at in range(len(bars)):
        one = (column[[at]] for column in (bars.open_time, bars.high, bars.low, bars.close, bars.observed))
        states = indicator.step(states, Bars(*one))
    assert states.tobytes() == indicator.states(bars)[:, -1].tobytes()
    assert indicator.records(states) == [indicator.compute(bars).record(len(bars) - 1)]


def test_every_indicator_has_a_kind_and_a_recipe_of_its_own_and_one_of_them_is_told() -> None:
    made = [make("livermore.indicators", {word: None}) for word in INDICATORS]
    assert len({one.kind for one in made}) == len({one.recipe for one in made}) == len(made)
    assert [one.kind for one in made if one.told] == ["macd-v"]


# -- exchanges


@pytest.mark.parametrize("word", EXCHANGES)
def test_a_codec_has_all_that_its_protocol_asks_for(word: str) -> None:
    codec = importlib.import_module(f"livermore.exchanges.{word}").Codec()
    for name, kind in get_type_hints(Codec).items():
        assert isinstance(getattr(codec, name), kind), name
    for name, method in inspect.getmembers(Codec, inspect.isfunction):
        if not name.startswith("_"):
            assert [*inspect.signature(method).parameters][1:] == [
                *inspect.signature(getattr(codec, name)).parameters
            ], name
    assert codec.name == word
    assert codec.websocket_url.startswith("wss://")
    assert codec.rest_url.startswith("https://")
    assert codec.page >= Patience().warmup or codec.page > 0


@pytest.mark.parametrize("word", EXCHANGES)
def test_a_codec_refuses_rubbish_and_passes_over_what_it_does_not_know(word: str) -> None:
    codec = importlib.import_module(f"livermore.exchanges.{word}").Codec()
    series = Series(word, "BTC-USD", Timeframe.M1)
    for read in (
        codec.decode,
        lambda body: codec.decode_candles(series, body),
        lambda body: codec.decode_products([body]),
    ):
        with pytest.raises(ProtocolError):
            read(b"\xff")
    assert isinstance(codec.decode(b"{}"), Frame)


@pytest.mark.parametrize("word", EXCHANGES)
@pytest.mark.parametrize("timeframe", Timeframe)
def test_a_codec_can_ask_for_a_page_of_every_timeframe(word: str, timeframe: Timeframe) -> None:
    codec = importlib.import_module(f"livermore.exchanges.{word}").Codec()
    last = NOON + (codec.page - 1) * timeframe.ms
    asked = codec.candle_request(Series(word, "BTC-USD", timeframe), NOON, last)
    assert isinstance(asked, Request)
    assert asked.path.startswith("/")
    assert all(isinstance(part, str) for pair in asked.query for part in pair)
    assert all(isinstance(request, Request) for request in codec.product_requests())


# -- actors


def actor_in(word: str) -> type[Actor]:
    """The one actor of a file."""
    module = importlib.import_module(f"livermore.actors.{word}")
    (found,) = [one for one in defined(module).values() if issubclass(one, Actor)]
    return found


@pytest.mark.parametrize("word", ACTORS)
def test_a_file_has_one_actor_of_one_kind_named_as_the_file(word: str) -> None:
    actor = actor_in(word)
    assert actor.__name__ == camel_case(word)
    assert issubclass(actor, Worker) != issubclass(actor, LoopActor)
    assert actor.__doc__


@pytest.mark.parametrize("word", ACTORS)
def test_an_actor_declares_options_of_its_own_and_what_it_accepts_and_emits(word: str) -> None:
    actor = actor_in(word)
    assert "options" in vars(actor)["__annotations__"]
    assert issubclass(actor.options_class(), Options)
    for messages in (actor.accepts, actor.emits):
        assert isinstance(messages, tuple)
        assert all(inspect.isclass(message) for message in messages)


@pytest.mark.parametrize("word", ACTORS)
def test_an_actor_does_its_work_where_its_kind_does_it(word: str) -> None:
    actor = actor_in(word)
    if issubclass(actor, LoopActor):
        assert "main" in vars(actor)
        assert all(inspect.iscoroutinefunction(getattr(actor, name)) for name in ("warm_up", "main", "cool_down"))
    hears: Any = {"receive", "receive_all"} & vars(actor).keys()
    assert bool(hears) == bool(actor.accepts)


@pytest.mark.parametrize("word", ACTORS)
def test_an_actor_imports_no_other_actor(word: str) -> None:
    imported = list(imports(tree_of(PACKAGE / "actors" / f"{word}.py")))
    assert not [name for name in imported if name.startswith(("livermore.actors", "pykka", "threading"))]


# -- routes


@pytest.mark.parametrize("word", names(ROUTES))
def test_a_file_of_routes_has_a_list_of_them(word: str) -> None:
    routes = importlib.import_module(f"{ROUTES}.{word}").ROUTES
    assert routes
    assert all(isinstance(route, Route) and route.path.startswith("/") for route in routes)
