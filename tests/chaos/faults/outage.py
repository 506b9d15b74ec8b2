"""The exchange is away: WebSocket and REST refuse. Its market goes on, and REST has all of it afterwards."""

from livermore.errors import Transient
from tests.chaos.fault import Fault
from tests.support.world import World


class Outage(Fault):
    """For ten minutes, in a night that is long enough."""

    name = "outage"
    lasts = (600.0, 600.0)
    most = 1

    def begin(self, world: World) -> None:
        super().begin(world)
        world.hang_up()

    def reach(self) -> None:
        raise Transient("the exchange cannot be reached")
