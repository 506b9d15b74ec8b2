"""The admin API of the network: who runs which exchange, what became of it, and how far its data are."""

import asyncio
from typing import TYPE_CHECKING, Any

from livermore.http import activity_page
from livermore.http.answer import Answer, of_data
from livermore.http.directory import Market
from livermore.http.meter import meter as measured
from livermore.http.parameters import Cursor, ExchangeName, Parameters, count
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.market.instant import iso
from livermore.store import chronicle, status, warmup
from livermore.store import instances as instances_of

if TYPE_CHECKING:
    from livermore.http.front import Front

TAG = "Network"
_STATUS = {
    "exchangeId": 1, "exchangeName": "coinbase", "hostname": "a", "pid": 7, "connectionState": "active",
    "symbolCount": 100, "registeredAt": "2026-02-18T12:00:00.000Z", "lastStateChange": "2026-02-18T12:01:00.000Z",
    "lastHeartbeat": "2026-02-18T12:30:00.000Z", "connectedAt": "2026-02-18T12:01:00.000Z", "lastError": None,
    "warmupPercent": 100.0, "isPaused": False, "epoch": 3, "startup": None,
}  # fmt: skip
_PROCESS = {
    "hostname": "a", "pid": 7, "started": "boot:1234", "phase": "active", "want": "run", "held": True, "standby": False,
    "since": 1771415000000, "seen": 1771416000000, "epoch": 3, "lastError": None,
}  # fmt: skip
_INSTANCE = {
    "exchange_id": 1, "exchange": "coinbase", "display_name": "Coinbase", "online": True, "status": _STATUS,
    "processes": [_PROCESS],
}  # fmt: skip
_CHANGES = [{"from": "warming", "to": "active", "at": "2026-02-18T12:00:00.123Z"}]
_ENTRY = {
    "id": "1771416000123-0", "event": "state_transition", "fromState": "warming", "toState": "active",
    "timestamp": "2026-02-18T12:00:00.123Z", "exchangeName": "coinbase", "hostname": "a", "pid": "7",
}  # fmt: skip
_STATS = {
    "exchangeId": 1, "status": "fetching", "startedAt": "2026-02-18T12:00:00.000Z",
    "updatedAt": "2026-02-18T12:00:30.000Z", "totalSymbols": 2, "totalPairs": 12, "completedPairs": 6,
    "percentComplete": 50.0, "etaMs": 30000, "currentSymbol": "BTC-USD", "currentTimeframe": "1h",
    "pending": {"BTC-USD": 3, "ETH-USD": 3},
}  # fmt: skip
_METER = {
    "exchange": "coinbase", "symbols": ["BTC-USD"], "timestamps": {"BTC-USD": {"1m": 1771416000000}},
    "known": {"BTC-USD": {"1m": 1771416000000}}, "ranks": {"BTC-USD": 1},
}  # fmt: skip


class ExchangeParameters(Parameters):
    """Which exchange."""

    exchange: ExchangeName


class ActivityParameters(Parameters):
    """How much activity, and from where on."""

    limit: count(200) = 50  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


class ActivityOfOneParameters(ActivityParameters):
    """The same, of which exchange."""

    exchange: ExchangeName


async def instances(front: "Front", _: Parameters) -> Answer:
    """Every exchange, and who runs its pipeline, if anybody does."""
    markets = await front.directory.markets()
    return of_data({"instances": await asyncio.gather(*(_instance(front, market) for market in markets))})


async def instance(front: "Front", asked: ExchangeParameters) -> Answer:
    """The same, of one exchange, and how its state has changed of late."""
    market = await front.directory.market(asked.exchange)
    return of_data(await _instance(front, market) | {"history": await _history(front, market)})


async def _history(front: "Front", market: Market) -> list[dict[str, Any]]:
    """The newest changes of state, newest first."""
    found = await front.redis.run(chronicle.history(market.keys))
    return [one | {"at": iso(one["at"])} for one in found]


