"""The artist: draws what is stored; whatever keeps it from that, the notice goes without and the log says why."""

import asyncio
import math
import sys
import threading
from collections.abc import Iterator

import msgspec
import pytest

from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.notices import artist as module
from livermore.notices.artist import Artist
from livermore.notices.picture import SLOTS, Picture, Point
from livermore.store import candles, signals
from livermore.store.candles import Write
from livermore.store.redis import AsyncRedisStore, RedisStore
from livermore.store.signals import Record
from tests.market.examples import candle
from tests.notices.examples import alert
from tests.support.leases import KEYS, leased
from tests.support.valkey import Valkey

AT = 1_700_006_400_000
MINUTE = 60_000
SERIES = Series("coinbase", "BTC-USD", Timeframe.M1)
ALERT = alert(1, candle_time=AT)


class Studio:
    """Redis with a hundred candles, ten of them after the alert's."""

    def __init__(self, runner: asyncio.Runner, valkey: Valkey, count: int) -> None:
        store, self.runner = RedisStore(valkey.place), runner
        mine = leased(store)
        opened = [AT - (89 - i) * MINUTE for i in range(100)][-count:]
        made = [candle(at, close=str(100 + i % 7)) for i, at in enumerate(opened)]
        store.run(candles.write(mine, Write(made, ()), 1000))
        trail = {at: msgspec.json.encode([at, float(i), None if i % 2 else 1.5]) for i, at in enumerate(opened)}
        full = {
            "timestamp": AT, "close": "1", "params": {"stage": "ranging"}, "value": {"macdV": 1.0},
            "validity": {"ready": True, "bars_used": 1},
        }  # fmt: skip
        store.run(signals.write(mine, "macd-v", [Record(SERIES, full, trail)], 1_000_000))
        store.close()
        self.artist = runner.run(self._made(valkey))

    async def _made(self, valkey: Valkey) -> Artist:
        self.redis = AsyncRedisStore(valkey.place)
        return Artist(self.redis, KEYS)

    def chart(self, number: int = 1, *marks: str) -> bytes | None:
        return self.runner.run(self.artist.chart_of(alert(number, candle_time=AT), marks))

    async def close(self) -> None:
        self.artist.close()
        await self.redis.close()


@pytest.fixture
def studio(empty_valkey: Valkey, request: pytest.FixtureRequest) -> Iterator[Studio]:
    with asyncio.Runner() as runner:
        made = Studio(runner, empty_valkey, getattr(request, "param", 100))
        yield made
        runner.run(made.close())


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[Picture]:
    """What would have been drawn."""
    found: list[Picture] = []

    def draw(picture: Picture) -> bytes:
        found.append(picture)
        return b"a chart"

    monkeypatch.setattr(module, "draw", draw)
    return found


def test_a_chart_ends_at_the_candle_of_its_alert(studio: Studio, pictures: list[Picture]) -> None:
    assert studio.chart(1, "simulated") == b"a chart"
    (picture,) = pictures
    assert (picture.title, picture.price) == ("BTC-USD \N{MIDDLE DOT} 1m \N{MIDDLE DOT} simulated", "65,000.50")
    assert [c.open_time for c in picture.candles] == [AT - (SLOTS - 1 - i) * MINUTE for i in range(SLOTS)]
    closes = [float(c.close) for c in picture.candles]
    assert len(picture.averages) == SLOTS
    for before, after, close in zip(picture.averages, picture.averages[1:], closes[1:], strict=False):
        assert after == pytest.approx(before + (close - before) / 5)
    assert [p.open_time for p in picture.points] == [c.open_time for c in picture.candles]
    assert picture.points[-1].value == 89
    assert math.isnan(picture.points[-1].signal)
    assert picture.points[-2] == Point(AT - MINUTE, 88.0, 1.5)
    assert (picture.at, picture.up, picture.level) == (AT, True, 150)


def test_all_targets_get_the_same_chart(studio: Studio, pictures: list[Picture]) -> None:
    for number in (1, 1, 2, 1):
        assert studio.chart(number) == b"a chart"
    assert len(pictures) == 2
    for number in range(3, 3 + module.KEPT):
        studio.chart(number)
    studio.chart(1)
    assert len(pictures) == 2 + module.KEPT + 1


def test_the_chart_is_a_png(studio: Studio) -> None:
    chart = studio.chart()
    assert chart is not None
    assert chart.startswith(b"\x89PNG")


@pytest.mark.parametrize("studio", [19], indirect=True)
def test_of_a_few_candles_there_is_no_chart(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    assert studio.chart() is None
    assert vars(caplog.records[-1])["reason"] == "only 9 candles are stored"


def test_a_failure_is_logged_and_the_notice_goes_without(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def draw(_: Picture) -> bytes:
        raise ZeroDivisionError("no scale")

    monkeypatch.setattr(module, "draw", draw)
    assert studio.chart() is None
    assert vars(caplog.records[-1])["reason"] == "ZeroDivisionError: no scale"


def test_without_the_library_the_notice_goes_without_and_the_log_names_the_extra(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert studio.chart() is None
    assert "pip install 'livermore[charts]'" in vars(caplog.records[-1])["reason"]


def test_nobody_waits_long_for_a_chart_or_begins_a_second_one_meanwhile(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    let_go, begun = threading.Event(), list[Picture]()

    def draw(picture: Picture) -> bytes:
        begun.append(picture)
        let_go.wait(30)
        return b"late"

    monkeypatch.setattr(module, "draw", draw)
    monkeypatch.setattr(module, "TIME_LIMIT", 0.05)
    assert studio.chart(1) is None
    assert vars(caplog.records[-1])["reason"] == "it was not drawn within 0.05 s"
    assert studio.chart(2) is None
    assert vars(caplog.records[-1])["reason"] == "the one before is still being drawn"
    assert len(begun) == 1
    let_go.set()
    monkeypatch.setattr(module, "TIME_LIMIT", 30)
    studio.runner.run(asyncio.wait_for(studio.artist._begun, 30))  # type: ignore[arg-type]
    assert studio.chart(3) == b"late"
