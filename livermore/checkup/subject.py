"""What is examined: one tree of one file, with its variables, as far as it can be read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from livermore.access import AccessOptions
from livermore.errors import LivermoreError
from livermore.http.options import FrontOptions
from livermore.store.schema import READER, WRITER, Reach
from livermore.supervision.spec import ActorSpec, TreeSpec, actors
from livermore.tree_file import TreeFile


@dataclass(frozen=True)
class Subject:
    """``mode``: the tree's name."""

    file: TreeFile
    mode: str
    variables: Mapping[str, str]

    @cached_property
    def tree(self) -> TreeSpec | None:
        """The tree, where it is sound but for variables that are not set; others tell what is wrong with it."""
        try:
            return self.file.tree(self.mode, self.variables, need_variables=False)
        except LivermoreError:
            return None

    def actors(self) -> list[ActorSpec]:
        """All actors of the tree."""
        return [] if self.tree is None else list(actors(self.tree.root))

    @property
    def reach(self) -> Reach:
        """How far the schema may be from this program's."""
        only_fronts = all(isinstance(spec.options, FrontOptions) for spec in self.actors())
        return READER if self.actors() and only_fronts else WRITER

    def exchanges(self) -> Iterator[AccessOptions]:
        """Each exchange that is asked, once for each address of its REST service."""
        seen = set()
        for spec in self.actors():
            if isinstance(spec.options, AccessOptions):
                place = (spec.options.exchange, spec.options.rest_url)
                if place not in seen:
                    seen.add(place)
                    yield spec.options
