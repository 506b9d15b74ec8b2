"""What time it is: the server's clock, and the market's where it is another one."""

import pytest

from livermore.http.schemas import TimePage
from livermore.market.instant import iso
from tests.http.world import World
from tests.support.clocks import ManualClock


def test_the_time_is_that_of_the_servers_clock(world: World) -> None:
    world.clock.advance(12.345)
    answer = world.get("/time")
    TimePage.model_validate(answer)
    now = world.clock.wall()
    assert answer["data"] == [{"timestamp": iso(now), "unix_ms": now, "market": None}]
    assert answer["meta"] == {"count": 1, "next_cursor": None, "has_more": False}


def test_another_clock_of_the_market_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.clock, "speed", 10.0)
    world.clock.advance(60)
    (row,) = world.get("/time")["data"]
    wall, market = world.clock.wall(), world.clock.now()
    assert market > wall
    assert row == {
        "timestamp": iso(wall), "unix_ms": wall, "market": {"timestamp": iso(market), "unix_ms": market, "speed": 10.0},
    }  # fmt: skip


class Ticking(ManualClock):
    """Each time that it is read it is a millisecond later."""

    def wall(self) -> int:
        self.advance(0.001)
        return super().wall()

    def now(self) -> int:
        self.advance(0.001)
        return super().now()


def test_one_clock_that_goes_on_while_it_is_read_is_not_two(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.front, "clock", Ticking())
    (row,) = world.get("/time")["data"]
    assert row["market"] is None


def test_it_needs_a_key_and_takes_nothing(world: World) -> None:
    assert world.ask("/public/v1/time", key=None).status == 401
    assert world.ask("/public/v1/time?zone=UTC").json()["error"]["param"] == "zone"


def test_it_is_told_while_the_stores_are_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.get("/time")
    world.run(world.front.redis.close())
    monkeypatch.setattr(world.front.redis, "run", None)
    assert world.ask("/public/v1/time").status == 200
