"""`livermore keys`: a key's whole life on the command line, and a sentence for whatever cannot be done."""

import json
import re
from pathlib import Path

import pytest

from livermore.cli import main
from livermore.store import api_keys
from livermore.store.settings import DatabasePlace
from tests.support.processes import ROOT
from tests.support.valkey import Valkey

Told = tuple[int, str, str]


class Shell:
    """Types commands where nothing runs but the stores."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def keys(self, *words: str) -> Told:
        """Exit code, and what was said to people and to their terminal."""
        code = main(["keys", *words, "--mode", "pw-host", "--tree", str(ROOT / "supervisors.yaml")])
        said = self._capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    def made(self, *words: str) -> str:
        """The id of a new key."""
        code, key, complaint = self.keys("create", *words)
        assert (code, complaint) == (0, "")
        return (api_keys.split(key) or ("",))[0]

    def listed(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.keys("list", "--json")[1].splitlines()]


@pytest.fixture
def shell(
    empty_valkey: Valkey,
    sqlite: DatabasePlace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIVERMORE_REDIS_URL", empty_valkey.place.full_url)
    monkeypatch.setenv("DATABASE_URL", sqlite.full_url)
    return Shell(capsys)


def test_a_key_is_made_as_it_is_asked_for_and_shown_once(shell: Shell) -> None:
    code, key, _ = shell.keys("create", "trader")
    assert (code, api_keys.split(key) is not None) == (0, True)
    limited = shell.made("other", "--scopes", "read", "--per-minute", "7", "--connections", "2", "--expires", "90d")
    first, second = shell.listed()
    assert (first["id"], first["name"], first["state"]) == (key.split("_")[1], "trader", "active")
    assert first["scopes"] == ["read", "stream"]
    limits = (second["scopes"], second["requests_per_minute"], second["connections"])
    assert (second["id"], *limits) == (limited, ["read"], 7, 2)
    assert second["expires_at"] - second["created_at"] == 90 * 86_400_000
    shown = shell.keys("list")[1]
    secret = key.split("_", 2)[2]
    for told in (shown, str(first)):
        assert secret not in told
        assert api_keys.digest(secret) not in told


def test_the_list_is_a_table(shell: Shell) -> None:
    key_id = shell.made("trader", "--expires", "2100-01-31T00:00:00Z")
    head, row = shell.keys("list")[1].splitlines()
    assert head.split("  ")[0] == "id"
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    pattern = rf"{key_id}  trader  read,stream  300 +5 +{time}  2100-01-31T00:00:00.000Z  never +0 +active"
    assert re.fullmatch(pattern, row)


def test_a_key_is_rotated_and_the_old_one_revoked(shell: Shell) -> None:
    old = shell.made("trader", "--per-minute", "7")
    code, key, complaint = shell.keys("rotate", old, "--overlap", "2h")
    assert (code, complaint) == (0, "")
    first, second = shell.listed()
    assert (second["id"], second["name"], second["requests_per_minute"]) == (key.split("_")[1], "trader", 7)
    assert first["expires_at"] - second["created_at"] == 2 * 3_600_000
    assert shell.keys("revoke", old) == (0, f"{old} is revoked; fronts that have heard it: 0", "")
    assert [one["state"] for one in shell.listed()] == ["revoked", "active"]


LOW = "requests_per_minute: Input should be greater than or equal to 1; found 0"
NEVER = "expires: expected a time to come, within a hundred years"
NO_TIME = "expires: expected a duration, as 90d, or a time, as 2027-01-31T00:00:00Z"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["revoke", "0123456789ab"], "no key has the id 0123456789ab"),
        (["rotate", "0123456789ab"], "no key has the id 0123456789ab"),
        (["create", "me", "--scopes", "read,write"], "scopes: Input should be 'read' or 'stream'; found 'write'"),
        (["create", "me", "--scopes", ""], "scopes: Input should be 'read' or 'stream'; found ''"),
        (["create", "me", "--per-minute", "0"], LOW),
        (["create", ""], "name: String should have at least 1 character; found ''"),
        (["create", "me", "--expires", "2001-01-01T00:00:00Z"], NEVER),
        (["create", "me", "--expires", "soon"], NO_TIME),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(shell: Shell, words: list[str], complaint: str) -> None:
    assert shell.keys(*words) == (69, "", f"livermore: {complaint}")
    assert shell.listed() == []


@pytest.mark.parametrize("words", ["rotate 0123456789ab --overlap 1", "revoke", "create", "lose", ""])
def test_what_is_not_understood_is_bad_usage(shell: Shell, words: str) -> None:
    assert shell.keys(*words.split())[0] == 64


def test_without_redis_a_key_is_revoked_all_the_same_and_it_is_said_that_fronts_find_out_later(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id = shell.made("trader")
    monkeypatch.setenv("LIVERMORE_REDIS_URL", "redis://127.0.0.1:1/0")
    code, said, complaint = shell.keys("revoke", key_id)
    assert (code, said) == (0, f"{key_id} is revoked")
    assert complaint.endswith("fronts find out by themselves, in at most 30 s")
    assert shell.listed()[0]["state"] == "revoked"
