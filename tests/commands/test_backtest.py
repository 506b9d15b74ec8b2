"""`livermore alerts backtest`: what would have fired is what fires, over a file as over stored candles."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from livermore.market.candle import Candle, from_json
from livermore.market.instant import iso, parse_iso
from livermore.market.timeframe import Timeframe
from livermore.store import candles
from livermore.store.candles import Known, Write
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from tests.indicators.examples import wave
from tests.recording.test_replay import made
from tests.support.leases import leased
from tests.support.processes import livermore
from tests.support.site import make_site
from tests.support.valkey import Valkey

SHIFT = 1_200_000_000_000 - 1_200_000_000_000 % Timeframe.D1.ms


def swinging(count: int = 700, shift: int = SHIFT) -> list[Candle]:
    """Candles that cross levels again and again, both ways."""
    found = []
    for n, candle in enumerate(wave(count, without=range(400, 420))):
        move = 30 if n % 90 > 60 else 0
        prices = {key: repr(float(getattr(candle, key)) + move) for key in ("open", "high", "low", "close")}
        found.append(msgspec.structs.replace(candle, open_time=candle.open_time + shift, **prices))
    return found


def file_of(some: Sequence[Candle], path: Path) -> str:
    rows = (f"{iso(c.open_time)},{c.open},{c.high},{c.low},{c.close},{c.volume}\n" for c in some)
    path.write_text("timestamp,open,high,low,close,volume\n" + "".join(rows), encoding="utf-8")
    return path.name


def backtest(*words: str, folder: Path, variables: dict[str, str] | None = None) -> tuple[list[str], list[str]]:
    """What it lists, and what it says of that."""
    answer = livermore("alerts", "backtest", *words, folder=folder, variables=variables)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines(), answer.stderr.splitlines()


def test_what_would_have_fired_is_what_the_pipeline_raises(tmp_path: Path) -> None:
    """The recording is of a page of the past, and then of minutes that close one after the other."""
    answer = livermore("replay", str(made(tmp_path)), "--out", "out", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    some = [from_json(line) for line in (tmp_path / "out" / "candles.jsonl").read_bytes().splitlines()]
    minutes = sorted((c for c in some if c.timeframe == Timeframe.M1), key=lambda c: c.open_time)
    since = iso(minutes[301].open_time)
    listed, _ = backtest(
        "--csv", file_of(minutes, tmp_path / "BTC-USD.csv"), "--since", since, "--json", folder=tmp_path
    )
    raised = [json.loads(line) for line in (tmp_path / "out" / "alerts.jsonl").read_text().splitlines()]
    expected = [(a["id"], a["label"], a["value"], a["rule"]) for a in raised if a["timeframe"] == "1m"]
    assert expected
    found = [json.loads(line) for line in listed]
    assert [(a["id"], a["label"], a["value"], a["rule"]) for a in found] == expected


def test_it_is_readable_and_says_what_it_rests_on(tmp_path: Path) -> None:
    name = file_of(swinging(), tmp_path / "WAVE-USD.csv")
    listed, told = backtest("--csv", name, folder=tmp_path)
    as_json, _ = backtest("--csv", name, "--json", "--exchange", "binance", folder=tmp_path)
    facts: list[dict[str, Any]] = [json.loads(line) for line in as_json]
    assert len(facts) > 5
    assert {fact["direction"] for fact in facts} == {"bullish", "bearish"}
    assert {fact["label"].partition("_")[0] for fact in facts} == {"level", "reversal"}
    for line, fact in zip(listed, facts, strict=True):
        words = [fact[key] for key in ("time", "symbol", "timeframe", "label")]
        assert line.split() == [*words, f"{fact['value']:+.2f}", fact["price"], fact["direction"]]
        assert iso(Timeframe.M1.ms + parse_iso(fact["candle_time"])) == fact["time"]
    first, last, ready = iso(SHIFT), iso(SHIFT + 700 * 60_000), iso(SHIFT + 250 * 60_000)
    candles_ = f"680 candles from {first} to {last}; values were ready from {ready} on; alerts found: {len(facts)}"
    assert told[0] == f"livermore: WAVE-USD:1m: {candles_}"
    assert told[1].startswith("livermore: macd-v 12/26/26/9 with level_cross and reversal, as in ")


def test_since_limits_what_is_listed_and_not_what_it_rests_on(tmp_path: Path) -> None:
    name = file_of(swinging(), tmp_path / "a.csv")
    whole, told = backtest("--csv", name, folder=tmp_path)
    middle = whole[len(whole) // 2].split()[0]
    listed, same = backtest("--csv", name, "--since", middle, folder=tmp_path)
    assert listed == whole[len(whole) // 2 :]
    assert same == told


def test_too_short_a_history_has_no_values_that_are_ready(tmp_path: Path) -> None:
    listed, told = backtest("--csv", file_of(swinging(249), tmp_path / "a.csv"), folder=tmp_path)
    assert listed == []
    assert "values were never ready; alerts found: 0" in told[0]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--csv", "a.csv", "--since", "yesterday"), 64, "expected an ISO-8601 time"),
        (("--csv", "a.csv", "--timeframe", "1m", "--timeframe", "5m"), 69, "give --timeframe once"),
        (("--csv", "b.csv"), 66, "b.csv cannot be read"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(tmp_path: Path, words: tuple[str, ...], code: int, told: str) -> None:
    file_of(wave(5), tmp_path / "a.csv")
    answer = livermore("alerts", "backtest", *words, folder=tmp_path)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.system
def test_stored_candles_of_all_timeframes_are_told_in_the_order_in_which_they_closed(
    empty_valkey: Valkey, sqlite: DatabasePlace, tmp_path: Path
) -> None:
    site = make_site(tmp_path, empty_valkey.place, sqlite, speed=1)
    store = RedisStore(empty_valkey.place)
    lease, minutes = leased(store), swinging()
    hours = [
        msgspec.structs.replace(c, timeframe=Timeframe.H1, open_time=SHIFT + n * Timeframe.H1.ms)
        for n, c in enumerate(swinging(300, 0))
    ]
    for some, since in ((minutes, minutes[100].open_time), (hours, SHIFT)):
        series = some[0].series
        known = [Known(series, since, some[-1].open_time, rest=True, anew=True)]
        for i in range(0, len(some), candles.BATCH):
            store.run(candles.write(lease, Write(some[i : i + candles.BATCH], known), 1000))
    store.close()

    def stored(*words: str) -> tuple[list[dict[str, Any]], list[str]]:
        listed, told = backtest("--symbol", "WAVE-USD", "--json", *words, folder=tmp_path, variables=site.variables)
        return [json.loads(line) for line in listed], told

    found, told = stored()
    assert [fact["time"] for fact in found] == sorted(fact["time"] for fact in found)
    assert {fact["timeframe"] for fact in found} == {"1m", "1h"}
    assert told[0].startswith(f"livermore: WAVE-USD:1m: 580 candles from {iso(minutes[100].open_time)} to ")
    assert told[1].startswith("livermore: WAVE-USD:1h: 300 candles")
    by_file, _ = backtest("--csv", file_of(minutes[100:], tmp_path / "WAVE-USD.csv"), "--json", folder=tmp_path)
    assert stored("--timeframe", "1m")[0] == [json.loads(line) for line in by_file]
    answer = livermore("alerts", "backtest", "--symbol", "ETH-USD", folder=tmp_path, variables=site.variables)
    assert (answer.returncode, answer.stderr) == (69, "livermore: no candles of ETH-USD are stored here for coinbase\n")
    answer = livermore("alerts", "backtest", folder=tmp_path, variables=site.variables)
    assert "expected a pair, as --symbol BTC-USD, or a file" in answer.stderr
