"""What comes between us and all that is outside, in a virtual world: in fair weather nothing. Faults are bad."""

from collections.abc import Sequence
from typing import NamedTuple

from livermore.errors import Transient
from livermore.net.interface import Response
from livermore.simulator.request import Request


class Arrival(NamedTuple):
    """A text that arrives ``delay`` seconds after it was sent."""

    delay: float
    text: str | bytes


class Weather:
    """Everything that happens on the wire is asked of it first. ``connection``: counted from 1 in each world."""

    def reach(self) -> None:
        """We try to connect, or to ask something.

        Raises:
            Transient: the exchange cannot be reached.
        """

    def hears(self, connection: int, text: str) -> bool:
        """Whether the exchange hears what we say."""
        return True

    def sends(self, connection: int, text: str) -> Sequence[str]:
        """What the exchange sends instead of a frame; its sequence goes on without a gap whatever it is."""
        return (text,)

    def carries(self, connection: int, text: str | bytes) -> Sequence[Arrival]:
        """How a frame that was sent arrives: not at all, late, or more than once."""
        return (Arrival(0.0, text),)

    def closes(self, connection: int) -> bool:
        """Whether we hear that the exchange has hung up."""
        return True

    def lag(self) -> float:
        """Seconds by which answers are slower than usual."""
        return 0.0

    def asked(self, request: Request) -> Response | None:
        """What answers a request in the exchange's stead, or None."""
        return None

    def answers(self, request: Request, response: Response) -> Response:
        """What becomes of an answer."""
        return response

    def posts(self) -> Response:
        """How a notice is answered, whom it reaches where that is a good answer."""
        return Response(204, {}, b"")

    def posted(self) -> None:
        """A notice has reached people, and its good answer is on its way.

        Raises:
            Transient: it never arrives.
        """

    def holds(self, path: str) -> bool:
        """Whether the actor at this path is hung: it does nothing more, and does not fail."""
        return False

    def commands(self) -> None:
        """We send a command to Redis.

        Raises:
            Transient: it cannot be reached.
        """

    def replies(self) -> None:
        """Redis has carried out a command, and its answer is on its way.

        Raises:
            Transient: it never arrives.
        """

    def queries(self) -> None:
        """We begin a transaction in SQL.

        Raises:
            Transient: it cannot be reached.
        """

    def committed(self) -> None:
        """SQL has committed a transaction, and its answer is on its way.

        Raises:
            Transient: it never arrives.
        """


class Away(Weather):
    """The exchange cannot be reached at all."""

    def reach(self) -> None:
        raise Transient("the exchange cannot be reached")
