"""The file that describes the trees: finding it, reading it, and taking one tree out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from livermore.environment import fill, mentioned
from livermore.errors import ConfigurationError, LivermoreError, Problem
from livermore.settings import Options
from livermore.store.settings import Stores
from livermore.strict_yaml import Document, parse, place_after
from livermore.supervision.loading import load_tree
from livermore.supervision.spec import TreeSpec
from livermore.validation import validate

Place = TypeVar("Place", bound=Options)

NAME = "supervisors.yaml"
SECTIONS = {"stores": Stores}


class NoSuchFile(LivermoreError):
    """A file that was named is not there."""


@dataclass(frozen=True)
class Source:
    """One tree of one file, with the variables that it is filled with."""

    file: "TreeFile"
    mode: str
    variables: Mapping[str, str]

    @property
    def path(self) -> Path:
        """Of the file."""
        return self.file.path

    def tree(self, text: str | None = None) -> TreeSpec:
        """The tree as the file describes it now, or as another ``text`` would.

        Raises:
            ConfigurationError: with everything that is wrong.
            NoSuchFile: it is gone.
        """
        return self.file.tree(self.mode, self.variables, text=text)


class TreeFile:
    """One such file. It is read anew each time it is asked for something."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def find(cls, given: str | None, variables: Mapping[str, str]) -> "TreeFile":
        """The first of: the one given, ``LIVERMORE_TREE``, this folder's, this machine's, the copy in the package.

        Raises:
            NoSuchFile: the one that was named is not there.
        """
        named = given or variables.get("LIVERMORE_TREE")
        if named and not Path(named).is_file():
            raise NoSuchFile(f"there is no tree file {named}")
        places = [Path(named)] if named else [Path(NAME), Path("/etc/livermore") / NAME]
        return cls(next((place for place in places if place.is_file()), Path(str(files("livermore") / NAME))))

    def modes(self) -> list[str]:
        """The names of its trees."""
        return sorted(self._modes(self._read()))

    def mentioned(self, mode: str) -> set[str]:
        """The names of the variables that a tree, or what all trees share, mentions."""
        document = self._read()
        data = document.data if isinstance(document.data, dict) else {}
        shared = [value for key, value in data.items() if key != "modes"]
        return mentioned([*shared, self._modes(document).get(mode)])

    def embedded(self, mode: str, variables: Mapping[str, str]) -> Path | None:
        """The folder in which a tree wants its stores embedded, if it does."""
        tree = self._modes(self._read()).get(mode)
        stores = fill(tree.get("stores"), variables) if isinstance(tree, dict) else None
        folder = stores.get("embedded") if isinstance(stores, dict) else None
        return Path(folder) if isinstance(folder, str) else None

    def stores(self, mode: str, variables: Mapping[str, str]) -> Stores:
        """Only the stores of a tree, with what they need: for commands on the data.

        Raises:
            ConfigurationError: there is no such tree, or its stores are not complete, or embedded.
        """
        document = self._read()
        tree = self._modes(document).get(mode)
        path = ("modes", mode, "stores")
        data = fill(tree.get("stores"), variables) if isinstance(tree, dict) else None
        found = validate(Stores, data, document, path, owner="stores") if data is not None else None
        if found is None or found.database is None:
            document.blame("E_STORES", f"expected redis and database for {mode!r}", path)
            raise ConfigurationError(document.problems)
        return found

    def store(self, model: type[Place], name: str, mode: str, variables: Mapping[str, str]) -> Place:
        """One of the stores of a tree, whatever may be wrong with the other.

        Raises:
            ConfigurationError: there is no such tree, or this store is not complete, or embedded.
        """
        document = self._read()
        tree = self._modes(document).get(mode)
        stores = fill(tree.get("stores"), variables) if isinstance(tree, dict) else None
        data = stores.get(name) if isinstance(stores, dict) else None
        path = ("modes", mode, "stores", name)
        found: Place | None = validate(model, data, document, path, owner="stores") if data is not None else None
        if found is None:
            document.blame("E_STORES", f"expected {name} for {mode!r}", path[:3])
            raise ConfigurationError(document.problems)
        return found

    def tree(
        self, mode: str, variables: Mapping[str, str], *, need_variables: bool = True, text: str | None = None
    ) -> TreeSpec:
        """One tree, checked. ``text``: read instead of the file.

        Raises:
            ConfigurationError: with everything that is wrong.
            NoSuchFile: it is gone.
        """
        document = self._read() if text is None else parse(text, str(self.path))
        return load_tree(document, mode, variables, SECTIONS, need_variables=need_variables)

    def _read(self) -> Document:
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise NoSuchFile(f"the tree file {self.path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            line, column = place_after(error.object[: error.start])
            message = f"expected UTF-8; found the byte {error.object[error.start]:#04x}"
            where: dict[str, Any] = {"file": str(self.path), "line": line, "column": column, "path": "(file)"}
            raise ConfigurationError([Problem("E_ENCODING", message, **where)]) from error
        return parse(text, str(self.path))

    @staticmethod
    def _modes(document: Document) -> dict[str, Any]:
        modes = document.data.get("modes") if isinstance(document.data, dict) else None
        return modes if isinstance(modes, dict) else {}
