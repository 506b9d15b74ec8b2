"""The fence: a write is made in the name of a right that the script checks before anything else."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from livermore.store.keys import Keys
from livermore.store.query import Query, Word, call, integer


class Right(Protocol):
    """The right to write for one exchange: a lease with its epoch."""

    @property
    def keys(self) -> Keys:
        """Where the exchange's data are."""

    @property
    def token(self) -> str:
        """What stands at the lease's key while the right holds."""

    @property
    def epoch(self) -> int:
        """A number that no later right has been given."""


def fenced(
    right: Right, name: str, keys: Sequence[str], arguments: Sequence[Word], read: Callable[[Any], Any] = integer
) -> Query[Any]:
    """A call of a script that is refused, with `livermore.errors.Fenced`, unless the right holds."""
    return call(name, [right.keys.lease, right.keys.fence, *keys], [right.token, right.epoch, *arguments], read)


def put(right: Right, key: str, value: bytes) -> Query[Any]:
    """Set a key, if the right holds."""
    return fenced(right, "put", [key], [value])
