"""A recorder beside the pipeline: what a replay makes of its file is what the pipeline has stored and told."""

import asyncio
import json
import signal
from argparse import Namespace
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from livermore.commands.pipeline import pipeline_of
from livermore.commands.recording import SHARE
from livermore.commands.replaying import begun, facts
from livermore.exchanges.coinbase import Codec
from livermore.market.candle import Candle, from_json
from livermore.net.pace import Pace
from livermore.net.rest import ExchangeRest
from livermore.recording.file import Reader, Writer
from livermore.recording.lines import Closed, decode
from livermore.recording.recorder import Recorder
from livermore.recording.replay import Fact
from tests.support.ledger import Ledger
from tests.support.processes import ROOT, Exchange, Process, livermore, until
from tests.support.world import World, WorldNetwork
from tests.system.conftest import MakeWorld

SYMBOLS = ("BTC-USD", "ETH-USD", "SLP-USD")


def recorder(world: World, path: Path, told: list[str]) -> tuple[Recorder, Writer]:
    codec, network, writer = Codec(SYMBOLS), WorldNetwork(world), Writer(path)
    rest = ExchangeRest(network, codec.rest_url, codec, Pace(world.clock, codec.rate * SHARE))
    return Recorder(codec, SYMBOLS, network, rest, codec.websocket_url, writer, world.clock, told.append), writer


def replayed(path: Path) -> list[Fact]:
    lines = map(decode, Reader(path))
    shipped = Namespace(tree=str(ROOT / "supervisors.yaml"), mode="exchange")
    return list(facts(begun(next(lines), path, partial(pipeline_of, shipped, {})), lines))


def by_time(facts_: list[Fact]) -> dict[tuple[str, str, int], Candle]:
    """The candles as they stand at the end."""
    candles = [from_json(fact.data) for fact in facts_ if fact.kind == "candles"]
    return {(c.symbol, c.timeframe, c.open_time): c for c in candles}


def signals(ledger: Ledger) -> dict[tuple[str, str, int], dict[str, Any]]:
    records = [json.loads(event.full) for event in ledger.events if event.kind == "trade_signal"]
    return {(r["symbol"], r["timeframe"], r["timestamp"]): r for r in records if r["symbol"] in SYMBOLS}


def test_a_replay_gives_the_candles_signals_and_alerts_of_the_pipeline_that_saw_the_same(
    make_world: MakeWorld, tmp_path: Path
) -> None:
    world, path, told = make_world(seed=7), tmp_path / "a.jsonl.gz", list[str]()
    world.boot()
    recording, writer = recorder(world, path, told)
    task = world.loop.create_task(recording.run())
    world.run(400)
    world.hang_up()
    world.run(500)
    ledger = Ledger(world)
    task.cancel()
    world.loop.run_until_complete(asyncio.wait([task]))
    writer.close()
    assert (ledger.faults(), told) == ([], [])
    assert any(isinstance(decode(line), Closed) for line in Reader(path))

    found = replayed(path)
    assert found == replayed(path)
    ours = by_time(found)
    theirs = {(c.symbol, c.timeframe, c.open_time): c for held in ledger.candles.values() for c in held}
    theirs = {key: candle for key, candle in theirs.items() if key[0] in SYMBOLS}
    assert {timeframe for _, timeframe, _ in ours} == {"1m", "5m", "15m", "1h", "4h", "1d"}
    assert ours == theirs

    expected = signals(ledger)
    records = [json.loads(fact.data) for fact in found if fact.kind == "signals"]
    made = {(r["symbol"], r["timeframe"], r["timestamp"]): r for r in records}
    assert made == expected
    assert len(made) > 30
    alerts = {json.loads(fact.data)["id"] for fact in found if fact.kind == "alerts"}
    assert alerts == {alert.id for alert in ledger.alerts if alert.symbol in SYMBOLS}
    assert alerts, "nothing was raised: the test would prove little"


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    started = Exchange(tmp_path)
    yield started
    started.end()


def record(exchange: Exchange, folder: Path) -> Process:
    urls = ("--websocket-url", exchange.urls["websocket_url"], "--rest-url", exchange.urls["rest_url"])
    words = ("record", "--symbols", "BTC-USD,ETH-USD", "--out", "a.jsonl.gz", *urls)
    return Process(["-m", "livermore", *words], folder, {}, "record")


def frames(path: Path) -> int:
    return sum(line.startswith(b'{"t":"recv"') for line in Reader(path)) if path.exists() else 0


@pytest.mark.system
def test_what_was_recorded_before_a_kill_is_there(exchange: Exchange, tmp_path: Path) -> None:
    recording, path = record(exchange, tmp_path), tmp_path / "a.jsonl.gz"
    try:
        until(lambda: frames(path) > 20, "some frames in the file")
    finally:
        recording.kill()
    answer = livermore("replay", "a.jsonl.gz", "--out", "facts", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    lines = (tmp_path / "facts" / "candles.jsonl").read_bytes().splitlines()
    assert {from_json(line).symbol for line in lines} <= {"BTC-USD", "ETH-USD"}
    assert len(lines) > 300


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_recording_is_ended_in_good_order(exchange: Exchange, tmp_path: Path, number: int) -> None:
    recording, path = record(exchange, tmp_path), tmp_path / "a.jsonl.gz"
    try:
        until(lambda: frames(path) > 5, "some frames in the file")
        recording.send(number)
        assert recording.wait(10) == 0
        assert recording.popen.stdout is not None
        said = recording.popen.stdout.read()
    finally:
        recording.end()
    reader = Reader(path)
    told = [decode(line) for line in reader]
    assert not reader.torn
    assert said.startswith(f"a.jsonl.gz: {frames(path)} frames, ")
    assert told[0].exchange == "coinbase"


@pytest.mark.system
def test_a_recording_that_cannot_be_is_refused_with_a_sentence(exchange: Exchange, tmp_path: Path) -> None:
    rest = ("--rest-url", exchange.urls["rest_url"])
    for words, reason in (
        (("--symbols", "BTC-USD", "--out", "a.jsonl"), "has to end in .gz"),
        (("--symbols", "NO-USD", "--out", "a.gz", *rest), "does not list NO-USD"),
        (("--symbols", "BTC-USD", "--out", "no/a.gz", *rest), "cannot be made"),
    ):
        answer = livermore("record", *words, folder=tmp_path)
        assert answer.returncode == 69
        assert reason in answer.stderr
        assert "Traceback" not in answer.stderr
    usage = livermore("record", "--symbols", "BTC-USD", "--out", "a.gz", "--for", "soon", folder=tmp_path)
    assert (usage.returncode, "expected a time as 30s" in usage.stderr) == (64, True)
