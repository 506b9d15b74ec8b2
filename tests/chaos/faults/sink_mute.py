"""Whoever is told of alerts hears of them, but the answers are lost."""

from livermore.errors import Transient
from tests.chaos.fault import Fault


class SinkMute(Fault):
    """So they are told again, and know the alert by its id."""

    name = "sink_mute"
    lasts = (1.0, 50.0)

    def posted(self) -> None:
        raise Transient("the answer was lost")
