"""The exchange closes every connection in good order, as when it restarts a gateway."""

from tests.chaos.fault import Fault
from tests.support.world import World


class CleanClose(Fault):
    """Once at its beginning and once at its end."""

    name = "clean_close"
    lasts = (1.0, 30.0)

    def begin(self, world: World) -> None:
        super().begin(world)
        world.hang_up()

    def end(self, world: World) -> None:
        world.hang_up()
