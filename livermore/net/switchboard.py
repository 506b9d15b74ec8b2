"""The switchboard: as many lines to an exchange as its limit on symbols asks for."""

import asyncio
from collections.abc import Sequence

from livermore.market.candle import Candle
from livermore.market.gap import Cause
from livermore.market.ticker import Ticker
from livermore.net.line import Line, Terms


class Switchboard:
    """A symbol stays on its line as long as it is watched."""

    def __init__(self, terms: Terms, per_line: int, cause: Cause) -> None:
        """``per_line``: the most symbols of one line; ``cause``: why nothing was heard before."""
        self._terms, self._per_line, self._cause = terms, per_line, cause
        self._lines: dict[Line, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Listen, for ever; raises what the first line raises that fails."""
        try:
            while True:
                await self._watch_lines()
        finally:
            for task in self._lines.values():
                task.cancel()
            await asyncio.gather(*self._lines.values(), return_exceptions=True)

    async def _watch_lines(self) -> None:
        """Until there is another line, or one has failed."""
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            done, _ = await asyncio.wait({changed, *self._lines.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        self._changed.clear()
        for task in done - {changed}:
            task.result()

    async def watch(self, symbols: Sequence[str]) -> None:
        """From now on, these symbols; of those that stay nothing is lost."""
        wanted = dict.fromkeys(symbols)
        kept = {line: [symbol for symbol in line.symbols if symbol in wanted] for line in self._lines}
        placed = {symbol for symbols_of_line in kept.values() for symbol in symbols_of_line}
        new = [symbol for symbol in wanted if symbol not in placed]
        for line, here in kept.items():
            room = max(0, self._per_line - len(here))
            await line.watch([*here, *new[:room]])
            new = new[room:]
        for i in range(0, len(new), self._per_line):
            self._open(new[i : i + self._per_line])

    def _open(self, symbols: Sequence[str]) -> None:
        line = Line(self._terms, symbols, self._cause)
        self._lines[line] = asyncio.ensure_future(line.run())
        self._changed.set()

    def ticks(self) -> tuple[list[Ticker], list[Candle]]:
        """The newest tickers and forming candles of symbols that moved since the last call."""
        found = [line.assembly.ticks() for line in self._lines]
        return [t for tickers, _ in found for t in tickers], [c for _, forming in found for c in forming]

    @property
    def grace(self) -> int:
        """The longest grace of all lines, ms."""
        return max((line.assembly.grace for line in self._lines), default=0)
