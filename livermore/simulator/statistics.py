"""What a ticker says of a symbol: its newest price, its last 24 hours and 52 weeks, and its best quotes."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from livermore.simulator.amounts import text_of
from livermore.simulator.bars import Bar
from livermore.simulator.history import DAY, History
from livermore.simulator.instruments import Instrument
from livermore.simulator.minutes import Minutes
from livermore.simulator.noise import key, uniform
from livermore.simulator.quotes import Quotes
from livermore.simulator.tape import Tape
from livermore.simulator.trade import Trade
from livermore.simulator.wire import TickerRow

QUOTE = 2_000
"""How often (ms) waiting orders change although nobody trades."""

_YEAR = 364
_DIGITS = Decimal("1e-14")


class Statistics:
    """The tickers of one symbol. The last 24 hours are the minute of now and the 1,439 before it."""

    def __init__(self, seed: int, instrument: Instrument, minutes: Minutes, tape: Tape, history: History) -> None:
        self._instrument, self._minutes, self._tape, self._history = instrument, minutes, tape, history
        self._quote = key(seed, instrument.symbol, "quote")
        self._day = lru_cache(4)(self._make_day)
        self._year = lru_cache(2)(self._make_year)

    def ticker(self, now: int) -> TickerRow | None:
        """The ticker at ``now`` (ms UTC); None before the first trade."""
        newest, quotes = self._tape.newest(now, 1), self.quotes(now)
        if quotes is None:
            return None
        day = self.last_24_hours(now)
        year = self._year(now // 60_000 // DAY).then(day)
        return self._row(self._ticks(newest[0]), quotes, day, year)

    def quotes(self, now: int) -> Quotes | None:
        """The best orders at ``now``; None before the first trade."""
        i, newest = self._instrument, self._tape.newest(now, 1)
        if not newest:
            return None
        price = self._ticks(newest[0])
        ask = price if newest[0].side == "SELL" else price + i.spread
        bid = max(ask - i.spread, 1)
        return Quotes(text_of(bid, i.price_digits), text_of(ask, i.price_digits), *self._waiting(now))

    def _ticks(self, trade: Trade) -> int:
        return round(Decimal(trade.price).scaleb(self._instrument.price_digits))

    def _row(self, price: int, quotes: Quotes, day: Bar, year: Bar) -> TickerRow:
        i = self._instrument
        first, high, low = (day.open, day.high, day.low) if day.trades else (price, price, price)
        return TickerRow(
            type="ticker",
            product_id=i.symbol,
            price=text_of(price, i.price_digits),
            volume_24_h=text_of(day.volume, i.size_digits),
            low_24_h=text_of(low, i.price_digits),
            high_24_h=text_of(high, i.price_digits),
            low_52_w=text_of(year.low, i.price_digits),
            high_52_w=text_of(year.high, i.price_digits),
            price_percent_chg_24_h=_percent(price, first),
            best_bid=quotes.bid,
            best_ask=quotes.ask,
            best_bid_quantity=quotes.bid_quantity,
            best_ask_quantity=quotes.ask_quantity,
        )

    def _waiting(self, now: int) -> list[str]:
        """How much waits at the best bid and at the best ask."""
        i = self._instrument
        usual = i.size * 10**i.size_digits
        shares = uniform(self._quote, 2 * (now // QUOTE), 2).tolist()
        return [text_of(1 + int(6 * usual * share), i.size_digits) for share in shares]

    def last_24_hours(self, now: int) -> Bar:
        """The last 24 hours as one bar, without trades if there were none."""
        current = now // 60_000
        minute = self._tape.minute(current)
        return self._day(current).then(minute.bar(minute.before(now * 1_000)))

    def _make_day(self, current: int) -> Bar:
        first = max(current - DAY + 1, 0)
        return self._minutes.bars(first, current - first).total()

    def _make_year(self, today: int) -> Bar:
        first = max(today - _YEAR + 1, 0)
        _, days = self._history.bars(DAY, first * DAY, (today - 1) * DAY, today * DAY * 60_000)
        return days.total()


def _percent(price: int, before: int) -> str:
    change = (Decimal(100 * (price - before)) / before).quantize(_DIGITS, ROUND_HALF_EVEN)
    return f"{change.normalize() + 0:f}"
