"""Discord: one embed through a webhook, with the chart attached (`reference.md` 8.6)."""

from typing import Any

import msgspec

from livermore.market.instant import iso
from livermore.net.interface import Network
from livermore.notices.answers import outcome_of
from livermore.notices.multipart import Part, multipart
from livermore.notices.notice import Notice
from livermore.notices.state_notice import StateNotice
from livermore.notices.target import Outcome, Tidings, WebOptions

COLOURS = {"alert": 0x0099FF, "system": 0xFFFF00, "error": 0xFF0000, "info": 0x808080}
CHART = "macdv-chart.png"
FOOTER = "Livermore Trading System"


class Options(WebOptions):
    """The URL of a webhook, which whoever has it may post to."""

    states: bool = True


class Discord:
    """Nobody is mentioned in what is posted."""

    shows_charts = True

    def __init__(self, options: Options) -> None:
        self.options = options

    async def send(self, network: Network, tidings: Tidings, now: int) -> Outcome:
        content_type, body = _form(tidings)
        url, private = self.options.url.get_secret_value(), self.options.allow_private
        answer = await network.post(url, body, {"Content-Type": content_type}, private=private)
        return outcome_of(answer, now)


def _form(tidings: Tidings) -> tuple[str, bytes]:
    message = msgspec.json.encode(message_of(tidings))
    if isinstance(tidings, StateNotice) or tidings.chart is None:
        return "application/json", message
    chart = Part("files[0]", "image/png", tidings.chart, CHART)
    return multipart([Part("payload_json", "application/json", message), chart])


def message_of(tidings: Tidings) -> dict[str, Any]:
    """The message with its one embed."""
    embed = _of_state(tidings) if isinstance(tidings, StateNotice) else _of_alert(tidings)
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _of_state(notice: StateNotice) -> dict[str, Any]:
    """Its footer names no alert."""
    return {
        "title": notice.title,
        "description": notice.plain,
        "color": COLOURS[notice.kind],
        "footer": {"text": FOOTER},
        "timestamp": iso(notice.newest.at),
    }


def _of_alert(notice: Notice) -> dict[str, Any]:
    alert = notice.alert
    entered = [] if "zone" in alert.details else [f"Entered the **{notice.zone}** zone"]
    lines = [*entered, notice.values, f"```\n{notice.table}\n```**{notice.bias}**"]
    embed = {
        "title": notice.title,
        "description": "\n".join(lines),
        "color": COLOURS["alert"],
        "fields": [
            {"name": "Price", "value": notice.price, "inline": True},
            {"name": "Candle", "value": f"{iso(alert.candle_time)[:16]}Z, {alert.exchange}", "inline": True},
        ],
        "footer": {"text": f"{FOOTER} \N{MIDDLE DOT} {alert.id}"},
        "timestamp": iso(alert.triggered_at),
    }
    chart = {"image": {"url": f"attachment://{CHART}"}} if notice.chart is not None else {}
    return embed | chart
