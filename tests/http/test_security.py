"""The security table: every route of both modes against whoever may not come in, and against what is no request.

What each must answer stands here, status and code, and each answer has the envelope and the headers that are due.
"""

import hashlib
import hmac
import json
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event

from livermore.http import server
from livermore.http.bounds import Bounds
from livermore.http.refusal import CODES
from livermore.http.route import PUBLIC, Access, Route
from livermore.store import api_keys, key_book
from livermore.supervision.spec import actors
from livermore.tree_file import TreeFile
from tests.http import world as worlds
from tests.http.conftest import MakeWorld
from tests.http.test_envelopes import in_envelope
from tests.http.test_keys import change
from tests.http.world import PATIENCE, TOKEN, Answer, World, a_world
from tests.support.valkey import valkey

ROOT = Path(__file__).parents[2]
VARIABLES = {
    "LIVERMORE_REDIS_URL": "redis://localhost", "DATABASE_URL": "sqlite:///x", "LIVERMORE_ADMIN_TOKEN": "t",
    "DISCORD_LIVERMORE_BOT": "https://discord.invalid/webhook", "Coinbase_ApiKeyId": "k",
    "Coinbase_EcPrivateKeyPem": "p",
}  # fmt: skip
MODES = ("exchange", "pw-host")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW")
SAMPLES = {"exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h", "file": "docs.js", "id": "0123456789ab"}
REALMS = {Access.READ: "livermore", Access.STREAM: "livermore", Access.ADMIN: "admin"}


def words(mode: str) -> tuple[str, ...]:
    """The routes of a front as it is shipped."""
    tree = TreeFile(ROOT / "supervisors.yaml").tree(mode, VARIABLES)
    (front,) = [actor for actor in actors(tree.root) if actor.keys.id == "http_front"]
    return tuple(front.keys.args["routes"])


class Keys(NamedTuple):
    """One of each kind."""

    good: str
    unknown: str
    malformed: str
    wrong: str
    expired: str
    revoked: str
    reading: str
    streaming: str
    spent: str

    @property
    def bad(self) -> dict[str, str]:
        return {kind: getattr(self, kind) for kind in ("unknown", "malformed", "wrong", "expired", "revoked")}


class Site:
    """A front as it is shipped, with keys of all kinds. Every request comes a second after the last."""

    def __init__(self, world: World) -> None:
        self.world, self.routes = world, world.front.table.routes
        world.watch()
        now, make = world.clock.wall(), partial(api_keys.create, name="someone", now=world.clock.wall())
        good, revoked = world.key, world.database.run(make)
        world.database.run(partial(key_book.revoke, key_id=(api_keys.split(revoked) or ("",))[0]))
        self.keys = Keys(
            good=good,
            unknown=api_keys.generate(),
            malformed="3f2b8c1e-9a7d-4c5e-8f6b-1a2b3c4d5e6f",
            wrong=good[:-1] + ("A" if good[-1] != "A" else "B"),
            expired=world.database.run(partial(make, expires_at=now)),
            revoked=revoked,
            reading=world.database.run(partial(make, scopes=["read"])),
            streaming=world.database.run(partial(make, scopes=["stream"])),
            spent=world.database.run(partial(make, requests_per_minute=1)),
        )

    def ask(self, path: str, method: str = "GET", key: str | None = None, **headers: str) -> Answer:
        """One request that has time for itself: nobody is slowed down for the requests of others."""
        self.world.clock.advance(1)
        answer = self.world.ask(path, method=method, key=key, headers=headers)
        if answer.status >= 400:
            check_envelope(answer, method)
        return answer

    def where(self, *accesses: Access) -> Iterator[tuple[str, Route[Any]]]:
        """Routes with one of these accesses, each with a good path."""
        found = [(route.path.format(**SAMPLES), route) for route in self.routes if route.access in accesses]
        assert found or Access.ADMIN in accesses
        yield from found


def check_envelope(answer: Answer, method: str = "GET") -> None:
    """Whatever is refused is refused in one form."""
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    if method != "HEAD":
        told = answer.json()
        in_envelope(told, CODES[answer.status])
        assert told["error"]["request_id"] == answer.headers["x-request-id"]


