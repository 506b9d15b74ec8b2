"""Redis cannot be reached."""

from livermore.errors import Transient
from tests.chaos.fault import Fault


class RedisAway(Fault):
    """As long as a restart of the server takes, or a failover."""

    name = "redis_away"
    lasts = (0.5, 50.0)

    def commands(self) -> None:
        raise Transient("Redis cannot be reached")
