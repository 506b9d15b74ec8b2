"""A notice of states: what people read of it, in a Discord, in a webhook and in plain text."""

import json

import pytest

from livermore.lifecycle import Change, Phase
from livermore.notices.discord import Discord, message_of
from livermore.notices.discord import Options as DiscordOptions
from livermore.notices.state_notice import SHOWN, StateNotice
from livermore.notices.target import TargetOptions
from livermore.notices.webhook import Options as WebhookOptions
from livermore.notices.webhook import body_of

NOON = 1_786_276_800_000
STARTING = Change("coinbase", Phase.IDLE, Phase.STARTING, NOON, "pavo", 42)
WARMING = Change("coinbase", Phase.STARTING, Phase.WARMING, NOON + 1000, "pavo", 42)
ACTIVE = Change("coinbase", Phase.WARMING, Phase.ACTIVE, NOON + 61_000, "pavo", 42)
FAILED = Change("coinbase", Phase.ACTIVE, Phase.ACTIVE, NOON + 62_000, "pavo", 42, "the lease is gone")
STOPPING = Change("coinbase", Phase.ACTIVE, Phase.STOPPING, NOON, "pavo", 42)
STOPPED = Change("coinbase", Phase.STOPPING, Phase.STOPPED, NOON, "pavo", 42)


def test_the_title_says_what_it_is_now() -> None:
    assert StateNotice((STARTING, WARMING, ACTIVE)).title == "coinbase: active"
    assert StateNotice((FAILED,), ("simulated",)).title == "[simulated] coinbase: failed"


def test_each_change_is_a_line_and_those_before_are_counted() -> None:
    told = StateNotice((STARTING, WARMING, ACTIVE, FAILED)).plain.splitlines()
    assert told == [
        "12:00:00Z idle to starting", "12:00:01Z starting to warming", "12:01:01Z warming to active",
        "12:01:02Z failed while active: the lease is gone", "on pavo, process 42",
    ]  # fmt: skip
    assert StateNotice((STARTING, *[ACTIVE] * SHOWN)).plain.splitlines()[0] == "1 more transition before"
    many = StateNotice((*[STARTING] * 3, *[ACTIVE] * SHOWN))
    assert many.plain.splitlines()[0] == "3 more transitions before"
    assert len(many.plain.splitlines()) == 1 + SHOWN + 1


@pytest.mark.parametrize(
    ("changes", "colour"),
    [
        ((WARMING,), 0x808080),
        ((WARMING, ACTIVE), 0x808080),
        ((STARTING,), 0xFFFF00),
        ((STARTING, WARMING), 0xFFFF00),
        ((STOPPING,), 0xFFFF00),
        ((STOPPED,), 0xFFFF00),
        ((FAILED, STARTING), 0xFF0000),
    ],
)
def test_the_colour_says_how_weighty_it_is(changes: tuple[Change, ...], colour: int) -> None:
    assert message_of(StateNotice(changes))["embeds"][0]["color"] == colour


def test_an_embed_of_states_names_no_alert_and_mentions_nobody() -> None:
    notice = StateNotice((STARTING,))
    message = message_of(notice)
    (embed,) = message["embeds"]
    assert (embed["title"], embed["description"]) == (notice.title, notice.plain)
    assert embed["footer"] == {"text": "Livermore Trading System"}
    assert embed["timestamp"] == "2026-08-09T12:00:00.000Z"
    assert message["allowed_mentions"] == {"parse": []}


def test_a_webhook_gets_a_type_of_its_own() -> None:
    notice = StateNotice((STARTING, *[WARMING] * (SHOWN - 1), ACTIVE), ("simulated",))
    told = json.loads(json.dumps(body_of(notice)))
    changes = told.pop("changes")
    assert told == {
        "type": "state", "id": notice.id, "title": "[simulated] coinbase: active", "marks": ["simulated"],
        "exchange": "coinbase", "state": "active", "more": 1,
    }  # fmt: skip
    assert len(changes) == SHOWN
    assert changes[-1] == {
        "exchange": "coinbase", "before": "warming", "after": "active", "at": "2026-08-09T12:01:01.000Z",
        "host": "pavo", "pid": 42, "error": "",
    }  # fmt: skip


def test_the_same_news_have_the_same_id() -> None:
    assert StateNotice((STARTING,)).id == StateNotice((STARTING,), ("simulated",)).id
    assert len({StateNotice(c).id for c in ((STARTING,), (WARMING,), (STARTING, WARMING))}) == 3
    assert len(StateNotice((STARTING,)).id) == 32


def test_a_discord_is_told_of_states_unless_its_options_say_otherwise_and_others_the_other_way_round() -> None:
    url, secret = "https://x.invalid/", "s" * 16
    assert Discord(DiscordOptions.model_validate(url)).options.states
    assert not DiscordOptions.model_validate({"url": url, "states": False}).states
    assert not WebhookOptions.model_validate({"url": url, "secrets": [secret]}).states
    assert not TargetOptions.model_validate("mailto://x").states
    assert TargetOptions.model_validate({"url": "mailto://x", "states": True}).states
