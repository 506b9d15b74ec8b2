"""Bars of a CSV file: every row is checked, and whatever is wrong with one is told by its line and column."""

import csv
import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livermore.commands.csv_times import Form, moment
from livermore.errors import LivermoreError
from livermore.indicators.bars import Bars, Floats, spread
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe

MOST = 3_000_000
"""Bars, filled ones included: more do not fit into the memory of a small machine."""
TIMES = ("timestamp", "date", "time")
"""Names of the column with open times; the first of them that there is."""
AMOUNTS = ("open", "high", "low", "close", "volume")
_AMOUNT = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


class Given(NamedTuple):
    """The rows of a file, ascending. ``times``: open times, ms."""

    timeframe: Timeframe
    times: NDArray[np.int64]
    high: Floats
    low: Floats
    close: Floats

    def bars(self, *, fill: bool = True) -> Bars:
        """The bars; ``fill``: buckets without a row are bars that were never traded, and not left out."""
        if fill:
            return spread(self.times, self.high, self.low, self.close, self.timeframe.ms)
        return Bars(self.times, self.high, self.low, self.close, np.ones(len(self.times), np.bool_))


def read(lines: Iterable[str], name: str, timeframe: Timeframe | None = None) -> Given:
    """The rows of a file with a header; ``name``: of the file; ``timeframe``: else that of the smallest step.

    Raises:
        LivermoreError: naming the line and column of the first thing that is wrong.
    """
    reader = csv.reader(lines, strict=True)
    try:
        rows = _Rows(name, next(reader, []))
        for row in reader:
            if row:
                rows.take(row, reader.line_num)
    except csv.Error as error:
        raise LivermoreError(f"{name}, line {reader.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise LivermoreError(f"{name}, near line {reader.line_num + 1}: expected UTF-8; {error.reason}") from error
    return rows.given(timeframe)


class _Rows:
    def __init__(self, name: str, header: Sequence[str]) -> None:
        self._name = name
        columns = [word.strip().lower() for word in header]
        self._time = next((word for word in TIMES if word in columns), TIMES[0])
        wanted = (self._time, *AMOUNTS)
        for word in wanted:
            if columns.count(word) != 1:
                found = "none" if word not in columns else "several"
                raise self._wrong(1, word, f"expected one such column in the header; found {found}")
        self._width, self._places = len(columns), [columns.index(word) for word in wanted]
        self._form: Form | None = None
        self._lines, self._times = array("q"), array("q")
        self._high, self._low, self._close = array("d"), array("d"), array("d")

    def take(self, row: Sequence[str], line: int) -> None:
        if len(row) != self._width:
            raise LivermoreError(
                f"{self._name}, line {line}: expected {self._width} columns, as in the header; found {len(row)}"
            )
        if len(self._times) == MOST:
            raise LivermoreError(f"{self._name}, line {line}: expected at most {MOST:,} rows; split the file")
        time, *amounts = (row[place].strip() for place in self._places)
        self._times.append(self._opened(time, line))
        self._lines.append(line)
        prices = [self._amount(text, word, line) for word, text in zip(AMOUNTS, amounts, strict=True)]
        open_, high, low, close, _ = prices
        if high < max(open_, low, close):
            raise self._wrong(line, "high", f"expected none below open, low and close; found {amounts[1]!r}")
        if low > min(open_, close):
            raise self._wrong(line, "low", f"expected none above open and close; found {amounts[2]!r}")
        self._high.append(high)
        self._low.append(low)
        self._close.append(close)

    def given(self, timeframe: Timeframe | None) -> Given:
        if not self._times:
            raise LivermoreError(f"{self._name}: expected rows below the header; found none")
        timeframe = timeframe or self._derived()
        times = np.frombuffer(self._times, np.int64)
        off = np.flatnonzero(times % timeframe.ms)
        if len(off):
            at = int(off[0])
            message = f"expected the start of a bucket of {timeframe}; found {iso(self._times[at])}"
            raise self._wrong(self._lines[at], self._time, message)
        first, last = self._times[0], self._times[-1]
        buckets = (last - first) // timeframe.ms + 1
        if buckets > MOST:
            span = f"{iso(first)} to {iso(last)}"
            raise LivermoreError(
                f"{self._name}: {span} are {buckets:,} buckets of {timeframe}, and at most {MOST:,} fit; split the file"
            )
        return Given(timeframe, times, *(np.frombuffer(one) for one in (self._high, self._low, self._close)))

    def _derived(self) -> Timeframe:
        """The timeframe that is as long as the smallest step."""
        steps = ((later - sooner, i) for i, (sooner, later) in enumerate(pairwise(self._times), 1))
        step, at = min(steps, default=(0, 0))
        found = next((timeframe for timeframe in Timeframe if timeframe.ms == step), None)
        if found is None:
            known, told = ", ".join(Timeframe), f"{step / 1000:g} s" if step else "one row only"
            message = f"expected a smallest step of {known}; found {told}; name one with --timeframe"
            raise self._wrong(self._lines[at], self._time, message)
        return found

    def _opened(self, text: str, line: int) -> int:
        try:
            form, at = moment(text)
        except ValueError as error:
            raise self._wrong(line, self._time, f"{error}; found {text[:40]!r}") from error
        if form is not (self._form or form):
            message = f"expected {self._form}, as above; found {text[:40]!r}, which is {form}"
            raise self._wrong(line, self._time, message)
        self._form = form
        if self._times and at <= self._times[-1]:
            told = "the same time again" if at == self._times[-1] else f"{iso(at)} after {iso(self._times[-1])}"
            raise self._wrong(line, self._time, f"expected ascending times; found {told}")
        return at

    def _amount(self, text: str, word: str, line: int) -> float:
        value = float(text) if _AMOUNT.fullmatch(text) else -1.0
        if not isfinite(value) or value < 0 or (value == 0 and word != "volume"):
            what = "a number of at least zero" if word == "volume" else "a number above zero"
            raise self._wrong(line, word, f"expected {what}; found {text[:40]!r}")
        return value

    def _wrong(self, line: int, column: str, message: str) -> LivermoreError:
        return LivermoreError(f"{self._name}, line {line}, column {column}: {message}")
