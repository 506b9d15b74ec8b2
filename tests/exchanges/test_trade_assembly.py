"""Tests of the assembly of a connection's frames: sequence, subscriptions, the exchange's clock, conflation."""

import msgspec
import pytest

from livermore.exchanges.assembly import Outcome
from livermore.exchanges.frame import Frame, Refused, Subscribed, Tickers, Trades
from livermore.exchanges.trade_assembly import TradeAssembly
from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap
from livermore.market.ticker import Ticker
from livermore.market.timeframe import Timeframe
from livermore.market.trade import Trade
from tests.market.examples import MINUTE, NOON, candle, trade

BTC, ETH = "BTC-USD", "ETH-USD"
GRACE = 2_000
M1 = Series("coinbase", BTC, Timeframe.M1)
ACK = Subscribed(frozenset({BTC, ETH}))
ONE_MINUTE, TWO_MINUTES, THREE_MINUTES = (NOON + n * MINUTE + GRACE for n in (1, 2, 3))
"""When the first minutes can be closed."""


def hole(at: int, cause: Cause = Cause.DISCONNECT, *, traded: bool = False) -> Gap:
    return Gap(M1, at, at, cause, traded)


class Wire:
    """One connection whose frames are numbered; ``skip`` loses some."""

    def __init__(self, *symbols: str) -> None:
        self.assembly, self.sequence = TradeAssembly("coinbase", symbols or (BTC,), GRACE), 0
        self.assembly.connected(Cause.DISCONNECT)

    def say(self, at: int, *events: object) -> Outcome:
        self.sequence += 1
        return self.assembly.take(Frame(events, self.sequence, at))  # type: ignore[arg-type]

    def skip(self) -> None:
        self.sequence += 1

    def reconnect(self) -> None:
        self.assembly.connected(Cause.DISCONNECT)
        self.sequence = 0


def subscribed(*symbols: str) -> Wire:
    """A wire on which trades flow since the first minute began; number 0 was traded before."""
    wire = Wire(*symbols)
    before = [snapshot(trade(0, NOON - 2, symbol=symbol)) for symbol in symbols or (BTC,)]
    wire.say(NOON, *before, ACK)
    wire.assembly.ticks()
    return wire


def update(*trades: Trade) -> Trades:
    return Trades(trades, snapshot=False)


def snapshot(*trades: Trade) -> Trades:
    return Trades(trades, snapshot=True)


def ticker(symbol: str, price: str) -> Tickers:
    return Tickers([Ticker(symbol, price, "0", "0", price, price, "1", NOON)])


# -- closing


def test_a_minute_is_closed_by_the_exchanges_clock_once_the_grace_is_over() -> None:
    wire = subscribed()
    wire.say(NOON + 5, update(trade(1, NOON + 4)))
    assert wire.say(ONE_MINUTE - 1) == Outcome()
    assert wire.say(ONE_MINUTE) == Outcome(closed=[candle()], known=[(M1, NOON)])
    assert wire.say(ONE_MINUTE + 1) == Outcome()


def test_trades_that_come_within_the_grace_still_count() -> None:
    wire = subscribed()
    wire.say(ONE_MINUTE - 1, update(trade(1, NOON + MINUTE - 1), trade(2, NOON + MINUTE)))
    assert wire.say(ONE_MINUTE).closed == [candle()]


def test_a_frame_may_bring_the_last_trades_of_the_minute_that_it_closes() -> None:
    assert subscribed().say(ONE_MINUTE, update(trade(1, NOON))).closed == [candle()]


def test_a_trade_after_the_grace_is_told_of_as_a_hole() -> None:
    wire = subscribed()
    wire.say(ONE_MINUTE)
    assert wire.say(ONE_MINUTE + 1, update(trade(1, NOON))) == Outcome(
        holes=[hole(NOON, Cause.LATE_TRADE, traded=True)]
    )


def test_an_empty_minute_is_known_without_a_candle() -> None:
    assert subscribed().say(TWO_MINUTES) == Outcome(known=[(M1, NOON), (M1, NOON + MINUTE)])


def test_a_minute_that_is_not_whole_is_a_hole_and_no_candle() -> None:
    wire = Wire()
    wire.say(NOON + 1, ACK, update(trade(5, NOON + 1)))
    assert wire.say(ONE_MINUTE) == Outcome(holes=[hole(NOON, Cause.DISCONNECT, traded=True)])


def test_all_symbols_are_closed_by_a_frame_of_any_of_them() -> None:
    outcome = subscribed(BTC, ETH).say(ONE_MINUTE, update(trade(1, NOON, symbol=ETH)))
    assert [series.symbol for series, _ in outcome.known] == [BTC, ETH]


