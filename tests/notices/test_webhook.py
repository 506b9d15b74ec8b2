"""Any webhook: its receiver can tell who sent what and when, also while the secret changes."""

import asyncio
import hashlib
import hmac
import json

import pytest
from pydantic import ValidationError

from livermore.notices.notice import Notice
from livermore.notices.webhook import Options, Webhook
from tests.notices.examples import AT, LEVEL, Mailbox, Posted

OLD, NEW = "the-old-secret-of-ours", "the-new-secret-of-ours"
NOW = AT + 61_999


def posted(*secrets: str, now: int = NOW) -> Posted:
    network = Mailbox()
    options = Options.model_validate({"url": "https://hook.invalid/x", "secrets": secrets})
    assert asyncio.run(Webhook(options).send(network, Notice(LEVEL, ("simulated",)), now)).kind == "sent"  # type: ignore[arg-type]
    return network.posted[0]


def expected(secret: str, sent: Posted) -> str:
    signed = sent.headers["X-Livermore-Timestamp"].encode() + b"." + sent.body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def test_the_signature_is_over_time_and_body() -> None:
    sent = posted(OLD)
    assert sent.headers["X-Livermore-Timestamp"] == str(NOW // 1000)
    assert sent.headers["X-Livermore-Signature"] == expected(OLD, sent)
    assert posted(OLD, now=NOW + 1000).headers["X-Livermore-Signature"] != expected(OLD, sent)


def test_while_a_secret_changes_both_sign() -> None:
    sent = posted(NEW, OLD)
    assert sent.headers["X-Livermore-Signature"].split(",") == [expected(NEW, sent), expected(OLD, sent)]


def test_a_repeated_notice_is_known_by_its_key() -> None:
    assert posted(OLD).headers["Idempotency-Key"] == posted(NEW, now=NOW + 9_000).headers["Idempotency-Key"] == LEVEL.id
    assert posted(OLD).body == posted(NEW, now=NOW + 9_000).body


def test_the_body_is_the_alert() -> None:
    sent = posted(OLD)
    body = json.loads(sent.body)
    assert sent.headers["Content-Type"] == "application/json"
    assert body["type"] == "alert"
    assert body["marks"] == ["simulated"]
    assert (body["id"], body["symbol"], body["label"], body["price"]) == (LEVEL.id, "BTC-USD", "level_150", "65000.5")
    assert body["candle_time"].endswith("Z")
    assert body["triggered_at"] > body["candle_time"]
    assert body["details"] == LEVEL.details


@pytest.mark.parametrize("secrets", [[], ["short"], None, OLD])
def test_without_good_secrets_there_is_no_webhook(secrets: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Options.model_validate({"url": "https://hook.invalid/x", "secrets": secrets})
    assert OLD not in str(refused.value)
    assert "short" not in str(refused.value).replace("too_short", "")
