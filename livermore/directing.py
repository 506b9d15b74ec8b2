"""What is wanted of an instance: by what operators have decided about its exchange, and by its own options."""

from typing import Protocol

import msgspec

from livermore.lifecycle_machine import Want

RUN, PAUSE, STOP, HANDOVER = "run", "pause", "stop", "handover"
LONGEST_HANDOVER = 10_000
"""Ms after which an instance that was to hand over may have the lease again: nobody else wanted it."""


class Order(msgspec.Struct, frozen=True):
    """``do``: run, pause, stop or handover; ``process``: of the instance that is to run, or to hand over; ``at``: when
    it was decided, wall ms.

    A pause and a stop hold for every instance of the exchange, whoever comes and goes.
    """

    do: str
    process: str = ""
    at: int = 0


class Means(Protocol):
    """The options that count."""

    @property
    def autostart(self) -> bool: ...
    @property
    def override(self) -> bool: ...


def wanted(order: Order | None, here: str, means: Means, began: int, now: int) -> Want:
    """What is wanted of the instance in the process of the name ``here``, which ``began`` then (wall ms)."""
    by_itself = Want.RUN if means.autostart else Want.REST
    if order is None or (means.override and order.at < began):
        return by_itself
    mine = order.process == here
    if order.do == STOP:
        return Want.REST
    if order.do == PAUSE:
        return Want.PAUSE if mine or means.autostart else Want.REST
    if order.do == HANDOVER:
        return Want.REST if mine and now - order.at < LONGEST_HANDOVER else by_itself
    return Want.RUN if mine else by_itself
