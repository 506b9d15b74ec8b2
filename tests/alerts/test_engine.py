"""Tests of the engine: against the rules written down once more, on any path of values."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.alerts.engine import step
from livermore.alerts.rule import Memory, Reading
from tests.alerts.examples import MINUTE, RULES, after, labels, lived, reading
from tests.alerts.transcript import Transcript

BORDERS = [-401, -400, -399, -350, -300, -250, -200, -151, -150, -149, 0, 149, 150, 151, 200, 250, 300, 350, 400, 401]
values = st.sampled_from(BORDERS).map(float) | st.floats(-500, 500)
paths = st.lists(st.tuples(values, st.floats(-60, 60), st.integers(1, 8)), max_size=25)


def readings(path: list[tuple[float, float, int]]) -> list[Reading]:
    """The readings of a path; the last part of each step is how many minutes it takes."""
    found, minute = [], 0
    for value, histogram, minutes in path:
        minute += minutes
        found.append(reading(value, minute, histogram))
    return found


@settings(max_examples=500, deadline=None)
@given(paths)
def test_the_engine_finds_what_the_rules_say_and_nothing_else(path: list[tuple[float, float, int]]) -> None:
    transcript = Transcript()
    expected = [transcript.hear(one) for one in readings(path)]
    _, found = lived(readings(path))
    assert [labels(triggers) for triggers in found] == expected


@given(paths)
def test_of_each_rule_at_most_one_trigger_is_found_in_a_step(path: list[tuple[float, float, int]]) -> None:
    for triggers in lived(readings(path))[1]:
        rules = [one.trigger.rule for one in triggers]
        assert len(set(rules)) == len(rules)


@given(paths)
def test_the_same_path_leads_to_the_same_end_however_often_it_is_stored_on_the_way(
    path: list[tuple[float, float, int]],
) -> None:
    memory, found = Memory(), []
    for one in readings(path):
        memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)
        memory, triggers = step(RULES, memory, one)
        found.append(triggers)
    assert (memory, found) == lived(readings(path))


@given(paths, st.integers(0, 24))
def test_a_replay_of_what_was_judged_finds_nothing_and_changes_nothing(
    path: list[tuple[float, float, int]], again: int
) -> None:
    told = readings(path)
    memory, _ = lived(told)
    for one in told[again:]:
        memory_after, triggers = step(RULES, memory, one)
        assert triggers == []
        assert memory_after == memory


@given(paths, values)
def test_a_step_leaves_the_memory_it_was_given_as_it_is(path: list[tuple[float, float, int]], value: float) -> None:
    memory, _ = lived(readings(path))
    held = msgspec.json.encode(memory)
    step(RULES, memory, reading(value, 10_000))
    assert msgspec.json.encode(memory) == held


# -- one sentence each


@pytest.mark.parametrize("value", [0.0, 160.0, -999.0])
def test_the_first_value_of_a_series_is_only_remembered(value: float) -> None:
    memory, triggers = step(RULES, Memory(), reading(value, 1, 99))
    assert (memory, triggers) == (Memory(value=value, time=MINUTE, close=1.0, held=1), [])


def test_a_value_that_does_not_join_on_is_only_remembered_too() -> None:
    memory, triggers = step(RULES, after(0), reading(999, 2), rebased=True)
    assert (memory.value, memory.time, triggers) == (999, 2 * MINUTE, [])
    assert labels(step(RULES, memory, reading(1_000, 3))[1]) == []


def test_what_fired_is_not_forgotten_when_a_series_begins_anew() -> None:
    memory, _ = step(RULES, after(0, 160), reading(0, 3), rebased=True)
    assert step(RULES, memory, reading(160, 4))[1] == []


def test_a_value_told_again_takes_the_place_of_the_one_that_was_judged() -> None:
    memory, triggers = step(RULES, after(0, 149), reading(151, 2))
    assert (memory.value, triggers) == (151, [])
    assert step(RULES, memory, reading(152, 3))[1] == []


def test_older_values_change_nothing() -> None:
    memory = after(0, 100, 120)
    assert step(RULES, memory, reading(999, 2)) == (memory, [])


@pytest.mark.parametrize("rebased", [True, False])
def test_not_even_where_they_do_not_join_on(rebased: bool) -> None:
    memory = after(0, 100, 120)
    assert step(RULES, memory, reading(999, 1), rebased=rebased) == (memory, [])


def test_without_rules_values_are_remembered_all_the_same() -> None:
    memory: Any
    memory, triggers = step([], after(0), reading(500, 2))
    assert (memory.value, triggers) == (500, [])
