"""Tests of lines: what crosses one, and when it may be crossed again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.alerts.line import Line, cross

numbers = st.sampled_from([80.0, 89.0, 90.0, 91.0, 99.0, 100.0, 101.0, 120.0]) | st.floats(0, 200)
UP, DOWN = Line("up", 100, up=True, back=10), Line("down", 100, up=False, back=10)


def crossings(line: Line, *path: float) -> list[int]:
    """The steps of a path that cross a line."""
    spent: tuple[str, ...] = ()
    found = []
    for i, (before, now) in enumerate(itertools.pairwise(path)):
        crossed, spent = cross([line], before, now, spent)
        found += [i] if crossed else []
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((99, 101), [0]),
        ((100, 101), [0]),
        ((99, 100), []),
        ((101, 102), []),
        ((99, 101, 95, 101), [0]),
        ((99, 101, 90.001, 101), [0]),
        ((99, 101, 90, 101), [0, 2]),
        ((99, 101, 95, 90, 95, 101), [0, 4]),
        ((99, 101, 95, 101, 80, 101), [0, 4]),
        ((101, 95, 101), [1]),
    ],
)
def test_a_line_is_crossed_again_only_after_a_number_was_far_enough_behind_it(
    path: tuple[float, ...], expected: list[int]
) -> None:
    assert crossings(UP, *path) == expected
    assert crossings(DOWN, *(200 - number for number in path)) == expected


@given(st.lists(numbers, max_size=30))
def test_without_hysteresis_every_step_over_a_line_crosses_it(path: list[float]) -> None:
    pairs = list(itertools.pairwise(path))
    up = [i for i, (before, now) in enumerate(pairs) if before <= 100 < now]
    assert crossings(UP._replace(back=0.0), *path) == up


@given(st.lists(numbers, max_size=30))
def test_between_two_crossings_of_a_line_a_number_was_behind_it(path: list[float]) -> None:
    found = crossings(UP, *path)
    assert all(min(path[a + 1 : b + 1]) <= 90 for a, b in itertools.pairwise(found))


def test_what_other_lines_have_spent_stays() -> None:
    assert cross([UP], 99, 101, ("another",)) == ([UP], ("another", "up"))
    assert cross([UP], 101, 80, ("another", "up")) == ([], ("another",))
    assert cross([UP._replace(back=0.0)], 99, 101, ()) == ([UP._replace(back=0.0)], ())
