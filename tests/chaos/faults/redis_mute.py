"""Some answers of Redis are lost: what they answered has been carried out."""

from livermore.errors import Transient
from tests.chaos.fault import Fault

SHARE = 0.1


class RedisMute(Fault):
    """As when a connection breaks between a command and its answer."""

    name = "redis_mute"
    lasts = (1.0, 30.0)

    def replies(self) -> None:
        if self.luck.random() < SHARE:
            raise Transient("the answer of Redis was lost")
