"""The program's source files, as text and as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import livermore

PACKAGE = Path(livermore.__file__).parent


def sources(*parts: str) -> list[Path]:
    """All files of the package, or of some parts of it: folders, or files without their ending."""
    if not parts:
        return sorted(PACKAGE.rglob("*.py"))
    found = [path for part in parts for path in (PACKAGE / part).rglob("*.py")]
    return sorted(found + [PACKAGE / f"{part}.py" for part in parts if (PACKAGE / f"{part}.py").is_file()])


def name_of(path: Path) -> str:
    """A file as people name it: `market/fold.py`."""
    return path.relative_to(PACKAGE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all that is imported anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
