"""A client generated from our document: its types hold, and it pages through everything, each row exactly once."""

import json
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from livermore.market.candle import Series
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from tests.http.world import World
from tests.support.candles import T0, candle

PROGRAM = Path(__file__).with_name("client_program.py")
COUNT = 1000
SERIES = [Series("coinbase", *pair) for pair in product(("BTC-USD", "ETH-USD"), list(Timeframe)[:5])]


def run(folder: Path, *words: str) -> str:
    """What a Python program says; it has to succeed."""
    done = subprocess.run([sys.executable, *words], check=False, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def client(world: World, tmp_path: Path) -> Path:
    """A folder with a client and a program that uses it; the generator has nothing to complain of."""
    (tmp_path / "openapi.json").write_bytes(world.ask("/public/v1/openapi.json", key=None).body)
    (tmp_path / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    words = ["--path", "openapi.json", "--config", "config.yaml", "--meta", "none", "--output-path", "livermore_client"]
    run(tmp_path, "-m", "openapi_python_client", "generate", "--fail-on-warning", *words)
    shutil.copy(PROGRAM, tmp_path / "program.py")
    return tmp_path


def test_the_generated_client_is_typed_and_gives_every_row_once(client: Path, world: World) -> None:
    run(client, "-m", "mypy", "--strict", "--cache-dir", "cache", "program.py", "livermore_client")
    for series in SERIES:
        for first in range(0, COUNT, 200):
            world.store(*(candle(n, f"{n + 1}.5", series=series) for n in range(first, first + 200)))
    names = [f"{series.symbol}:{series.timeframe}" for series in SERIES]
    said = run(client, "program.py", f"http://127.0.0.1:{world.port}/public/v1", world.key, *names).splitlines()
    rows = [tuple(line.split()) for line in said]
    assert len(rows) == len(set(rows)) == COUNT * len(SERIES)
    for name, series in zip(names, SERIES, strict=True):
        expected = {(name, iso(T0 + n * series.timeframe.ms), f"{n + 1}.5") for n in range(COUNT)}
        assert {row for row in rows if row[0] == name} == expected


def test_every_operation_is_a_module_of_the_client(client: Path) -> None:
    paths = json.loads((client / "openapi.json").read_bytes())["paths"]
    modules = {place.stem for place in (client / "livermore_client" / "api").glob("*/*.py")} - {"__init__"}
    assert modules == {item["get"]["operationId"] for item in paths.values()}
