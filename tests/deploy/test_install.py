"""The installer behind `make`: a newcomer whose machine lacks something is told what, in one sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT

TOOLS = ("sh", "cat", "cksum", "dirname")
"""All that the script asks of a machine beside Python."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the installer reads, in a folder of its own."""
    shutil.copytree(ROOT / "requirements", tmp_path / "clone" / "requirements")
    shutil.copy(ROOT / "setup.cfg", tmp_path / "clone")
    return tmp_path / "clone"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs: the few tools, and no Python yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def put_python(machine: Path, *, new: bool, venv: bool) -> None:
    """A Python 3.9 as the installer's questions see it."""
    answers = {"*version_info*": new, "*ensurepip*": venv}
    cases = " ".join(f"{asked}) exit {int(not good)};;" for asked, good in answers.items())
    text = f'#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2"\ncase "$2" in {cases} esac\n'
    (machine / "python3").write_text(text, encoding="utf-8")
    (machine / "python3").chmod(0o755)


def install(clone: Path, path: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "requirements/install", "run"], cwd=clone, env={"PATH": path, "HOME": str(clone), **variables},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def only_line(answer: subprocess.CompletedProcess[str]) -> str:
    """What it said, if that was one sentence."""
    assert answer.returncode == 69, answer
    (line,) = answer.stderr.splitlines()
    return line


def test_a_machine_without_python_is_told_what_to_install(clone: Path, machine: Path) -> None:
    line = only_line(install(clone, str(machine)))
    assert "no python3 on the PATH" in line
    assert "apt install python3 python3-venv" in line


def test_a_python_that_is_too_old_is_named_with_the_remedy(clone: Path, machine: Path) -> None:
    put_python(machine, new=False, venv=False)
    line = only_line(install(clone, str(machine)))
    assert "Python 3.9.2 is too old" in line
    assert "make PYTHON=" in line


def test_a_python_without_the_venv_module_is_told_how_to_get_it(clone: Path, machine: Path) -> None:
    put_python(machine, new=True, venv=False)
    assert "apt install python3-venv" in only_line(install(clone, str(machine)))


def test_without_a_network_the_last_line_says_so(clone: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    answer = install(clone, os.environ["PATH"], PYTHON=sys.executable, **nowhere)
    assert answer.returncode == 69
    assert "Without a network nothing can be fetched" in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr
    assert not (clone / ".venv" / ".run").exists(), "a failed attempt must not count as done"


def test_what_is_installed_already_is_left_alone(clone: Path) -> None:
    lock, setup = (clone / "requirements" / "run.lock").read_bytes(), (clone / "setup.cfg").read_bytes()
    summed = subprocess.run(["cksum"], input=lock + setup, capture_output=True, check=True)
    (clone / ".venv").mkdir()
    (clone / ".venv" / ".run").write_bytes(summed.stdout)
    answer = install(clone, os.environ["PATH"])
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
