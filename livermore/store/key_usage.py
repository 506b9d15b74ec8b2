"""How much API keys are used: added up in SQL, so that several processes count together."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Case, Connection, Integer, Update, bindparam, case, select, update

from livermore.store.expansion import has
from livermore.store.tables import api_keys as table

DAY = 86_400_000


class Use(NamedTuple):
    """What one process has counted of a key on one day: days since 1970 in UTC; ``at``: when it was last used (ms)."""

    key_id: str
    day: int
    times: int
    at: int


def day_of(ms: int) -> int:
    """The day, in UTC, of a moment."""
    return ms // DAY


def add(connection: Connection, uses: Sequence[Use]) -> None:
    """Add to what is stored, in one batch. What is late and belongs to a day that is over counts no more."""
    if uses:
        ordered = sorted(uses)  # all processes lock rows in one order
        rows = [{"b_id": one.key_id, "b_day": one.day, "b_times": one.times, "b_at": one.at} for one in ordered]
        connection.execute(_ADD if has(connection, table.c.used_times) else _NOTE, rows)


def _statement() -> Update:
    t = table.c
    day, times = (bindparam(name, type_=Integer) for name in ("b_day", "b_times"))
    counted = case((t.used_day == day, t.used_times + times), (t.used_day > day, t.used_times), else_=times)
    newest = case((t.used_day > day, t.used_day), else_=day)
    # in this order: MySQL reads what stands before a comma as it is by then
    sets = ((t.used_times, counted), (t.used_day, newest), (t.last_used_at, _last()))
    return _OF_KEY.ordered_values(*sets)


def _last() -> Case[int]:
    used, at = table.c.last_used_at, bindparam("b_at", type_=BigInteger)
    return case((used > at, used), else_=at)


_OF_KEY = update(table).where(table.c.key_id == bindparam("b_id"))
_ADD = _statement()
_NOTE = _OF_KEY.values(last_used_at=_last())
"""The same where the database counts no uses yet."""


def today(connection: Connection, key_id: str, day: int) -> int | None:
    """How often a key was used on this day, as far as processes have written it down; None where they cannot."""
    if not has(connection, table.c.used_times):
        return None
    found = select(table.c.used_times).where(table.c.key_id == key_id, table.c.used_day == day)
    return connection.execute(found).scalar() or 0
