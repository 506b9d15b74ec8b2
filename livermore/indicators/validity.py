"""How much an indicator's value can be relied upon, which is told with every value (`design.md` 4)."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from livermore.indicators.bars import Floats
from livermore.indicators.moving_average import Average
from livermore.indicators.recursion import BARS, OBSERVED

PUBLISHED_FROM = 60
READY_FROM = 250


def residual(parts: Iterable[tuple[Average, Floats]]) -> Floats:
    """The largest share that is left of any average's error at its seed, which is all that is wrong with a value.

    ``parts``: averages, and how many values each has had.
    """
    shares = [(1 - average.alpha) ** np.maximum(0.0, count - average.period) for average, count in parts]
    bound: Floats = np.maximum.reduce(shares)
    return bound


def validity(seen: Sequence[float], bound: float, *, defined: bool, reason: str | None = None) -> dict[str, Any]:
    """The part of a record. ``seen``: a state's first numbers; ``reason``: why there is no value, if that is known."""
    observed = int(seen[OBSERVED])
    ready = reason is None and defined and observed >= READY_FROM
    return {
        "ready": ready,
        "bars_used": int(seen[BARS]),
        "observed_bars": observed,
        "residual_bound": bound,
        "reason": reason or (None if ready else _unready(observed)),
    }


def _unready(observed: int) -> str:
    missing = READY_FROM - observed
    return f"{missing} more traded bars are needed" if missing > 0 else "No value is defined"
