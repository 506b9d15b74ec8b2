"""The chart: a PNG of the size that was promised, which shows what it was given."""

import io
import math
import subprocess
import sys

import msgspec
import pytest
from PIL import Image, ImageChops

from livermore.market.candle import Candle
from livermore.market.timeframe import Timeframe
from livermore.notices.chart import draw
from livermore.notices.momentum_panel import HEAT, heat, labelled
from livermore.notices.picture import SLOTS, Picture, Point
from livermore.notices.price_panel import short

AT = 1_700_006_400_000
BACKGROUND, MARK, LINE = (0x11, 0x15, 0x1D), (0xFF, 0xE4, 0x5E), (0xFF, 0xB3, 0x47)


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
    averages = [float(candle.close) - scale for candle in candles]
    return Picture("BTC-USD · 5m", "100.00", timeframe, AT, up, level, candles, averages, points)


def seen(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def colours(png: bytes) -> dict[tuple[int, int, int], int]:
    """How many pixels have each colour."""
    return {colour: n for n, colour in seen(png).getcolors(800 * 500)}  # type: ignore[union-attr,misc]


def rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def test_it_is_a_dark_png_of_800_by_500() -> None:
    png = draw(picture())
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert seen(png).size == (800, 500)
    assert colours(png)[BACKGROUND] > 800 * 500 / 2


def test_lines_and_marker_are_there_and_large() -> None:
    found, one = colours(draw(picture())), picture()
    without_average = colours(draw(one._replace(averages=[math.nan] * SLOTS)))
    assert found[LINE] > without_average[LINE] + 700
    assert without_average[LINE] > 700  # the signal line
    assert found[MARK] > 200
    for _, colour in HEAT:  # the values go from 0 to 177
        assert found[rgb(colour)] > 50


def test_volume_stands_at_the_feet_of_the_candles() -> None:
    one = picture()
    calm = [msgspec.structs.replace(c, volume="0") for c in one.candles]
    loud = [*calm[:30], msgspec.structs.replace(calm[30], volume="7"), *calm[31:]]
    before, after = (seen(draw(one._replace(candles=some))) for some in (calm, loud))
    changed = ImageChops.difference(before, after).getbbox()
    assert changed is not None
    left, top, right, bottom = changed
    assert right - left < 12
    assert 20 < bottom - top < 40
    assert bottom in range(265, 275)  # where the upper part ends


def test_the_same_data_give_the_same_picture_and_others_another_one() -> None:
    one = picture()
    others = [
        one._replace(candles=one.candles[:-1], averages=one.averages[:-1]),
        one._replace(points=[point._replace(value=point.value + 20) for point in one.points]),
        one._replace(points=[point._replace(signal=point.signal + 20) for point in one.points]),
        one._replace(averages=[average + 1 for average in one.averages]),
        one._replace(candles=[*one.candles[:-1], msgspec.structs.replace(one.candles[-1], volume="2")]),
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
                   one._replace(candles=one.candles[::7], averages=[math.nan] * 9)):  # fmt: skip
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
    assert sorted(labelled(crossed, *span)) == expected


@pytest.mark.parametrize(
    ("value", "border"),
    [(0, 50), (-49.9, 50), (50, 75), (-75, 125), (125, 140), (140, 150), (149.9, 150), (-150, math.inf)],
)
def test_the_farther_out_the_hotter(value: float, border: float) -> None:
    assert heat(value) == dict(HEAT)[border]


@pytest.mark.parametrize(
    ("volume", "expected"),
    [("0", "0"), ("0.012345", "0.0123"), ("4.567", "4.57"), ("6789.4", "6,789"), ("10000", "10k"), ("12345", "12.3k"),
     ("4500000", "4.5M"), ("999999", "1,000k"), ("7890000000", "7.89G")],
)  # fmt: skip
def test_a_volume_is_told_in_a_few_letters(volume: str, expected: str) -> None:
    assert short(volume) == expected


def test_the_library_is_loaded_with_the_first_chart() -> None:
    program = "import sys, livermore.actors.notifier; print('matplotlib' in sys.modules, 'apprise' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