@pytest.fixture(scope="module", params=MODES)
def site(request: pytest.FixtureRequest, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(words(request.param), migrated, tmp_path_factory.mktemp("site")) as made:
        yield made


@contextmanager
def a_site(routes: tuple[str, ...], migrated: Path, folder: Path) -> Iterator[Site]:
    place = worlds.DatabasePlace.model_validate({"url": f"sqlite:///{folder / 'livermore.db'}"})
    (folder / "livermore.db").write_bytes(migrated.read_bytes())
    with valkey() as redis, a_world(redis.place, place, Bounds(), routes=routes, admin={"token": TOKEN}) as world:
        world.hears_of_keys()
        yield Site(world)


def is_refused(answer: Answer, status: int, code: str, where: object) -> None:
    assert (answer.status, answer.json()["error"]["code"]) == (status, code), where


# who may come in


def test_the_documents_tell_of_the_public_keyed_routes_and_of_no_other(site: Site) -> None:
    document = site.ask(f"{PUBLIC}/openapi.json").json()
    keyed = {route.path for route in site.routes if route.access.keyed}
    assert {PUBLIC + path for path in document["paths"]} == keyed
    assert all(route.public for route in site.routes if route.access.keyed)
    assert {route.path for route in site.routes if route.public and not route.access.keyed} == {
        f"{PUBLIC}/openapi.json", f"{PUBLIC}/asyncapi.json", f"{PUBLIC}/docs", f"{PUBLIC}/docs/stream",
        f"{PUBLIC}/docs/guide", f"{PUBLIC}/docs/{{file}}",
    }  # fmt: skip


def test_without_a_key_every_keyed_route_refuses(site: Site) -> None:
    for path, route in site.where(Access.READ, Access.STREAM, Access.ADMIN):
        for method in route.methods:
            answer = site.ask(path, method)
            is_refused(answer, 401, "UNAUTHORIZED", path)
            assert answer.headers["www-authenticate"] == f'Bearer realm="{REALMS[route.access]}"'
            assert "ratelimit" not in answer.headers


def test_every_bad_key_is_refused_like_none_by_every_route(site: Site) -> None:
    for path, route in site.where(Access.READ, Access.STREAM, Access.ADMIN):
        for method in route.methods:
            without = told(site.ask(path, method))
            for kind, key in [*site.keys.bad.items(), ("two", f"{site.keys.good}, {site.keys.good}"), ("empty", "")]:
                for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
                    assert told(site.ask(path, method, **headers)) == without, (path, kind, headers)


def told(answer: Answer) -> tuple[int, dict[str, str], Any]:
    """An answer without what differs each time."""
    varying = ("date", "x-request-id")
    error = answer.json()["error"]
    del error["request_id"]
    return answer.status, {k: v for k, v in answer.headers.items() if k not in varying}, error


def test_a_good_key_opens_what_its_scope_is_and_nothing_else(site: Site) -> None:
    scoped = {
        Access.READ: (site.keys.reading, site.keys.streaming),
        Access.STREAM: (site.keys.streaming, site.keys.reading),
    }
    for path, route in site.where(Access.READ, Access.STREAM):
        right, wrong = scoped[route.access]
        assert site.ask(path, key=right).status in {200, 426}, path
        answer = site.ask(path, key=wrong)
        is_refused(answer, 403, "FORBIDDEN", path)
        assert answer.headers["ratelimit-policy"] == '"default";q=300;w=60'
    for path, route in site.where(Access.ADMIN):
        for method in route.methods:
            is_refused(site.ask(path, method, key=site.keys.good), 401, "UNAUTHORIZED", path)


def test_over_its_limit_a_key_opens_nothing_and_is_told_when_it_will(site: Site) -> None:
    site.world.clock.advance(60)
    assert site.ask("/public/v1/limits", key=site.keys.spent).status == 200
    for path, _ in site.where(Access.READ, Access.STREAM):
        answer = site.world.ask(path, key=site.keys.spent)
        check_envelope(answer)
        is_refused(answer, 429, "RATE_LIMITED", path)
        assert int(answer.headers["retry-after"]) in {59, 60}
        assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == ("1", "0")
        assert answer.headers["ratelimit"].startswith('"default";r=0;t=')


def test_open_routes_ask_for_no_key_and_heed_none(site: Site) -> None:
    for path, route in site.where(Access.OPEN):
        without = site.ask(path)
        assert without.status in {200, 404}, path
        assert (without.status == 404) == (route.path == "/static/{file}"), path
        for key in site.keys:
            assert site.ask(path, key=key).status == without.status, path


def test_the_query_lets_nobody_in(site: Site) -> None:
    queries = ("x=/public/v1/docs", "/public/v1/openapi.json", f"key={site.keys.good}", f"X-API-Key={site.keys.good}")
    for path, route in site.where(Access.READ, Access.STREAM, Access.ADMIN):
        for query in (*queries, f"apiKey={site.keys.good}", f"token={TOKEN}", f"access_token={site.keys.good}"):
            for method in route.methods:
                is_refused(site.ask(f"{path}?{query}", method), 401, "UNAUTHORIZED", (path, query))


def test_methods_that_a_path_has_not_are_refused_before_anything_else(site: Site) -> None:
    paths: dict[str, set[str]] = {}
    for route in site.routes:
        paths.setdefault(route.path.format(**SAMPLES), set()).update(route.methods)
    for path, methods in paths.items():
        allowed = site.ask(path, "OPTIONS").headers["allow"]
        assert set(allowed.split(", ")) == methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        for method in set(METHODS) - methods:
            for key in (None, site.keys.good):
                answer = site.ask(path, method, key)
                is_refused(answer, 405, "METHOD_NOT_ALLOWED", (path, method))
                assert answer.headers["allow"] == allowed


# paths that mean to be others


def bent(path: str) -> Iterator[str]:
    """Paths that a careless server takes for this one."""
    head, _, tail = path.rpartition("/")
    yield from (f"/{path}", f"{path}/", f"{path}/.", f"/.{path}", f"{path}/../{tail}", f"{head}/%2e%2e{path}")
    yield from (f"{head}//{tail}", f"{head}/./{tail}", f"{head}%2F{tail}", f"{head}%252F{tail}", f"{head}\\{tail}")
    yield from (f"http://127.0.0.1{path}", f"http://example.com{path}", f"{path}#x", path.upper().replace("V1", "v1"))


def test_a_path_is_what_it_is_and_nothing_that_resembles_it(site: Site) -> None:
    shapes = [re.compile(re.sub(r"{\w+}", "[^/]+", route.path)) for route in site.routes]
    asked = 0
    for route in site.routes:
        path = route.path.format(**SAMPLES)
        for other in bent(path):
            if path != "/" and not any(shape.fullmatch(other) for shape in shapes):
                asked += 1
                for key in (None, site.keys.good):
                    is_refused(site.ask(other, key=key), 404, "NOT_FOUND", other)
    assert asked > 10 * len(site.routes)


def test_what_stands_in_a_path_is_a_name_and_never_a_way(site: Site) -> None:
    tricks = (
        "..",
        "%2e%2e",
        "..%2f..%2fadmin",
        "%252F",
        "%2F",
        "a;b",
        "%00",
        "BTC%00",
        "%0d%0aX-Bad:%201",
        "*",
        "%25s",
    )
    tricks += ("%F0%9F%92%A5", "%7B1%7D", "lease", "%27%20OR%201=1%20--", "x" * 51, ":", "BTC-USD:1m")
    before = stored(site.world)
    for route in site.routes:
        for name in re.findall(r"{(\w+)}", route.path):
            for trick in tricks:
                path = route.path.format(**{**SAMPLES, name: trick})
                for method in route.methods:
                    if route.access is not Access.OPEN:
                        is_refused(site.ask(path, method), 401, "UNAUTHORIZED", path)
                    headers = {"Authorization": f"Bearer {TOKEN}"} if route.access is Access.ADMIN else {}
                    answer = site.ask(path, method, None if headers else site.keys.good, **headers)
                    assert answer.status in {400, 404}, path
                    assert "x-bad" not in answer.headers
    assert stored(site.world) == before


def stored(world: World) -> set[bytes]:
    """The names of all that is in Redis, but for what keys have used."""
    found: list[bytes] = world.redis.run(worlds.command("KEYS", "*", read=list))
    return {name for name in found if not name.startswith(b"api_keys:")}


def test_a_badly_encoded_path_is_refused_as_such(site: Site) -> None:
    for route in site.routes:
        for name in re.findall(r"{(\w+)}", route.path):
            for bad in ("%zz", "%", "%f", "%ff", "%C0%AF", "a%80"):
                path = route.path.format(**{**SAMPLES, name: bad})
                is_refused(site.ask(path, route.methods[0]), 400, "BAD_REQUEST", path)


# what is no request, or too much of one


def raw(site: Site, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """What is answered to these bytes, after which the server has to hang up."""
    with socket.create_connection(("127.0.0.1", site.world.port), PATIENCE) as connection:
        connection.sendall(data)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return parsed(found)


def parsed(found: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = found.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), body


def request(path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


CHUNKED = "Transfer-Encoding: chunked"
TOO_MANY = "&".join(f"a{i}=1" for i in range(1001))
NO_REQUESTS: dict[str, tuple[Callable[[str], bytes], int, str]] = {
    "both lengths": (lambda path: request(path, "Content-Length: 3", CHUNKED, body=b"0\r\n\r\n"), 400, "BAD_REQUEST"),
    "two lengths": (lambda path: request(path, "Content-Length: 1", "Content-Length: 2"), 400, "BAD_REQUEST"),
    "a signed length": (lambda path: request(path, "Content-Length: +3"), 400, "BAD_REQUEST"),
    "a length in words": (lambda path: request(path, "Content-Length: three"), 400, "BAD_REQUEST"),
    "another encoding": (lambda path: request(path, "Transfer-Encoding: gzip"), 400, "BAD_REQUEST"),
    "encoded twice": (lambda path: request(path, "Transfer-Encoding: chunked, chunked"), 400, "BAD_REQUEST"),
    "a chunk of no size": (lambda path: request(path, CHUNKED, body=b"-1\r\n"), 400, "BAD_REQUEST"),
    "a folded header": (lambda path: request(path, "X-A: a", " b"), 400, "BAD_REQUEST"),
    "a space before the colon": (lambda path: request(path, "X-API-Key : a"), 400, "BAD_REQUEST"),
    "NUL in a header": (lambda path: request(path, "X-A: a\0b"), 400, "BAD_REQUEST"),
    "NUL in the path": (lambda path: request(path + "\0"), 400, "BAD_REQUEST"),
    "a space in the path": (lambda path: request(path + " x"), 400, "BAD_REQUEST"),
    "no host": (lambda path: request(path).replace(b"Host: x\r\n", b""), 400, "BAD_REQUEST"),
    "two hosts": (lambda path: request(path, "Host: y"), 400, "BAD_REQUEST"),
    "another HTTP": (lambda path: request(path).replace(b"HTTP/1.1", b"HTTP/9.9"), 400, "BAD_REQUEST"),
    "no HTTP": (lambda path: f"GET {path}\r\n\r\n".encode(), 400, "BAD_REQUEST"),
    "1,001 arguments": (lambda path: request(f"{path}?{TOO_MANY}"), 400, "BAD_REQUEST"),
    "a long header": (lambda path: request(path, "X-API-Key: " + "a" * 20_000), 431, "HEADERS_TOO_LARGE"),
    "many headers": (lambda path: request(path, *(f"X-{i}: a" for i in range(2_000))), 431, "HEADERS_TOO_LARGE"),
    "a long path": (lambda path: request(path + "a" * 60_000), 431, "HEADERS_TOO_LARGE"),
    "a body said to be large": (lambda path: request(path, "Content-Length: 65537"), 413, "CONTENT_TOO_LARGE"),
    "a body that grows large": (
        lambda path: request(path, CHUNKED, body=(b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 2 + b"1\r\n"),
        413, "CONTENT_TOO_LARGE",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_REQUESTS)
def test_what_is_no_request_is_refused_by_every_route_in_the_envelope(site: Site, what: str) -> None:
    make, status, code = NO_REQUESTS[what]
    for path in sorted({route.path.format(**SAMPLES) for route in site.routes}):
        found, headers, body = raw(site, make(path))
        assert (found, json.loads(body)["error"]["code"]) == (status, code), path
        check_envelope(Answer(found, headers, body))


def test_a_query_of_more_than_a_few_words_is_refused_to_who_is_let_in(site: Site) -> None:
    for path, route in site.where(Access.READ, Access.STREAM):
        for query, status, code in (("a" * 9000, 414, "URI_TOO_LONG"), ("&".join(["a=1"] * 101), 400, "BAD_REQUEST")):
            is_refused(site.ask(f"{path}?{query}"), 401, "UNAUTHORIZED", path)
            key = site.keys.reading if route.access is Access.READ else site.keys.streaming
            is_refused(site.ask(f"{path}?{query}", key=key), status, code, path)


def test_a_message_that_is_too_large_ends_every_stream(site: Site) -> None:
    for path, route in site.where(Access.STREAM, Access.ADMIN):
        if route.socket is not None:
            stream = site.world.connect(path, key=TOKEN if route.access is Access.ADMIN else site.keys.good)
            stream.expect("welcome")
            stream.send_text(json.dumps({"action": "ping", "id": "x" * 16 * 1024}))
            assert stream.closed()[0] == 1009


@pytest.mark.parametrize("key", ["unknown", "malformed", "wrong", "expired", "revoked", "reading"])
def test_nobody_who_may_not_is_let_into_a_stream(site: Site, key: str) -> None:
    site.world.clock.advance(60)
    for path, route in site.where(Access.STREAM, Access.ADMIN):
        if route.socket is not None:
            stream = site.world.connect(path, key=getattr(site.keys, key))
            scope = key == "reading" and route.access is Access.STREAM
            assert stream.closed()[0] == (4003 if scope else 4001)


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"GET /public/v1/symbols HTT", request("/public/v1/symbols")[:-2] + b"X-A: ",
        request("/public/v1/symbols", "Content-Length: 10", method="POST", body=b"x"),
        request("/public/v1/symbols", CHUNKED, method="POST", body=b"5\r\nab"),
    ],
    ids=["nothing", "half a line", "half a header", "half a body", "half a chunk"],
)  # fmt: skip
def test_who_sends_slowly_is_hung_up_on_and_others_are_served(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(server, "BOUNDS", server.BOUNDS | {"idle_connection_timeout": 0.2, "body_timeout": 0.2})
    world = make_world()
    with socket.create_connection(("127.0.0.1", world.port), PATIENCE) as slow:
        slow.sendall(sent)
        assert world.ask("/health", key=None).status == 200
        assert slow.recv(65536) == b""


# what it costs


class Work(NamedTuple):
    """What one request has cost: hashes that were computed, comparisons of hashes, and what SQL was asked of keys."""

    hashes: int
    compares: int
    statements: int


@pytest.fixture
def costs(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Work]:
    """Counted, not timed: what is measured over sockets is noise."""
    world, counted = make_world(), Counter[str]()
    world.ask("/public/v1/limits")  # the schema is checked once
    world.clock.advance(400)
    for module, name, work in (("hashlib", "sha256", hashlib.sha256), ("hmac", "compare_digest", hmac.compare_digest)):

        def count(*given: Any, name: str = name, work: Callable[..., Any] = work) -> Any:
            counted[name] += 1
            return work(*given)

        monkeypatch.setattr(api_keys, module, SimpleNamespace(**{name: count}))
    engine = world.front.database._engine
    event.listen(engine, "before_cursor_execute", lambda *given: counted.update(["sql"] * ("api_keys" in given[2])))

    def cost(key: str) -> Work:
        counted.clear()
        world.ask("/public/v1/stream", key=None, headers={"X-API-Key": key})
        return Work(counted["sha256"], counted["compare_digest"], counted["sql"])

    cost.world = world
    return cost


def test_a_known_key_and_an_unknown_one_cost_the_same_work(costs: Callable[[str], Work]) -> None:
    world: World = costs.world
    make = partial(api_keys.create, name="someone", now=0)
    revoked, expired = world.database.run(make), world.database.run(partial(make, expires_at=1))
    change(world, revoked, is_active=False)
    wrong = world.database.run(make)[:-1] + "-"
    keys = {"good": world.key, "unknown": api_keys.generate(), "wrong": wrong, "revoked": revoked, "expired": expired}
    assert {kind: costs(key) for kind, key in keys.items()} == dict.fromkeys(keys, Work(2, 2, 1))
    assert {kind: costs(key) for kind, key in keys.items()} == dict.fromkeys(keys, Work(2, 2, 0))
    for malformed in ("", "x", "lvm_0123456789ab_short", "\xe9" * 100):
        assert costs(malformed) == Work(2, 2, 0)
