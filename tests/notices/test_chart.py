"""The chart: a PNG of the size that was promised, which shows what it was given."""

import io
import math
import subprocess
import sys

import pytest
from PIL import Image

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.notices.chart import SLOTS, Picture, Point, _labelled, draw

AT = 1_700_006_400_000
BACKGROUND, MARK, VALUE, SIGNAL = (0x11, 0x15, 0x1D), (0xFF, 0xE4, 0x5E), (0x4C, 0xC2, 0xFF), (0xFF, 0xB3, 0x47)


def picture(
    count: int = SLOTS,
    *,
    scale: float = 1.0,
    up: bool = True,
    level: int | None = 150,
    timeframe: Timeframe = Timeframe.M5,
) -> Picture:
    opened = [AT - (count - 1 - i) * timeframe.ms for i in range(count)]
    prices = [scale * (100 + 5 * math.sin(i / 5) + (i % 3)) for i in range(count + 1)]
    candles = [
        Candle(
            "coinbase", "BTC-USD", timeframe, at, str(a), str(max(a, b) + scale), str(min(a, b) - scale), str(b), "1"
        )
        for at, a, b in zip(opened, prices, prices[1:], strict=False)
    ]
    points = [Point(at, 3.0 * i, 2.5 * i) for i, at in enumerate(opened)]
    return Picture("BTC-USD · 5m", "100.00", timeframe, AT, True, 150, candles, points)


def seen(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def colours(png: bytes) -> dict[tuple[int, int, int], int]:
    """How many pixels have each colour."""
    return {colour: n for n, colour in seen(png).getcolors(800 * 500)}  # type: ignore[union-attr,misc]


def test_it_is_a_dark_png_of_800_by_500() -> None:
    png = draw(picture())
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert seen(png).size == (800, 500)
    assert colours(png)[BACKGROUND] > 800 * 500 / 2


def test_lines_and_marker_are_there_and_large() -> None:
    found = colours(draw(picture()))
    assert found[VALUE] > 1_000
    assert found[SIGNAL] > 700
    assert found[MARK] > 200


def test_the_same_data_give_the_same_picture_and_others_another_one() -> None:
    one = picture()
    others = [
        one._replace(candles=one.candles[:-1]),
        one._replace(points=[point._replace(value=point.value + 20) for point in one.points]),
        one._replace(points=[point._replace(signal=point.signal + 20) for point in one.points]),
        one._replace(up=False),
        one._replace(level=100),
        one._replace(level=None),
        one._replace(title="ETH-USD · 5m"),
        one._replace(price="101.00"),
        picture(timeframe=Timeframe.H4),
        picture(count=30),
    ]
    drawn = [draw(each) for each in (one, *others)]
    assert draw(picture()) == drawn[0]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("scale", [1e-9, 1e-4, 1, 1e5])
@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.D1])
def test_prices_of_any_size_can_be_drawn(scale: float, timeframe: Timeframe) -> None:
    assert seen(draw(picture(scale=scale, timeframe=timeframe))).size == (800, 500)


def test_what_is_missing_or_never_moves_can_be_drawn() -> None:
    one = picture()
    still = [Candle("coinbase", "X", Timeframe.M5, c.open_time, "5", "5", "5", "5", "0") for c in one.candles]
    undefined = [Point(point.open_time, math.nan, math.nan) for point in one.points]
    for sparse in (one._replace(candles=still), one._replace(points=[]), one._replace(points=undefined),
                   one._replace(candles=one.candles[::7])):  # fmt: skip
        assert seen(draw(sparse)).size == (800, 500)


def test_a_candle_has_its_place_by_its_time() -> None:
    one = picture()
    assert one.slot(AT) == SLOTS - 1
    assert one.slot(AT - 3 * Timeframe.M5.ms) == SLOTS - 4


@pytest.mark.parametrize(
    ("crossed", "span", "expected"),
    [
        (None, (-200, 200), [-150, -50, 50, 150]),
        (150, (-100, 200), [-50, 50, 150]),
        (-400, (-450, 450), [-400, -150, 150]),
        (200, (-450, 450), [-150, 50, 200]),
        (None, (-450, 450), [-150, 150]),
    ],
)
def test_no_number_of_a_level_covers_another_one(
    crossed: int | None, span: tuple[float, float], expected: list[int]
) -> None:
    assert sorted(_labelled(crossed, *span)) == expected


def test_the_library_is_loaded_with_the_first_chart() -> None:
    program = "import sys, livermore.actors.notifier; print('matplotlib' in sys.modules, 'apprise' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
