"""The admin API of logs: the newest lines of every process on these stores, by their level."""

from typing import TYPE_CHECKING, Any, Literal

from livermore import log
from livermore.http.answer import Answer, of_data
from livermore.http.cursor import seal, unseal
from livermore.http.parameters import Cursor, Parameters, count
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.store import journal
from livermore.store.journal import KEPT, LEVELS, Line

if TYPE_CHECKING:
    from livermore.http.front import Front

AT_ONCE = 500
SCOPE = "logs"
_LINE = {
    "id": "1771416000123-0", "timestamp": "2026-02-18T12:00:00.123Z", "level": "warning", "logger": "livermore.http",
    "event": "events are waited for", "reason": "Redis cannot answer", "process": "exchange@a:7",
}  # fmt: skip


class LogParameters(Parameters):
    """Lines of which level and above, and how many."""

    level: Literal["info", "warning", "error", "critical"] = "info"
    limit: count(500) = 100  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


async def logs(front: "Front", asked: LogParameters) -> Answer:
    """So many lines, newest first."""
    scope = (SCOPE, asked.level)
    last = "+" if asked.cursor is None else f"({unseal(scope, asked.cursor, str)}"
    wanted = LEVELS[LEVELS.index(asked.level) :]
    found = await _find(front, wanted, asked.limit + 1, last)
    shown = found[: asked.limit]
    after = seal(scope, shown[-1][0]) if len(found) > asked.limit else None
    lines = [{"id": id_} | _cleaned(line) for id_, line in shown]
    return of_data({"lines": lines, "next_cursor": after})


async def _find(front: "Front", wanted: tuple[str, ...], limit: int, last: str) -> list[tuple[str, Line]]:
    """The newest lines of these levels; there are few enough of all levels to look through."""
    found: list[tuple[str, Line]] = []
    for _ in range(2 * KEPT // AT_ONCE):
        part = await front.redis.run(journal.newest(AT_ONCE, last))
        found += [one for one in part if one[1].get("level") in wanted]
        if len(part) < AT_ONCE or len(found) >= limit:
            break
        last = f"({part[-1][0]}"
    return found[:limit]


def _cleaned(told: Any) -> Any:
    """Our secrets, of which the process that told this knew nothing, are struck out here."""
    if isinstance(told, dict):
        return {name: _cleaned(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_cleaned(value) for value in told]
    return log.clean(told) if isinstance(told, str) else told


ROUTES = [
    Route(
        f"{ADMIN}/logs",
        LogParameters,
        logs,
        Access.ADMIN,
        Document(
            "Logs",
            "What the processes have logged",
            f"Newest first, of a level and those above it; about {KEPT:,} lines are kept, all levels together. Whoever "
            "follows the cursors gets every line once.",
            example={"lines": [_LINE], "next_cursor": None},
            operation="get_logs",
        ),
    )
]
