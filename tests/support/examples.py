"""How many examples Hypothesis draws: a sample in `make test`, so many times as many in `make soak`."""

import os

_TIMES = int(os.environ.get("EXAMPLES", "1"))


def sampled(count: int) -> int:
    """``count`` examples, or ``EXAMPLES`` times as many."""
    return count * _TIMES
