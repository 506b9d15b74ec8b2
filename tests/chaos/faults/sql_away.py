"""SQL cannot be reached."""

from livermore.errors import Transient
from tests.chaos.fault import Fault


class SqlAway(Fault):
    """As long as a restart of the server takes."""

    name = "sql_away"
    lasts = (0.5, 50.0)

    def queries(self) -> None:
        raise Transient("SQL cannot be reached")
