"""The admin API of exchanges: what they are, who is busy, which variables are set, and what users have set up."""

import json
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Connection, insert, select

from livermore.http import variables
from livermore.store.settings import DatabasePlace
from livermore.store.tables import user_exchanges, users
from tests.http.test_admin_symbols import listed
from tests.http.world import TOKEN, World

SECRET = "-----BEGIN EC PRIVATE KEY-----MHcCAQEEIIsecret"
KEY, PEM = "Coinbase_ApiKeyId", "Coinbase_EcPrivateKeyPem"


@pytest.fixture
def database(sql: DatabasePlace) -> DatabasePlace:
    """Of both kinds."""
    return sql


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (KEY, PEM):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(variables, "DOTENV", tmp_path / ".env")


def user(world: World, name: str = "ada") -> int:
    """A user's number."""

    def add(connection: Connection) -> int:
        row = {"username": name, "email": f"{name}@example.org", "settings": {}, "created_at": 1, "updated_at": 1}
        made = connection.execute(insert(users).values(**row)).inserted_primary_key
        assert made is not None
        return int(made[0])

    return world.database.run(add)


def set_up(world: World, owner: int, exchange: str = "coinbase", status: int = 201, **more: Any) -> Any:
    body = {"user": owner, "exchange": exchange, "api_key_env_var": KEY, "api_secret_env_var": PEM, **more}
    return world.admin("/exchanges/accounts", method="POST", status=status, **body)


def accounts(world: World, owner: int) -> dict[str, Any]:
    return {one["exchange"]: one for one in world.admin(f"/exchanges/accounts?user={owner}")["accounts"]}


def test_every_exchange_is_told_with_its_fees_timeframes_and_how_much_it_lists(admin_world: World) -> None:
    told = listed(admin_world).admin("/exchanges")
    coinbase, binance = told["exchanges"][:2]
    assert coinbase.items() >= {"id": 1, "exchange": "coinbase", "symbol_count": 7, "active_count": 2}.items()
    assert coinbase["fees"] == {"maker": 0.006, "taker": 0.012}
    assert "1h" in coinbase["timeframes"]
    assert (binance["exchange"], binance["symbol_count"], binance["active_count"]) == ("binance", 0, 0)
    assert "US" in json.dumps(binance["geo_restrictions"])
    assert told["last_refresh"] == "2023-11-14T00:00:00.000Z"


def test_without_a_catalogue_nothing_was_ever_refreshed(admin_world: World) -> None:
    assert admin_world.admin("/exchanges")["last_refresh"] is None


