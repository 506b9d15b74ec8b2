"""A kind of command: its name, what it takes, how urgent it is, and what carries it out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from livermore.control.office import Office
from livermore.settings import Options


class Nothing(Options):
    """It takes nothing."""


@dataclass(frozen=True)
class Kind:
    """``priority``: lower is sooner, unless the command says otherwise; ``run`` gives the data of a success; ``waits``:
    whether it has to know how the instance stands.
    """

    name: str
    priority: int
    payload: type[Options]
    run: Callable[[Office, Any], Awaitable[dict[str, Any]]]
    waits: bool = True
