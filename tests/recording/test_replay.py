"""Tests of replays: of what was recorded at the real Coinbase, and that nothing but the file decides."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from livermore.errors import LivermoreError
from livermore.recording import lines
from livermore.recording.file import Writer
from livermore.recording.lines import Answered, Connected, Header, Received, Sent
from tests.exchanges.recording import renumbered
from tests.support.paths import recorded
from tests.support.processes import PLAIN, ROOT
from tests.system.test_recording import FILE, folded


def replay(*words: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "livermore", "replay", *words]
    environment = {**PLAIN, **variables}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False, timeout=100)


@pytest.mark.parametrize("symbol", ["BTC-USD", "ETH-USD"])
def test_the_minute_of_a_recording_of_the_real_coinbase_equals_an_independent_fold(symbol: str, tmp_path: Path) -> None:
    """The frames of level2 were taken out of the file: numbered anew, the sequence has no holes."""
    entries = [json.loads(line) for line in recorded(FILE).read_text(encoding="utf-8").splitlines()]
    frames = iter(renumbered())
    told = [{**e, "data": json.dumps(next(frames))} if e["t"] == "recv" else e for e in entries]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in told), encoding="utf-8")
    answer = replay("a.jsonl", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    found = [json.loads(line)["data"] for line in answer.stdout.splitlines()]
    (one,) = [candle for candle in found if candle["symbol"] == symbol]
    assert tuple(one[name] for name in ("open", "high", "low", "close", "volume")) == folded(recorded(FILE), symbol)
    assert (one["timestamp"], one["timeframe"], one["revision"]) == ("2026-08-09T21:05:00.000Z", "1m", 0)


def test_the_recording_is_read_as_it_is(tmp_path: Path) -> None:
    answer = replay(str(recorded(FILE)), cwd=tmp_path)
    assert answer.returncode == 0
    assert b"1 candles, 0 signals, 0 alerts" in answer.stderr


def made(folder: Path, minutes: int = 300) -> Path:
    """A recording of a market that swings: a page of the past, then answers minute by minute."""
    path = folder / "made.jsonl.gz"
    writer, begin = Writer(path), 1_786_276_800
    writer.write(lines.encode(Header("coinbase", ["BTC-USD"])))
    writer.write(lines.encode(Connected(begin)))
    for first, last in [(0, minutes - 1), *((n, n) for n in range(minutes, minutes + 60))]:
        rows = [_row(begin + 60 * n, n) for n in range(first, last + 1)]
        span = ((begin + 60 * first) * 1000, (begin + 60 * last) * 1000)
        body = json.dumps({"candles": rows})
        ts = begin + 60 * last + 63.25
        writer.write(lines.encode(Answered(ts, "BTC-USD", "1m", *span, first == 0, first == 0, body)))
    writer.close()
    return path


def _row(start: int, n: int) -> dict[str, str]:
    price = 100 + n % 3 + (40 if n > 320 else 0)
    flat = dict.fromkeys(("open", "low", "close"), str(price))
    return {"start": str(start), **flat, "high": f"{price}.5", "volume": "0.10"}


ELSEWHERE = (("UTC", "C", "0"), ("Asia/Kathmandu", "de_DE.UTF-8", "1"), ("America/St_Johns", "C", "2"))


def test_time_zone_locale_and_hash_seed_change_no_byte(tmp_path: Path) -> None:
    path, answers = made(tmp_path), []
    for zone, language, seed in (
        ("UTC", "C", "0"),
        ("Asia/Kathmandu", "de_DE.UTF-8", "1"),
        ("America/St_Johns", "C", "2"),
    ):
        folder = tmp_path / seed
        folder.mkdir()
        answer = replay(str(path), "--out", str(folder), cwd=tmp_path, TZ=zone, LC_ALL=language, PYTHONHASHSEED=seed)
        assert answer.returncode == 0, answer.stderr
        answers.append({file.name: file.read_bytes() for file in sorted(folder.iterdir())})
    assert answers[0] == answers[1] == answers[2]
    assert set(answers[0]) == {"candles.jsonl", "signals.jsonl", "alerts.jsonl"}
    assert len(answers[0]["candles.jsonl"].splitlines()) == 360
    assert len(answers[0]["signals.jsonl"].splitlines()) == 61
    alerts = [json.loads(line) for line in answers[0]["alerts.jsonl"].splitlines()]
    assert alerts, "nothing was raised: the test would prove little"
    assert all(alert["triggered_at"] == alert["candle_time"] + 63_250 for alert in alerts)
    assert not any(alert["late"] for alert in alerts)


def test_a_torn_recording_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    path = made(tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    answer = replay(str(path), cwd=tmp_path)
    assert answer.returncode == 0
    assert b"ends within a block" in answer.stderr
    assert len(answer.stdout.splitlines()) > 100


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with a header"),
        ('{"t":"connect","ts":1}\n', "does not begin with a header"),
        ('{"t":"header","exchange":"nowhere","symbols":["A"]}\n', "expected one of"),
        ('{"t":"header","exchange":"coinbase"}\n', "tells of no symbols"),
        ("[]\n", "not a line of a recording"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_sentence(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    answer = replay("a.jsonl", cwd=tmp_path)
    assert answer.returncode == 69
    assert reason in answer.stderr.decode()
    assert b"Traceback" not in answer.stderr


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m livermore replay {made(tmp_path)} | head -n 1"
    answer = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=PLAIN | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    assert json.loads(answer.stdout)["kind"] == "candle"
    assert b"Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "line",
    [
        Header("coinbase", ["BTC-USD"], "1", 1.5, {}),
        Connected(1.5),
        Sent(1.5, "x"),
        Received(1.5, '{"a": "\\u00e9"}'),
        Answered(1.5, "BTC-USD", "4h", 1, 2, True, False, "{}"),
    ],
)
def test_a_line_is_read_as_it_was_written(line: lines.Line) -> None:
    assert lines.decode(lines.encode(line)) == line


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"t":"nothing"}', b'{"t":"recv"}', b"\xff"])
def test_any_other_line_is_refused(data: bytes) -> None:
    with pytest.raises(LivermoreError):
        lines.decode(data)


def test_moments_come_back_to_the_millisecond() -> None:
    assert [lines.milliseconds(lines.seconds(1_795_723_781_000 + n)) for n in range(1000)] == [
        1_795_723_781_000 + n for n in range(1000)
    ]
