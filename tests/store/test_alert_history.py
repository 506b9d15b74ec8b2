"""Alerts in SQL: one row for each id, exact prices, and pages for the public."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import exc, select

from livermore.market.alert import Alert, alert_id, public
from livermore.store import alert_history
from livermore.store.alert_history import Filter
from livermore.store.notices import Delivered
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from livermore.store.tables import alert_history as table
from tests.store.test_epochs import interposed
from tests.support.candles import T0


@pytest.fixture
def database(sql: DatabasePlace) -> Iterator[Database]:
    made = Database(sql)
    yield made
    made.close()


def alert(number: int = 0, **changes: Any) -> Alert:
    at = T0 + number * 60_000
    made = Alert(
        id=alert_id("level_cross", "coinbase", "BTC-USD", "1m", "level_-150", at),
        exchange="coinbase",
        symbol="BTC-USD",
        timeframe="1m",
        rule="level_cross",
        label="level_-150",
        value=-151.25,
        price="34.1",
        candle_time=at,
        triggered_at=at + 61_000,
        late=False,
        details={"level": -150, "deep": [1.5, None]},
    )
    return msgspec.structs.replace(made, **changes)


def record(database: Database, recorded: Alert, exchange_id: int = 1) -> bool:
    return database.run(partial(alert_history.record, exchange_id=exchange_id, alert=recorded))


def rows(database: Database) -> list[Any]:
    return database.run(lambda connection: list(connection.execute(select(table))))


def recorded(database: Database, id_: str) -> alert_history.Recorded | None:
    return database.run(partial(alert_history.recorded, alert_id=id_))


def page(database: Database, limit: int = 100, **wanted: Any) -> list[Any]:
    return database.run(partial(alert_history.page, wanted=Filter(**wanted), limit=limit))


# -- recording


def test_a_recorded_alert_has_all_its_fields(database: Database) -> None:
    assert record(database, alert(late=True))
    (row,) = rows(database)
    assert (row.alert_id, row.exchange_id, row.symbol, row.timeframe) == (alert().id, 1, "BTC-USD", "1m")
    assert (row.alert_type, row.trigger_label, row.previous_label) == ("macdv", "level_-150", None)
    assert (row.candle_time, row.triggered_at, row.late) == (T0, T0 + 61_000, True)
    assert (row.details, row.notification_sent, row.notification_error) == (alert().details, False, None)


def test_an_alert_that_is_recorded_again_stays_as_it_was(database: Database) -> None:
    assert record(database, alert())
    assert not record(database, alert(price="99"))
    assert [shown.price for _, shown in page(database)] == ["34.1"]


def test_an_alert_that_another_records_at_this_moment_is_there_once(database: Database, sql: DatabasePlace) -> None:
    other = Database(sql)
    interposed(database, "INSERT", lambda: record(other, alert()))
    assert not record(database, alert())  # also where this is the first that the program does
    assert len(rows(database)) == 1
    interposed(database, "INSERT", lambda: record(other, alert(1)))
    assert not record(database, alert(1))
    assert len(rows(database)) == 2
    other.close()


def test_what_is_refused_for_another_reason_is_no_double(database: Database) -> None:
    with pytest.raises(exc.IntegrityError):
        record(database, alert(), exchange_id=99)
    with pytest.raises(exc.IntegrityError):
        record(database, alert(symbol=None))
    assert rows(database) == []
    assert record(database, alert())


# -- notices


def notified(database: Database, id_: str, error: str | None, target: str = "discord", *, chart: bool = False) -> bool:
    return database.run(partial(alert_history.notified, said=Delivered(id_, target, error, chart)))


def details(database: Database) -> Any:
    (row,) = rows(database)
    return row.details


def noticed(database: Database) -> tuple[bool, str | None]:
    (row,) = rows(database)
    return row.notification_sent, row.notification_error


def test_a_notice_that_was_sent_is_written_down(database: Database) -> None:
    record(database, alert())
    assert notified(database, alert().id, None)
    assert noticed(database) == (True, None)
    assert notified(database, alert().id, None)  # where nothing is left to change, too


def test_a_notice_that_was_given_up_is_written_down_with_the_reason(database: Database) -> None:
    record(database, alert())
    assert notified(database, alert().id, "the answer is 404" + "x" * 600)
    assert noticed(database) == (False, "discord: the answer is 404" + "x" * 474)


def test_an_alert_that_one_target_was_told_of_is_noticed_whatever_others_say(database: Database) -> None:
    record(database, alert())
    notified(database, alert().id, None, "discord")
    notified(database, alert().id, "the answer is 404", "hook")
    assert noticed(database) == (True, "hook: the answer is 404")
    notified(database, alert().id, None, "hoo")
    assert noticed(database) == (True, "hook: the answer is 404")
    notified(database, alert().id, None, "hook")  # it was tried again
    assert noticed(database) == (True, None)


def test_a_notice_of_an_alert_that_is_not_recorded_is_none_of_our_business(database: Database) -> None:
    record(database, alert())
    assert not notified(database, alert(1).id, None)
    assert noticed(database) == (False, None)


def test_details_say_whether_a_chart_went_with_a_notice(database: Database) -> None:
    record(database, alert())
    notified(database, alert().id, "the answer is 404", chart=True)
    assert details(database) == alert().details, "nobody has been told"
    for chart, known in ((False, False), (True, True), (False, True), (True, True)):  # of several targets, and again
        assert notified(database, alert().id, None, chart=chart)
        assert details(database) == {**alert().details, "chartGenerated": known}
    assert not record(database, alert())
    assert details(database)["chartGenerated"]


def test_what_another_recorder_writes_at_this_moment_is_kept(database: Database, sql: DatabasePlace) -> None:
    record(database, alert())
    late = Database(sql)  # which reads the schema's version first, and so may see the rows as they were then
    interposed(late, "UPDATE", lambda: notified(database, alert().id, None, chart=True))
    notified(late, alert().id, None, chart=False)
    assert details(database)["chartGenerated"]
    late.close()


# -- pages


def test_a_page_shows_what_the_stream_has_told(database: Database) -> None:
    told = [
        alert(),
        alert(1, label="reversal_oversold", value=79.994, late=True),
        alert(2, label="level_200", value=3e9),
    ]
    for one in told:
        record(database, one)
    assert [shown for _, shown in page(database)] == [public(one) for one in reversed(told)]


PRICES = ["0.00001234", "0.000000000000000001", "65083.67", "34.1", "100", "12345678901234567890.123456789012345678"]


@pytest.mark.parametrize("price", PRICES)
def test_prices_are_exact(database: Database, price: str) -> None:
    record(database, alert(price=price))
    assert page(database)[0][1].price == price


def test_a_page_has_the_newest_rows_first_and_the_next_one_goes_on(database: Database) -> None:
    for n in range(5):
        record(database, alert(n))
    first = page(database, limit=2)
    assert [shown.id for _, shown in first] == [alert(4).id, alert(3).id]
    second = page(database, limit=10, before=first[-1][0])
    assert [shown.id for _, shown in second] == [alert(n).id for n in (2, 1, 0)]
    assert page(database, before=second[-1][0]) == []


def test_a_page_can_be_of_one_exchange_symbol_and_timeframe(database: Database) -> None:
    record(database, alert(0))
    record(database, alert(1, symbol="ETH-USD"))
    record(database, alert(2, timeframe="5m"))
    record(database, alert(3, exchange="binance"), exchange_id=2)

    def minutes(**wanted: str) -> list[str]:
        return [shown.timestamp[14:16] for _, shown in page(database, **wanted)]

    assert minutes() == ["04", "03", "02", "01"]
    assert minutes(exchange="coinbase") == ["03", "02", "01"]
    assert minutes(exchange="binance") == ["04"]
    assert minutes(symbol="ETH-USD") == ["02"]
    assert minutes(timeframe="5m", exchange="coinbase") == ["03"]
    assert minutes(symbol="") == minutes(exchange="kraken") == minutes(timeframe="1d") == []


def test_symbols_are_compared_exactly(database: Database) -> None:
    for n, symbol in enumerate(["ABC-USD", "abc-USD", "ÀBC-USD"]):
        record(database, alert(n, symbol=symbol))
    for symbol in ["ABC-USD", "abc-USD", "ÀBC-USD"]:
        assert [shown.symbol for _, shown in page(database, symbol=symbol)] == [symbol]
    assert page(database, exchange="Coinbase") == page(database, timeframe="1M") == []


def test_what_something_was_before_is_recorded_too(database: Database) -> None:
    record(database, alert(0, previous="stage_ranging"))
    record(database, alert(1))
    query = select(table.c.previous_label).order_by(table.c.id)
    assert database.run(lambda connection: list(connection.execute(query).scalars())) == ["stage_ranging", None]


# -- one alert, for administrators


def test_a_whole_row_is_found_by_its_id_alone(database: Database) -> None:
    one = alert(0, price="0.000000012300")
    record(database, one)
    record(database, alert(1))
    found = recorded(database, one.id)
    assert found is not None
    assert found == (
        one.id, 1, "coinbase", "BTC-USD", "1m", "level_-150", None, -151.25, "0.0000000123", one.candle_time,
        one.triggered_at, False, one.details, False, None,
    )  # fmt: skip
    notified(database, one.id, "404", "hook")
    notified(database, one.id, None, "discord")
    told = recorded(database, one.id)
    assert told is not None
    assert (told.notified, told.notice_error) == (True, "hook: 404")
    assert recorded(database, alert(2).id) is None
