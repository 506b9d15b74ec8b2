"""How much API keys are used: added up in SQL, so that several processes count together."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Integer, Update, bindparam, case, select, update

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
        connection.execute(_ADD, rows)


def _statement() -> Update:
    t = table.c
    day, times, at = (bindparam(name, type_=Integer) for name in ("b_day", "b_times", "b_at"))
    counted = case((t.used_day == day, t.used_times + times), (t.used_day > day, t.used_times), else_=times)
    newest = case((t.used_day > day, t.used_day), else_=day)
    last = case((t.last_used_at > at, t.last_used_at), else_=at)
    # in this order: MySQL reads what stands before a comma as it is by then
    sets = ((t.used_times, counted), (t.used_day, newest), (t.last_used_at, last))
    return update(table).where(t.key_id == bindparam("b_id")).ordered_values(*sets)


_ADD = _statement()


def today(connection: Connection, key_id: str, day: int) -> int:
    """How often a key was used on this day, as far as processes have written it down."""
    found = select(table.c.used_times).where(table.c.key_id == key_id, table.c.used_day == day)
    return connection.execute(found).scalar() or 0
