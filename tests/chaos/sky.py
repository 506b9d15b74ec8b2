"""The sky: any number of faults at the same time, each changing what the one before has left."""

from collections.abc import Sequence

from livermore.net.interface import Response
from livermore.simulator.request import Request
from tests.support.weather import Arrival, Weather


class Sky(Weather):
    """``faults``: those that are on, in the order in which they began."""

    def __init__(self) -> None:
        self.faults: list[Weather] = []

    def reach(self) -> None:
        for fault in self.faults:
            fault.reach()

    def hears(self, connection: int, text: str) -> bool:
        return all(fault.hears(connection, text) for fault in self.faults)

    def sends(self, connection: int, text: str) -> Sequence[str]:
        texts: Sequence[str] = (text,)
        for fault in self.faults:
            texts = [sent for text in texts for sent in fault.sends(connection, text)]
        return texts

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        arrivals: Sequence[Arrival] = (Arrival(0.0, text),)
        for fault in self.faults:
            arrivals = [
                Arrival(before.delay + after.delay, after.text)
                for before in arrivals
                for after in fault.carries(connection, before.text)
            ]
        return arrivals

    def closes(self, connection: int) -> bool:
        return all(fault.closes(connection) for fault in self.faults)

    def lag(self) -> float:
        return sum(fault.lag() for fault in self.faults)

    def asked(self, request: Request) -> Response | None:
        return next((answer for fault in self.faults if (answer := fault.asked(request)) is not None), None)

    def posts(self) -> Response:
        answers = (fault.posts() for fault in self.faults)
        return next((answer for answer in answers if answer.status >= 300), super().posts())

    def posted(self) -> None:
        for fault in self.faults:
            fault.posted()

    def holds(self, path: str) -> bool:
        return any(fault.holds(path) for fault in self.faults)

    def commands(self) -> None:
        for fault in self.faults:
            fault.commands()

    def replies(self) -> None:
        for fault in self.faults:
            fault.replies()

    def queries(self) -> None:
        for fault in self.faults:
            fault.queries()

    def committed(self) -> None:
        for fault in self.faults:
            fault.committed()

    def answers(self, request: Request, response: Response) -> Response:
        for fault in self.faults:
            response = fault.answers(request, response)
        return response
