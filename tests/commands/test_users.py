"""`livermore users`: how the first admin becomes one, and a sentence for whatever cannot be done."""

import json
import re
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from livermore.cli import main
from livermore.commands.common import UNAVAILABLE, USAGE
from livermore.store import audit_log
from livermore.store.audit_log import Wanted
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.support.processes import ROOT
from tests.support.valkey import Valkey


class Shell:
    """Types commands where nothing runs but the stores."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def users(self, *words: str) -> tuple[int, str, str]:
        """Exit code, and what was said to people and to their terminal."""
        code = main(["users", *words, "--mode", "pw-host", "--tree", str(ROOT / "supervisors.yaml")])
        said = self._capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    def listed(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.users("list", "--json")[1].splitlines()]


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


def test_the_first_admin_is_added_by_an_operator(shell: Shell) -> None:
    code, said, _ = shell.users("add", "Ann@example.com", "--clerk-id", "user_2ann", "--role", "admin")
    assert (code, said) == (0, "user 1 is ann@example.com, with the role admin")
    (found,) = shell.listed()
    assert (found["email"], found["clerk_id"], found["role"]) == ("ann@example.com", "user_2ann", "admin")


@pytest.mark.parametrize("who", ["1", "bob@example.com", "user_2bob"])
def test_a_role_is_given_to_whoever_is_meant_however_they_are_named(shell: Shell, who: str) -> None:
    shell.users("add", "bob@example.com", "--clerk-id", "user_2bob")
    assert shell.users("role", who, "admin")[:2] == (0, "user 1, bob@example.com, has the role admin")
    assert shell.users("role", who, "admin")[0] == 0


def test_access_is_taken_and_given_back_but_never_taken_from_the_last_admin(shell: Shell) -> None:
    shell.users("add", "ann@example.com", "--role", "admin")
    shell.users("add", "bob@example.com")
    assert "and no access" in shell.users("deactivate", "bob@example.com")[1]
    assert shell.users("activate", "2")[1] == "user 2, bob@example.com, has the role user"
    code, _, said = shell.users("deactivate", "1")
    assert (code, said) == (UNAVAILABLE, "livermore: this is the last active admin")
    assert shell.users("role", "1", "user")[0] == UNAVAILABLE
    assert [one["is_active"] for one in shell.listed()] == [True, True]


def test_what_an_operator_does_is_in_the_audit_log_and_what_fails_is_not(shell: Shell, sqlite: DatabasePlace) -> None:
    shell.users("add", "ann@example.com", "--role", "admin")
    shell.users("add", "bob@example.com")
    shell.users("role", "bob@example.com", "subscriber_pro")
    shell.users("deactivate", "ann@example.com")
    shell.users("deactivate", "bob@example.com")
    with closing(Database(sqlite)) as database:
        found = database.run(partial(audit_log.page, wanted=Wanted(identity="operator"), limit=10))
    assert [(one.action, one.parameters, one.status) for one in found[::-1]] == [
        ("livermore users add", {"email": "ann@example.com", "role": "admin"}, 200),
        ("livermore users add", {"email": "bob@example.com", "role": "user"}, 200),
        ("livermore users role", {"id": "2", "role": "subscriber_pro"}, 200),
        ("livermore users deactivate", {"id": "2"}, 200),
    ]


def test_a_table_shows_everybody(shell: Shell) -> None:
    head = shell.users("list")[1]
    assert re.split(" {2,}", head) == ["id", "username", "e-mail", "Clerk id", "role", "active", "last sign-in"]
    shell.users("add", "ann@example.com")
    line = shell.users("list")[1].splitlines()[1]
    assert line.split()[2:] == ["ann@example.com", "-", "user", "yes", "never"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("role", "nobody@example.com", "admin"), UNAVAILABLE, "there is no such user"),
        (("add", "nobody"), UNAVAILABLE, "expected an e-mail address"),
        (("add", "ann@example.com"), UNAVAILABLE, "already"),
        (("add", "eve@example.com", "--clerk-id", "user_2ann"), UNAVAILABLE, "already"),
        (("role", "1", "root"), USAGE, "invalid choice"),
        ((), USAGE, "required"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(shell: Shell, words: tuple[str, ...], code: int, said: str) -> None:
    shell.users("add", "ann@example.com", "--clerk-id", "user_2ann")
    found = shell.users(*words)
    assert found[0] == code
    assert said in found[2]
    assert len(shell.listed()) == 1
