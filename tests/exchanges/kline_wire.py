"""A wire that loses candles: an exchange that makes them of its trades, and what of them arrives, as frames."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Frame, Kline, Klines
from livermore.exchanges.kline_assembly import KlineAssembly
from livermore.market.candle import Candle, Series
from livermore.market.gap import Cause, Gap
from livermore.market.timeframe import Timeframe
from tests.market.examples import NOON

SYMBOLS = ("BTC-USDT", "ETH-USDT")
GRACE = 2_500
PUSH = 2_000
"""How often (ms) a candle is told that has changed."""
BEAT = 5_000
"""How often something else is told, which is a clock."""


@dataclass(frozen=True)
class Stretch:
    """Some time (ms) on the wire: when in it (in thousandths) which symbol trades, and what becomes of the frames.

    ``fate``: `clean`; `lost`; `unclosed` (all but the closings arrive); `doubled` (all frames come once more, over a
    slower connection); `told again` (those of the last stretch come once more); `late` (they come after the stretch);
    `cut` (the connection breaks, and comes back at the end of the stretch).
    """

    ms: int
    trades: tuple[tuple[int, int], ...] = ()
    fate: str = "clean"


@dataclass
class Seen:
    """What the assembly made of one series: its buckets, in the order in which they were first told of."""

    settled: dict[int, Cause | None] = field(default_factory=dict)
    candles: dict[int, Candle] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)


class World:
    """The exchange, the wire, and the assembly under test. ``thorough``: it closes buckets without trades as well."""

    def __init__(self, *, thorough: bool, start: int = NOON + 41_300) -> None:
        self.now, self.start, self.thorough = start, start, thorough
        self.assembly = KlineAssembly("binance", SYMBOLS, GRACE)
        self.tape: dict[str, list[tuple[int, int]]] = {symbol: [] for symbol in SYMBOLS}
        self.seen = {Series("binance", s, t): Seen() for s in SYMBOLS for t in Timeframe}
        self.cuts: list[tuple[int, int]] = []
        self.clock = 0  # the newest time of any frame that has arrived
        self._before: list[Frame] = []
        self._withheld: list[Frame] = []
        self.assembly.connected(Cause.DISCONNECT)
        self._arrive(Frame([], None, start))

    # -- the exchange

    def candle(self, series: Series, open_time: int, at: int) -> Candle | None:
        """The candle of a bucket as it stands at a moment."""
        until = min(at, open_time + series.timeframe.ms - 1)
        prices = [price for time, price in self.tape[series.symbol] if open_time <= time <= until]
        if not prices:
            return None
        o, h, l, c = (str(price) for price in (prices[0], max(prices), min(prices), prices[-1]))  # noqa: E741 - OHLC
        return Candle(*series, open_time, o, h, l, c, str(len(prices)))

    def truth(self, series: Series, open_time: int) -> Candle | None:
        return self.candle(series, open_time, open_time + series.timeframe.ms)

    @staticmethod
    def _delay(series: Series, open_time: int) -> int:
        """How long after a bucket's end it is closed."""
        return (open_time // 60_000 * 7919 + len(series.timeframe) * 31) % (GRACE - 1)

    def _frames(self, since: int, until: int) -> list[Frame]:
        """All that is sent in a stretch of time, in order."""
        beats = [Frame([], None, at) for at in range(since // BEAT * BEAT + BEAT, until + 1, BEAT)]
        told = [
            frame
            for series in self.seen
            for frame in (*self._pushes(series, since, until), *self._closings(series, since, until))
        ]
        return sorted([*beats, *told, Frame([], None, until)], key=lambda frame: frame.time or 0)  # fmt: skip

    def _pushes(self, series: Series, since: int, until: int) -> Iterator[Frame]:
        for at in range(since // PUSH * PUSH + PUSH, until + 1, PUSH):
            open_time = series.timeframe.floor(at)
            if any(max(open_time, at - PUSH) <= time <= at for time, _ in self.tape[series.symbol]):
                yield Frame([Klines([Kline(series, open_time, False, self.candle(series, open_time, at))])], None, at)

    def _closings(self, series: Series, since: int, until: int) -> Iterator[Frame]:
        step = series.timeframe.ms
        for open_time in range(series.timeframe.floor(since) - step, until, step):
            at, candle = open_time + step + self._delay(series, open_time), self.truth(series, open_time)
            if since < at <= until and (candle or self.thorough):
                yield Frame([Klines([Kline(series, open_time, True, candle)])], None, at)

    # -- the wire

    def run(self, stretch: Stretch) -> None:
        """Let a stretch of time pass."""
        start, self.now = self.now, self.now + stretch.ms
        for share, which in sorted(stretch.trades):
            at = start + 1 + (stretch.ms - 1) * share // 1000
            self.tape[SYMBOLS[which]].append((at, 100 + at * 7919 % 997))
        sent, withheld, self._withheld = self._frames(start, self.now), self._withheld, []
        for frame in (*withheld, *self._arriving(sent, stretch.fate)):
            self._arrive(frame)
        self._before = sent
        if stretch.fate == "cut":
            self.cuts.append((self.clock, self.now))
            self.assembly.connected(Cause.DISCONNECT)
            self._arrive(Frame([], None, self.now))

    def _arriving(self, sent: list[Frame], fate: str) -> list[Frame]:
        if fate in {"lost", "cut"}:
            return []
        if fate == "late":
            self._withheld = sent
            return []
        if fate == "unclosed":
            return [frame for frame in sent if not _closes(frame)]
        if fate == "doubled":
            twice = [(frame.time or 0, 0, frame) for frame in sent] + [
                ((frame.time or 0) + 3_000, 1, frame) for frame in sent
            ]
            return [frame for _, _, frame in sorted(twice, key=lambda one: one[:2])]  # fmt: skip
        return [*self._before, *sent] if fate == "told again" else sent

    def _arrive(self, frame: Frame) -> None:
        self.clock = max(self.clock, frame.time or 0)
        self._note(self.assembly.take(frame))

    # -- what comes of it

    def _note(self, outcome: Outcome) -> None:
        told: dict[Series, list[tuple[int, Cause | None]]] = defaultdict(list)
        for gap in outcome.holes:
            self.seen[gap.series].gaps.append(gap)
            told[gap.series] += [(at, gap.cause) for at in range(gap.first, gap.last + 1, gap.series.timeframe.ms)]
        for series, at in outcome.known:
            told[series].append((at, None))
            assert at not in self.seen[series].known, "known twice"
            self.seen[series].known.add(at)
        for series, buckets in told.items():
            for at, cause in sorted(buckets):
                assert cause is None or at not in self.seen[series].settled, "given up twice"
                self.seen[series].settled.setdefault(at, cause)
        for candle in outcome.closed:
            assert candle.open_time not in self.seen[candle.series].candles, "closed twice"
            self.seen[candle.series].candles[candle.open_time] = candle


def _closes(frame: Frame) -> bool:
    return any(kline.closed for event in frame.events if isinstance(event, Klines) for kline in event.klines)
