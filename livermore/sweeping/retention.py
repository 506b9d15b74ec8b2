"""The ``retention`` block of a tree: how long each kind of data is kept."""

from typing import Annotated

from pydantic import Field

from livermore.settings import Duration, Options
from livermore.store.sweeping import SHORTEST

DAY = 86_400
Kept = Annotated[Duration, Field(ge=3600, le=100 * 365 * DAY)]


class Files(Options):
    """Files of a ``folder``: none is looked at where it is not told. They are as old as they were last written."""

    folder: str = ""
    kept: Kept = 90.0 * DAY


class Retention(Options):
    """``candles``: of each series, no more than the instance's ``history``, which they are without a word here.

    Everything else goes by time. ``events``: also the window in which a stream can be resumed. ``alerts``: in SQL; one
    whose candle is still kept stays. ``activity``: writers trim it at 90 days themselves. ``dead_letters``: notices
    that were given up. ``crash_reports``: ``folder`` is that of ``settings.crash_reports.dir``. ``recordings``: files
    whose names end in ``.jsonl.gz``.
    """

    candles: int | None = Field(None, ge=350, le=10_000)
    events: Annotated[Duration, Field(ge=SHORTEST, le=30 * DAY)] = float(SHORTEST)
    alerts: Kept = 365.0 * DAY
    audit: Kept = 365.0 * DAY
    activity: Annotated[Duration, Field(ge=3600, le=90 * DAY)] = 90.0 * DAY
    dead_letters: Kept = 30.0 * DAY
    crash_reports: Files = Files()
    recordings: Files = Files()