def test_a_frame_without_a_time_closes_nothing() -> None:
    wire = subscribed()
    wire.say(ONE_MINUTE - 1)
    assert wire.assembly.take(Frame([update(trade(1, NOON + 9 * MINUTE))], wire.sequence + 1)) == Outcome()


def test_an_older_time_closes_nothing_again() -> None:
    wire = subscribed()
    wire.say(TWO_MINUTES)
    assert wire.say(ONE_MINUTE) == Outcome()


def test_symbols_that_are_not_watched_are_passed_over() -> None:
    wire = subscribed()
    wire.say(NOON + 1, update(trade(1, NOON, symbol="DOGE-USD")), ticker("DOGE-USD", "1"), Subscribed(frozenset({"X"})))
    assert wire.assembly.ticks() == ([], [])


def test_late_buckets_of_several_symbols_are_told_in_the_order_of_the_frame() -> None:
    symbols = [f"S{i}-USD" for i in range(20)]
    wire = Wire(*symbols)
    wire.say(NOON, Subscribed(frozenset(symbols)))
    wire.say(ONE_MINUTE)
    late = wire.say(ONE_MINUTE + 1, update(*(trade(1, NOON, symbol=symbol) for symbol in symbols))).holes
    assert [gap.series.symbol for gap in late] == symbols


# -- sequence


@pytest.mark.parametrize("jump", [2, 10, 0, -1, -5])
def test_any_sequence_but_the_next_is_a_gap(jump: int) -> None:
    wire = subscribed()
    wire.say(NOON + 1)
    wire.sequence += jump - 1
    assert wire.say(NOON + 2).gap
    assert not wire.say(NOON + 3).gap


def test_the_first_frame_of_a_connection_may_have_any_number() -> None:
    wire = Wire()
    wire.sequence = 41
    assert not wire.say(NOON).gap
    wire.reconnect()
    assert not wire.say(NOON).gap


def test_a_frame_without_a_number_is_no_gap_and_hides_none() -> None:
    wire = subscribed()
    assert not wire.assembly.take(Frame([Refused("no")])).gap
    assert not wire.say(NOON + 1).gap
    wire.skip()
    wire.assembly.take(Frame([Refused("no")]))
    assert wire.say(NOON + 2).gap


def test_a_gap_makes_a_hole_of_the_minute_it_ends_in_and_no_other() -> None:
    wire = subscribed()
    wire.say(NOON + 1, update(trade(1, NOON)))
    wire.skip()
    wire.say(NOON + 30_000)
    assert wire.say(TWO_MINUTES) == Outcome(
        holes=[hole(NOON, Cause.SEQUENCE_GAP, traded=True)], known=[(M1, NOON + MINUTE)]
    )


def test_trades_that_go_on_show_that_a_gap_took_none_of_them() -> None:
    wire = subscribed()
    wire.say(NOON + 1, update(trade(1, NOON)))
    wire.skip()
    wire.say(NOON + 30_000, update(trade(2, NOON + 30_000)))
    assert wire.say(ONE_MINUTE).closed == [candle(volume="2")]


def test_a_gap_does_not_start_a_subscription_that_was_never_answered() -> None:
    wire = Wire()
    wire.say(NOON)
    wire.skip()
    wire.say(NOON + 1)
    assert wire.say(THREE_MINUTES).known == []


def test_a_gap_after_a_reconnect_does_not_either() -> None:
    wire = subscribed()
    wire.reconnect()
    wire.say(NOON + 1)
    wire.skip()
    wire.say(NOON + 2)
    assert wire.say(THREE_MINUTES) == Outcome(holes=[hole(NOON + n * MINUTE, Cause.DISCONNECT) for n in range(3)])


# -- subscriptions


def test_nothing_is_closed_before_trades_are_known_to_flow() -> None:
    wire = Wire()
    wire.say(NOON, Subscribed(frozenset()))
    assert wire.say(TWO_MINUTES) == Outcome()


def test_trades_show_that_they_flow_even_where_the_answer_was_lost() -> None:
    wire = Wire()
    wire.say(NOON + 1, snapshot(trade(1, NOON - MINUTE), trade(2, NOON - 1)))
    assert wire.say(ONE_MINUTE).known == [(M1, NOON)]


def test_a_symbol_that_an_answer_no_longer_lists_is_not_listened_to() -> None:
    wire = subscribed(BTC, ETH)
    wire.say(NOON + 1, Subscribed(frozenset({ETH})))
    outcome = wire.say(ONE_MINUTE)
    assert [gap.series.symbol for gap in outcome.holes] == [BTC]
    assert [series.symbol for series, _ in outcome.known] == [ETH]


