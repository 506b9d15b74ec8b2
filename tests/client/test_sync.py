"""The client without ``async``: the same, also where an event loop is running already."""

import asyncio
import threading

import pytest

from livermore.client import ApiError, CandleClose, Client
from tests.client.conftest import url
from tests.client.test_requests import MINUTE, filled
from tests.http.test_lists import alert, list_products
from tests.http.world import World, wait_until
from tests.support.candles import candle


def closes(world: World) -> list[str]:
    with Client(url(world), world.key) as ours:
        return [one.close for one in ours.candles(*MINUTE, page_size=4)]


def test_candles_come_one_after_the_other(world: World) -> None:
    assert closes(world) == filled(world, 0)
    assert filled(world, 10) == closes(world)


def test_it_works_inside_a_running_loop(world: World) -> None:
    prices = filled(world, 10)

    async def notebook() -> list[str]:
        return closes(world)

    assert asyncio.run(notebook()) == prices


def test_lists_and_errors_are_the_same(world: World) -> None:
    list_products(world, 3)
    world.alert(alert(0))
    with Client(url(world), world.key) as ours:
        assert [symbol.symbol for symbol in ours.symbols(page_size=2)] == ["C000-USD", "C001-USD", "C002-USD"]
        assert [found.id for found in ours.alerts()] == [alert(0).id]
        assert ours.signals("coinbase") == []
        assert [page.stale for page in ours.candle_pages("coinbase", "C000-USD", "1h")] == [True]
        assert ours.exchanges()[0].id == "coinbase"
        with pytest.raises(ApiError) as refused:
            ours.signals("nowhere")
    assert refused.value.status == 404
    assert world.key not in repr(ours)


def test_whoever_stops_early_leaves_nothing_behind(world: World) -> None:
    filled(world, 10)
    with Client(url(world), world.key) as ours:
        first = next(iter(ours.candles(*MINUTE, page_size=1)))
    assert first.close == "1"
    assert not [thread for thread in threading.enumerate() if thread.name == "livermore-client"]


def test_a_stream_is_a_plain_iterator_that_resumes(world: World) -> None:
    world.store(candle(0))
    with Client(url(world), world.key) as ours, ours.stream(["candles:BTC-USD:1m"], snapshot=True) as events:
        next(events)
        world.store(candle(1, "2"))
        assert [event.data.close for event in (next(events),) if isinstance(event, CandleClose)] == ["2"]
        place = events.place
        world.cut()
        world.store(candle(2, "3"))
        assert next(events).data.close == "3"  # type: ignore[union-attr]
        events.close()
        with pytest.raises(StopIteration):
            next(events)
        with ours.stream(["candles:BTC-USD:1m"], resume_from=place) as again:
            assert next(again).data.close == "3"  # type: ignore[union-attr]
    wait_until(lambda: not world.front.guests.streams, "the streams to be closed")
