"""The cases that matter most: each has a test that names the code without which it fails, and there is such code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

STARRED = (
    3, 4, 5, 9, 10, 17, 18, 22, 23, 24, 25, 31, 32, 34, 35, 37, 41, 43, 44, 46, 53, 61, 68, 71, 72, 73, 79, 80, 81, 82,
    90, 91,
)  # fmt: skip
HERE = Path(__file__).parent
CODE = HERE.parents[1] / "livermore"


def promises() -> Iterator[tuple[str, str]]:
    """The name of each test that has a star, and what it says of itself, in one line."""
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and (said := ast.get_docstring(node) or "").startswith("★"):
                yield node.name, " ".join(said.split())


PROMISES = list(promises())


def named(said: str) -> Iterator[tuple[str, str]]:
    """The pieces of code in backticks, each with the file that is named after it."""
    pieces: list[str] = []
    for code, file in re.findall(r"`([^`]+)`|\b(\w+\.(?:py|lua))\b", said):
        if code:
            pieces.append(code)
        else:
            yield from ((piece, file) for piece in pieces)
            pieces = []


def stands_in(piece: str, file: str) -> bool:
    """Whether there is such code; an ellipsis stands for any."""
    texts = [" ".join(path.read_text().split()) for path in CODE.rglob(file)]
    return any(all(part.strip() in text for part in piece.split("...")) for text in texts)


@pytest.mark.parametrize("case", STARRED)
def test_a_starred_case_has_a_test_that_says_without_what_it_fails(case: int) -> None:
    assert [name for name, _ in PROMISES if re.search(rf"_{case:02}_", name)] != []


@pytest.mark.parametrize(("name", "said"), PROMISES, ids=[name for name, _ in PROMISES])
def test_what_it_names_is_there(name: str, said: str) -> None:
    found = list(named(said))
    assert found, f"{name} names no code"
    assert [one for one in found if not stands_in(*one)] == []
