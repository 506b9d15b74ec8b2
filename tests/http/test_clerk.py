"""Sessions of Clerk at the admin door: who is let in, who is not, and how often Clerk is asked for its keys."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from livermore.errors import Transient
from livermore.http import keyring, signing_keys
from livermore.store import audit_log, users
from livermore.store.audit_log import Wanted
from livermore.store.tables import api_keys
from tests.http.clerk import ISSUER, PAGE, ClerkServer, claims_of, new_key
from tests.http.conftest import MakeWorld
from tests.http.test_security import SAMPLES
from tests.http.world import EXCHANGE, TOKEN, TREE, Answer, World, wait_until

ANN = "user_2ann"


@pytest.fixture(scope="module")
def running() -> Iterator[ClerkServer]:
    made = ClerkServer()
    yield made
    made.close()


@pytest.fixture
def clerk(running: ClerkServer) -> ClerkServer:
    running.keys = dict(list(running.keys.items())[:1])
    running.fetches, running.down, running.body = 0, False, None
    return running


@pytest.fixture
def world(make_world: MakeWorld, clerk: ClerkServer) -> World:
    """With an admin, whose name is Ann, and both ways in."""
    made = make_world(routes=EXCHANGE, pipeline=True, admin={"token": TOKEN, **clerk.options})
    made.watch()
    join(made, ANN, "admin")
    return made


def join(world: World, clerk_id: str, role: str, **more: Any) -> int:
    values = {
        "username": clerk_id, "email": f"{clerk_id}@example.com", "role": role, "identity_provider": "clerk",
        "identity_sub": clerk_id, "display_name": clerk_id.removeprefix("user_2").title(), **more,
    }  # fmt: skip
    return world.database.run(partial(users.add, values=values, now=world.clock.wall()))


def ask(world: World, token: str, path: str = "/admin/v1/tree", method: str = "GET", **more: Any) -> Answer:
    return world.ask(path, method=method, key=None, headers={"Authorization": f"Bearer {token}"}, **more)


def audited(world: World) -> list[tuple[str, str, int | None]]:
    found = world.database.run(partial(audit_log.page, wanted=Wanted(), limit=100))
    return [(row.identity, row.action, row.status) for row in found]


# tokens that are not right


def unsigned(world: World, clerk: ClerkServer) -> str:
    return jwt.encode(claims_of(world.clock.wall(), ANN), "", "none", {"kid": "ins_1"})


def with_the_public_key_as_a_secret(world: World, clerk: ClerkServer) -> str:
    """As libraries were once fooled: the key that everybody knows, taken for one that is shared."""
    pem = clerk.keys["ins_1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "ins_1"}, claims_of(world.clock.wall(), ANN)]
    head = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    seal = base64.urlsafe_b64encode(hmac.new(pem, head, hashlib.sha256).digest()).rstrip(b"=")
    return (head + b"." + seal).decode()


def by_another_key(world: World, clerk: ClerkServer) -> str:
    return jwt.encode(claims_of(world.clock.wall(), ANN), new_key(), "RS256", {"kid": "ins_1"})


def by_another_algorithm(world: World, clerk: ClerkServer) -> str:
    return jwt.encode(claims_of(world.clock.wall(), ANN), clerk.keys["ins_1"], "RS512", {"kid": "ins_1"})


def of_no_key(world: World, clerk: ClerkServer) -> str:
    return jwt.encode(claims_of(world.clock.wall(), ANN), clerk.keys["ins_1"], "RS256")


def tampered(world: World, clerk: ClerkServer) -> str:
    head, _, seal = clerk.session(world.clock.wall(), "user_2bob").split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims_of(world.clock.wall(), ANN)).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{seal}"


def claiming(**claims: Any) -> Callable[[World, ClerkServer], str]:
    """With the right signature, and these claims: numbers are seconds from now."""

    def made(world: World, clerk: ClerkServer) -> str:
        now = world.clock.wall() // 1000
        moved = {n: now + v if n in {"exp", "nbf"} and isinstance(v, int) else v for n, v in claims.items()}
        return clerk.session(world.clock.wall(), **moved)

    return made


NOT_RIGHT: dict[str, Callable[[World, ClerkServer], str]] = {
    "of another issuer": claiming(iss="https://clerk.example.org"),
    "of an issuer that begins so": claiming(iss=f"{ISSUER}/"),
    "of no issuer": claiming(iss=None),
    "expired": claiming(exp=-6),
    "without an end": claiming(exp=None),
    "with an end in words": claiming(exp="tomorrow"),
    "with an end beyond all": claiming(exp=float("inf")),
    "not yet": claiming(nbf=6),
    "without a beginning": claiming(nbf=None),
    "alg none": unsigned,
    "HS256 with the public key": with_the_public_key_as_a_secret,
    "by another key": by_another_key,
    "by another algorithm": by_another_algorithm,
    "of no key": of_no_key,
    "tampered with": tampered,
    "for another page": claiming(azp="https://evil.example"),
    "for no page": claiming(azp=None),
    "for a page of another kind": claiming(azp=["http://localhost:4001"]),
    "of a template": claiming(sid=None),
    "of an empty session": claiming(sid=""),
    "of a session that is pending": claiming(sts="pending"),
    "of nobody": claiming(sub=None),
    "of an unknown key": lambda world, clerk: clerk.session(world.clock.wall(), kid="ins_made_up"),
    "too long": claiming(org="x" * 9000),
    "three dots": lambda world, clerk: "a.b.c",
    "no base64": lambda world, clerk: "é.b.c",
}  # fmt: skip


def test_a_token_that_is_not_right_in_everything_opens_no_admin_route_and_nothing_is_done(
    world: World, clerk: ClerkServer
) -> None:
    before = state(world)
    routes = [route for route in world.front.table.routes if route.path.startswith("/admin/v1")]
    assert len(routes) > 15
    for kind, make in NOT_RIGHT.items():
        for route in routes:
            for method in route.methods:
                world.clock.advance(1)
                answer = ask(world, make(world, clerk), route.path.format(**SAMPLES), method)
                assert (answer.status, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED"), (kind, route.path)
                assert answer.headers["www-authenticate"] == 'Bearer realm="admin"'
    assert state(world) == before
    assert audited(world) == []
    assert clerk.fetches <= 1 + world.clock.monotonic() // signing_keys.UNKNOWN_EVERY


def test_a_flood_of_unknown_keys_at_a_front_that_knows_none_is_one_fetch(world: World, clerk: ClerkServer) -> None:
    for number in range(30):
        assert ask(world, clerk.session(world.clock.wall(), kid=f"ins_{number + 2}")).status == 401
    assert clerk.fetches == 1


def state(world: World) -> Any:
    return [user._asdict() for user in world.database.run(partial(users.page, after=0, limit=10))]


@pytest.mark.parametrize(("role", "more", "words"), [
    ("user", {}, "no administrator"), ("subscriber_pro", {}, "no administrator"),
    ("admin", {"is_active": False}, "no access"), (None, {}, "not known here"),
])  # fmt: skip
def test_who_is_known_to_clerk_and_no_admin_here_is_refused_everywhere_which_is_written_down(
    world: World, clerk: ClerkServer, role: str | None, more: dict[str, Any], words: str
) -> None:
    if role is not None:
        join(world, "user_2bob", role, **more)
    before = state(world)
    expected = []
    for route in world.front.table.routes:
        for method in route.methods if route.path.startswith("/admin/v1") else ():
            world.clock.advance(1)
            answer = ask(world, clerk.session(world.clock.wall(), "user_2bob"), route.path.format(**SAMPLES), method)
            assert (answer.status, answer.json()["error"]["code"]) == (403, "FORBIDDEN"), route.path
            assert words in answer.json()["error"]["message"]
            expected.append(("user_2bob", f"{method} {route.path}", 403))
    assert state(world) == before
    assert audited(world) == expected[::-1]
    stream = world.connect("/admin/v1/stream", key=clerk.session(world.clock.wall(), "user_2bob"), origin=PAGE)
    assert stream.closed()[0] == 4003
    assert audited(world)[0] == ("user_2bob", "GET /admin/v1/stream", 403)


@pytest.mark.parametrize("claims", [{}, {"exp": -4}, {"nbf": 4}, {"sts": "active"}])
def test_an_admin_comes_in_by_a_session_within_five_seconds_of_its_time(
    world: World, clerk: ClerkServer, claims: dict[str, Any]
) -> None:
    answer = ask(world, claiming(**claims)(world, clerk))
    assert (answer.status, answer.json()) == (200, TREE)
    assert world.admin("/tree") == TREE


def test_further_pages_are_good_where_they_are_named_and_their_browsers_may_ask(
    make_world: MakeWorld, clerk: ClerkServer
) -> None:
    page = "https://admin.example.com"
    world = make_world(routes=("admin",), admin={**clerk.options, "authorized_parties": [page]})
    join(world, ANN, "admin")
    answer = world.ask(
        "/admin/v1/tree",
        key=None,
        headers={"Authorization": f"Bearer {clerk.session(world.clock.wall(), azp=page)}", "Origin": page},
    )
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, page)
    assert ask(world, clerk.session(world.clock.wall(), azp=f"{page}.evil.example")).status == 401
    assert ask(world, TOKEN).status == 401


def test_issuer_and_keys_are_those_that_the_publishable_key_names_or_others_that_are_given(
    make_world: MakeWorld, clerk: ClerkServer
) -> None:
    proxy = "https://example.com/__clerk"
    world = make_world(routes=("admin",), admin={**clerk.options, "clerk_issuer": proxy})
    join(world, ANN, "admin")
    assert ask(world, clerk.session(world.clock.wall(), iss=proxy)).status == 200
    assert ask(world, clerk.session(world.clock.wall())).status == 401


def test_a_role_that_is_taken_is_gone_with_the_next_request(world: World, clerk: ClerkServer) -> None:
    bob = join(world, "user_2bob", "admin")
    token = clerk.session(world.clock.wall(), "user_2bob")
    assert ask(world, token).status == 200
    world.admin(f"/users/{bob}", method="PATCH", role="user")
    assert ask(world, token).status == 403


def test_a_key_says_who_made_it_and_so_does_the_log(world: World, clerk: ClerkServer) -> None:
    made = ask(world, clerk.session(world.clock.wall()), "/admin/v1/keys", "POST", body=b'{"name": "trader"}').json()
    other = world.admin(f"/keys/{made['id']}/rotate", method="POST", status=201)
    query = select(api_keys.c.key_id, api_keys.c.created_by).where(api_keys.c.key_id.in_([made["id"], other["id"]]))
    assert set(world.database.run(lambda connection: connection.execute(query).all())) == {
        (made["id"], ANN), (other["id"], "token"),
    }  # fmt: skip
    assert audited(world)[::-1] == [
        (ANN, "POST /admin/v1/keys", 201), ("token", "POST /admin/v1/keys/{id}/rotate", 201),
    ]  # fmt: skip
    ann = ask(world, clerk.session(world.clock.wall()), "/admin/v1/me").json()
    assert (ann["identity"], ann["name"], ann["user"]["id"]) == (ANN, "Ann", 1)
    assert ann["until"] == "2023-11-14T22:14:27.000Z"


# the instance's public keys


def test_the_keys_are_fetched_once_and_again_after_an_hour(world: World, clerk: ClerkServer) -> None:
    for _ in range(5):
        assert ask(world, clerk.session(world.clock.wall())).status == 200
    assert clerk.fetches == 1
    world.clock.advance(signing_keys.KEPT - 1)
    assert ask(world, clerk.session(world.clock.wall())).status == 200
    assert clerk.fetches == 1
    world.clock.advance(2)
    assert ask(world, clerk.session(world.clock.wall())).status == 200
    assert clerk.fetches == 2


def test_a_flood_of_unknown_keys_is_one_fetch_in_five_minutes(world: World, clerk: ClerkServer) -> None:
    assert ask(world, clerk.session(world.clock.wall())).status == 200
    world.clock.advance(signing_keys.UNKNOWN_EVERY)
    for number in range(30):
        assert ask(world, clerk.session(world.clock.wall(), kid=f"ins_{number + 2}")).status == 401
    assert clerk.fetches == 2
    world.clock.advance(signing_keys.UNKNOWN_EVERY - 1)
    assert ask(world, clerk.session(world.clock.wall(), kid="ins_2")).status == 401
    assert clerk.fetches == 2


def test_a_key_that_is_new_is_found_once_unknown_ones_may_be_looked_for_again(world: World, clerk: ClerkServer) -> None:
    assert ask(world, clerk.session(world.clock.wall())).status == 200
    clerk.keys["ins_2"] = new_key()
    assert ask(world, clerk.session(world.clock.wall(), kid="ins_2")).status == 401
    world.clock.advance(signing_keys.UNKNOWN_EVERY)
    assert ask(world, clerk.session(world.clock.wall(), kid="ins_2")).status == 200
    assert clerk.fetches == 2


def test_while_clerk_is_away_the_keys_that_are_known_are_good_and_it_is_asked_rarely(
    world: World, clerk: ClerkServer
) -> None:
    assert ask(world, clerk.session(world.clock.wall())).status == 200
    clerk.down = True
    world.clock.advance(signing_keys.KEPT + 1)
    for _ in range(5):
        assert ask(world, clerk.session(world.clock.wall())).status == 200
    assert clerk.fetches == 2
    world.clock.advance(signing_keys.AGAIN)
    assert ask(world, clerk.session(world.clock.wall())).status == 200
    wait_until(lambda: clerk.fetches == 3, "another try")
    world.clock.advance(signing_keys.GRACE)
    assert ask(world, clerk.session(world.clock.wall())).status == 503


def test_while_clerk_keeps_us_waiting_others_are_answered_and_it_is_asked_once(
    world: World, clerk: ClerkServer
) -> None:
    clerk.answers.clear()
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(ask, world, clerk.session(world.clock.wall())) for _ in range(3)]
        wait_until(lambda: clerk.fetches == 1, "the keys to be asked for")
        assert ask(world, TOKEN).status == 200
        assert world.ask("/public/v1/symbols").status == 200
        assert not any(one.done() for one in waiting)
        clerk.answers.set()
        assert [one.result().status for one in waiting] == [200, 200, 200]
    assert clerk.fetches == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": [{"kty": "oct", "k": "AA", "kid": "ins_1"}]}', b"x" * 100_000],
    ids=["nothing", "a list", "no keys", "a number", "a shared key", "too much"],
)
def test_keys_that_cannot_be_read_are_none_and_the_token_opens_all_the_same(
    world: World, clerk: ClerkServer, body: bytes
) -> None:
    clerk.body = body
    answer = ask(world, clerk.session(world.clock.wall()))
    assert (answer.status, answer.json()["error"]["code"]) in {(503, "UNAVAILABLE"), (401, "UNAUTHORIZED")}
    assert ask(world, TOKEN).status == 200


def test_whoever_tries_bad_sessions_is_slowed_down_and_a_good_one_is_not(world: World, clerk: ClerkServer) -> None:
    bad = by_another_key(world, clerk)
    for _ in range(keyring.BAD_PER_MINUTE):
        assert ask(world, bad).status == 401
    assert ask(world, bad).status == 429
    assert ask(world, clerk.session(world.clock.wall())).status == 200


# streams


def test_a_stream_opens_to_a_session_with_the_handshake_or_as_its_first_message(
    world: World, clerk: ClerkServer
) -> None:
    world.followed()
    token = clerk.session(world.clock.wall())
    world.connect("/admin/v1/stream", key=token).expect("welcome")
    stream = world.connect("/admin/v1/stream", key=None, origin=PAGE)
    stream.send(action="auth", key=token)
    stream.expect("welcome")
    assert stream.subscribe("tree")["channels"] == ["tree"]


def test_a_token_that_is_not_right_opens_no_stream_however_it_comes(world: World, clerk: ClerkServer) -> None:
    for kind, make in NOT_RIGHT.items():
        world.clock.advance(2)
        token = make(world, clerk)
        stream = world.connect("/admin/v1/stream", key=None, origin=PAGE)
        stream.send(action="auth", key=token)
        assert stream.closed() == (4001, "Only administrators may do this"), kind
        if token.isascii():
            assert world.connect("/admin/v1/stream", key=token).closed()[0] == 4001, kind


def beat(world: World) -> None:
    """What happens with each heartbeat."""

    async def checked() -> None:
        for stream in list(world.front.guests.streams):
            await stream.check()

    world.run(checked())


def test_a_stream_ends_with_its_session_unless_a_newer_token_is_shown(world: World, clerk: ClerkServer) -> None:
    streams = [world.connect("/admin/v1/stream", key=clerk.session(world.clock.wall())) for _ in range(2)]
    for stream in streams:
        stream.expect("welcome")
    world.clock.advance(50)
    streams[0].send(action="auth", key=clerk.session(world.clock.wall()))
    assert streams[0].until("renewed")["until"] == "2023-11-14T22:15:17.000Z"
    beat(world)
    world.clock.advance(15)
    beat(world)
    assert streams[1].closed() == (4001, "This session has ended")
    streams[0].send(action="ping", id="still here")
    assert streams[0].until("pong")["id"] == "still here"
    world.clock.advance(60)
    beat(world)
    assert streams[0].closed() == (4001, "This session has ended")


def test_a_stream_cannot_become_somebody_elses(world: World, clerk: ClerkServer) -> None:
    join(world, "user_2bob", "admin")
    stream = world.connect("/admin/v1/stream", key=clerk.session(world.clock.wall()))
    stream.expect("welcome")
    stream.send(action="auth", key=clerk.session(world.clock.wall(), "user_2bob"))
    assert stream.closed() == (4001, "this is the token of somebody else")


@pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
def test_a_stream_ends_once_the_role_or_the_access_is_taken(
    world: World, clerk: ClerkServer, change: dict[str, Any]
) -> None:
    bob = join(world, "user_2bob", "admin")
    stream = world.connect("/admin/v1/stream", key=clerk.session(world.clock.wall(), "user_2bob"))
    stream.expect("welcome")
    beat(world)
    world.admin(f"/users/{bob}", method="PATCH", **change)
    beat(world)
    assert stream.closed()[0] == 4001


def test_while_sql_is_away_a_stream_goes_on_until_its_session_ends(
    world: World, clerk: ClerkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = world.connect("/admin/v1/stream", key=clerk.session(world.clock.wall()))
    stream.expect("welcome")
    monkeypatch.setattr(world.front.database, "run_aside", away)
    beat(world)
    stream.send(action="ping", id="1")
    stream.until("pong")
    world.clock.advance(66)
    beat(world)
    assert stream.closed()[0] == 4001


async def away(*_: Any) -> None:

    raise Transient("SQL is away")


def test_while_sql_is_away_nobody_comes_in_by_a_session_and_the_token_still_reads(
    world: World, clerk: ClerkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.front.database, "run_aside", away)
    assert ask(world, clerk.session(world.clock.wall())).status == 503
    assert ask(world, TOKEN).status == 200
