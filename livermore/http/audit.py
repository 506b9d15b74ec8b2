"""The audit log, as the front keeps it: a change is written down before it is done, and how it ended after that.

Nothing is changed without it: while SQL cannot take the first line, changes are refused with 503. When it cannot take
the second, the row stays without a status, which an error in the log and a counter tell, too.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import SecretStr

from livermore import log, metrics
from livermore.clock import Clock
from livermore.errors import Transient
from livermore.http.answer import Answer
from livermore.http.parameters import Parameters
from livermore.http.refusal import Refusal
from livermore.http.visitor import Administrator
from livermore.store import audit_log
from livermore.store.audit_log import Deed
from livermore.store.sql import Database
from livermore.store.user_settings import looks_secret

if TYPE_CHECKING:
    from livermore.http.handler import Asked

_log = structlog.get_logger("livermore.http")

HIDDEN = "***"
LONGEST, MOST, DEEPEST = 200, 50, 4
"""Characters of a text, items of a list or an object, and levels of them that are written down."""


class Audit:
    """``who`` asks, and what is ``asked``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def done(
        self, who: Administrator, asked: "Asked", parameters: Parameters, work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Do what was asked for, and keep account of it.

        Raises:
            Transient: it could not be written down, and was not done.
        """
        deed, status = self._deed(who, asked, told(parameters)), 500
        number = await self._database.run_aside(partial(audit_log.begin, deed=deed))
        try:
            answer = await work()
            status = answer.status
        except Refusal as refusal:
            status = refusal.status
            raise
        except Transient:
            status = 503
            raise
        finally:
            await self._write(partial(audit_log.end, number=number, status=status), asked)
        return answer

    async def refused(self, who: Administrator, asked: "Asked", status: int) -> None:
        """Keep account of somebody known who was turned away: what else they sent is nobody's business."""
        await self._write(partial(audit_log.begin, deed=self._deed(who, asked, {}), status=status), asked)

    async def _write(self, work: Callable[..., Any], asked: "Asked") -> None:
        try:
            await self._database.run_aside(work)
        except Transient as reason:
            metrics.AUDIT_LOST.inc()
            _log.error("the audit log is not whole", action=asked.action, request=asked.request_id, reason=str(reason))

    def _deed(self, who: Administrator, asked: "Asked", parameters: dict[str, Any]) -> Deed:
        seen = {"action": asked.action, "address": asked.address, "request_id": log.clean(asked.request_id)}
        return Deed(self._clock.wall(), who.identity, who.user_id, who.name, parameters=parameters, **seen)


def told(parameters: Parameters) -> dict[str, Any]:
    """What may be written down of parameters: those that were given, but for fields that are never shown."""
    fields, given = type(parameters).model_fields, parameters.model_dump(mode="python", exclude_unset=True)
    return {name: _seen(value) if fields[name].repr else HIDDEN for name, value in given.items()}


def _seen(value: Any, depth: int = 0) -> Any:
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, dict | list | tuple) and depth >= DEEPEST:
        return HIDDEN
    if isinstance(value, dict):
        return {_seen(str(name)): _seen(inner, depth + 1) for name, inner in list(value.items())[:MOST]}
    if isinstance(value, list | tuple):
        return [_seen(inner, depth + 1) for inner in value[:MOST]]
    text = str(value)
    return HIDDEN if isinstance(value, SecretStr) or looks_secret(text) else log.clean(text)[:LONGEST]
