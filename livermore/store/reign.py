"""A reign, as an instance tells of it to whoever carries out commands beside it."""

from dataclasses import dataclass

from livermore.lifecycle import Phase
from livermore.lifecycle_machine import Want
from livermore.store.lease import Duty


@dataclass(frozen=True)
class Reign:
    """How it stands. ``duty`` is what it writes under, None without the lease; ``error``: why it has just failed."""

    phase: Phase
    want: Want
    duty: Duty | None
    symbols: int = 0
    error: str = ""
