"""What the documents say of tests: each that is named is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from livermore import supervision

TESTS = Path(__file__).parent
OTP = (TESTS.parent / "docs" / "otp.md").read_text(encoding="utf-8")
REFERENCE = re.compile(r"`([^`\s]+\.py)::([^`\s]+)`")
OF_OTP = "conformance/test_m_otp.py"
"""The file of tests that there are only because the document had nothing to name."""


def rows() -> Iterator[tuple[str, ...]]:
    """The cells of each line of the table but those of its head."""
    lines = [line for line in OTP.splitlines() if line.startswith("|")]
    assert lines[:2] == ["| OTP case | What it says | Here |", "|---|---|---|"]
    for line in lines[2:]:
        assert line.endswith(" |"), line
        yield tuple(cell.strip() for cell in line[1:-1].split("|"))


ROWS = list(rows())


@cache
def names_in(file: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_is_named_is_there() -> None:
    named = REFERENCE.findall(OTP)
    assert named
    assert OTP.count("::") == len(named)
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip("`") for row in ROWS])
def test_a_case_has_a_test_or_the_reason_why_it_has_none(row: tuple[str, ...]) -> None:
    case, says, here = row
    assert re.fullmatch(r"`\w+`", case)
    assert 0 < len(says.split()) <= 15
    assert REFERENCE.match(here) or re.match(r"Does not apply: \w", here)


def test_there_are_as_many_cases_as_it_says_and_each_is_there_once() -> None:
    said = re.search(r"\bhas (\d+) cases\b", " ".join(OTP.split()))
    assert said is not None
    assert len({case for case, *_ in ROWS}) == len(ROWS) == int(said[1])


def test_every_test_that_was_written_for_it_is_named_in_it() -> None:
    assert names_in(OF_OTP) - {name for file, name in REFERENCE.findall(OTP) if file == OF_OTP} == set()


def test_every_promise_of_supervision_names_a_test_that_is_there() -> None:
    promises = [part for part in (supervision.__doc__ or "").split("\n\n") if part.startswith("**")]
    assert [part for part in promises if "`test_" not in part] == []
    there = {name for file in TESTS.glob("conformance/test_*.py") for name in names_in(str(file.relative_to(TESTS)))}
    assert [name for name in re.findall(r"`(test_\w+)`", "".join(promises)) if name not in there] == []
