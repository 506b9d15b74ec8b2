"""Tests of malformed tree files: the first lines of each say exactly what is to be said about it.

``# => LINE:COLUMN path: message [CODE]`` is a problem, ``# warning: ...`` a warning of a tree that is loaded.
"""

import re
from pathlib import Path

import pytest

import livermore
from livermore.errors import ConfigurationError, Problem
from livermore.tree_file import TreeFile

FILES = sorted(Path(__file__).with_name("bad").glob("*.yaml"))
PROBLEM, WARNING = "# => ", "# warning: "
NOT_OF_TREES = {"E_STORES"}
"""Codes of commands that look at the stores alone."""


def wanted(file: Path, mark: str) -> list[str]:
    """The lines of a file that say what is to be said."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


def found(file: Path) -> tuple[list[Problem], list[Problem]]:
    """Problems and warnings of a file, as the program finds them."""
    try:
        return [], list(TreeFile(file).tree("day", {"HELD": "hush"}).warnings)
    except ConfigurationError as refused:
        return refused.problems, []


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_of_a_bad_tree_exactly_that_is_said_which_its_first_lines_say(file: Path) -> None:
    problems, warnings = ([str(one).removeprefix(f"{file}:") for one in told] for told in found(file))
    assert problems == wanted(file, PROBLEM)
    assert warnings == wanted(file, WARNING)


def test_each_begins_with_what_it_is_about_and_with_all_that_is_to_be_said() -> None:
    for file in FILES:
        said = len(wanted(file, PROBLEM)) + len(wanted(file, WARNING))
        first, *rest = file.read_text(encoding="utf-8", errors="replace").splitlines()[: said + 1]
        assert re.fullmatch(r"# [A-Z].*\.", first), file.name
        assert rest, file.name
        assert all(line.startswith((PROBLEM, WARNING)) for line in rest), file.name


def test_there_are_many_of_them() -> None:
    assert len([file for file in FILES if wanted(file, PROBLEM)]) >= 60


def test_every_code_that_the_program_has_is_found_in_one_of_them() -> None:
    sources = [path.read_text() for path in Path(livermore.__file__).parent.rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"([EW]_[A-Z0-9_]+)"', text)}
    assert {one.code for file in FILES for told in found(file) for one in told} == codes - NOT_OF_TREES
