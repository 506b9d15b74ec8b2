"""Ailments: ways in which an actor is made to fail on purpose, to see how the tree takes it."""

import time
from enum import StrEnum

LASTS = 30.0
"""Seconds for which an actor is mute or slow."""
HANGS = 3600.0
SLOW = 0.5
"""Seconds that each message takes longer."""


class Ailment(StrEnum):
    """*crash*: an exception; *hang*: its thread sleeps; *mute*: what it sends is lost; *slow*: each message is late."""

    CRASH = "crash"
    HANG = "hang"
    MUTE = "mute"
    SLOW = "slow"


class Broken(Exception):
    """It was broken on purpose."""


def hang() -> None:
    """Stand still, as code does that waits for something without a limit."""
    time.sleep(HANGS)
