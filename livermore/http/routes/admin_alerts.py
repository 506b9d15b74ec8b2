"""The admin API of alerts: the newest of all exchanges in full, and what is recorded of one."""

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from livermore.http.answer import Answer, of_data
from livermore.http.cursor import seal, unseal
from livermore.http.parameters import Cursor, ExchangeName, OneTimeframe, Parameters, Symbol, count
from livermore.http.refusal import not_found
from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.http.symbols_meant import meant
from livermore.market.instant import iso
from livermore.store import alert_history
from livermore.store.alert_history import TYPE, Filter, Recorded

if TYPE_CHECKING:
    from livermore.http.front import Front

TAG = "Alerts"
_ITEM = {
    "id": "6d0f8e0f4e7a4b0c8b6a1f2d3c4b5a69", "exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h",
    "alert_type": TYPE, "label": "level_150", "previous_label": None, "price": "64250.15", "trigger_value": 151.25,
    "signal_delta": 12.5, "candle_time": "2026-02-18T12:00:00.000Z", "triggered_at": "2026-02-18T13:00:00.000Z",
    "late": False, "notified": True, "notice_error": None,
}  # fmt: skip
_DETAILS = {"level": 150, "direction": "up", "histogram": 12.5, "signal": 138.75, "bias": "Bullish"}


class AlertsParameters(Parameters):
    """Which alerts: ``type`` is what kind of rule has found them."""

    exchange: ExchangeName | None = None
    symbol: Symbol | None = None
    timeframe: OneTimeframe | None = None
    type: Literal["level", "reversal", "stage", "price"] | None = None
    limit: count(100) = 50  # type: ignore[valid-type]  # a type that is made by a function
    cursor: Cursor | None = None


class AlertParameters(Parameters):
    """Which alert."""

    id: str = Field(pattern=r"^[0-9a-f]{1,32}$")


async def alerts(front: "Front", asked: AlertsParameters) -> Answer:
    """One page of the history, newest first."""
    markets = await front.directory.chosen(asked.exchange)
    only = markets[0].name if len(markets) == 1 else None
    symbol = await meant(markets, asked.symbol) if asked.symbol is not None else None
    scope = ("admin alerts", only or "", symbol or "", asked.timeframe or "", asked.type or "")
    before = unseal(scope, asked.cursor, int) if asked.cursor is not None else None
    wanted = Filter(only, symbol, asked.timeframe, before, asked.type)
    work = partial(alert_history.whole_page, wanted=wanted, limit=asked.limit + 1)
    found = await front.database.run_aside(work)
    rows = found[: asked.limit]
    after = seal(scope, rows[-1][0]) if len(found) > asked.limit else None
    return of_data({"alerts": [_item(row) for _, row in rows], "next_cursor": after})


async def alert(front: "Front", asked: AlertParameters) -> Answer:
    """All that is recorded of one alert, as it was written down when it was raised."""
    found = await front.database.run_aside(partial(alert_history.recorded, alert_id=asked.id))
    if found is None or found.exchange not in {market.name for market in await front.directory.markets()}:
        raise not_found("Alert", "id")
    return of_data(_item(found) | {"details": found.details})


def _item(row: Recorded) -> dict[str, Any]:
    return {
        "id": row.id,
        "exchange": row.exchange,
        "symbol": row.symbol,
        "timeframe": row.timeframe,
        "alert_type": TYPE,
        "label": row.label,
        "previous_label": row.previous_label,
        "price": row.price,
        "trigger_value": row.value,
        "signal_delta": row.details.get("histogram"),
        "candle_time": iso(row.candle_time),
        "triggered_at": iso(row.triggered_at),
        "late": row.late,
        "notified": row.notified,
        "notice_error": row.notice_error,
    }


ROUTES = [
    Route(
        f"{ADMIN}/alerts",
        AlertsParameters,
        alerts,
        Access.ADMIN,
        Document(
            TAG,
            "The newest alerts of all exchanges",
            "Whoever follows the cursors gets every alert exactly once.",
            example={"alerts": [_ITEM], "next_cursor": None},
            also=(404,),
            operation="get_alerts",
        ),
    ),
    Route(
        f"{ADMIN}/alerts/{{id}}/record",
        AlertParameters,
        alert,
        Access.ADMIN,
        Document(
            TAG,
            "What is recorded of an alert",
            "As it was written down when it was raised; `/alerts/{id}` says why it was, and what is stored by now.",
            example=_ITEM | {"details": _DETAILS},
            also=(404,),
            operation="get_alert_record",
        ),
    ),
]
