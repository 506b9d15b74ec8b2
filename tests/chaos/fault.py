"""What a fault is: a kind of weather with a name, a beginning and an end. Each is one file of `tests.chaos.faults`."""

import pkgutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from random import Random
from typing import Any, ClassVar, NamedTuple

from tests.chaos import faults
from tests.support.weather import Weather
from tests.support.world import World


class Setting(NamedTuple):
    """What a fault may choose from when it is drawn: ``actors`` are paths in the tree."""

    symbols: Sequence[str]
    actors: Sequence[str]


class Span(NamedTuple):
    """Moments of the exchange's clock, ms."""

    first: int
    last: int


class Fault(Weather):
    """Made with the arguments that `draw` has drawn, and a seed of its own.

    ``lasts``: seconds, at least and at most; ``lingers``: seconds after its end in which it is felt all the same;
    ``most``: how often it may come in an hour; ``apart``: names of faults that it may not overlap with, because both
    together mean something else.
    """

    name: ClassVar[str]
    lasts: ClassVar[tuple[float, float]] = (5.0, 60.0)
    lingers: ClassVar[float] = 0.0
    most: ClassVar[int] = 100
    apart: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, luck: Random) -> None:
        self.luck = luck
        self.forbidden: list[Span] = []
        """When nothing may be asked of the REST service: we have been told so."""

    @classmethod
    def draw(cls, luck: Random, setting: Setting) -> Mapping[str, Any]:
        """Arguments, as plain data."""
        return {}

    def begin(self, world: World) -> None:
        """It is in the weather from now on."""
        self.world = world

    def end(self, world: World) -> None:
        """It is no longer."""


def all_faults() -> dict[str, type[Fault]]:
    """Every fault by its name; whatever file lies in the package is found."""
    found = {}
    for info in sorted(pkgutil.iter_modules(faults.__path__), key=lambda info: info.name):
        module = import_module(f"{faults.__name__}.{info.name}")
        own = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Fault)]
        for one in own:
            if one.__module__ == module.__name__ and hasattr(one, "name"):
                assert one.name == info.name, f"{one} lies in a file of another name"
                found[one.name] = one
    return found
