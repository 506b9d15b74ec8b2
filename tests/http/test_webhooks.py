"""Clerk's webhook: what is signed, new and told for the first time is heeded, and nothing else is."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from standardwebhooks import Webhook

from livermore.errors import Transient
from livermore.http import keyring
from livermore.store import users
from livermore.store.users import User
from tests.http.conftest import MakeWorld
from tests.http.test_envelopes import in_envelope
from tests.http.world import EXCHANGE, TOKEN, Answer, World

SECRET = "whsec_" + base64.b64encode(b"canary of the webhooks' secret").decode()
PATH = "/webhooks/clerk"


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world(routes=EXCHANGE, pipeline=True, admin={"token": TOKEN, "webhook_secret": SECRET})


def ann(**changes: Any) -> dict[str, Any]:
    """As Clerk tells of a user, with a few of the things that are of no use here."""
    address = {"id": "idn_1", "email_address": "Ann@Example.com", "object": "email_address",
               "verification": {"status": "verified", "strategy": "ticket"}}  # fmt: skip
    return {
        "id": "user_2ann", "object": "user", "email_addresses": [{**address, "id": "idn_0",
        "email_address": "old@example.com"}, address], "primary_email_address_id": "idn_1", "first_name": "Ann",
        "last_name": "Lee", "image_url": "https://img.example.com/ann", "last_sign_in_at": 1_700_000_000_000,
        "public_metadata": {"role": "admin"}, "username": None,
    } | changes  # fmt: skip


def message(kind: str = "user.created", data: Any = None) -> bytes:
    return json.dumps({"type": kind, "object": "event", "data": ann() if data is None else data}).encode()


def signed(
    body: bytes, message_id: str = "msg_1", *, secret: str = SECRET, ago: float = 0, **changes: str
) -> dict[str, str]:
    """The headers that Clerk sends with it, ``ago`` seconds from now."""
    at = datetime.now(tz=UTC) - timedelta(seconds=ago)
    seal = Webhook(secret).sign(message_id, at, body.decode())
    headers = {"svix-id": message_id, "svix-timestamp": str(int(at.timestamp())), "svix-signature": seal}
    return headers | {f"svix-{name}": value for name, value in changes.items()}


def post(world: World, body: bytes, headers: dict[str, str]) -> Answer:
    return world.ask(PATH, method="POST", key=None, headers=headers, body=body)


def told(world: World, kind: str = "user.created", data: Any = None, message_id: str = "msg_1") -> Answer:
    body = message(kind, data)
    return post(world, body, signed(body, message_id))


def everybody(world: World) -> list[User]:
    return world.database.run(partial(users.page, after=0, limit=10))


def test_a_user_who_is_new_is_stored_with_no_role_whatever_clerk_says_of_it(world: World) -> None:
    answer = told(world)
    assert (answer.status, answer.json()) == (200, {"received": True})
    (found,) = everybody(world)
    assert (found.email, found.display_name, found.clerk_id) == ("ann@example.com", "Ann Lee", "user_2ann")
    assert (found.role, found.is_active, found.last_login_at) == ("user", True, 1_700_000_000_000)
    assert found.username.startswith("ann_")
    assert len(found.username) == len("ann_") + 5


def test_a_user_who_changes_stays_the_same_row_with_its_role_and_name(world: World) -> None:
    told(world)
    (before,) = everybody(world)
    world.database.run(partial(users.change, user_id=before.id, now=1, role="admin"))
    changed = ann(first_name="Anna", last_name=None, last_sign_in_at=None)
    assert told(world, "user.updated", changed, "msg_2").status == 200
    (after,) = everybody(world)
    assert after == before._replace(display_name="Anna", role="admin", updated_at=after.updated_at)


def test_a_user_who_is_gone_has_no_access_and_does_not_get_it_back_by_a_message_that_was_late(world: World) -> None:
    told(world)
    assert told(world, "user.deleted", {"id": "user_2ann", "deleted": True, "object": "user"}, "msg_2").status == 200
    assert told(world, "user.updated", message_id="msg_3").status == 200
    assert [one.is_active for one in everybody(world)] == [False]
    assert told(world, "user.deleted", {"id": "user_nobody", "deleted": True}, "msg_4").status == 200


@pytest.mark.parametrize("kind", ["session.created", "organization.created", "email.created", "user.createdd"])
def test_what_is_told_of_other_things_is_received_and_ignored(world: World, kind: str) -> None:
    answer = told(world, kind, {"anything": [1]})
    assert (answer.status, answer.json()) == (200, {"received": True})
    assert everybody(world) == []


def old(body: bytes) -> dict[str, str]:
    return signed(body, ago=301)


BAD: dict[str, Callable[[bytes], dict[str, str]]] = {
    "without headers": lambda _: {},
    "by another secret": lambda body: signed(body, secret="whsec_" + base64.b64encode(b"x" * 24).decode()),
    "over another body": lambda body: signed(body + b" "),
    "of another id": lambda body: signed(body, id="msg_2"),
    "of another time": lambda body: signed(body, timestamp=str(int(datetime.now(tz=UTC).timestamp()) - 1)),
    "too old": old,
    "from the future": lambda body: signed(body, ago=-301),
    "by nobody": lambda body: signed(body, signature=""),
    "of another version": lambda body: signed(body, signature=signed(body)["svix-signature"].replace("v1", "v1a")),
    "in no form": lambda body: signed(body, signature="v1"),
    "in no base64": lambda body: signed(body, signature="v1,***"),
    "at no time": lambda body: signed(body, timestamp="now"),
    "at the end of time": lambda body: signed(body, timestamp="inf"),
    "without an id": lambda body: signed(body, ""),
    "with an id that is no name": lambda body: signed(body, "msg 1\t{x}"),
    "with an id that is endless": lambda body: signed(body, "m" * 200),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_what_is_not_signed_as_it_should_be_is_refused_and_nothing_is_done(world: World, kind: str) -> None:
    body = message()
    answer = post(world, body, BAD[kind](body))
    assert answer.status == 400
    in_envelope(answer.json(), "BAD_REQUEST")
    assert everybody(world) == []
    assert told(world).status == 200  # its id was not used up


def test_one_of_several_signatures_is_enough_as_while_a_secret_is_replaced(world: World) -> None:
    body = message()
    seal = signed(body)["svix-signature"]
    assert post(world, body, signed(body, signature=f"v1,AAAA v2,{seal[3:]} {seal}")).status == 200


def test_a_message_that_comes_again_is_refused_and_changes_nothing(world: World) -> None:
    assert told(world).status == 200
    body = message("user.updated", ann(first_name="Mallory"))
    for replay in (told(world), post(world, body, signed(body))):
        assert (replay.status, replay.json()["error"]["message"]) == (400, "This message was taken before")
    assert [one.display_name for one in everybody(world)] == ["Ann Lee"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"type": "user.created"}',
        b'{"type": "user.created", "data": 7}',
        b'{"type": "user.created", "data": {"id": ""}}',
        b"[" * 5000,
    ],
)
def test_what_is_signed_and_no_message_of_clerks_is_refused(world: World, body: bytes) -> None:
    assert post(world, body, signed(body)).status == 400
    assert everybody(world) == []


def test_a_body_beyond_all_bounds_is_refused(world: World) -> None:
    body = message(data=ann(first_name="x" * 70_000))
    assert post(world, body, signed(body)).status == 413
    assert everybody(world) == []


def test_what_is_too_long_for_its_column_is_cut_and_somebody_without_an_address_gets_one_that_nobody_has(
    world: World,
) -> None:
    assert told(world, data=ann(first_name="x" * 5000, email_addresses=[], image_url="y" * 5000)).status == 200
    (found,) = everybody(world)
    assert (found.email, len(found.display_name or "")) == ("user_2ann@clerk.invalid", 100)


def test_an_address_that_an_operator_has_written_down_belongs_to_who_has_proven_to_own_it(world: World) -> None:
    values = {"username": "boss", "email": "ann@example.com", "role": "admin"}
    number = world.database.run(partial(users.add, values=values, now=1))
    unproven = ann(id="user_2mallory", primary_email_address_id="idn_1")
    unproven["email_addresses"][1]["verification"]["status"] = "unverified"
    answer = told(world, data=unproven)
    assert answer.status == 409
    in_envelope(answer.json(), "CONFLICT")
    assert told(world, data=ann(), message_id="msg_2").status == 200
    (found,) = everybody(world)
    assert (found.id, found.clerk_id, found.role, found.username) == (number, "user_2ann", "admin", "boss")
    assert told(world, data=ann(id="user_2other"), message_id="msg_3").status == 409
    assert everybody(world) == [found]


def test_while_sql_is_away_the_message_may_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> None:
        raise Transient("SQL is away")

    with monkeypatch.context() as patch:
        patch.setattr(world.front.database, "run_aside", away)
        assert told(world).status == 503
    assert told(world).status == 200
    assert len(everybody(world)) == 1


def test_without_a_secret_there_are_no_webhooks_and_the_answer_says_what_lacks(make_world: MakeWorld) -> None:
    world = make_world(routes=EXCHANGE, pipeline=True, admin={"token": TOKEN})
    answer = told(world)
    assert answer.status == 404
    assert "CLERK_WEBHOOK_SIGNING_SECRET" in answer.json()["error"]["message"]
    assert everybody(world) == []


def test_whoever_guesses_signatures_is_slowed_down_and_clerk_is_not(world: World) -> None:
    body = message()
    for _ in range(keyring.BAD_PER_MINUTE):
        assert post(world, body, old(body)).status == 400
    assert post(world, body, old(body)).status == 429
    assert told(world).status == 200
