"""Noise without a generator: any stretch of it can be computed by itself, and always comes out the same.

Only additions, multiplications and divisions are used, which IEEE 754 defines to the last bit: every processor
computes the same market.
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def key(*parts: str | int) -> np.uint64:
    """A number that stands for ``parts``, as seed, symbol and purpose."""
    digest = hashlib.blake2b("\n".join(map(str, parts)).encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest))


def uniform(key_: np.uint64, first: int, count: int) -> Floats:
    """``count`` independent numbers in [0, 1), for the indexes from ``first`` on (SplitMix64, Steele et al. 2014)."""
    x = np.arange(first, first + count, dtype=np.int64).astype(np.uint64) * _GOLDEN + key_
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def smooth(key_: np.uint64, period: int, first: int, count: int) -> Floats:
    """``count`` numbers in [0, 1), for the indexes from ``first`` on, that wander from one height to the next.

    There is a height every ``period`` indexes; between two the slope never exceeds 1.5 / ``period``.
    """
    cell, offset = divmod(first, period)
    heights = uniform(key_, cell, (offset + count - 1) // period + 2)
    steps, share = np.diff(heights), _shares(period)
    if period < count:
        rows = heights[:-1, None] + steps[:, None] * share
        return rows.ravel()[offset : offset + count]
    cells, places = np.divmod(np.arange(offset, offset + count), period)
    return heights[cells] + steps[cells] * share[places]


@lru_cache(32)
def _shares(period: int) -> Floats:
    """How far the way from one height to the next has come at each index between them."""
    return ease(np.arange(period) / period)


def ease(share: Floats) -> Floats:
    """From 0 to 1 with a flat start and a flat end: 3 x^2 - 2 x^3."""
    eased: Floats = share * share * (3 - 2 * share)
    return eased


def exponential(x: Floats) -> Floats:
    """e^x for small x, as (1 + x / 4096) squared twelve times: its error does not matter, its sameness does."""
    power: Floats = 1 + x / 4_096
    for _ in range(12):
        power = power * power
    return power
