"""Secrets that can be recognised, in every place that takes one: whatever happens, none comes out anywhere.

Real processes on real stores with passwords; requests of all kinds, good and bad, with the secrets where they belong
and where they do not; failing actors, and stores that go away. Then all that came out is searched for each of them, as
it is, encoded for URLs and in base64. That the search sees each place is proven by what is known to be there.
"""

import asyncio
import base64
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis as redis_client
import yaml
from sqlalchemy import select
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from livermore.demo import make_private_key
from livermore.store.settings import DatabasePlace, RedisPlace
from livermore.store.sql import make_engine
from livermore.store.tables import metadata
from tests.http.clerk import ClerkServer
from tests.http.test_webhooks import message, signed
from tests.support.mariadb import MariaDB, mariadb
from tests.support.processes import ROOT, Exchange, Livermore, livermore, until
from tests.support.site import make_site
from tests.support.valkey import Valkey, valkey

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

CANARIES = {
    "redis": "canary-of-the-redis/password",
    "sql": "canary-of-the-sql+password",
    "admin token": "canary-of-the-admin-token",
    "Clerk": "sk_test_canaryOfClerk",
    "webhook": "whsec_" + base64.b64encode(b"canary-of-the-webhook").decode(),
    "Discord": "canary-of-discord",
    "Coinbase id": "organizations/canary/apiKeys/canary-of-coinbase",
    "stray": "canary-of-a-secret-in-the-wrong-place",
}
HEADERS = {"X-API-Key": "{}", "Authorization": "Bearer {}x", "X-Request-ID": "{}", "Cookie": "__session={}"}
MARK = "not-a-secret-and-to-be-found"
FRONT = "http_front"
FEED = "coinbase/writer/pipeline/exchange_feed"


@dataclass
class Findings:
    """All that came out, by where."""

    secrets: dict[str, str]
    places: dict[str, str] = field(default_factory=dict)

    def note(self, place: str, text: str) -> None:
        """Remember what was said there."""
        self.places[place] = self.places.get(place, "") + text

    def leaks(self) -> dict[str, set[str]]:
        """Which secrets are where."""
        found: dict[str, set[str]] = {}
        for name, secret in self.secrets.items():
            for place, text in self.places.items():
                if any(form in text for form in forms(secret)):
                    found.setdefault(name, set()).add(place)
        return found


def forms(secret: str) -> set[str]:
    """How a secret may be written: as it is, in a URL, in JSON and in base64, wherever in it that begins."""
    encoded = set()
    for before in range(3):
        whole = base64.b64encode(b"x" * before + secret.encode()).decode().rstrip("=")
        encoded.add(whole[4 if before else 0 : -2])
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], *encoded}


