"""The command line as a newcomer meets it: exit codes, and sentences instead of tracebacks."""

import socket
from importlib import import_module
from pathlib import Path

import pytest

from livermore.cli import COMMANDS
from tests.support.processes import ROOT, livermore

EXCHANGE_ONLY = {"Coinbase_ApiKeyId", "Coinbase_EcPrivateKeyPem", "CLERK_PUBLISHABLE_KEY", "CLERK_SECRET_KEY"}
EXCHANGE_ONLY |= {"DISCORD_LIVERMORE_BOT"}
BOTH = {"LIVERMORE_REDIS_URL", "LIVERMORE_REDIS_SECRET", "DATABASE_HOST", "DATABASE_LIVERMORE_USERNAME"}
BOTH |= {"DATABASE_LIVERMORE_PASSWORD", "LIVERMORE_DATABASE_NAME"}
TREE = ("--tree", str(ROOT / "supervisors.yaml"))


def named(text: str) -> set[str]:
    return {name for name in EXCHANGE_ONLY | BOTH if f"the variable {name}," in text}


def test_exchange_mode_with_nothing_set_lists_every_missing_variable_and_who_wants_it(tmp_path: Path) -> None:
    answer = livermore("--mode", "exchange", *TREE, folder=tmp_path)
    assert answer.returncode == 78
    assert named(answer.stderr) == EXCHANGE_ONLY | BOTH
    assert "coinbase/delivery/notifier needs the variable DISCORD_LIVERMORE_BOT" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_pw_host_mode_with_nothing_set_lists_only_database_and_redis(tmp_path: Path) -> None:
    answer = livermore("--mode", "pw-host", *TREE, folder=tmp_path)
    assert answer.returncode == 78
    assert named(answer.stderr) == BOTH


def test_an_unknown_mode_names_both(tmp_path: Path) -> None:
    answer = livermore("--mode", "exhange", *TREE, folder=tmp_path)
    assert answer.returncode == 78
    assert "exchange or pw-host" in answer.stderr
    assert "'exhange'" in answer.stderr


def test_the_variable_chooses_the_mode_whatever_its_case_and_the_option_wins(tmp_path: Path) -> None:
    by_variable = livermore(*TREE, folder=tmp_path, variables={"LIVERMORE_MODE": "PW-HOST"})
    assert named(by_variable.stderr) == BOTH
    by_option = livermore("--mode", "EXCHANGE", *TREE, folder=tmp_path, variables={"LIVERMORE_MODE": "pw-host"})
    assert named(by_option.stderr) == EXCHANGE_ONLY | BOTH


def test_without_a_mode_it_is_exchange(tmp_path: Path) -> None:
    assert named(livermore(*TREE, folder=tmp_path).stderr) == EXCHANGE_ONLY | BOTH


def test_an_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LIVERMORE_MODE=pw-host\nLIVERMORE_REDIS_URL=redis://127.0.0.1:1/0\n")
    answer = livermore(*TREE, folder=tmp_path)
    assert named(answer.stderr) == BOTH - {"LIVERMORE_REDIS_URL", "LIVERMORE_REDIS_SECRET"}


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--nonsense",), 64), (("--tree", "nowhere.yaml"), 66), (("--help",), 0)]
)
def test_exit_codes_are_those_of_sysexits(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    assert livermore(*arguments, folder=tmp_path).returncode == code


def test_the_shipped_trees_are_sound(tmp_path: Path) -> None:
    for name in ("supervisors.yaml", "supervisors.local.yaml"):
        answer = livermore("check", str(ROOT / name), folder=tmp_path)
        assert answer.returncode == 0, answer.stderr
        assert "sound" in answer.stdout


def test_check_lists_all_faults_of_a_file_with_their_places(tmp_path: Path) -> None:
    text = (ROOT / "supervisors.yaml").read_text(encoding="utf-8")
    broken = text.replace("strategy: rest_for_one", "strategy: rest_for_on").replace("shutdown: 3s", "shutdown: 3")
    (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")
    answer = livermore("check", "broken.yaml", folder=tmp_path)
    assert answer.returncode == 78
    assert "did you mean 'rest_for_one'" in answer.stderr
    assert answer.stderr.count("expected a duration with its unit") == 2  # one in each mode
    assert all(line.startswith("livermore: broken.yaml:") for line in answer.stderr.splitlines())


def test_a_busy_port_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        variables = {
            "LIVERMORE_REDIS_URL": "redis://127.0.0.1:1/0",
            "DATABASE_URL": "sqlite:///x.db",
            "API_PORT": str(port),
        }
        answer = livermore("--mode", "pw-host", *TREE, folder=tmp_path, variables=variables)
    assert answer.returncode == 78
    assert f"127.0.0.1:{port}" in answer.stderr
    assert "API_PORT" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("name", "number", "said"),
    [
        ("coinbase", "2", "expected one of coinbase with 1, binance with 2"),
        ("nowhere", "1", "expected one of coinbase with 1"),
        ("", "1", "expected both name and id"),
        ("coinbase", "one", "LIVERMORE_EXCHANGE_ID"),
    ],
)
def test_an_exchange_to_show_that_is_none_is_refused_at_start(
    tmp_path: Path, name: str, number: str, said: str
) -> None:
    stores = {"LIVERMORE_REDIS_URL": "redis://127.0.0.1:1/0", "DATABASE_URL": f"sqlite:///{tmp_path}/livermore.db"}
    assert livermore("db", "upgrade", "--mode", "pw-host", *TREE, folder=tmp_path, variables=stores).returncode == 0
    chosen = {"LIVERMORE_EXCHANGE_NAME": name, "LIVERMORE_EXCHANGE_ID": number}
    answer = livermore("--mode", "pw-host", *TREE, folder=tmp_path, variables=stores | chosen)
    assert answer.returncode == 78
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_help_says_of_a_command_its_module_says_too(name: str) -> None:
    module = import_module(f"livermore.commands.{'break_' if name == 'break' else name}")
    assert (module.__doc__ or "").splitlines()[0] == COMMANDS[name]
