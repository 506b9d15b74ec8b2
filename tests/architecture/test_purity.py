"""Tests that the core is pure: no clock, no chance, no socket, no thread, and no library that has any of them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import imports, name_of, sources, tree_of

CORE = sources("market", "indicators", "alerts", "exchanges", "messages")

TIME = {"time", "zoneinfo", "locale", "signal", "sched"}
CHANCE = {"random", "secrets", "uuid", "getpass"}
MACHINE = {"io", "os", "pathlib", "platform", "shutil", "sys", "tempfile", "logging"}
NETWORK = {"http", "select", "selectors", "socket", "ssl", "urllib.request"}
THREADS = {"asyncio", "concurrent", "contextvars", "multiprocessing", "queue", "subprocess", "threading"}
LIBRARIES = {
    "alembic",
    "dotenv",
    "jwt",
    "prometheus_client",
    "pykka",
    "redis",
    "sqlalchemy",
    "structlog",
    "tornado",
    "yaml",
}
ABOVE = {"actors", "http", "net", "simulator", "store", "supervision", "strict_yaml", "environment", "clock", "log"}
FORBIDDEN = TIME | CHANCE | MACHINE | NETWORK | THREADS | LIBRARIES | {f"livermore.{layer}" for layer in ABOVE}
CALLS = {
    "now",
    "utcnow",
    "today",
    "time",
    "time_ns",
    "monotonic",
    "open",
    "input",
    "print",
    "eval",
    "exec",
    "getenv",
    "sleep",
}


def offences(tree: ast.AST) -> list[str]:
    """What a file of the core may not do."""
    imported = [name for name in imports(tree) if any(f"{name}.".startswith(f"{one}.") for one in FORBIDDEN)]
    called = [
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (word := getattr(node.func, "attr", None) or getattr(node.func, "id", None)) in CALLS
    ]
    changing = [word for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal) for word in node.names]
    return [*imported, *called, *changing]


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_a_file_of_the_core_touches_nothing_but_its_arguments(path: Path) -> None:
    assert offences(tree_of(path)) == []


def test_the_core_is_all_there() -> None:
    assert len(CORE) > 25
    assert {name_of(path).partition("/")[0] for path in CORE} == {
        "market", "indicators", "alerts", "exchanges", "messages.py",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "import os.path",
        "from threading import Lock",
        "import numpy, random",
        "from livermore.store import keys",
        "from livermore import clock",
        "def f():\n    import redis.asyncio",
        "datetime.now(UTC)",
        "date.today()",
        "x = time()",
        "open('f')",
        "def f():\n    global x",
    ],
)
def test_what_is_not_pure_is_found(text: str) -> None:
    assert offences(ast.parse(text))


@pytest.mark.parametrize(
    "text", ["from datetime import UTC, datetime", "import hashlib, re", "timestamp(5)", "x.closed"]
)
def test_what_is_pure_is_not(text: str) -> None:
    assert not offences(ast.parse(text))


def test_importing_the_core_brings_none_of_those_libraries_with_it() -> None:
    modules = [f"livermore.{name_of(path)[:-3].replace('/', '.').removesuffix('.__init__')}" for path in CORE]
    program = f"import sys; import {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not LIBRARIES & set(run.stdout.split())