class Site:
    """The processes, and how they are spoken to; every answer is noted."""

    def __init__(self, folder: Path, redis: Valkey, sql: MariaDB, clerk: ClerkServer) -> None:
        self.redis, self.sql, self.clerk, self.folder = redis, sql, clerk, folder
        self.redis_place, self.database = locked_redis(redis), locked_database(sql)
        site = make_site(folder, self.redis_place, self.database, speed=10)
        self.exchange = Exchange(folder, site.clock, options=("--symbols", "4"))
        private = make_private_key()
        variables = site.variables | self.exchange.variables() | {
            "LIVERMORE_ADMIN_TOKEN": CANARIES["admin token"], "CLERK_SECRET_KEY": CANARIES["Clerk"],
            "CLERK_PUBLISHABLE_KEY": clerk.options["clerk_publishable_key"], "CLERK_JWKS_URL": clerk.url,
            "CLERK_WEBHOOK_SIGNING_SECRET": CANARIES["webhook"], "Coinbase_ApiKeyId": CANARIES["Coinbase id"],
            "Coinbase_EcPrivateKeyPem": private, "LOG_LEVEL": "DEBUG",
            "DISCORD_LIVERMORE_BOT": re.sub(r"[^/]+$", CANARIES["Discord"], self.exchange.urls["webhook_url"]),
        }  # fmt: skip
        self.variables = variables
        ann = ("ann@example.com", "--clerk-id", "user_2ann", "--role", "admin")
        added = livermore("users", "add", *ann, folder=folder, variables=variables)
        assert added.returncode == 0, added.stderr
        self.session = clerk.session(now_ms(), exp=now_ms() // 1000 + 3600)
        key = "".join(line for line in private.replace("\\n", "\n").splitlines() if "-----" not in line)
        self.findings = Findings(
            CANARIES | {"private key": key[:40], "session": self.session, "API key": site.key.split("_", 2)[2],
                        "session's signature": self.session.rpartition(".")[2]}
        )  # fmt: skip
        self.key, self.reports = site.key, folder / "crashes"
        self.process = Livermore("exchange", folder, variables, hooks=True, tree=self._tree())

    def _tree(self) -> Path:
        """The shipped one, whose crash reports are written to a folder, too."""
        tree = yaml.safe_load((ROOT / "supervisors.yaml").read_text(encoding="utf-8"))
        tree["settings"]["crash_reports"] = {"dir": str(self.reports)}
        file = self.folder / "tree.yaml"
        file.write_text(yaml.safe_dump(tree), encoding="utf-8")
        return file

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> int:
        """One request; its answer is noted, headers and all. Gives the status.

        Whoever names a request is told that name again, and nobody else is: that is no leak.
        """
        request = urllib.request.Request(self.process.url + path, body, dict(headers or {}), method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, told, text = answer.status, str(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, told, text = error.code, str(error.headers), error.read().decode()
        named = (headers or {}).get("X-Request-ID", "-")
        self.findings.note(f"answers {status}", (told + text).replace(named, "-"))
        return status

    def stream(self, expected: int, headers: Mapping[str, str], *messages: str) -> None:
        """Open the admin stream, say these, and note what comes: so many messages, or all until it is closed."""

        async def talk() -> None:
            url = f"ws://127.0.0.1:{self.process.port}/admin/v1/stream"
            connection = await websocket_connect(HTTPRequest(url, headers=dict(headers)))
            for text in messages:
                await connection.write_message(text)
            found: Any = ""
            for _ in range(expected):
                found = found if found is None else await connection.read_message()
                self.findings.note("stream", f"{found} {connection.close_reason}")
            connection.close()
            while found is not None:
                found = await connection.read_message()  # what was on its way, and the end

        asyncio.run(asyncio.wait_for(talk(), 30))

    def health(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.process.health_port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def end(self) -> None:
        self.process.end()
        self.exchange.end()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def locked_redis(server: Valkey) -> RedisPlace:
    """The server, which asks for a password from now on."""
    with redis_client.Redis(unix_socket_path=str(server.socket)) as client:
        client.config_set("requirepass", CANARIES["redis"])
    return RedisPlace(url=f"unix://:{quote(CANARIES['redis'], safe='')}@{server.socket}")


def locked_database(server: MariaDB) -> DatabasePlace:
    """A database of somebody who has a password."""
    name = server.database().full_url.partition("?")[0].rpartition("/")[2]
    made = f"CREATE USER 'lvm'@'localhost' IDENTIFIED BY '{CANARIES['sql']}'"
    server.run(made, f"GRANT ALL ON {name}.* TO 'lvm'@'localhost'")
    return server.place(name, f"lvm:{quote(CANARIES['sql'], safe='')}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clerk = ClerkServer()
    try:
        with valkey() as redis, mariadb() as sql:
            made = Site(tmp_path_factory.mktemp("canaries"), redis, sql, clerk)
            try:
                yield made
            finally:
                made.end()
    finally:
        clerk.close()


def misplace(site: Site) -> None:
    """Every secret where it does not belong: in paths, queries, headers and bodies of everybody's requests."""
    for secret in site.findings.secrets.values():
        quoted = quote(secret, safe="")
        for path in ("/public/v1/symbols", "/admin/v1/users"):
            site.ask(f"{path}?token={quoted}&apiKey={quoted}")
            for header, form in HEADERS.items():
                site.ask(path, headers={header: form.format(secret)})
        letter = {"svix-id": "msg_9", "svix-signature": secret, "svix-timestamp": "1"}
        site.ask("/webhooks/clerk", "POST", letter, b"{}")


def administer(site: Site) -> None:
    """What administrators do, by the token and by a session, and what they should not: send secrets."""
    for secret in (CANARIES["admin token"], site.session):
        mine = {"Authorization": f"Bearer {secret}"}
        for path in ("me", "users", "audit", "tree", "overview", "keys", "openapi.json", "users/1/settings"):
            assert site.ask(f"/admin/v1/{path}", headers=mine) == 200, path
        for stray in (CANARIES["stray"], CANARIES["Clerk"], site.key):
            settings = {"exchanges": {"x": {"enabled": True, "ApiKeyEnvironmentVariableName": stray}}}
            for method, body in (
                ("PUT", {"settings": settings}),
                ("PATCH", {"path": ["exchanges", "x", "SecretEnvironmentVariableName"], "value": stray}),
                ("PATCH", {"path": ["perseus_profile", "trading_mode"], "value": stray}),
            ):
                assert site.ask("/admin/v1/users/1/settings", method, mine, json.dumps(body).encode()) == 400
            assert site.ask("/admin/v1/keys", "POST", mine, json.dumps({"secret": stray}).encode()) == 400
        assert site.ask("/admin/v1/users/1", "PATCH", mine, b'{"role": "user"}') == 409
        site.stream(3, mine, '{"action": "subscribe", "channels": ["tree"]}')
        site.stream(2, {}, *2 * [json.dumps({"action": "auth", "key": secret})])
        site.stream(1, {}, json.dumps({"action": "auth", "key": secret[:-1]}))
    body = message()
    assert site.ask("/webhooks/clerk", "POST", signed(body, "msg_1", secret=CANARIES["webhook"]), body) == 200
    assert site.ask("/webhooks/clerk", "POST", signed(body, "msg_2"), body) == 400
    named = {"name": MARK}
    made = urllib.request.Request(
        f"{site.process.url}/admin/v1/keys", json.dumps(named).encode(),
        {"Authorization": f"Bearer {CANARIES['admin token']}"}, method="POST",
    )  # fmt: skip
    with urllib.request.urlopen(made, timeout=10) as answer:
        key = json.load(answer)["key"]  # shown this one time, and searched for from now on
    site.findings.secrets["new API key"] = key.split("_", 2)[2]
    assert site.ask("/public/v1/symbols", headers={"X-API-Key": key}) == 200
    assert site.ask("/admin/v1/keys", headers={"Authorization": f"Bearer {CANARIES['admin token']}"}) == 200


def break_things(site: Site) -> None:
    """Actors fail, and then the stores are gone."""
    for path in (FRONT, FEED, "coinbase/delivery/notifier"):
        until(lambda path=path: site.process.states().get(path) == "up", f"{path} to be up")
        site.process.break_(path)
        until(lambda path=path: list(site.reports.glob(f"*-{path.replace('/', '.')}-*")), f"a crash report of {path}")
    until(lambda: site.process.states().get(FRONT) == "up", "the front to be back")
    for words in (("users", "list"), ("keys", "list"), ("check",)):
        command(site, *words)
    site.findings.note("Redis", all_of_redis(site))
    site.findings.note("SQL", all_of_sql(site))
    site.redis.kill()
    site.sql.kill()
    mine = {"Authorization": f"Bearer {CANARIES['admin token']}"}
    until(lambda: site.ask("/admin/v1/users", headers=mine) == 503, "SQL to be missed")
    for path in ("/public/v1/symbols", "/admin/v1/overview", "/health"):
        site.ask(path, headers=mine)
    site.ask("/admin/v1/me", headers={"Authorization": f"Bearer {site.clerk.session(now_ms())}"})
    until(lambda: "waiting" in site.process.states().values(), "actors to wait for the stores")


def command(site: Site, *words: str) -> None:
    """What a command of this program says, whatever becomes of it."""
    told = livermore(*words, folder=site.folder, variables=site.variables)
    site.findings.note("commands", told.stdout + told.stderr)


def all_of_redis(site: Site) -> str:
    with redis_client.Redis.from_url(site.redis_place.full_url) as client:
        return "\n".join(f"{name!r} {content(client, name)!r}" for name in client.scan_iter(count=1000))


def content(client: Any, name: bytes) -> Any:
    kinds = {
        b"string": lambda: client.get(name), b"hash": lambda: client.hgetall(name),
        b"zset": lambda: client.zrange(name, 0, -1), b"set": lambda: client.smembers(name),
        b"stream": lambda: client.xrange(name), b"list": lambda: client.lrange(name, 0, -1),
    }  # fmt: skip
    return kinds[client.type(name)]()


def all_of_sql(site: Site) -> str:
    engine = make_engine(site.database)
    with engine.connect() as connection:
        rows = [(table.name, row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    engine.dispose()
    return "\n".join(map(str, rows))


def test_no_secret_comes_out_anywhere_whatever_is_asked_and_whatever_fails(site: Site) -> None:
    until(lambda: site.process.tree() and site.process.states().get(FEED) == "up", "the feed to run")
    site.ask(f"/public/v1/candles/coinbase/{MARK}/1m", headers={"X-API-Key": site.key})
    administer(site)
    misplace(site)
    break_things(site)
    found = site.findings
    found.note("metrics", site.health("/metrics"))
    found.note("tree", site.health("/supervision/tree"))
    for file in site.reports.glob("*.json"):
        found.note("crash reports", file.read_text(encoding="utf-8"))
    command(site, "doctor")
    site.end()
    found.note("log", site.process.written())
    assert found.leaks() == {}
    seen = {
        "log": f"candles/coinbase/{MARK}/1m", "SQL": MARK, "Redis": "lease", "metrics": "livermore_http_answers_total",
        "crash reports": "a test breaks it", "tree": FEED, "answers 200": MARK, "answers 401": "UNAUTHORIZED",
        "answers 503": "UNAVAILABLE", "answers 400": "name of an environment variable", "stream": "welcome",
        "commands": "ann@example.com",
    }  # fmt: skip
    assert {place for place, words in seen.items() if words not in found.places[place]} == set()


@pytest.mark.parametrize("name", CANARIES)
@pytest.mark.parametrize("written", [str, lambda text: quote(text, safe=""), lambda text: json.dumps({"a": text}),
                                     lambda text: base64.b64encode(b"user:" + text.encode()).decode()])  # fmt: skip
def test_a_secret_that_is_planted_is_found(name: str, written: Any) -> None:
    found = Findings(dict(CANARIES), {"log": "something else\n"})
    assert found.leaks() == {}
    found.note("log", f"before {written(CANARIES[name])} after")
    assert found.leaks() == {name: {"log"}}
