"""Whether the one exchange that a front is told to show is one that SQL knows: else it would show nothing, for ever."""

from contextlib import closing

import structlog

from livermore.errors import Misconfigured, Transient
from livermore.http.options import FrontOptions
from livermore.store.registry import Exchange, all_exchanges
from livermore.store.schema import READER
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.supervision.spec import TreeSpec, actors

_log = structlog.get_logger("livermore")


def check(tree: TreeSpec, place: DatabasePlace) -> None:
    """Ask SQL, if any front is restricted to an exchange. Where SQL cannot answer, the front says so when it can.

    Raises:
        Misconfigured: no exchange has this name and id.
    """
    fronts = [spec for spec in actors(tree.root) if isinstance(spec.options, FrontOptions)]
    wanted = {(spec.options.exchange.name, spec.options.exchange.id) for spec in fronts if spec.options.exchange.name}
    if not wanted:
        return
    try:
        with closing(Database(place, READER)) as database:
            known = database.run(all_exchanges)
    except Transient as reason:
        _log.warning("the exchange to show is not checked", reason=str(reason))
        return
    for name, id_ in sorted(wanted - {(one.name, one.id) for one in known}):
        raise Misconfigured(_difference(name, id_, known))


def _difference(name: str, id_: int, known: list[Exchange]) -> str:
    pairs = ", ".join(f"{one.name} with {one.id}" for one in known)
    return f"LIVERMORE_EXCHANGE_NAME={name} with LIVERMORE_EXCHANGE_ID={id_}: expected one of {pairs}"
