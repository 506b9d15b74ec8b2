"""Users and their settings in the admin API."""

import json
from functools import partial
from typing import Any

import pytest

from livermore.http import admin_examples as examples
from livermore.http.admin_schemas import AuditPage, ExportedSettings, KeyItem, MadeKey, MeItem, RevokedKey, UserPage
from livermore.store import users
from livermore.store.user_settings import UserSettings
from tests.http.world import TOKEN, World

SETTINGS = examples.SETTINGS


def join(world: World, name: str, role: str = "user") -> int:
    values = {"username": name, "email": f"{name}@example.com", "role": role}
    return world.database.run(partial(users.add, values=values, now=world.clock.wall()))


@pytest.fixture
def ann(admin_world: World) -> int:
    return join(admin_world, "ann", "admin")


def refused(world: World, path: str, method: str, status: int = 400, /, **body: object) -> Any:
    return world.admin(path, method=method, status=status, **body)["error"]


def test_the_holder_of_the_token_is_no_user(admin_world: World) -> None:
    name = "the holder of the admin token"
    assert admin_world.admin("/me") == {"identity": "token", "name": name, "until": None, "user": None}
    error = refused(admin_world, "/users/me/settings", "GET")
    assert (error["param"], "no user" in error["message"]) == ("id", True)


def test_users_are_listed_page_by_page(admin_world: World) -> None:
    names = [f"u{n}" for n in range(5)]
    for name in names:
        join(admin_world, name)
    found, cursor = [], ""
    while cursor is not None:
        page = admin_world.admin(f"/users?limit=2{cursor and f'&cursor={cursor}'}")
        found += [user["username"] for user in page["data"]]
        cursor = page["next_cursor"]
    assert found == names
    assert "settings" not in page["data"][0]


def test_a_user_gets_a_role_and_loses_access(admin_world: World, ann: int) -> None:
    bob = join(admin_world, "bob")
    changed = admin_world.admin(f"/users/{bob}", method="PATCH", role="admin")
    assert (changed["role"], changed["is_active"]) == ("admin", True)
    changed = admin_world.admin(f"/users/{ann}", method="PATCH", role="subscriber_pro", is_active=False)
    assert (changed["role"], changed["is_active"]) == ("subscriber_pro", False)
    assert [user["role"] for user in admin_world.admin("/users")["data"]] == ["subscriber_pro", "admin"]


@pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}, {"role": "subscriber_basic"}])
def test_the_last_admin_cannot_be_taken_away(admin_world: World, ann: int, change: dict[str, Any]) -> None:
    join(admin_world, "bob")
    gone = join(admin_world, "carl", "admin")
    admin_world.admin(f"/users/{gone}", method="PATCH", is_active=False)
    error = refused(admin_world, f"/users/{ann}", "PATCH", 409, **change)
    assert error["code"] == "CONFLICT"
    assert admin_world.admin(f"/users/{ann}", method="PATCH", role="admin", is_active=True)["role"] == "admin"


@pytest.mark.parametrize(
    ("path", "body", "status", "param"),
    [
        ("99", {"role": "user"}, 404, "id"),
        ("0", {"role": "user"}, 400, "id"),
        ("x", {"role": "user"}, 400, "id"),
        ("1", {"role": "root"}, 400, "role"),
        ("1", {"is_active": "no"}, 400, "is_active"),
        ("1", {"email": "x@example.com"}, 400, "email"),
        ("1", {"role": None}, 400, "role"),
    ],
)
def test_what_is_not_just_so_changes_nobody(
    admin_world: World, ann: int, path: str, body: dict[str, Any], status: int, param: str
) -> None:
    before = admin_world.admin("/users")
    assert refused(admin_world, f"/users/{path}", "PATCH", status, **body)["param"] == param
    assert admin_world.admin("/users") == before


# settings


def test_settings_are_empty_replaced_changed_at_one_place_taken_away_and_brought_back(
    admin_world: World, ann: int
) -> None:
    at = f"/users/{ann}/settings"
    assert admin_world.admin(at) == {"version": 1}
    assert admin_world.admin(at, method="PUT", settings=SETTINGS) == SETTINGS
    secret = ["exchanges", "kraken", "SecretEnvironmentVariableName"]
    error = refused(admin_world, at, "PATCH", path=secret, value="KRAKEN_SECRET")
    assert error["param"] == "exchanges.kraken.enabled"  # a whole has to be right
    kraken = {"enabled": False, "ApiKeyEnvironmentVariableName": "K", "SecretEnvironmentVariableName": "S"}
    admin_world.admin(at, method="PATCH", path=secret[:2], value=kraken)
    changed = admin_world.admin(at, method="PATCH", path=secret, value="KRAKEN_SECRET")
    assert changed["exchanges"]["kraken"]["SecretEnvironmentVariableName"] == "KRAKEN_SECRET"
    made = admin_world.admin(at, method="PATCH", path=["livermore_runtime", "logging", "log_directory"], value="/var/x")
    assert made["livermore_runtime"] == {"logging": {"log_directory": "/var/x"}}
    file = admin_world.admin(f"{at}/export")
    assert (file["exportVersion"], file["settings"]) == ("1.0", made)
    admin_world.admin(at, method="PUT", settings={})
    assert admin_world.admin(at) == {"version": 1}
    assert admin_world.admin(f"{at}/import", method="POST", **file) == made
    assert admin_world.admin(at) == made


