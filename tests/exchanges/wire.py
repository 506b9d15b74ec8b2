"""A wire that loses things: an exchange with a ground-truth tape, and what of it arrives, as frames."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Frame, Subscribed, Trades
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market.candle import Candle
from livermore.market.fold import BUCKET
from livermore.market.gap import Cause
from livermore.market.trade import Trade
from tests.market.examples import NOON

SYMBOLS = ("BTC-USD", "ETH-USD")
GRACE = 2_000
BATCH = 250
HEARTBEAT = 5_000

Exact = tuple[Fraction, ...]


@dataclass(frozen=True)
class Stretch:
    """Some time (ms) on the wire: when in it (in thousandths) which symbol trades, and what becomes of the frames.

    Every second of these moments is moved to the beginning of its minute.

    ``fate``: `clean`; `lost`; `doubled` (every frame comes twice); `told again` (older trades come once more);
    `shuffled` inside each frame; `late` (trades come after the stretch); `ended` (the exchange ends the subscription);
    `cut` (the connection breaks, and comes back at the end of the stretch).
    ``back``: what a new connection begins with, in order; ``depth``: how many trades its snapshots hold.
    """

    ms: int
    trades: tuple[tuple[int, int], ...] = ()
    fate: str = "clean"
    back: tuple[str, ...] = ("snapshot", "ack")
    depth: int = 100


@dataclass
class Seen:
    """What the assembly made of one symbol."""

    closed: list[tuple[int, bool]] = field(default_factory=list)
    """Open time of each bucket in the order they were closed, and whether as whole."""
    candles: dict[int, Candle] = field(default_factory=dict)
    doubted: list[int] = field(default_factory=list)
    """Buckets that were told of once more after they had been closed."""


class World:
    """The exchange, the wire, and the assembly under test."""

    def __init__(self, *, sequenced: bool = True, start: int = NOON + 41_300) -> None:
        self.now, self.sequenced = start, sequenced
        self.assembly = TradeAssembly("coinbase", SYMBOLS, GRACE)
        self.tape: dict[str, list[Trade]] = {symbol: [] for symbol in SYMBOLS}
        self.seen = {symbol: Seen() for symbol in SYMBOLS}
        self.came_late: dict[str, set[int]] = defaultdict(set)
        self._withheld: list[Trade] = []
        self._arrived: dict[str, Trade] = {}  # the newest of each symbol
        self._sequence = 0
        self._carries_trades = False

    # -- the exchange

    def trade(self, symbol: str, at: int) -> Trade:
        """One more trade, whose price and size follow from its number."""
        number = 1_000 + len(self.tape[symbol])
        price, size = f"{100 + number * 7919 % 997}.{number % 9 + 1}", f"0.{number * 31 % 89 + 1:08d}1"
        made = Trade(symbol, number, price, size, at)
        self.tape[symbol].append(made)
        return made

    def truth(self, symbol: str) -> dict[int, Exact]:
        """Open, high, low, close and volume of every bucket with trades."""
        buckets: dict[int, list[Trade]] = defaultdict(list)
        for made in self.tape[symbol]:
            buckets[made.time - made.time % BUCKET.ms].append(made)
        return {at: self._exact(trades) for at, trades in buckets.items()}

    @staticmethod
    def _exact(trades: Sequence[Trade]) -> Exact:
        prices = [Fraction(t.price) for t in trades]
        return prices[0], max(prices), min(prices), prices[-1], sum((Fraction(t.size) for t in trades), Fraction(0))

    # -- the wire

    def connect(self, back: Sequence[str] = ("snapshot", "ack"), depth: int = 100) -> None:
        """A new connection. Of what it begins with, `lost ...` is sent and lost; with nothing at all, the exchange has
        not taken up the subscription to trades.
        """
        self.assembly.connected(Cause.DISCONNECT)
        self._sequence = 0
        self._carries_trades = bool(back)
        for word in back:
            for event in self._opening(word.removeprefix("lost "), depth):
                self._send(event, arrives=not word.startswith("lost "))

    def _opening(self, word: str, depth: int) -> Iterator[Trades | Subscribed]:
        if word == "ack":
            yield Subscribed(frozenset(SYMBOLS))
        else:
            yield from (Trades(self.tape[s][-depth:][::-1], snapshot=True) for s in SYMBOLS if self.tape[s])

    def run(self, stretch: Stretch) -> None:
        """Let a stretch of time pass."""
        if stretch.fate != "late" and self._withheld:
            self._send(Trades(self._withheld, snapshot=False))  # what comes late is not lost as well
            self._withheld = []
        start, end = self.now, self.now + stretch.ms
        if stretch.fate == "ended":
            self._carries_trades = False
            self._send(Subscribed(frozenset()))
        moments = sorted((self._moment(start, stretch.ms, share), which) for share, which in stretch.trades)
        made = [self.trade(SYMBOLS[which], at) for at, which in moments]
        beats = range(start // HEARTBEAT * HEARTBEAT + HEARTBEAT, end, HEARTBEAT)
        for at in sorted({*beats, *(min(end, t.time // BATCH * BATCH + 2 * BATCH) for t in made), end}):
            self.now = at
            batch = [t for t in made if t.time <= at]
            made = made[len(batch) :]
            self._frame(batch, stretch.fate)
        if stretch.fate == "cut":
            self.connect(stretch.back, stretch.depth)

    @staticmethod
    def _moment(start: int, length: int, share: int) -> int:
        at = start + 1 + length * share // 1000
        return max(start + 1, at - at % BUCKET.ms) if share % 2 else at

    def _frame(self, batch: list[Trade], fate: str) -> None:
        if fate == "cut":
            return
        if not self._carries_trades:
            batch = []
        if fate == "late":
            self._withheld += batch
            for t in batch:
                self.came_late[t.symbol].add(t.time - t.time % BUCKET.ms)
            batch = []
        if fate == "told again" and self._carries_trades:
            older = [old for t in batch for old in self.tape[t.symbol][-7:] if old.time <= self.now]
            batch = older or list(self._arrived.values())
        if fate == "shuffled":
            batch = batch[::-1]
        self._send(Trades(batch, snapshot=False) if batch else None, arrives=fate != "lost", twice=fate == "doubled")

    def _send(self, event: Trades | Subscribed | None, *, arrives: bool = True, twice: bool = False) -> None:
        sequence, self._sequence = self._sequence, self._sequence + 1
        frame = Frame([event] if event else [], sequence if self.sequenced else None, self.now)
        for _ in range(arrives + twice):
            self._arrived |= {t.symbol: t for t in (event.trades if isinstance(event, Trades) else ())}
            self._note(self.assembly.take(frame))

    # -- what comes of it

    def _note(self, outcome: Outcome) -> None:
        told = [(at, series.symbol, True) for series, at in outcome.known]
        told += [(gap.first, gap.series.symbol, False) for gap in outcome.holes]
        for at, symbol, whole in sorted(told):
            seen = self.seen[symbol]
            if seen.closed and at <= seen.closed[-1][0]:
                assert not whole, "closed twice"
                seen.doubted.append(at)
            else:
                seen.closed.append((at, whole))
        for candle in outcome.closed:
            assert candle.open_time not in self.seen[candle.symbol].candles, "closed twice"
            self.seen[candle.symbol].candles[candle.open_time] = candle
