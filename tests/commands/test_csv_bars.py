"""Tests of CSV files of candles: what is read, and that each fault is told by its line and column."""

import numpy as np
import pytest

from livermore.commands import csv_bars
from livermore.commands.csv_bars import Given
from livermore.errors import LivermoreError
from livermore.market.timeframe import Timeframe

HEAD = "timestamp,open,high,low,close,volume\n"
T0 = 1_786_276_800


def read(text: str, timeframe: Timeframe | None = None) -> Given:
    return csv_bars.read(text.splitlines(keepends=True), "f.csv", timeframe)


def row(minute: int, cells: str = "10,12,9,11,3") -> str:
    return f"{T0 + 60 * minute},{cells}\n"


def test_columns_are_found_by_their_names_in_any_order_and_case() -> None:
    given = read("Close,note, Volume,LOW,high,Open,date\n11,x,3,9,12,10,2026-08-09T12:00Z\n\n", Timeframe.M5)
    assert (given.times.tolist(), given.timeframe) == ([T0 * 1000], Timeframe.M5)
    assert (given.high.tolist(), given.low.tolist(), given.close.tolist()) == ([12.0], [9.0], [11.0])


def test_the_timeframe_is_that_of_the_smallest_step() -> None:
    assert read(HEAD + row(0) + row(15) + row(20)).timeframe == Timeframe.M5
    assert read(HEAD + row(0) + row(15) + row(20), Timeframe.M1).timeframe == Timeframe.M1


def test_buckets_without_a_row_are_bars_that_were_never_traded_unless_rows_follow_each_other() -> None:
    given = read(HEAD + row(0) + row(1) + row(3, "20,22,19,21,3"))
    bars = given.bars()
    assert bars.open_time.tolist() == [(T0 + 60 * n) * 1000 for n in range(4)]
    assert bars.observed.tolist() == [True, True, False, True]
    assert (bars.high.tolist(), bars.low.tolist()) == ([12, 12, 11, 22], [9, 9, 11, 19])
    assert bars.close.tolist() == [11, 11, 11, 21]
    rows = given.bars(fill=False)
    assert (rows.open_time.tolist(), rows.close.tolist()) == (given.times.tolist(), [11, 11, 21])
    assert np.all(rows.observed)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column timestamp: expected one such column in the header; found none"),
        ("time,open,high,low,close\n", "line 1, column volume: expected one such column in the header; found none"),
        ("time,open,high,low,close,volume,Open\n", "line 1, column open: expected one such column.*found several"),
        (HEAD, ": expected rows below the header; found none"),
        (HEAD + row(0) + "1,2\n", "line 3: expected 6 columns, as in the header; found 2"),
        (HEAD + row(0) + "\n" + row(0), "line 4, column timestamp: expected ascending.*found the same time again"),
        (HEAD + row(1) + row(0), "line 3, column timestamp: expected ascending.*12:00:00.000Z after .*12:01:00.000Z"),
        (
            HEAD + row(0) + row(1).replace(",", "000,", 1),
            "line 3, .*timestamp: expected seconds .*which is milliseconds",
        ),
        (
            HEAD + "2026-08-09 12:00,1,1,1,1,1\n2026-08-09 12:01Z,1,1,1,1,1\n",
            "line 3, .*timestamp: expected ISO-8601 w",
        ),
        (HEAD + row(0) + "12345678,1,1,1,1,1\n", "line 3, column timestamp: expected an ISO.*found '12345678'"),
        (HEAD + row(0) + f"{T0 + 61},1,1,1,1,1\n", "line 3, column timestamp: expected a smallest step.*found 61 s"),
        (
            HEAD + row(0),
            "line 2, column timestamp: expected a smallest step of 1m, .*found one row only; name one with",
        ),
        (HEAD + row(0) + "\n" + row(1) + f"{T0 + 61},1,1,1,1,1\n", "line 5, column timestamp: .* found 1 s"),
        (HEAD + row(0, "nan,12,9,11,3"), "line 2, column open: expected a number above zero; found 'nan'"),
        (HEAD + row(0, "10,1e999,9,11,3"), "line 2, column high: expected a number above zero; found '1e999'"),
        (HEAD + row(0, "10,12,-9,11,3"), "line 2, column low: expected a number above zero; found '-9'"),
        (HEAD + row(0, "10,12,9,0,3"), "line 2, column close: expected a number above zero; found '0'"),
        (HEAD + row(0, "10,12,9,,3"), "line 2, column close: expected a number above zero; found ''"),
        (HEAD + row(0, "10,12,9,1_1,3"), "line 2, column close: expected a number above zero; found '1_1'"),
        (HEAD + row(0, "10,12,9,11,inf"), "line 2, column volume: expected a number of at least zero; found 'inf'"),
        (HEAD + row(0, "10,8,9,9,3"), "line 2, column high: expected none below open, low and close; found '8'"),
        (HEAD + row(0, "10,12,11,12,3"), "line 2, column low: expected none above open and close; found '11'"),
        (HEAD + '1,"', "line 2: unexpected end of data"),
    ],
)
def test_what_is_wrong_is_told_by_its_line_and_column(text: str, told: str) -> None:
    with pytest.raises(LivermoreError, match=f"^f.csv.*{told}"):
        read(text)


def test_a_row_that_begins_within_a_bucket_is_refused() -> None:
    with pytest.raises(LivermoreError, match=r"line 4, column timestamp: expected the start of a bucket of 5m; found"):
        read(HEAD + row(0) + "\n" + row(6), Timeframe.M5)


def test_no_volume_is_no_fault() -> None:
    assert len(read(HEAD + row(0, "1,1,1,1,0") + row(1)).times) == 2


def test_so_many_buckets_that_they_would_not_fit_are_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far = f"{T0 + 60 * csv_bars.MOST},1,1,1,1,1\n"
    with pytest.raises(LivermoreError, match="3,000,001 buckets of 1m, and at most 3,000,000 fit; split the file"):
        read(HEAD + row(0) + row(1) + far)
    monkeypatch.setattr(csv_bars, "MOST", 2)
    assert len(read(HEAD + row(0) + row(1)).times) == 2
    with pytest.raises(LivermoreError, match="line 4: expected at most 2 rows"):
        read(HEAD + row(0) + row(1) + row(2))
