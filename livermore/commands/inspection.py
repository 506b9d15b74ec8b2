"""An audit that people watch: a bar on a terminal, else a line for each series, and every mismatch as it is found."""

import sys
from collections.abc import Sequence

from tqdm import tqdm

from livermore.auditing import Audit
from livermore.commands.common import say
from livermore.market.audit import Check, Mismatch, Report, both, with_rest
from livermore.market.candle import Series
from livermore.market.due import Page


class Inspection:
    """``size``: buckets of one request; ``newest``: how many buckets of each series, or None for all that are held."""

    def __init__(self, audit: Audit, size: int, newest: int | None) -> None:
        self._audit, self._size, self._newest = audit, size, newest
        self._asked = set[Page]()

    async def of(self, series: Sequence[Series]) -> Report:
        """Hold all of these against REST and against their children."""
        report = Report(0, ())
        with tqdm(series, unit=" series", disable=not sys.stdout.isatty()) as bar:
            for one in bar:
                bar.set_postfix_str(str(one))
                found = await self._of_one(one)
                for mismatch in found.mismatches:
                    _tell(str(mismatch))
                if bar.disable:
                    say(f"{one}: {found.checked} checks, mismatches: {len(found.mismatches)}")
                report = both(report, found)
        return report

    async def doubts(self, report: Report) -> Report:
        """Ask REST about all that a roll-up has made doubtful, so that it can be repaired."""
        found = Report(0, ())
        for page in dict.fromkeys(p for m in report.mismatches for p in m.doubtful):
            if not any(_holds(asked, page) for asked in self._asked):
                found = both(found, await self._with_rest(page))
        for mismatch in found.mismatches:
            say(mismatch)
        return found

    async def left(self, report: Report) -> Report:
        """What is left of a report by now, without asking REST again."""
        held = {m.series: await self._audit.holding(m.series) for m in report.mismatches}
        left = list[Mismatch]()
        for m in report.mismatches:
            if m.check is Check.ROLL_UP:
                left += (await self._audit.with_children(m.series, m.open_time, m.open_time)).mismatches
            elif (now := held[m.series]) is not None:
                answer = [m.expected] if m.expected is not None else []
                left += with_rest(now, Page(m.series, m.open_time, m.open_time), answer).mismatches
        return Report(report.checked, left)

    async def _of_one(self, series: Series) -> Report:
        held = await self._audit.holding(series)
        report = Report(0, ())
        if held is None:
            return report
        pages = held.pages(self._size, self._newest)
        for page in pages:
            report = both(report, await self._with_rest(page))
        return both(report, await self._audit.with_children(series, pages[0].first, pages[-1].last))

    async def _with_rest(self, page: Page) -> Report:
        self._asked.add(page)
        return await self._audit.with_rest(page)


def _holds(asked: Page, page: Page) -> bool:
    return asked.series == page.series and asked.first <= page.first and page.last <= asked.last


def _tell(text: str) -> None:
    """Above the bar, if there is one."""
    tqdm.write(text)
