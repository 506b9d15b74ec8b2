"""Some answers of SQL are lost: what they answered has been committed."""

from livermore.errors import Transient
from tests.chaos.fault import Fault

SHARE = 0.3


class SqlMute(Fault):
    """As when a connection breaks between a commit and its answer."""

    name = "sql_mute"
    lasts = (1.0, 50.0)

    def committed(self) -> None:
        if self.luck.random() < SHARE:
            raise Transient("the answer of SQL was lost")
