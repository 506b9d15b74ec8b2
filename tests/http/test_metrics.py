"""What Prometheus is told of the front: answers by route and status, streams, and how they ended."""

import pytest
from prometheus_client import REGISTRY

from livermore.store import events
from livermore.store.query import command, nothing
from tests.http.test_keys import change
from tests.http.test_resume import MINUTE, closes, newest
from tests.http.world import World, wait_until

CANDLES = "/public/v1/candles/{exchange}/{symbol}/{timeframe}"


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def answers(route: str, method: str, status: int) -> float:
    return value("livermore_http_answers_total", route=route, method=method, status=str(status))


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", "/public/v1/candles/coinbase/BTC-USD/1m?limit=1", (CANDLES, "GET", 200)),
        ("HEAD", "/public/v1/candles/coinbase/ETH-USD/1h", (CANDLES, "HEAD", 200)),
        ("GET", "/public/v1/candles/coinbase/BTC-USD/9m", (CANDLES, "GET", 400)),
        ("GET", "/public/v1/candles/made-up/by-a-stranger/1m", (CANDLES, "GET", 404)),
        ("POST", "/public/v1/time", ("/public/v1/time", "POST", 405)),
        ("GET", "/no/such/path", ("none", "GET", 404)),
        ("STRANGE", "/public/v1/time", ("/public/v1/time", "other", 405)),
    ],
)
def test_an_answer_is_counted_by_its_route_and_never_by_what_a_stranger_wrote(
    world: World, method: str, path: str, counted: tuple[str, str, int]
) -> None:
    before, timed = answers(*counted), value("livermore_http_answer_seconds_count", route=counted[0])
    assert world.ask(path, method=method).status == counted[2]
    wait_until(lambda: answers(*counted) == before + 1, "the answer to be counted")
    assert value("livermore_http_answer_seconds_count", route=counted[0]) == timed + 1


def test_a_missing_key_is_counted_too(world: World) -> None:
    before = answers("/public/v1/time", "GET", 401)
    world.ask("/public/v1/time", key=None)
    wait_until(lambda: answers("/public/v1/time", "GET", 401) == before + 1, "the refusal to be counted")


def test_streams_are_counted_and_how_this_side_ended_them(world: World) -> None:
    stream = world.stream()
    assert value("livermore_stream_clients") == 1
    before = value("livermore_stream_closes_total", code="4001")
    assert world.connect(key="bad").closed()[0] == 4001
    assert value("livermore_stream_closes_total", code="4001") == before + 1
    stream.close()
    wait_until(lambda: value("livermore_stream_clients") == 0, "nobody to listen")


def test_wishes_to_resume_are_counted_by_what_came_of_them(world: World) -> None:
    world.followed()
    closes(world, 0, 2)
    first = "coinbase:" + world.redis.run(events.oldest_id(world.keys))
    replayed, trimmed = (value("livermore_stream_resumes_total", outcome=one) for one in ("replayed", "trimmed"))
    world.connect().subscribe(MINUTE, resume_from=[newest(world)])
    world.redis.run(command("XTRIM", world.keys.events, "MAXLEN", 1, read=nothing))
    world.connect().subscribe(MINUTE, resume_from=[first])
    assert value("livermore_stream_resumes_total", outcome="replayed") == replayed + 1
    assert value("livermore_stream_resumes_total", outcome="trimmed") == trimmed + 1


def test_no_key_stands_in_any_metric(world: World) -> None:
    change(world, world.key, requests_per_minute=1)
    for _ in range(2):
        world.ask("/public/v1/time")
    shown = " ".join(f"{one.name} {one.labels}" for family in REGISTRY.collect() for one in family.samples)
    assert world.key.split("_")[1] not in shown
    assert world.key.split("_", 2)[2] not in shown
