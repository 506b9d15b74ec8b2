"""Keys: who is let in, what that costs, and how often."""

import asyncio
import hmac
import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Connection, update

from livermore.errors import Transient
from livermore.http import keyring
from livermore.http.limits import LocalLimiter, Standing
from livermore.store import api_keys
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import api_keys as table
from tests.http.conftest import MakeWorld
from tests.http.world import Answer, World, wait_until
from tests.support.clocks import ManualClock

URL = "/public/v1/exchanges"


@pytest.fixture
def database(sql: DatabasePlace) -> DatabasePlace:
    """Of both kinds."""
    return sql


def change(world: World, key: str, **values: object) -> None:
    """Change the row of a key."""
    key_id = (api_keys.split(key) or ("", ""))[0]
    world.database.run(lambda c: c.execute(update(table).where(table.c.key_id == key_id).values(**values)))


def bad_keys(world: World) -> dict[str, str]:
    key_id, secret = api_keys.split(world.key) or ("", "")
    return {
        "unknown": api_keys.generate(),
        "wrong secret": f"lvm_{key_id}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        "malformed": "not a key",
        "empty": "",
        "of another kind": "3f2b8c1e-9a7d-4c5e-8f6b-1a2b3c4d5e6f",
        "with SQL": "' OR 1=1 --",
        "not ASCII": "lvm_\u00e9",
    }


def refused(answer: Answer) -> tuple[int, object, str]:
    error = answer.json()["error"]
    del error["request_id"]
    return answer.status, error, answer.headers["www-authenticate"]


@pytest.mark.parametrize("header", ["X-API-Key", "x-api-key"])
def test_a_key_is_taken_from_its_header(world: World, header: str) -> None:
    assert world.ask(URL, key=None, headers={header: world.key}).status == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_is_taken_as_a_bearer_token(world: World, scheme: str) -> None:
    assert world.ask(URL, key=None, headers={"Authorization": f"{scheme} {world.key}"}).status == 200
    assert world.ask(URL, key=None, headers={"Authorization": f"Basic {world.key}"}).status == 401


def test_no_key_is_taken_from_the_query(world: World) -> None:
    assert world.ask(f"{URL}?apiKey={world.key}", key=None).status == 401
    assert world.ask(f"{URL}?apiKey={world.key}").status == 400


def test_every_bad_key_gets_the_same_answer(world: World) -> None:
    without = refused(world.ask(URL, key=None))
    assert without[0] == 401
    for kind, key in bad_keys(world).items():
        assert refused(world.ask(URL, key=None, headers={"X-API-Key": key})) == without, kind


def test_the_url_says_nothing_of_who_may_come_in(world: World) -> None:
    for url in (
        "/public/v1/symbols?x=/public/v1/docs",
        "/public/v1/symbols?x=/public/v1/openapi.json",
        "/public/v1/candles/docs/openapi.json/docs",
    ):
        assert world.ask(url, key=None).status == 401, url


