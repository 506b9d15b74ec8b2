"""A half-open TCP connection: nothing arrives any more, not even its end."""

from collections.abc import Sequence

from tests.chaos.fault import Fault
from tests.support.weather import Arrival
from tests.support.world import World


class HalfOpen(Fault):
    """Of the connections that are open when it begins."""

    name = "half_open"
    lasts = (20.0, 90.0)

    def begin(self, world: World) -> None:
        super().begin(world)
        self._newest = world.connected

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        return (Arrival(0.0, text),) if connection > self._newest else ()

    def hears(self, connection: int, text: str) -> bool:
        return connection > self._newest

    def closes(self, connection: int) -> bool:
        return connection > self._newest
