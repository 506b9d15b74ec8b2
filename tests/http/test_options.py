"""Options of the front: what is refused, and in which words."""

from typing import Any

import pytest
from pydantic import ValidationError

from livermore.environment import fill
from livermore.errors import LivermoreError
from livermore.http.options import Admin, FrontOptions
from livermore.http.table import Table
from livermore.plugins import names
from livermore.strict_yaml import Document
from livermore.validation import validate

UNSET = fill("${CLERK_SECRET_KEY}", {})
PUBLISHABLE = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
CLERK = {"clerk_publishable_key": PUBLISHABLE, "clerk_secret_key": "sk"}


def made(**data: Any) -> FrontOptions:
    return FrontOptions.model_validate({"routes": ["health"]} | data)


def test_routes_are_files_of_the_package() -> None:
    known = names("livermore.http.routes")
    assert known == [
        "admin", "admin_accounts", "admin_alerts", "admin_audit", "admin_commands", "admin_exchanges",
        "admin_indicators", "admin_keys", "admin_logs", "admin_network", "admin_openapi", "admin_positions",
        "admin_settings", "admin_symbols", "admin_users", "alerts", "candles", "coverage", "dashboard", "docs",
        "exchanges", "health", "limits", "signals", "status", "stream", "symbols", "time", "webhooks",
    ]  # fmt: skip
    assert made(routes=["candles", "health"]).routes == ("candles", "health")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["candels"],
            "expected one of admin, .*, candles, .*; found 'candels'; did you mean 'candles'",
        ),
        (["livermore.http.routes.candles"], "expected one of"),
        (["../health"], "expected one of"),
        (["health", "health"], "expected each word once"),
        ([], "at least 1"),
    ],
)
def test_an_unknown_word_is_refused_with_those_there_are(words: list[str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        made(routes=words)


def test_an_exchange_is_named_with_its_number_or_not_at_all() -> None:
    assert made(exchange={"name": "coinbase", "id": "1"}).exchange.id == 1
    for nothing in ({}, {"name": "", "id": ""}, {"name": UNSET, "id": UNSET}):
        assert made(exchange=nothing).exchange.name == ""
    for half in ({"name": "coinbase"}, {"id": 1}, {"name": "coinbase", "id": UNSET}):
        with pytest.raises(ValidationError, match="both name and id"):
            made(exchange=half)
    with pytest.raises(ValidationError):
        made(exchange={"name": "coinbase", "id": True})


@pytest.mark.parametrize(
    "admin",
    [
        {"token": "t"},
        CLERK,
        {**CLERK, "token": UNSET},
        {**CLERK, "token": ""},
        {"token": "t", "clerk_publishable_key": UNSET, "clerk_secret_key": UNSET},
    ],
)
def test_administrators_come_by_token_or_by_clerk(admin: Any) -> None:
    assert made(routes=["admin"], admin=admin).admin is not None


@pytest.mark.parametrize(
    "admin", [None, {}, {"token": ""}, {"clerk_secret_key": "sk"}, {"token": "", **dict.fromkeys(CLERK, "")}]
)
def test_without_either_the_admin_words_are_refused(admin: Any) -> None:
    for word in ("admin", "admin_keys"):
        with pytest.raises(ValidationError, match="token"):
            made(routes=[word], admin=admin)


def test_a_clerk_key_that_is_not_set_is_blamed_by_its_variable() -> None:
    document = Document("tree.yaml")
    data = {"routes": ["admin"], "admin": {"token": UNSET, "clerk_publishable_key": "pk", "clerk_secret_key": UNSET}}
    assert validate(FrontOptions, data, document, ()) is None
    assert [problem.code for problem in document.problems] == ["E_VARIABLE"]
    assert "CLERK_SECRET_KEY" in str(document.problems[0])


def test_secrets_are_not_shown() -> None:
    shown = repr(made(routes=["admin"], admin={"token": "very-secret"}))
    assert "very-secret" not in shown


def admin(**more: Any) -> Admin:
    options = made(routes=["admin"], admin={**CLERK, **more}).admin
    assert options is not None
    return options


def test_a_publishable_key_names_issuer_and_keys_and_others_may_be_given() -> None:
    assert admin().clerk == ("https://clerk.example.com", "https://clerk.example.com/.well-known/jwks.json")
    proxy = {"clerk_issuer": "https://example.com/__clerk", "clerk_jwks_url": "http://localhost:1/jwks.json"}
    assert admin(**proxy).clerk == ("https://example.com/__clerk", "http://localhost:1/jwks.json")
    assert made(routes=["admin"], admin={"token": "t"}).admin.clerk is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "key",
    [
        "nonsense",
        "sk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
        "pk_test_Y2xlcmsuZXhhbXBsZS5jb20",
        "pk_test_ZXZpbC5leGFtcGxlL3BhdGgk",
        "pk_test_dXNlckBob3N0JA",
        "pk_live_///",
    ],
)
def test_a_publishable_key_that_names_no_host_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        admin(clerk_publishable_key=key)
    assert "pk_live_" in str(refused.value)
    assert key not in str(refused.value).replace("pk_live_…", "")


@pytest.mark.parametrize("place", [{"clerk_jwks_url": "http://clerk.example.com/jwks.json"}, {"clerk_issuer": "http://x.example"},
                                   {"clerk_jwks_url": "file:///etc/passwd"}, {"clerk_issuer": "https://u@x.example"},
                                   {"authorized_parties": ["*"]}])  # fmt: skip
def test_what_is_believed_comes_over_tls_or_from_this_machine(place: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        admin(**place)


@pytest.mark.parametrize("secret", ["canary", "whsec_", "whsec_c2hvcnQ=", "whsec_***", "Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5"])
def test_a_webhook_secret_of_another_form_is_refused_without_being_shown(secret: str) -> None:
    assert admin(webhook_secret="").webhook_secret.get_secret_value() == ""
    assert admin(webhook_secret="whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5").webhook_secret
    with pytest.raises(ValidationError) as refused:
        admin(webhook_secret=secret)
    assert secret not in str(refused.value).replace("whsec_…", "")


@pytest.mark.parametrize("origin", ["localhost:4001", "https://a.example/path", "*", "null"])
def test_an_origin_is_a_scheme_and_a_host(origin: str) -> None:
    with pytest.raises(ValidationError):
        made(routes=["admin"], admin={"token": "t", "origin": origin})


def test_two_routes_for_one_path_are_refused() -> None:
    with pytest.raises(LivermoreError, match="two of the routes serve GET /"):
        Table.of_words(["dashboard", "status"])


def test_the_mode_is_shown_by_what_is_in_the_process() -> None:
    assert made().shown_mode == "pw-host"
    assert made(pipeline=True).shown_mode == "exchange"
    assert made(mode="x", pipeline=True).shown_mode == "x"
