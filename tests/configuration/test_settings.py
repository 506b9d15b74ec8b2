"""Tests of options: units in the text of values, closed models, no bool read as a number."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from livermore.settings import Duration, Options, Percent, plugged


class Child(Options):
    """A nested model."""

    count: int = 1


class Sample(Options):
    """One field of each kind."""

    wait: Duration = 1.0
    positive: Annotated[Duration, Field(gt=0)] = 1.0
    share: Percent = 0.5
    count: int = 1
    size: float = 1.0
    maybe: int | None = None
    either: int | Literal["none"] = "none"
    many: tuple[int, ...] = ()
    one: Literal[1] = 1
    truth: bool = False
    both: bool | int = False
    anything: Any = None
    name: str = ""
    child: Child = Child()


class Rules(Options):
    """Words that are files of a package."""

    rules: tuple[Annotated[dict[str, Any], plugged("livermore.alerts")], ...]


def read(**fields: Any) -> Sample:
    return Sample.model_validate(fields)


def refused(model: type[Options] = Sample, **fields: Any) -> list[tuple[tuple, str]]:
    """Place and type of every fault."""
    with pytest.raises(ValidationError) as error:
        model.model_validate(fields)
    return [(fault["loc"], fault["type"]) for fault in error.value.errors()]


# -- durations and percentages


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("5s", 5),
        ("2m", 120),
        ("1h", 3600),
        ("7d", 604_800),
        ("0s", 0),
        ("1.5s", 1.5),
        ("0.25s", 0.25),
        ("1.5h", 5400),
        ("999999999ms", 999_999.999),
    ],
)
def test_a_duration_has_its_unit(text: str, seconds: float) -> None:
    assert read(wait=text).wait == pytest.approx(seconds)


NO_DURATIONS = [
    "",
    "5",
    "s",
    "5 s",
    "5S",
    "-5s",
    "+5s",
    "5sec",
    "1e3s",
    "1,5s",
    ".5s",
    "5.s",
    "1m30s",
    "5s\n",
    "\u0665s",
]


@pytest.mark.parametrize(
    "value", [*NO_DURATIONS, "1.2345s", "1" * 10 + "s", "never", "nans", 5, 5.0, 0, True, None, [], {}]
)
def test_anything_else_is_no_duration(value: Any) -> None:
    assert refused(wait=value) == [(("wait",), "duration")]


def test_a_bound_counts_in_seconds() -> None:
    assert refused(positive="0ms") == [(("positive",), "greater_than")]
    assert read(positive="1ms").positive == 0.001


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("0%", 0), ("100%", 1), ("2.5%", 0.025), ("150%", 1.5)])
def test_a_percentage_has_its_sign(text: str, share: float) -> None:
    assert read(share=text).share == pytest.approx(share)


@pytest.mark.parametrize("value", ["5", "%", "5 %", "-5%", "1e1%", "5%%", "1000%", "\u0665%", 5, 0.05, 5.0, True, None])
def test_anything_else_is_no_percentage(value: Any) -> None:
    assert refused(share=value) == [(("share",), "percent")]


@given(st.integers(0, 10**6), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_duration_is_its_number_times_its_unit(count: int, unit: str) -> None:
    assert read(wait=f"{count}{unit}").wait == count * {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}[unit]


# -- numbers and truth


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", True),
        ("count", False),
        ("size", True),
        ("maybe", True),
        ("either", True),
        ("many", [1, True]),
        ("many", (False,)),
        ("one", True),
    ],
)
def test_true_is_not_read_as_one(field: str, value: Any) -> None:
    assert refused(**{field: value}) == [((field,), "number")]


@pytest.mark.parametrize(
    ("field", "value"), [("truth", True), ("both", True), ("anything", True), ("anything", [True])]
)
def test_true_is_true_where_it_may_be(field: str, value: Any) -> None:
    assert getattr(read(**{field: value}), field) == value


def test_true_inside_a_nested_model_is_not_read_as_one_either() -> None:
    assert refused(child={"count": True}) == [(("child", "count"), "number")]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [("count", "12", 12), ("size", "1.5", 1.5), ("truth", "false", False), ("truth", "true", True), ("maybe", "7", 7)],
)
def test_the_text_of_a_variable_is_read_as_what_is_needed(field: str, text: str, value: Any) -> None:
    assert getattr(read(**{field: text}), field) == value


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", float("nan"), float("inf")])
def test_no_number_is_infinite_or_none_at_all(value: Any) -> None:
    assert refused(size=value) == [(("size",), "finite_number")]


# -- closed and frozen


def test_unknown_keys_are_refused_at_any_depth() -> None:
    assert refused(wiat="5s", child={"cuont": 1}) == [
        (("child", "cuont"), "extra_forbidden"),
        (("wiat",), "extra_forbidden"),
    ]


def test_options_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read().count = 2  # type: ignore[misc]


def test_an_error_as_text_does_not_show_what_was_given() -> None:
    with pytest.raises(ValidationError) as error:
        read(count="hush-hush")
    assert "hush" not in str(error.value)


# -- words that are files


def test_a_word_stands_for_a_file_and_its_options_for_those_of_its_class() -> None:
    given = [{"level_cross": {"levels": [150]}}, {"reversal": None}]
    assert Rules.model_validate({"rules": given}).rules == tuple(given)


@pytest.mark.parametrize(
    ("entry", "place", "kind"),
    [
        ({"level_crosss": {}}, (), "value_error"),
        ({"engine": {}}, (), "value_error"),
        ({"rule": {}}, (), "value_error"),
        ({}, (), "value_error"),
        ({"level_cross": {}, "reversal": {}}, (), "value_error"),
        ({"level_cross": {"level": [1]}}, ("level_cross", "level"), "extra_forbidden"),
        ({"level_cross": {"levels": [0]}}, ("level_cross", "levels", 0), "greater_than"),
        ({"level_cross": {"levels": [True]}}, ("level_cross", "levels"), "number"),
        ({"reversal": {"oversold_buffer": 0.05}}, ("reversal", "oversold_buffer"), "percent"),
        ({"reversal": []}, ("reversal",), "model_type"),
        ({"reversal": 0}, ("reversal",), "model_type"),
        ({"reversal": False}, ("reversal",), "model_type"),
        ("reversal", (), "dict_type"),
    ],
)
def test_a_word_or_its_options_may_be_wrong(entry: Any, place: tuple, kind: str) -> None:
    assert refused(Rules, rules=[{"reversal": {}}, entry]) == [(("rules", 1, *place), kind)]
