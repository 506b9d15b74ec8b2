"""Settings of users as a form: what looks like a secret, what stands at a path, and what is written down."""

from typing import Any

import pytest
from pydantic import ValidationError

from livermore.store.user_settings import UserSettings, looks_secret, patched


@pytest.mark.parametrize(
    "name",
    ["COINBASE_API_KEY", "Coinbase_EcPrivateKeyPem", "KEY", "_x", "KRAKEN2_SECRET", "BINANCEUSAPISECRETFORTRADING",
     "EXCHANGE_" + "A_" * 40],
)  # fmt: skip
def test_names_of_variables_are_names(name: str) -> None:
    assert not looks_secret(name)
    exchange = {"enabled": True, "ApiKeyEnvironmentVariableName": name, "SecretEnvironmentVariableName": name}
    assert UserSettings.model_validate({"exchanges": {"x": exchange}}).stored()["exchanges"]["x"] == exchange


@pytest.mark.parametrize(
    "secret",
    ["sk_live_x", "whsec_x", "eyJhbGciOiJSUzI1NiJ9", "0f8fad5bd9cb469fa16570867728950e", "AKIAIOSFODNN7EXAMPLE",
     "x_wJalrXUtnFEMI2K7MDENGbPxRfiCYEXAMPLEKEY", "-----BEGIN PRIVATE KEY-----", "ghp_x", "lvm_0123456789ab_x"],
)  # fmt: skip
def test_secrets_are_none(secret: str) -> None:
    assert looks_secret(secret)


@pytest.mark.parametrize(
    ("settings", "path", "made"),
    [
        ({}, ["a"], {"a": 1}),
        ({"b": 2}, ["a", "b", "c"], {"b": 2, "a": {"b": {"c": 1}}}),
        ({"a": {"b": 2, "c": 3}}, ["a", "b"], {"a": {"b": 1, "c": 3}}),
        ({"a": "text"}, ["a", "b"], {"a": {"b": 1}}),
        ({"a": None}, ["a", "b"], {"a": {"b": 1}}),
    ],
)
def test_a_value_is_put_at_its_path_and_what_lacks_is_made(settings: Any, path: list[str], made: Any) -> None:
    before = repr(settings)
    assert patched(settings, path, 1) == made
    assert repr(settings) == before


def test_only_what_was_set_is_written_down() -> None:
    assert UserSettings().stored() == {"version": 1}
    given = {"perseus_profile": {"public_name": "Ann"}, "livermore_runtime": {"logging": {}}, "sub": "user_2NNEqL2nrI4"}
    assert UserSettings.model_validate(given).stored() == {"version": 1, **given}


@pytest.mark.parametrize("settings", [{"x": 1}, {"symbols": ["A-B"] * 1001}, {"exchanges": {"a b": {}}},
                                      {"livermore_runtime": {"auto_start": "maybe"}}])  # fmt: skip
def test_what_the_form_does_not_have_is_refused(settings: Any) -> None:
    with pytest.raises(ValidationError):
        UserSettings.model_validate(settings)
