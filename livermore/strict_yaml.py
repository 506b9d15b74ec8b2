"""Strict YAML: plain data with the place of every key and value, and no surprises.

PyYAML keeps the last of two equal keys, reads ``on``, ``010`` and ``22:22`` as True, 8 and 1342, and expands any alias.
Here each of these is a problem with file, line and column, and all of them are reported at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from livermore.errors import ConfigurationError, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 24
MAX_NODES = 10_000

Path = tuple[str | int, ...]
Mark = tuple[int, int]

_TRUTH = {"true": True, "True": True, "false": False, "False": False}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"[-+]?(0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(0|[1-9]\d{0,17})\.\d{1,18}", re.ASCII)
_PLAIN_TEXT = "tag:yaml.org,2002:str"
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value")
}


@dataclass
class Document:
    """What a file holds, and where. ``data`` is dict, list, str, int, float, bool and None; keys are strings."""

    file: str
    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    """What may be meant as it is, but is rarely."""

    def problem(self, code: str, message: str, path: Path, *, at_key: bool = False) -> Problem:
        """A problem at ``path``, or at the nearest place above it that the file really has."""
        marks = self.keys if at_key else self.values
        line, column = next((marks[path[:n]] for n in range(len(path), -1, -1) if path[:n] in marks), (1, 1))
        return Problem(code, message, file=self.file, line=line, column=column, path=dotted(path))

    def blame(self, code: str, message: str, path: Path, *, at_key: bool = False) -> None:
        """Add a problem to the list."""
        self.problems.append(self.problem(code, message, path, at_key=at_key))

    def warn(self, code: str, message: str, path: Path) -> None:
        """Add a warning to the list."""
        self.warnings.append(self.problem(code, message, path))


def dotted(path: Path) -> str:
    """A path as people write it: ``modes.exchange.children.0.class``; the whole file is ``(file)``."""
    return ".".join(map(str, path)) or "(file)"


def place_after(before: bytes) -> Mark:
    """Line and column of what comes next, behind these bytes of UTF-8."""
    lines = before.decode(errors="replace").split("\n")
    return len(lines), len(lines[-1]) + 1


def parse(text: str, file: str) -> Document:
    """Read one YAML document.

    Raises:
        ConfigurationError: the text is not one YAML document, or it uses what is refused here.
    """
    document = Document(file)
    root = _compose(text, document)
    if not document.problems:
        document.data = _Builder(document).build(root, (), 0)
    if document.problems:
        raise ConfigurationError(document.problems)
    return document


def _compose(text: str, document: Document) -> yaml.Node | None:
    if len(text.encode()) > MAX_BYTES:
        document.blame("E_TOO_BIG", f"expected at most {MAX_BYTES // 1024} KiB, found more", ())
        return None
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        before = text.encode()[: getattr(error, "position", 0)]
        document.values[()] = (mark.line + 1, mark.column + 1) if mark else place_after(before)
        found = getattr(error, "problem", None) or str(error).partition("\n")[0]
        document.blame("E_PARSE", f"expected one YAML document: {found.removeprefix('but ')}", ())
    except RecursionError:
        document.blame("E_TOO_DEEP", f"expected at most {MAX_DEPTH} levels", ())
    return None


class _Builder:
    """Turns nodes into data and notes every place and every fault on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.open: list[yaml.Node] = []
        self.count = 0

    def build(self, node: yaml.Node | None, path: Path, depth: int) -> Any:
        self.count += 1
        if node is None:
            self.document.blame("E_PARSE", "expected a mapping, found an empty file", ())
            return None
        self.document.values.setdefault(path, _place(node))
        if self.count > MAX_NODES + 1:
            return None  # said already
        if fault := self._fault(node, depth):
            self.document.blame(*fault, path)
            return None
        self.open.append(node)
        try:
            return self._contents(node, path, depth)
        finally:
            self.open.pop()

    def _fault(self, node: yaml.Node, depth: int) -> tuple[str, str] | None:
        if any(node is outer for outer in self.open):
            return "E_ANCHOR_CYCLE", "expected no alias to something that contains it, found one"
        if depth > MAX_DEPTH:
            return "E_TOO_DEEP", f"expected at most {MAX_DEPTH} levels"
        if node.tag not in _PLAIN_TAGS:
            return "E_TAG", f"expected no tag, found {node.tag}"
        if self.count > MAX_NODES:
            return "E_TOO_BIG", f"expected at most {MAX_NODES} values, aliases counted each time they are used"
        return None

    def _contents(self, node: yaml.Node, path: Path, depth: int) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {key: self.build(value, (*path, key), depth + 1) for key, value in self._entries(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, path)

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            self.document.keys.setdefault((*path, key), _place(key_node))
            if key_node.tag != _PLAIN_TEXT:
                self._blame_key("E_KEY", f"expected a word as a key, found {_shown(key_node)}", (*path, key), key_node)
            elif key in seen:
                self._blame_key("E_DUP_KEY", "expected each key once, found it again", (*path, key), key_node)
            else:
                seen.add(key)
                yield key, value_node

    def _blame_key(self, code: str, message: str, path: Path, node: yaml.Node) -> None:
        line, column = _place(node)
        file = self.document.file
        self.document.problems.append(Problem(code, message, file=file, line=line, column=column, path=dotted(path)))

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text = node.value
        if node.tag == _PLAIN_TEXT:
            return text
        if node.tag.endswith(":null") and text in _NULL:
            return None
        if text in _TRUTH:
            return _TRUTH[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        self.document.blame(
            "E_YAML11", f"expected quotes around {text[:40]!r}, which YAML reads as {node.tag.rpartition(':')[2]}", path
        )
        return None


def _place(node: yaml.Node) -> Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _shown(node: yaml.Node) -> str:
    return repr(node.value) if isinstance(node, yaml.ScalarNode) else "a collection"
