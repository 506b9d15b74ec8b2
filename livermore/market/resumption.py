"""Resumption: what lies between the last bucket that was known and the first that a new wire tells of."""

from collections.abc import Iterable, Mapping

from livermore.market.candle import Series
from livermore.market.cursor import Cursor
from livermore.market.gap import Cause, Gap

Told = Iterable[tuple[Series, int]]
"""Series and open time (ms) of buckets that the wire spoke of, vouching for them or not."""


class Resumption:
    """Of any number of series, each of which is resumed once."""

    def __init__(
        self, cursors: Mapping[Series, Cursor], history: int, now: int, cause: Cause, since: int | None = None
    ) -> None:
        """Of those that have been away for longer than ``history`` buckets (``now``: ms) the rest is not filled.

        ``since``: when (ms) nothing was heard any more, where that is known: REST may have been quicker than the wire.
        """
        self._cause = cause
        self._through = {
            series: cursor.through if since is None else min(cursor.through, series.timeframe.last_closed(since))
            for series, cursor in cursors.items()
            if now - cursor.through <= history * series.timeframe.ms
        }

    def begin(self, now: int) -> list[Gap]:
        """What has been missed by the moment (ms) at which the wire is heard again: buckets that are over."""
        first = {series: series.timeframe.floor(now) for series in self._through}
        found = [gap for series, at in first.items() if (gap := self._gap(series, at)).first <= gap.last]
        self._through |= {series: at - series.timeframe.ms for series, at in first.items()}
        return found

    def gaps(self, told: Told) -> list[Gap]:
        """What was missed beyond that of the series that are spoken of for the first time."""
        first: dict[Series, int] = {}
        for series, open_time in told:
            if series in self._through:
                first[series] = min(open_time, first.get(series, open_time))
        return [gap for series, at in first.items() if (gap := self._gap(series, at)).first <= gap.last]

    def _gap(self, series: Series, first_told: int) -> Gap:
        step = series.timeframe.ms
        return Gap(series, self._through.pop(series) + step, first_told - step, self._cause)
