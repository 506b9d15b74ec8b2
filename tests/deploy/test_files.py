"""The files of `deploy/`, checked by the programs that read them, and held against the trees that they run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from livermore.tree_file import TreeFile
from tests.support.processes import ROOT
from tests.support.programs import program

DEPLOY = ROOT / "deploy"
VARIABLE = re.compile(r"\$\{(\w+)(?::?[-?]([^}]*))?}")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def composed() -> dict[str, Any]:
    """The services of the compose file."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return found


def environment(service: str) -> dict[str, str]:
    """What a service is given, with the names of `.env.example` filled in."""
    return {
        name: VARIABLE.sub(lambda m: f"some-{m[1]}", str(v)) for name, v in composed()[service]["environment"].items()
    }


def test_prometheus_takes_its_configuration() -> None:
    answer = run(program("promtool", "prometheus"), "check", "config", str(DEPLOY / "prometheus" / "prometheus.yml"))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / "livermore@.service").read_text(encoding="utf-8")
    here = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE)
    (tmp_path / "livermore@.service").write_text(here, encoding="utf-8")
    answer = run(program("systemd-analyze", "systemd"), "verify", str(tmp_path / "livermore@.service"))
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_services_of_compose_have_every_variable_that_their_tree_needs() -> None:
    webhook = {"DISCORD_LIVERMORE_BOT": "https://discord.example/api/webhooks/1/t"}
    for service in ("exchange", "pw-host"):
        given = environment(service)
        given |= {name: value for name, value in webhook.items() if name in given}
        TreeFile(ROOT / "supervisors.yaml").tree(given["LIVERMORE_MODE"], given)


def test_every_variable_of_compose_stands_in_the_example_of_an_env_file() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert {match[1] for match in VARIABLE.finditer(text)} <= listed


def test_compose_and_the_image_hold_no_secret_and_the_image_is_not_run_as_root() -> None:
    for name, service in composed().items():
        for variable, value in dict(service.get("environment", {})).items():
            if re.search("SECRET|PASSWORD|TOKEN|KEY|BOT", variable) and "RANDOM" not in variable:
                assert VARIABLE.search(str(value)), f"{variable} of {name} is written out"
    assert re.search(r"^USER 10001", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)


def test_prometheus_scrapes_each_livermore_service_of_compose() -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["scrape_configs"]
    targets = {target.partition(":")[0] for group in job["static_configs"] for target in group["targets"]}
    assert targets == {
        name for name, service in composed().items() if "LIVERMORE_MODE" in service.get("environment", {})
    }
