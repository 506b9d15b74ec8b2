"""The audit log: each change is in it before it is done, with who asked and how it ended, and without secrets."""

import json
from functools import partial
from typing import Any

import pytest
from prometheus_client import REGISTRY

from livermore.errors import Transient
from livermore.http.audit import told
from livermore.http.parameters import Parameters
from livermore.store import audit_log, users
from tests.http.world import TOKEN, World
from tests.support.processes import until


def entries(world: World, query: str = "") -> list[Any]:
    found: list[Any] = world.admin(f"/audit{query}")["data"]
    return found


def wait_for_sql(world: World) -> None:
    """Once it has failed, whoever asks while another one tries it is refused."""
    mine = {"Authorization": f"Bearer {TOKEN}"}
    until(lambda: world.ask("/admin/v1/keys", key=None, headers=mine).status == 200, "SQL to be trusted again")


def test_a_change_is_written_down_with_who_asked_what_and_how_it_ended(admin_world: World) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Request-ID": "find-me"}
    body = json.dumps({"name": "trader", "scopes": ["read"]}).encode()
    assert admin_world.ask("/admin/v1/keys", method="POST", key=None, headers=headers, body=body).status == 201
    (entry,) = entries(admin_world)
    assert entry == {
        "id": 1, "at": "2023-11-14T22:13:22.000Z", "identity": "token", "user_id": None,
        "name": "the holder of the admin token", "action": "POST /admin/v1/keys",
        "parameters": {"name": "trader", "scopes": ["read"]}, "status": 201, "address": "127.0.0.1",
        "request_id": "find-me",
    }  # fmt: skip


def test_what_was_refused_is_there_with_its_status_and_what_is_only_read_is_not(admin_world: World) -> None:
    admin_world.admin("/keys/0123456789ab", method="DELETE", status=404)
    admin_world.admin("/keys", method="POST", status=400, name="", nonsense=1)
    admin_world.ask("/admin/v1/keys", method="BREW", key=None, headers={"Authorization": f"Bearer {TOKEN}"})
    admin_world.admin("/keys")
    assert [(one["action"], one["parameters"], one["status"]) for one in entries(admin_world)] == [
        ("POST /admin/v1/keys", {}, 400),
        ("DELETE /admin/v1/keys/{id}", {"id": "0123456789ab"}, 404),
    ]


def test_the_log_is_read_by_who_and_what_page_by_page(admin_world: World) -> None:
    for n in range(5):
        admin_world.admin("/keys", method="POST", status=201, name=f"k{n}")
    admin_world.admin("/keys/0123456789ab", method="DELETE", status=404)
    found, cursor = [], ""
    while cursor is not None:
        query = f"?who=token&action=POST%20/admin/v1/keys&limit=2{cursor and f'&cursor={cursor}'}"
        page = admin_world.admin(f"/audit{query}")
        found += [one["parameters"]["name"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert found == [f"k{n}" for n in reversed(range(5))]
    assert entries(admin_world, "?who=user_2abc") == []
    assert entries(admin_world, "?action=%25") == []
    assert len(entries(admin_world, "?action=DELETE")) == 1


def test_a_change_that_cannot_be_written_down_is_not_done(admin_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> int:
        raise Transient("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(audit_log, "begin", full)
        admin_world.admin("/keys", method="POST", status=503, name="trader")
    wait_for_sql(admin_world)
    assert [key["name"] for key in admin_world.admin("/keys")] == ["test"]


def test_how_it_ended_may_be_lost_but_not_silently(
    admin_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Transient("the disk is full")

    before = lost()
    with monkeypatch.context() as patch:
        patch.setattr(audit_log, "end", full)
        admin_world.admin("/keys", method="POST", status=201, name="trader")
    wait_for_sql(admin_world)
    (entry,) = entries(admin_world)
    assert (entry["action"], entry["status"]) == ("POST /admin/v1/keys", None)
    assert lost() == before + 1
    assert "not whole" in caplog.text


def lost() -> float:
    return REGISTRY.get_sample_value("livermore_audit_lost_total") or 0.0


def test_a_fault_of_ours_is_written_down_as_one(admin_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "change", lambda *_, **__: 1 / 0)
    number = admin_world.database.run(partial(users.add, values={"username": "a", "email": "a@b"}, now=1))
    admin_world.admin(f"/users/{number}", method="PATCH", status=500, role="admin")
    assert [one["status"] for one in entries(admin_world)] == [500]


def test_settings_are_changed_in_the_log_but_not_shown(admin_world: World) -> None:
    number = admin_world.database.run(partial(users.add, values={"username": "a", "email": "a@b"}, now=1))
    at = f"/users/{number}/settings"
    admin_world.admin(at, method="PATCH", path=["perseus_profile", "public_name"], value="Ann")
    (entry,) = entries(admin_world)
    assert entry["parameters"] == {"id": str(number), "path": ["perseus_profile", "public_name"], "value": "***"}


class Odd(Parameters):
    """Whatever a route may take."""

    value: Any


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("plain", "plain"), (7, 7), (None, None), ("x" * 500, "x" * 200), ("sk_live_x", "***"), ("a\nb", "a\nb"),
        ({"a": {"b": ["eyJhbGciOi", 1.5, True]}}, {"a": {"b": ["***", 1.5, True]}}),
        ([[[[[1]]]]], [[[["***"]]]]), (list(range(99)), list(range(50))),
        ("lvm_0123456789ab_abcdefghij", "***"), ({"sk_live_x": 1}, {"***": 1}),
    ],
)  # fmt: skip
def test_what_is_written_down_is_bounded_and_has_no_secrets(value: Any, seen: Any) -> None:
    assert told(Odd(value=value)) == {"value": seen}
