"""The admin API of commands: giving one to the pipeline of an exchange, and what has become of it."""

from typing import TYPE_CHECKING, Any

from pydantic import Field

from livermore.errors import LivermoreError, Transient
from livermore.http.answer import Answer, of_data
from livermore.http.directory import Market
from livermore.http.parameters import ExchangeName, Parameters
from livermore.http.refusal import Refusal, not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.store import asking, commands

if TYPE_CHECKING:
    from livermore.http.front import Front

COMMANDS = f"{ADMIN}/commands/{{exchange}}"
UNAWAITED = frozenset({"start", "force-backfill"})
"""What takes long: its id is told at once, and what came of it later."""
_ID = "5f0c1f0e-3c55-4c1c-9d2f-0d7a7a2f3b11"
TYPES = (
    "`start`, `stop`, `pause`, `resume`, `handover`, `reload-settings`, `switch-mode` (`mode`), `add-symbol` and "
    "`remove-symbol` (`symbol`), `bulk-add-symbols` (`symbols`), `force-backfill` (`symbol`, `timeframes`), "
    "`clear-cache` (`scope`, `symbol`, `timeframe`), `test-connection`. "
    "`start` and `force-backfill` are not waited for."
)


class CommandParameters(Parameters):
    """What is to be done, and with what; the lower the priority, the sooner."""

    exchange: ExchangeName
    type: str = Field(max_length=40, pattern=r"^[a-z]+(-[a-z]+){0,3}$")
    payload: dict[str, Any] = Field(default_factory=dict, max_length=10)
    priority: int | None = Field(None, ge=1, le=100)


class OneCommandParameters(Parameters):
    """Which command."""

    exchange: ExchangeName
    id: str = Field(pattern=commands.UUID)


async def give(front: "Front", asked: CommandParameters) -> Answer:
    """Give a command, and wait for what comes of it, or tell its id where that takes long."""
    market = await front.directory.market(asked.exchange)
    given = asking.made(asked.type, asked.payload, front.clock, asked.administrator.identity, asked.priority)
    if asked.type in UNAWAITED:
        await front.redis.run(commands.send(market.keys, given))
        return of_data({"correlation_id": given.correlation_id, "status": "given"})
    data = await _done(front, market, given)
    return of_data({"correlation_id": given.correlation_id, "status": "success", "data": data})


async def _done(front: "Front", market: Market, given: commands.Command) -> dict[str, Any]:
    try:
        return await asking.ask(front.redis, market.keys, given, front.bounds.command)
    except Transient:
        raise
    except LivermoreError as error:
        raise Refusal(409, str(error)) from error


async def outcome(front: "Front", asked: OneCommandParameters) -> Answer:
    """What has become of a command."""
    market = await front.directory.market(asked.exchange)
    found = await front.redis.run(commands.outcome(market.keys, asked.id))
    if found is None:
        raise not_found("Command", "id")
    return of_data(found)


ROUTES = [
    Route(
        COMMANDS,
        CommandParameters,
        give,
        Access.ADMIN,
        Document(
            "Commands",
            "Give a command to the pipeline of an exchange",
            f"{TYPES} Refused, with the reason, as 409.",
            example={"correlation_id": _ID, "status": "success", "data": {"status": "paused", "exchange": "coinbase"}},
            also=(404, 409),
            operation="give_command",
        ),
        methods=("POST",),
        body=True,
    ),
    Route(
        f"{COMMANDS}/{{id}}",
        OneCommandParameters,
        outcome,
        Access.ADMIN,
        Document(
            "Commands",
            "What has become of a command",
            "`taken` while it is carried out; its last word is kept for a day.",
            example={"correlation_id": _ID, "status": "success", "data": {"status": "started"}},
            also=(404,),
            operation="get_command",
        ),
    ),
]
