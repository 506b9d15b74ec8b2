"""Tests of malformed tree files: the first lines of each say exactly what is to be said about it.

``# => LINE:COLUMN path: message [CODE]`` is a problem, ``# warning: ...`` a warning of a tree that is loaded.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import livermore
from livermore.errors import ConfigurationError, Problem
from livermore.tree_file import TreeFile

FILES = sorted(Path(__file__).with_name("bad").glob("*.yaml"))
PROBLEM, WARNING = "# => ", "# warning: "
NOT_OF_TREES = {"E_STORES"}
"""Codes of commands that look at the stores alone."""

_PARSER = "the parser's words stand behind 'found:'"
_PYTHON = "a value is told as Python writes it, not YAML"
_PYDANTIC = "pydantic's or a pattern's words are told"
_LEAK = "what a variable holds is told"
_NAMELESS = "who has no sound id is called None, or unset"
_TWICE = "one fault is told again where it does not stand"
_SILENT = "nothing is said"
NOT_YET = {
    "alias_of_nothing": _PARSER,
    "args_for_an_actor_without_options": "one of no keys is expected",
    "control_character": "it is told at 1:1, wherever it stands",
    "dash_without_a_node": _PYTHON,
    "defaults_that_contradict_themselves": _TWICE,
    "defaults_with_an_id": _SILENT,
    "drain_longer_than_shutdown": _SILENT,
    "endless_intensity": _SILENT,
    "faulty_defaults_say_nothing_of_nodes": _TWICE,
    "faulty_settings_say_nothing_of_classes": _TWICE,
    "health_address_taken": _SILENT,
    "health_listens_nowhere": _SILENT,
    "heartbeat_of_nothing": _SILENT,
    "id_needs_a_variable": _NAMELESS,
    "id_with_a_capital": _PYDANTIC,
    "listen_without_a_port": _PYDANTIC,
    "mode_is_nothing": _PYTHON,
    "neither_true_nor_false": _PYDANTIC,
    "no_space_after_colon": _PARSER,
    "no_whole_number": _PYDANTIC,
    "nobody_needs_a_variable": _NAMELESS,
    "not_utf_8": "it is told at 1:1, in the codec's words",
    "not_utf_8_in_a_value": "it is told at 1:1, in the codec's words",
    "open_list": _PARSER,
    "open_quote": _PARSER,
    "settings_are_nothing": _PYTHON,
    "size_of_nothing": _SILENT,
    "tab_as_indent": _PARSER,
    "tells_twice": _SILENT,
    "truth_for_a_number": _PYTHON,
    "two_documents": _PARSER,
    "uneven_indent": _PARSER,
    "variable_for_a_node": _NAMELESS,
    "variable_is_misspelt": _SILENT,
    "variable_is_not_told": _LEAK,
    "variable_without_quotes": _PARSER,
    "version_is_a_variable": "it is told as if it were filled, which it never is",
}
"""Files of which something else is said today than what is right, and what is wrong with that."""


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


def cases() -> Iterator[Any]:
    """All files."""
    for file in FILES:
        why = NOT_YET.get(file.stem)
        marks = [pytest.mark.xfail(reason=why, raises=AssertionError)] if why else []
        yield pytest.param(file, marks=marks, id=file.name)


@pytest.mark.parametrize("file", list(cases()))
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
    assert len([file for file in FILES if file.stem not in NOT_YET]) >= 60
    assert set(NOT_YET) <= {file.stem for file in FILES}


def test_every_code_that_the_program_has_is_found_in_one_of_them() -> None:
    sources = [path.read_text() for path in Path(livermore.__file__).parent.rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'"([EW]_[A-Z0-9_]+)"', text)}
    assert {one.code for file in FILES for told in found(file) for one in told} == codes - NOT_OF_TREES
