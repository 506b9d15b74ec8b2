"""The socket stays open, pings and heartbeats go on, and nothing else is said any more."""

from collections.abc import Sequence

from tests.chaos.fault import Fault
from tests.support.world import World


class MuteSocket(Fault):
    """Of the connections that are open when it begins; a new one is served."""

    name = "mute_socket"
    lasts = (20.0, 180.0)

    def begin(self, world: World) -> None:
        super().begin(world)
        self._newest = world.connected

    def sends(self, connection: int, text: str) -> Sequence[str]:
        return (text,) if connection > self._newest or self.world.dialect.is_beat(text) else ()
