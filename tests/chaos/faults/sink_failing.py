"""Whoever is to be told of alerts refuses them, or answers with an error."""

from livermore.net.interface import Response
from tests.chaos.fault import Fault

ANSWERS = ((500, {}), (503, {}), (429, {"retry-after": "2"}), (408, {}))


class SinkFailing(Fault):
    """What it answers says that it may be tried again."""

    name = "sink_failing"
    lasts = (1.0, 50.0)

    def posts(self) -> Response:
        status, headers = self.luck.choice(ANSWERS)
        return Response(status, headers, b"")
