"""The Discord that only remembers."""

import json

from livermore.simulator.webhooks import KEPT, LARGEST, LARGEST_FILES, WebhookSink


def test_each_webhook_tells_its_own_messages_oldest_first():
    sink = WebhookSink()
    assert sink.post("1/a", b'{"content": "first"}')
    assert sink.post("2/b", b'{"content": "other"}')
    assert sink.post("1/a", b'{"content": "second"}')
    assert json.loads(sink.posted("1/a")) == [{"content": "first"}, {"content": "second"}]
    assert json.loads(sink.posted("9/z")) == []


def test_only_the_newest_thousand_are_kept():
    sink = WebhookSink()
    for number in range(KEPT + 5):
        sink.post("1/a", str(number).encode())
    assert json.loads(sink.posted("1/a")) == list(range(5, KEPT + 5))


def test_a_message_may_come_with_the_files_that_it_speaks_of():
    sink, message = WebhookSink(), b'{"embeds": [{"image": {"url": "attachment://a.png"}}]}'
    assert sink.post("1/a", message, {"a.png": b"x", "b.png": b"y"})
    assert not sink.post("1/a", message, {"b.png": b"y"})
    assert not sink.post("1/a", message)
    assert not sink.post("1/a", message, {"a.png": b"x" * (LARGEST_FILES + 1)})
    assert json.loads(sink.posted("1/a")) == [json.loads(message)]


def test_what_is_not_json_or_too_large_is_refused():
    sink = WebhookSink()
    assert not sink.post("1/a", b"content=hello")
    assert not sink.post("1/a", b"")
    assert not sink.post("1/a", b"\xff")
    assert not sink.post("1/a", json.dumps("x" * LARGEST).encode())
    assert json.loads(sink.posted("1/a")) == []
