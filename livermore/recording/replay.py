"""The pipeline on a recording: the same codec, assembly, roll-up, indicator and rules, without clock or store. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from livermore.alerts.engine import step
from livermore.alerts.raising import Find, raised, reading
from livermore.alerts.rule import Memory, Rule
from livermore.errors import ProtocolError
from livermore.exchanges.codec import Codec
from livermore.indicators.engine import Engine, News
from livermore.indicators.values import Indicator
from livermore.market.candle import Series, to_json
from livermore.market.gap import Cause
from livermore.net.rest import candles_of
from livermore.recording.book import MemoryBook
from livermore.recording.lines import Answered, Connected, Line, Received, milliseconds
from livermore.store.candle_book import Change
from livermore.store.candles import Known


class Fact(NamedTuple):
    """``kind``: candles, signals or alerts; ``data``: JSON, as it is stored."""

    kind: str
    data: bytes


class Replay:
    """Takes lines in their order. Time is what the lines say, so that the same lines always give the same facts."""

    def __init__(
        self, codec: Codec, symbols: Sequence[str], indicator: Indicator, rules: Sequence[Rule], history: int
    ) -> None:
        """``history``: how many candles of a series are kept."""
        self._codec, self._rules = codec, rules
        self._assembly = codec.assembly(symbols, int(codec.grace * 1000))
        self.book = MemoryBook(history, rolls_up=codec.rolls_up)
        self.unread = self.holes = 0
        self._engine = Engine(indicator, self.book)
        self._memories: dict[Series, Memory] = {}
        self._prices: dict[str, str] = {}

    def take(self, line: Line) -> Iterator[Fact]:
        """What follows from one more line."""
        if isinstance(line, Connected):
            self._assembly.connected(Cause.DISCONNECT)
        elif isinstance(line, Received):
            yield from self._frame(line)
        elif isinstance(line, Answered):
            yield from self._answer(line)

    def _frame(self, line: Received) -> Iterator[Fact]:
        try:
            outcome = self._assembly.take(self._codec.decode(line.data))
        except ProtocolError:
            self.unread += 1
            return
        self.holes += len(outcome.holes)
        self._prices |= {ticker.symbol: ticker.price for ticker in self._assembly.ticks()[0]}
        changes = self.book.close(outcome.closed, [Known(series, at, at) for series, at in outcome.known])
        yield from self._follow(changes, milliseconds(line.ts))

    def _answer(self, line: Answered) -> Iterator[Fact]:
        page = line.page(self._codec.name)
        try:
            found = candles_of(self._codec, page, line.body.encode())
        except ProtocolError:
            self.unread += 1
            return
        known = Known(page.series, page.first, page.last, rest=True, anew=page.fresh)
        yield from self._follow(self.book.close(found, [known], news=not page.is_history), milliseconds(line.ts))

    def _follow(self, changes: Sequence[Change], now: int) -> Iterator[Fact]:
        redo: dict[Series, int] = {}
        for candle, new in changes:
            yield Fact("candles", to_json(candle))
            if not new:
                redo[candle.series] = min(candle.open_time, redo.get(candle.series, candle.open_time))
        for series in dict.fromkeys(candle.series for candle, _ in changes):
            closed = [candle for candle, new in changes if new and candle.series == series]
            news = News(self.book.cursors.get(series), self.book.rewrites[series], closed, redo.get(series))
            for made in self._engine.take({series: news}):
                yield Fact("signals", msgspec.json.encode(made.full))
                yield from self._alerts(series, made.full, now)

    def _alerts(self, series: Series, record: dict[str, Any], now: int) -> Iterator[Fact]:
        value = reading(series.exchange, record)
        if value is None:
            return
        before = self._memories.get(series, Memory())
        self._memories[series], found = step(self._rules, before, value, rebased=record["rebased"])
        for one in found:
            memories = {at.timeframe: held for at, held in self._memories.items() if at.symbol == series.symbol}
            alert = raised(Find(one, value, record), self._prices.get(series.symbol), now, memories)
            yield Fact("alerts", msgspec.json.encode(alert))
