"""The status of an exchange's pipeline, as the owner of its lease tells it (`reference.md` 9.3)."""

import msgspec

from livermore.store.keys import Keys
from livermore.store.query import Query, command

SCHEMA = 1
"""Version of the formats in Redis."""


class Startup(msgspec.Struct, frozen=True, rename="camel"):
    """How far the start of a pipeline has come: ``phase`` in a word, ``phase_label`` in a few, ``percent`` of all."""

    phase: str
    phase_label: str
    percent: int


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """Times are ISO-8601 in UTC. It expires with the lease, so that its absence says that nobody runs the pipeline."""

    exchange_id: int
    exchange_name: str
    hostname: str
    pid: int
    connection_state: str
    symbol_count: int
    registered_at: str
    last_state_change: str
    last_heartbeat: str
    connected_at: str | None = None
    last_error: str | None = None
    warmup_percent: float | None = None
    is_paused: bool = False
    epoch: int = 0
    startup: Startup | None = None


class Origin(msgspec.Struct, frozen=True):
    """What the data of an exchange are: the version of their formats, and whether a simulator made them up."""

    version: int
    simulated: bool


def read(keys: Keys) -> Query[Status | None]:
    """The status, or None where nobody holds the lease, or who does tells it in a form that is not known here."""
    return command("GET", keys.status, read=_readable)


def _readable(answer: bytes | None) -> Status | None:
    try:
        return msgspec.json.decode(answer, type=Status) if answer else None
    except msgspec.MsgspecError:
        return None  # of another version: whoever reads it must not fail for that


def origin(keys: Keys) -> Query[Origin | None]:
    """Where the data come from, or None where there are none yet."""
    return command("GET", keys.schema, read=lambda a: msgspec.json.decode(a, type=Origin) if a else None)