async def _instance(front: "Front", market: Market) -> dict[str, Any]:
    told, seen = await asyncio.gather(
        front.redis.run(status.read(market.keys)), front.redis.run(instances_of.listed(market.keys))
    )
    about = {"exchange_id": market.exchange.id, "exchange": market.name, "display_name": market.exchange.display_name}
    processes = instances_of.present(seen, front.clock.wall())
    return {**about, "online": told is not None, "status": told, "processes": processes}


async def activity(front: "Front", asked: ActivityParameters) -> Answer:
    """What became of all pipelines, in one order."""
    return of_data(await activity_page.page(front, await front.directory.markets(), asked.limit, asked.cursor))


async def activity_of_one(front: "Front", asked: ActivityOfOneParameters) -> Answer:
    """What became of the pipeline of one exchange."""
    market = await front.directory.market(asked.exchange)
    return of_data(await activity_page.page(front, [market], asked.limit, asked.cursor))


async def warm_up(front: "Front", asked: ExchangeParameters) -> Answer:
    """How far the warm-up is, or was when it ended; nothing where none has begun."""
    market = await front.directory.market(asked.exchange)
    return of_data({"stats": await front.redis.run(warmup.read(market.keys))})


async def meter(front: "Front", asked: ExchangeParameters) -> Answer:
    """How new the newest candle of each series is."""
    return of_data(await measured(front, await front.directory.market(asked.exchange)))


_ABOUT_ACTIVITY = "Newest first. Whoever follows the cursors gets every entry exactly once, also while others come in."

ROUTES = [
    Route(
        f"{ADMIN}/instances",
        Parameters,
        instances,
        Access.ADMIN,
        Document(
            TAG,
            "Who runs which exchange",
            "`online` is whether somebody holds the lease; `status` is what the holder last said. `processes` are all "
            "that run this exchange or would: the holder first, then those that stand by, by age.",
            example={"instances": [_INSTANCE]},
            operation="get_instances",
        ),
    ),
    Route(
        f"{ADMIN}/instances/{{exchange}}",
        ExchangeParameters,
        instance,
        Access.ADMIN,
        Document(
            TAG,
            "Who runs one exchange",
            "`history` has the newest changes of its state, newest first.",
            example=_INSTANCE | {"history": _CHANGES},
            also=(404,),
            operation="get_instance",
        ),
    ),
    Route(
        f"{ADMIN}/activity",
        ActivityParameters,
        activity,
        Access.ADMIN,
        Document(
            TAG,
            "What became of all pipelines",
            _ABOUT_ACTIVITY,
            example={"entries": [_ENTRY], "next_cursor": None},
            operation="get_activity",
        ),
    ),
    Route(
        f"{ADMIN}/activity/{{exchange}}",
        ActivityOfOneParameters,
        activity_of_one,
        Access.ADMIN,
        Document(
            TAG,
            "What became of one pipeline",
            _ABOUT_ACTIVITY,
            example={"entries": [_ENTRY], "next_cursor": None},
            also=(404,),
            operation="get_activity_of_exchange",
        ),
    ),
    Route(
        f"{ADMIN}/warmup/{{exchange}}",
        ExchangeParameters,
        warm_up,
        Access.ADMIN,
        Document(TAG, "How far a warm-up is", example={"stats": _STATS}, also=(404,), operation="get_warm_up"),
    ),
    Route(
        f"{ADMIN}/meter/{{exchange}}",
        ExchangeParameters,
        meter,
        Access.ADMIN,
        Document(
            TAG,
            "How new the newest candles are",
            "`timestamps` are open times of the newest stored candles (ms), `known` how far each series is known: "
            "where nothing is traded there is no candle, and yet nothing is missing. `ranks`: those of the catalogue.",
            example=_METER,
            also=(404,),
            operation="get_meter",
        ),
    ),
]
