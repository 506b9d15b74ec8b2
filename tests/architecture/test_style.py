"""Tests of what holds for every file of the program: mode is data, and a file says what it is."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import name_of, sources, tree_of

ALL = sources()


def decides_by_mode(tree: ast.AST) -> list[int]:
    """Lines that compare a mode with a word, or match on one."""
    return [node.lineno for node in ast.walk(tree) if _compares(node) or _matches(node) or _looks_up(node)]


def _is_mode(node: ast.AST) -> bool:
    """Whether an expression is a mode: `mode`, `self.mode`, `asked.mode.lower()`, `variables["LIVERMORE_MODE"]`."""
    if isinstance(node, ast.Call):
        return any(map(_is_mode, [node.func, *node.args]))
    if isinstance(node, ast.Attribute):
        return node.attr.endswith("mode") or _is_mode(node.value)
    if isinstance(node, ast.Subscript):
        return _is_mode(node.slice)
    if isinstance(node, ast.Constant):
        return node.value == "LIVERMORE_MODE"
    return isinstance(node, ast.Name) and node.id.lower().endswith("mode")


def _is_word(node: ast.AST) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(_is_word, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _compares(node: ast.AST) -> bool:
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
    return any(map(_is_mode, sides)) and any(map(_is_word, sides))


def _matches(node: ast.AST) -> bool:
    return isinstance(node, ast.Match) and _is_mode(node.subject)


def _looks_up(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict) and _is_mode(node.slice)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_nothing_is_decided_by_the_name_of_a_mode(path: Path) -> None:
    assert decides_by_mode(tree_of(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        'if mode == "exchange": pass',
        'x = "pw-host" != self.mode',
        'if asked.mode in ("exchange", "pw-host"): pass',
        'if mode.lower() == "exchange": pass',
        'if variables["LIVERMORE_MODE"] == "exchange": pass',
        'if os.environ.get("LIVERMORE_MODE") == "exchange": pass',
        'match mode:\n    case "exchange": pass',
        'x = {"exchange": 1, "pw-host": 2}[mode]',
        'if LIVERMORE_MODE == "exchange": pass',
    ],
)
def test_a_decision_by_mode_is_found(text: str) -> None:
    assert decides_by_mode(ast.parse(text)) == [1]


@pytest.mark.parametrize(
    "text",
    [
        'if model == "exchange": pass',
        "if mode != chosen: pass",
        "modes[mode]",
        "if mode not in file.modes: pass",
        'x == "a"',
    ],
)
def test_what_decides_otherwise_is_not(text: str) -> None:
    assert decides_by_mode(ast.parse(text)) == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_file_begins_with_a_sentence_that_says_what_it_is(path: Path) -> None:
    tree = tree_of(path)
    said = ast.get_docstring(tree)
    assert said is not None
    assert tree.body[0].lineno == 1
    first = said.splitlines()[0]
    assert first[0].isupper() or first[0].isdigit() or first[0] in "`."
    assert said.split("\n\n")[0].rstrip().endswith((".", "?", "!"))


def test_a_file_of_tests_says_what_it_tests() -> None:
    mute = []
    for path in Path(__file__).parents[1].rglob("test_*.py"):
        tree = tree_of(path)
        if ast.get_docstring(tree) is None or tree.body[0].lineno != 1:
            mute.append(path.name)
    assert mute == []
