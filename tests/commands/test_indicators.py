"""`livermore indicators compute`: against the engine, published values, and the mistakes that people make."""

import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.indicators import values
from livermore.indicators.bars import filled
from livermore.indicators.engine import Engine, News
from livermore.indicators.macdv import Macdv
from livermore.market.candle import Candle
from livermore.recording.book import MemoryBook
from livermore.store.candles import Known
from tests.indicators.examples import wave
from tests.indicators.test_moving_average import published
from tests.support.paths import recorded
from tests.support.processes import PLAIN, ROOT, livermore

SPARSE = {n for n in range(5, 400) if n % 7 == 3 or 200 < n < 230}

SHIFT = 1_200_000_000_000
"""From the times of the examples, which begin in 1970, to some that a file may have (ms)."""


def file_of(candles: Sequence[Candle], path: Path) -> str:
    rows = (f"{c.open_time + SHIFT},{c.open},{c.high},{c.low},{c.close},{c.volume}\n" for c in candles)
    path.write_text("timestamp,open,high,low,close,volume\n" + "".join(rows), encoding="utf-8")
    return path.name


def compute(*words: str, folder: Path) -> list[dict[str, Any]]:
    answer = livermore("indicators", "compute", *words, folder=folder)
    assert (answer.returncode, answer.stderr) == (0, "")
    return [json.loads(line) for line in answer.stdout.splitlines()]


def by_the_engine(candles: Sequence[Candle]) -> dict[int, dict[str, Any]]:
    """The records that the engine makes of candles that close one after the other, by their open times."""
    book = MemoryBook(10_000, rolls_up=False)
    engine, found = Engine(Macdv(), book), {}
    for candle in candles:
        series = candle.series
        first = book.cursors[series].through + series.timeframe.ms if series in book.cursors else candle.open_time
        book.close([candle], [Known(series, first, candle.open_time, rest=True)])
        for made in engine.take({series: News(book.cursors[series], book.rewrites[series], [candle])}):
            found[made.full["timestamp"]] = made.full
    return found


def test_a_line_for_every_candle_that_is_there_equals_the_engines_record_bit_for_bit(tmp_path: Path) -> None:
    candles = wave(400, without=SPARSE)
    lines = compute("macdv", "--csv", file_of(candles, tmp_path / "WAVE-USD.csv"), folder=tmp_path)
    assert [line["timestamp"] - SHIFT for line in lines] == [c.open_time for c in candles]
    engine = by_the_engine(candles)
    assert len(engine) > 250
    told = {line["timestamp"] - SHIFT: line for line in lines}
    for at, record in engine.items():
        for key in ("type", "symbol", "timeframe", "value", "params", "validity"):
            assert told[at][key] == json.loads(json.dumps(record[key])), key
    assert list(lines[0]) == ["timestamp", "type", "symbol", "timeframe", "value", "params", "validity"]
    assert set(lines[0]["value"].values()) == {None}
    assert {line["validity"]["ready"] for line in lines} == {False, True}


def test_records_are_the_same_however_many_are_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bars, macdv = filled(wave(400, without=SPARSE)), Macdv()
    at_once = list(values.records(macdv, bars))
    monkeypatch.setattr(values, "AT_ONCE", 7)
    assert list(values.records(macdv, bars)) == at_once
    assert len(at_once) == 400 - len(SPARSE)


def test_macd_of_a_market_that_closes_is_the_published_one(tmp_path: Path) -> None:
    path = str(recorded("golden/spy_daily_502.csv"))
    lines = compute("macd", "--no-fill", "--csv", path, "--symbol", "SPY", folder=tmp_path)
    assert {(line["symbol"], line["timeframe"]) for line in lines} == {("SPY", "1d")}
    for key in ("macd", "signal"):
        ours = np.array([line["value"][key] for line in lines], np.float64)
        theirs = published("macd_12_26_9", key)
        defined = ~np.isnan(theirs)
        assert defined.sum() > 450
        np.testing.assert_allclose(ours[defined], theirs[defined], rtol=1e-9, atol=1e-9)


def test_options_and_timeframe_are_heeded_and_a_compressed_file_or_standard_input_is_read(tmp_path: Path) -> None:
    name = file_of([c for c in wave(400) if c.open_time % 300_000 == 0], tmp_path / "a.b.csv")
    zipped = tmp_path / "a.b.csv.gz"
    zipped.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    options = ["--options", '{"fast": 5, "slow": 10, "atr": 7}', "--timeframe", "5m"]
    lines = compute("macdv", "--csv", zipped.name, *options, folder=tmp_path)
    assert {(line["symbol"], line["timeframe"]) for line in lines} == {("a", "5m")}
    assert lines[-1]["params"]["atrPeriod"] == 7
    assert lines[10]["value"]["macdV"] is not None
    command = [sys.executable, "-m", "livermore", "indicators", "compute", "macdv", "--csv", "-", *options]
    data = b"\xef\xbb\xbf" + (tmp_path / name).read_bytes()
    piped = subprocess.run(command, cwd=tmp_path, env=PLAIN, input=data, capture_output=True, check=True)
    assert [json.loads(line) for line in piped.stdout.splitlines()] == [line | {"symbol": "stdin"} for line in lines]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("macdw", "--csv", "a.csv"), 69, "expected one of macd, macdv; found 'macdw'"),
        (("macdv", "--csv", "a.csv", "--options", "{"), 69, "--options: expected JSON"),
        (("macdv", "--csv", "a.csv", "--options", '{"fats": 3}'), 69, "--options: fats: Extra inputs"),
        (("macdv", "--csv", "a.csv", "--options", '{"fast": 1}'), 69, "--options: fast: Input should be greater"),
        (("macdv", "--csv", "nowhere.csv"), 66, "nowhere.csv cannot be read: No such file"),
        (("macdv", "--csv", "a.csv", "--timeframe", "2m"), 64, "invalid choice: '2m'"),
        (("macdv", "--csv", "torn.csv.gz"), 66, "torn.csv.gz cannot be read"),
        (("macdv", "--csv", "latin.csv"), 69, "latin.csv, near line 1: expected UTF-8"),
        (("macdv", "--csv", "bad.csv"), 69, "bad.csv, line 2, column high: expected"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(tmp_path: Path, words: tuple[str, ...], code: int, told: str) -> None:
    file_of(wave(5), tmp_path / "a.csv")
    (tmp_path / "torn.csv.gz").write_bytes(gzip.compress(b"timestamp" * 999)[:-9])
    (tmp_path / "latin.csv").write_bytes("timestamp,open,h\xf6chst".encode("latin-1"))
    (tmp_path / "bad.csv").write_text("date,open,high,low,close,volume\n2026-01-01,2,1,1,1,1\n", encoding="utf-8")
    answer = livermore("indicators", "compute", *words, folder=tmp_path)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_whoever_reads_may_leave(tmp_path: Path) -> None:
    name = file_of(wave(2_000), tmp_path / "a.csv")
    command = f"{sys.executable} -m livermore indicators compute macdv --csv {name} | head -n 1"
    environment = PLAIN | {"PYTHONPATH": str(ROOT)}
    answer = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert json.loads(answer.stdout)["type"] == "macd-v"
    assert answer.stderr == b""
