"""Since when the wire is down, and why: written down, so that the next incarnation can say what was missed."""

import msgspec

from livermore.market.gap import Cause
from livermore.store.fence import Right, put
from livermore.store.keys import Keys
from livermore.store.query import Query, command


class Outage(msgspec.Struct, frozen=True):
    """``since``: ms of market time; None where nobody wrote it down, so that what is known tells."""

    cause: Cause = Cause.NOT_RUNNING
    since: int | None = None


OVER = Outage()


def write(right: Right, outage: Outage) -> Query[int]:
    """From now on, if nothing is heard it is for this reason."""
    return put(right, right.keys.outage, msgspec.json.encode(outage))


def read(keys: Keys) -> Query[Outage]:
    """Why nothing was heard so far."""
    return command("GET", keys.outage, read=lambda answer: msgspec.json.decode(answer, type=Outage) if answer else OVER)
