"""Discord: the embed, and the form with the chart."""

import asyncio
import json

from tornado.httputil import HTTPFile, parse_body_arguments

from livermore.market.instant import iso
from livermore.notices.discord import Discord, Options, message_of
from livermore.notices.notice import Notice
from tests.notices.examples import AT, LEVEL, REVERSAL, Mailbox, Posted

URL = "https://discord.invalid/api/webhooks/1/token"
PNG = b"\x89PNG\r\n\x1a\n--livermore\r\n"


def posted(notice: Notice, **options: object) -> Posted:
    network = Mailbox()
    discord = Discord(Options.model_validate({"url": URL, **options}))
    assert asyncio.run(discord.send(network, notice, AT)).kind == "sent"  # type: ignore[arg-type]
    return network.posted[0]


def test_an_embed_has_everything_that_a_trader_looks_for() -> None:
    message = message_of(Notice(LEVEL, ("simulated",)))
    (embed,) = message["embeds"]
    assert embed["title"] == "[simulated] BTC-USD above +150 on 1m"
    assert embed["description"] == (
        f"Entered the **overbought** zone\nMACD-V **+151.3**\n```\n{Notice(LEVEL).table}\n```**Bearish**"
    )
    assert embed["fields"][0] == {"name": "Price", "value": "65,000.50", "inline": True}
    assert embed["footer"]["text"] == f"Livermore Trading System \N{MIDDLE DOT} {LEVEL.id}"
    assert embed["timestamp"] == iso(LEVEL.triggered_at)
    assert embed["color"] == 0x0099FF
    assert "image" not in embed


def test_a_reversal_enters_no_zone() -> None:
    (embed,) = message_of(Notice(REVERSAL))["embeds"]
    assert embed["description"].startswith("MACD-V **-201.0** | Histogram **+12.4** | Buffer")


def test_nobody_is_mentioned() -> None:
    assert message_of(Notice(LEVEL))["allowed_mentions"] == {"parse": []}


def test_without_a_chart_it_is_json() -> None:
    sent = posted(Notice(LEVEL))
    assert sent.headers["Content-Type"] == "application/json"
    assert json.loads(sent.body) == message_of(Notice(LEVEL))
    assert sent.url == URL


def test_with_a_chart_it_is_a_form_with_the_message_and_the_file() -> None:
    notice = Notice(LEVEL, (), PNG)
    sent = posted(notice)
    arguments: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    parse_body_arguments(sent.headers["Content-Type"], sent.body, arguments, files)
    assert json.loads(arguments["payload_json"][0]) == message_of(notice)
    assert message_of(notice)["embeds"][0]["image"] == {"url": "attachment://macdv-chart.png"}
    (file,) = files["files[0]"]
    assert (file.filename, file.content_type, file.body) == ("macdv-chart.png", "image/png", PNG)


def test_a_private_address_is_only_reached_where_the_options_say_so() -> None:
    assert not posted(Notice(LEVEL)).private
    assert posted(Notice(LEVEL), allow_private=True).private