def test_a_key_needs_the_scope_of_the_route(world: World) -> None:
    change(world, world.key, scopes="stream")
    answer = world.ask(URL)
    assert (answer.status, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert world.ask("/public/v1/stream").status == 426


def test_an_expired_key_is_as_good_as_none(world: World) -> None:
    change(world, world.key, expires_at=world.clock.wall() + 1000)
    assert world.ask(URL).status == 200
    world.clock.advance(1)
    assert refused(world.ask(URL)) == refused(world.ask(URL, key=None))


def test_a_revoked_key_is_out_within_half_a_minute(world: World) -> None:
    assert world.ask(URL).status == 200
    change(world, world.key, is_active=False)
    world.clock.advance(29.9)
    assert world.ask(URL).status == 200
    world.clock.advance(0.2)
    assert world.ask(URL).status == 401


def test_a_bad_key_costs_sql_once_and_a_malformed_one_never(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    find = api_keys.find
    monkeypatch.setattr(api_keys, "find", lambda c, key_id: asked.append(key_id) or find(c, key_id))
    unknown = api_keys.generate()
    for _ in range(3):
        world.ask(URL, key=unknown)
        world.ask(URL, key="malformed")
    assert asked == [(api_keys.split(unknown) or ("",))[0]]


def test_a_good_key_costs_sql_once_in_half_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    find = api_keys.find
    monkeypatch.setattr(api_keys, "find", lambda c, key_id: asked.append(key_id) or find(c, key_id))
    for _ in range(3):
        assert world.ask(URL).status == 200
    assert len(asked) == 1


def test_knowing_a_key_takes_as_much_work_as_not_knowing_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    matches = api_keys.matches
    monkeypatch.setattr(api_keys, "matches", lambda key, secret: compared.append(secret) or matches(key, secret))
    for key in bad_keys(world).values():
        before = len(compared)
        world.ask(URL, key=None, headers={"X-API-Key": key})
        assert len(compared) > before


def test_an_address_that_tries_bad_keys_is_slowed_down_but_locks_no_good_key_out(world: World) -> None:
    assert world.ask(URL).status == 200
    for _ in range(keyring.BAD_PER_MINUTE):
        assert world.ask(URL, key=api_keys.generate()).status == 401
    answer = world.ask(URL, key=api_keys.generate())
    assert (answer.status, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
    assert int(answer.headers["retry-after"]) >= 1
    world.clock.advance(40)  # the good key has to be looked up anew
    for _ in range(keyring.BAD_PER_MINUTE):
        world.ask(URL, key=api_keys.generate())
    assert world.ask(URL, key="malformed").status == 429
    assert world.ask(URL).status == 200
    world.clock.advance(1)
    assert world.ask(URL, key="malformed").status == 401


def test_without_sql_a_known_key_is_good_for_five_minutes_and_others_are_told_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "/public/v1/candles/coinbase/BTC-USD/1m"
    down, run = threading.Event(), Database.run

    def run_unless_down(database: Database, work: Callable[[Connection], object]) -> object:
        if down.is_set():
            raise Transient("SQL at 10.1.2.3 cannot answer: password", retry_after=2.5)
        return run(database, work)

    monkeypatch.setattr(Database, "run", run_unless_down)
    assert world.ask(url).status == 200
    down.set()
    other = api_keys.generate()
    answer = world.ask(url, key=other)
    assert (answer.status, answer.json()["error"]["code"], answer.headers["retry-after"]) == (503, "UNAVAILABLE", "3")
    assert b"10.1.2.3" not in answer.body
    world.clock.advance(299)
    assert world.ask(url).status == 200
    world.clock.advance(2)
    assert world.ask(url).status == 503


def test_a_key_that_was_unknown_is_not_refused_for_good_while_sql_cannot_say(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = api_keys.generate()
    assert world.ask(URL, key=later).status == 401
    world.clock.advance(keyring.UNKNOWN_KEPT)
    world.database.run(lambda connection: api_keys.create(connection, "later", world.clock.wall(), key=later))

    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "run", down)
        assert world.ask(URL, key=later).status == 503
    wait_until(lambda: world.ask(URL, key=later).status == 200, "the key that is known by now")


def test_keys_that_nobody_can_check_are_slowed_down_by_address_and_known_ones_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "/public/v1/stream"
    assert world.ask(url).status == 426

    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    monkeypatch.setattr(Database, "run", down)
    statuses = [world.ask(url, key=api_keys.generate()).status for _ in range(keyring.BAD_PER_MINUTE + 2)]
    assert statuses == [503] * keyring.BAD_PER_MINUTE + [429] * 2
    assert world.ask(url).status == 426


def test_while_sql_hangs_a_known_key_is_not_kept_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    url, free, asked = "/public/v1/stream", threading.Event(), list[int]()
    assert world.ask(url).status == 426

    def hang(_: Database, work: partial[object]) -> None:
        asked.extend([1] * (getattr(work, "func", None) is api_keys.find))
        free.wait(60)
        raise Transient("SQL cannot answer")

    monkeypatch.setattr("livermore.http.cached.PATIENCE", 0.01)
    monkeypatch.setattr(Database, "run", hang)
    world.clock.advance(31)
    assert [world.ask(url).status for _ in range(3)] == [426] * 3
    assert len(asked) == 1
    world.clock.advance(2)
    assert world.ask(url).status == 426
    assert len(asked) == 1  # it is still being waited for
    free.set()


# limits


def test_a_key_has_so_many_requests_a_minute_and_is_told_how_many_are_left(world: World) -> None:
    change(world, world.key, requests_per_minute=3)
    answers = [world.ask(URL) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    last = answers[-1]
    assert last.json()["error"]["code"] == "RATE_LIMITED"
    assert last.headers["retry-after"] == "20"
    assert last.headers["x-ratelimit-limit"] == "3"
    assert last.headers["x-ratelimit-reset"] == "60"
    assert last.headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert last.headers["ratelimit"] == '"default";r=0;t=60'
    world.clock.advance(20)
    assert world.ask(URL).status == 200
    assert world.ask(URL).status == 429


def test_a_refused_parameter_counts_and_says_how_many_are_left(world: World) -> None:
    answer = world.ask(f"{URL}?nonsense=1")
    assert (answer.status, answer.headers["x-ratelimit-remaining"]) == (400, "299")


def test_keys_do_not_share_their_limits(world: World) -> None:
    change(world, world.key, requests_per_minute=1)
    other = world.database.run(partial(api_keys.create, name="other", now=0))
    assert [world.ask(URL).status, world.ask(URL).status, world.ask(URL, key=other).status] == [200, 429, 200]


def test_open_routes_are_not_limited(make_world: MakeWorld) -> None:
    world = make_world()
    assert "ratelimit" not in world.ask("/health", key=None).headers


def test_the_least_used_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livermore.http.limits.MOST_BUCKETS", 2)
    limiter = LocalLimiter(ManualClock().monotonic)

    async def remaining(name: str) -> int:
        standing: Standing = await limiter.take(name, 10)
        return standing.remaining

    async def go() -> list[int]:
        return [await remaining(name) for name in ("a", "b", "a", "c", "a", "b")]

    assert asyncio.run(go()) == [9, 9, 8, 9, 7, 9]


def test_many_bad_keys_are_not_remembered_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "MOST_KEYS", 5)
    for _ in range(20):
        world.ask(URL, key=api_keys.generate())
    assert len(world.front.keyring._entries) <= 5


@pytest.mark.parametrize("kind", ["unknown", "wrong secret"])
def test_a_wrong_secret_costs_the_same_work_as_an_unknown_key(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Counted, not timed: what is measured over sockets is noise. The key itself is known from a request before."""
    assert world.ask(URL).status == 200
    compared, compare = [], hmac.compare_digest
    monkeypatch.setattr(api_keys.hmac, "compare_digest", lambda a, b: compared.append(kind) or compare(a, b))
    for _ in range(2):
        assert world.ask(URL, key=bad_keys(world)[kind]).status == 401
    assert len(compared) == 4