def test_an_answer_that_is_repeated_changes_nothing() -> None:
    wire = subscribed()
    wire.say(NOON + 30_000, ACK)
    assert wire.say(ONE_MINUTE).known == [(M1, NOON)]


def test_an_answer_may_come_without_a_time() -> None:
    wire = Wire()
    wire.assembly.take(Frame([snapshot(trade(0, NOON - 2)), ACK], 1))
    wire.sequence = 1
    assert wire.say(TWO_MINUTES) == Outcome()
    wire.skip()
    wire.say(TWO_MINUTES + 1)
    assert wire.say(THREE_MINUTES + MINUTE).known == [(M1, NOON + 3 * MINUTE)]


def test_a_new_connection_whose_snapshot_joins_on_leaves_no_hole() -> None:
    wire = subscribed()
    wire.say(NOON + 1, update(trade(1, NOON)))
    wire.reconnect()
    wire.say(NOON + 9_000, snapshot(trade(2, NOON + 5_000), trade(1, NOON)))
    assert wire.say(ONE_MINUTE).closed == [candle(volume="2")]


def test_a_new_connection_whose_snapshot_has_nothing_new_leaves_no_hole() -> None:
    wire = subscribed()
    wire.say(NOON + 1, update(trade(1, NOON)))
    wire.reconnect()
    wire.say(NOON + 9_000, snapshot(trade(1, NOON)))
    assert wire.say(ONE_MINUTE).closed == [candle()]


def test_a_new_connection_without_a_snapshot_leaves_one() -> None:
    wire = subscribed()
    wire.say(NOON + 1, update(trade(1, NOON)))
    wire.reconnect()
    wire.say(NOON + 9_000, ACK)
    assert wire.say(TWO_MINUTES) == Outcome(
        holes=[hole(NOON, Cause.DISCONNECT, traded=True)], known=[(M1, NOON + MINUTE)]
    )


# -- refusals and ticks


def test_a_refusal_is_told_and_harms_nothing() -> None:
    wire = subscribed()
    assert wire.assembly.take(Frame([Refused("no such product")])) == Outcome(refusals=["no such product"])
    assert wire.assembly.take(Frame([Refused("no such key", key=True)])).denied
    assert wire.say(ONE_MINUTE).known == [(M1, NOON)]


def test_of_several_tickers_of_one_symbol_the_newest_is_told_once() -> None:
    wire = subscribed(BTC, ETH)
    wire.say(NOON, ticker(BTC, "1"), ticker(ETH, "7"))
    wire.say(NOON, ticker(BTC, "2"))
    tickers, _ = wire.assembly.ticks()
    assert [(t.symbol, t.price) for t in tickers] == [(BTC, "2"), (ETH, "7")]
    assert wire.assembly.ticks() == ([], [])


def test_forming_candles_are_told_of_symbols_that_moved() -> None:
    wire = subscribed(BTC, ETH)
    wire.say(NOON + 1, update(trade(1, NOON, "5", symbol=ETH), trade(1, NOON, "3")))
    wire.say(NOON + 2, update(trade(2, NOON, "4")))
    btc = candle(open="3", high="4", low="3", close="4", volume="2")
    eth = msgspec.structs.replace(candle(open="5", high="5", low="5", close="5"), symbol=ETH)
    assert wire.assembly.ticks() == ([], [btc, eth])
    assert wire.assembly.ticks() == ([], [])


# -- old frames


def test_an_old_frame_sent_again_on_a_new_connection_does_not_vouch_for_the_time_before_it() -> None:
    wire = subscribed()
    wire.say(NOON + 5_000, update(trade(1, NOON + 4_000)))
    wire.reconnect()
    wire.say(NOON + 5_000, ACK, snapshot(trade(1, NOON + 4_000)))
    wire.say(NOON + 40_000, update(trade(3, NOON + 39_000)))
    assert wire.say(ONE_MINUTE).holes == [hole(NOON, traded=True)]


def test_listening_begins_with_the_first_time_that_is_new() -> None:
    wire = subscribed()
    wire.say(NOON + 5_000)
    wire.reconnect()
    wire.say(NOON + 5_000, ACK)
    wire.say(NOON + MINUTE - 1)
    outcome = wire.say(TWO_MINUTES)
    assert [gap.first for gap in outcome.holes] == [NOON]
    assert outcome.known == [(M1, NOON + MINUTE)]
