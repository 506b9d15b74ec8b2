"""Why the wire is down: written when it cannot be brought up, so that the next incarnation can say what was missed."""

from livermore.market.gap import Cause
from livermore.store.fence import Right, put
from livermore.store.keys import Keys
from livermore.store.query import Query, command


def write(right: Right, cause: Cause) -> Query[int]:
    """From now on, if nothing is heard it is for this reason."""
    return put(right, right.keys.outage, cause.encode())


def read(keys: Keys) -> Query[Cause]:
    """Why nothing was heard so far."""
    return command("GET", keys.outage, read=lambda answer: Cause(answer.decode()) if answer else Cause.NOT_RUNNING)
