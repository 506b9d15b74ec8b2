"""Orders to the host of an actor: they take the control lane, and the actor never sees them."""

from dataclasses import dataclass

STOP = object()
"""End, in good order."""


@dataclass(frozen=True)
class Break:
    """Fail with this error, as if the actor had raised it. For tests and for showing how the tree heals."""

    error: BaseException
