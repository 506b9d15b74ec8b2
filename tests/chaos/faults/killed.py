"""Our own process is killed, and started again after a while."""

from tests.chaos.fault import Fault
from tests.support.world import World


class Killed(Fault):
    """As SIGKILL does: nobody cools down."""

    name = "killed"
    lasts = (1.0, 90.0)
    most = 2

    def begin(self, world: World) -> None:
        super().begin(world)
        world.kill()

    def end(self, world: World) -> None:
        world.boot()