def test_an_exchange_is_busy_while_somebody_runs_it_and_ready_where_credentials_are(
    admin_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> dict[str, tuple[bool, bool]]:
        found = admin_world.admin("/exchanges/statuses")["exchanges"]
        return {one["exchange"]: (one["is_busy"], one["has_credentials"]) for one in found}

    assert told()["coinbase"] == (False, False)
    admin_world.report("warming")
    set_up(admin_world, user(admin_world))
    assert (told()["coinbase"], told()["binance"]) == ((True, False), (False, False))
    monkeypatch.setenv(KEY, "k")
    monkeypatch.setenv(PEM, "p")
    assert told()["coinbase"] == (True, True)


def test_variables_are_looked_up_as_those_of_the_tree_are_and_never_shown(
    admin_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv("EMPTY_ONE", "")
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv("FROM_FILE_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("LOST_ONE_FILE", str(tmp_path / "gone"))
    (tmp_path / ".env").write_text(f"FROM_DOTENV={SECRET}\n")
    names = [KEY, PEM, "EMPTY_ONE", "FROM_FILE", "LOST_ONE", "FROM_DOTENV"]
    told = admin_world.admin("/exchanges/variables", method="POST", names=names)
    assert told == {"variables": dict(zip(names, (True, False, False, True, False, True), strict=True))}
    assert SECRET not in json.dumps(told)


@pytest.mark.parametrize(
    "name",
    [
        SECRET, "PATH", "path_of", "A" * 101, "", "A_", "_A", "A__B", "A-B", "A_B ", "A_B\n", "$A_B", "A_" + "b" * 30,
        "organizations/1/apiKeys/2", "a" * 64, "lvm_0123456789ab_" + "x" * 43, 1, None, ["A_B"],
    ],
)  # fmt: skip
def test_what_does_not_look_like_a_name_is_refused_unechoed_and_changes_nothing(admin_world: World, name: Any) -> None:
    owner = user(admin_world)
    for path, body in (
        ("/exchanges/variables", {"names": [name]}),
        (
            "/exchanges/accounts",
            {"user": owner, "exchange": "coinbase", "api_key_env_var": name, "api_secret_env_var": PEM},
        ),
        (
            "/exchanges/accounts",
            {"user": owner, "exchange": "coinbase", "api_key_env_var": KEY, "api_secret_env_var": name},
        ),
    ):
        told = admin_world.admin(path, method="POST", status=400, **body)
        if isinstance(name, str) and len(name) > 4:
            assert name not in json.dumps(told)
    assert accounts(admin_world, owner) == {}


def test_more_than_ten_names_are_refused(admin_world: World) -> None:
    for names in ([], ["A_B"] * 11):
        admin_world.admin("/exchanges/variables", method="POST", status=400, names=names)


def test_an_exchange_is_set_up_by_names_and_becomes_the_only_default(admin_world: World) -> None:
    owner, other = user(admin_world), user(admin_world, "bob")
    set_up(admin_world, other)
    first = set_up(admin_world, owner, display_name="Mine", additional_env_vars=["Coinbase_Passphrase"])
    assert first == {
        "id": first["id"], "user": owner, "exchange": "coinbase", "display_name": "Mine", "is_default": True,
        "is_active": True, "api_key_env_var": KEY, "api_secret_env_var": PEM,
        "additional_env_vars": ["Coinbase_Passphrase"], "has_credentials": False,
    }  # fmt: skip
    set_up(admin_world, owner, "binance")
    assert {name: one["is_default"] for name, one in accounts(admin_world, owner).items()} == {
        "coinbase": False, "binance": True,
    }  # fmt: skip
    assert accounts(admin_world, other)["coinbase"]["is_default"] is True


def test_what_is_set_up_already_is_a_conflict_and_stays_as_it_was(admin_world: World) -> None:
    owner = user(admin_world)
    before = set_up(admin_world, owner)
    set_up(admin_world, owner, "binance")
    error = set_up(admin_world, owner, status=409, api_key_env_var="OTHER_KEY")["error"]
    assert (error["code"], error["param"]) == ("CONFLICT", "exchange")
    assert accounts(admin_world, owner)["coinbase"] == before | {"is_default": False}
    assert accounts(admin_world, owner)["binance"]["is_default"] is True


def test_users_and_exchanges_that_are_not_there_are_not_found(admin_world: World) -> None:
    assert set_up(admin_world, 999, status=404)["error"]["param"] == "user"
    assert set_up(admin_world, user(admin_world), "nowhere", status=404)["error"]["param"] == "exchange"
    admin_world.admin("/exchanges/accounts/999", method="PATCH", status=404, display_name="x")
    assert admin_world.admin("/exchanges/accounts?user=999") == {"accounts": []}


def test_an_account_is_changed_in_what_is_named_only(admin_world: World) -> None:
    owner = user(admin_world)
    first = set_up(admin_world, owner, additional_env_vars=["A_B"])
    path = f"/exchanges/accounts/{first['id']}"
    told = admin_world.admin(path, method="PATCH", api_key_env_var="OTHER_KEY", additional_env_vars=[])
    assert told == first | {"api_key_env_var": "OTHER_KEY", "additional_env_vars": []}
    told = admin_world.admin(path, method="PATCH", display_name="Renamed")
    assert (told["display_name"], told["api_key_env_var"]) == ("Renamed", "OTHER_KEY")


def test_the_default_moves_and_what_is_not_active_is_none(admin_world: World) -> None:
    owner = user(admin_world)
    first = set_up(admin_world, owner)["id"]
    second = set_up(admin_world, owner, "binance")["id"]
    assert admin_world.admin(f"/exchanges/accounts/{first}", method="PATCH", is_default=True)["is_default"] is True
    assert accounts(admin_world, owner)["binance"]["is_default"] is False
    told = admin_world.admin(f"/exchanges/accounts/{first}", method="PATCH", is_active=False)
    assert (told["is_active"], told["is_default"]) == (False, False)
    for body in (
        {"is_default": False},
        {"is_default": True, "is_active": False},
        {"is_default": "true"},
        {"is_active": 1},
    ):
        admin_world.admin(f"/exchanges/accounts/{second}", method="PATCH", status=400, **body)


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "%201", "1_0", "٣", str(2**60)])
def test_odd_numbers_are_refused(admin_world: World, number: str) -> None:
    written = quote(number, safe="%")
    admin_world.admin(f"/exchanges/accounts/{written}", method="PATCH", status=400, display_name="x")
    admin_world.admin(f"/exchanges/accounts?user={written}", status=400)


def test_nobody_but_an_administrator_sets_anything_up(admin_world: World) -> None:
    owner = user(admin_world)
    body = json.dumps({"user": owner, "exchange": "coinbase", "api_key_env_var": KEY, "api_secret_env_var": PEM})
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-API-Key": admin_world.key}):
        answer = admin_world.ask(
            "/admin/v1/exchanges/accounts", method="POST", key=None, headers=headers, body=body.encode()
        )
        assert answer.status == 401
    count = partial(_count)
    assert admin_world.database.run(count) == 0
    assert TOKEN not in body


def _count(connection: Connection) -> int:
    return len(connection.execute(select(user_exchanges.c.id)).all())
