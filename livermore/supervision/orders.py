"""Orders to the host of an actor: they take the control lane, and the actor never sees them."""

from dataclasses import dataclass
from typing import Any

from livermore.supervision.ailment import Ailment

STOP = object()
"""End, in good order."""


class Order:
    """Base of all others."""


@dataclass(frozen=True)
class Quiesce(Order):
    """Take in nothing new."""


@dataclass(frozen=True)
class Break(Order):
    """Fail with this error, as if the actor had raised it."""

    error: BaseException


@dataclass(frozen=True)
class Ail(Order):
    """Fall ill, to show how the tree takes it."""

    how: Ailment


@dataclass(frozen=True)
class Reconfigure(Order):
    """Go by other options from now on."""

    options: Any
