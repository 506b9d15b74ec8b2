"""What had fired, as SQL knows it: of a symbol, and up to when of an exchange."""

from functools import partial

from livermore.store import fired
from livermore.store.sql import Database
from tests.store.test_alert_history import alert, database, notified, record
from tests.support.candles import T0

__all__ = ["database"]


def test_the_alerts_of_a_symbol_come_newest_first_with_when_their_candles_closed(database: Database) -> None:
    for number, changes in enumerate([{}, {"label": "reversal_oversold"}, {"timeframe": "5m"}]):
        record(database, alert(number, **changes))
    record(database, alert(3, symbol="ETH-USD"))
    record(database, alert(4), exchange_id=2)
    found = database.run(partial(fired.of_symbol, exchange_id=1, symbol="BTC-USD"))
    assert [(one.timeframe, one.close_time - T0, one.label) for one in found] == [
        ("5m", 120_000 + 300_000, "level_-150"),
        ("1m", 120_000, "reversal_oversold"),
        ("1m", 60_000, "level_-150"),
    ]
    assert [one.id for one in found] == [alert(number).id for number in (2, 1, 0)]


def test_an_alert_is_settled_once_anybody_was_told_of_it_or_if_nobody_is_to_be(database: Database) -> None:
    for number, late in enumerate([False, True, False, False]):
        record(database, alert(number, late=late))
    for number, error in [(2, None), (3, "refused")]:
        assert notified(database, alert(number).id, error)
    found = database.run(partial(fired.of_symbol, exchange_id=1, symbol="BTC-USD"))
    assert [one.settled for one in reversed(found)] == [False, True, True, False]


def test_alerts_are_recorded_to_the_newest_close_of_any_candle_of_the_exchange(database: Database) -> None:
    ask = partial(fired.recorded_to, exchange_id=1)
    record(database, alert(100), exchange_id=2)
    assert database.run(ask) is None
    record(database, alert(5, symbol="ETH-USD"))
    record(database, alert(0, timeframe="5m", late=True))
    assert database.run(ask) == T0 + 6 * 60_000