def test_large_settings_fit_and_larger_ones_do_not(admin_world: World, ann: int) -> None:
    pairs = [f"COIN{n:04d}-USD" for n in range(1000)]
    assert admin_world.admin(f"/users/{ann}/settings", method="PUT", settings={"symbols": pairs})["symbols"] == pairs
    body = {"settings": {"symbols": ["A" * 40] * 1000}}
    assert refused(admin_world, f"/users/{ann}/settings", "PUT", 413, **body)["code"] == "CONTENT_TOO_LARGE"


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"disabledSymbols": []}, "settings.disabledSymbols"),
        ({"perseus_profile": {"nickname": "x"}}, "settings.perseus_profile.nickname"),
        ({"livermore_runtime": {"logging": {"level": 1}}}, "settings.livermore_runtime.logging.level"),
        ({"perseus_profile": {"trading_mode": "margin"}}, "settings.perseus_profile.trading_mode"),
        ({"perseus_profile": {"timezone": "../../etc/passwd"}}, "settings.perseus_profile.timezone"),
        ({"version": 2}, "settings.version"),
        ({"version": True}, "settings.version"),
        ({"symbols": ["btc usd"]}, "settings.symbols"),
        ({"scanner_symbols_last_update": "yesterday"}, "settings.scanner_symbols_last_update"),
        ([], "settings"),
    ],
)
def test_what_the_form_does_not_have_is_refused_by_its_name(
    admin_world: World, ann: int, settings: Any, param: str
) -> None:
    error = refused(admin_world, f"/users/{ann}/settings", "PUT", settings=settings)
    assert error["param"] == param
    assert admin_world.admin(f"/users/{ann}/settings") == {"version": 1}


SECRETS = (
    "c4n4ry5ecret0fanexchange99", "sk_live_canary", "whsec_Y2FuYXJ5", "lvm_0123456789ab_canary", "canary with a space",
    "-----BEGIN EC PRIVATE KEY-----canary", "organizations/canary/apiKeys/1", "eyJcanary", "canary+/=",
)  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_refused_without_a_word_of_it(admin_world: World, ann: int, secret: str) -> None:
    exchange = {"enabled": True, "ApiKeyEnvironmentVariableName": "KEY", "SecretEnvironmentVariableName": secret}
    at = f"/users/{ann}/settings"
    path = ["exchanges", "coinbase", "SecretEnvironmentVariableName"]
    admin_world.admin(at, method="PUT", settings=SETTINGS)
    for method, body in (
        ("PUT", {"settings": {"exchanges": {"coinbase": exchange}}}),
        ("PATCH", {"path": path, "value": secret}),
    ):
        error = refused(admin_world, at, method, **body)
        assert error["param"].endswith("exchanges.coinbase.SecretEnvironmentVariableName")
        assert "name of an environment variable" in error["message"]
        assert secret not in json.dumps(error)
    assert admin_world.admin(at) == SETTINGS
    assert secret not in json.dumps(admin_world.admin("/audit"))


@pytest.mark.parametrize("secret", [SECRETS[1], SECRETS[5], SECRETS[7]])
def test_no_other_text_takes_a_secret_either(admin_world: World, ann: int, secret: str) -> None:
    profile = {"description": secret}
    error = refused(admin_world, f"/users/{ann}/settings", "PUT", settings={"perseus_profile": profile})
    assert (error["param"], secret in error["message"]) == ("settings.perseus_profile.description", False)


def test_an_object_with_one_name_twice_is_refused_however_deep_it_lies(admin_world: World, ann: int) -> None:
    body = b'{"settings": {"perseus_profile": {"currency": "USD", "currency": "EUR"}}}'
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = admin_world.ask(f"/admin/v1/users/{ann}/settings", method="PUT", key=None, headers=headers, body=body)
    assert answer.status == 400


def test_examples_have_the_declared_form() -> None:
    forms: list[tuple[Any, Any]] = [
        (examples.USERS, UserPage), (examples.ME, MeItem), (examples.AUDIT, AuditPage), (SETTINGS, UserSettings),
        (examples.EXPORTED, ExportedSettings), (examples.KEY, KeyItem), (examples.MADE_KEY, MadeKey),
        (examples.REVOKED_KEY, RevokedKey),
    ]  # fmt: skip
    for example, form in forms:
        form.model_validate(example)
