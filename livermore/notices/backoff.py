"""How long to wait before a notice is tried again."""

import hashlib

FIRST, LONGEST = 2.0, 900.0
GIVE_UP = 86_400_000
"""Ms after which a notice that nobody took is a dead letter."""


def backoff(attempts: int, seed: str, longest: float = LONGEST) -> float:
    """Seconds after so many failed attempts: twice as long each time, less up to a half.

    Which part is left out follows from ``seed``: many notices do not come back together, and none differs each time.
    """
    whole: float = min(longest, FIRST * 2 ** min(attempts - 1, 20))
    digits = hashlib.sha256(f"{seed} {attempts}".encode()).digest()[:4]
    return whole * (0.5 + int.from_bytes(digits) / 2**33)
