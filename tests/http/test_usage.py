"""Usage: counted with every request that is let in, written once in a while for all keys at once, and not lost."""

from functools import partial

import pytest

from livermore.errors import Transient
from livermore.http.bounds import Bounds
from livermore.store import api_keys, key_book, key_usage
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.http.conftest import MakeWorld
from tests.http.test_keys import change
from tests.http.world import World, a_world, wait_until
from tests.support.valkey import Valkey

URL = "/public/v1/exchanges"


def used(world: World) -> list[tuple[int, int | None]]:
    """Requests of today and the last use, of every key."""
    found = world.database.run(partial(key_book.listed, now=world.clock.wall()))
    return [(one.requests_today, one.last_used_at) for one in found]


def test_no_request_writes_and_all_are_written_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    add = key_usage.add
    monkeypatch.setattr(key_usage, "add", lambda c, uses: written.append(len(uses)) or add(c, uses))
    other = world.database.run(partial(api_keys.create, name="other", now=0))
    for key in ("", "", other):
        assert world.ask(URL, key=key).status == 200
    assert (written, used(world)) == ([], [(0, None), (0, None)])
    world.run(world.front.usage.write())
    assert (written, used(world)) == ([2], [(2, world.clock.wall()), (1, world.clock.wall())])


def test_it_is_written_again_and_again(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(usage=0.02))
    for count in (1, 2):
        world.ask(URL)
        wait_until(lambda count=count: used(world)[0][0] == count, "what was counted")


def test_it_is_written_at_a_planned_stop(world: World) -> None:
    world.ask(URL)
    world.stop()
    assert used(world) == [(1, world.clock.wall())]


def test_fronts_add_up(world: World, empty_valkey: Valkey, database: DatabasePlace) -> None:
    with a_world(empty_valkey.place, database, Bounds()) as other:
        for front in (world, other):
            front.ask(URL, key=world.key)
            front.ask(URL, key=world.key)
        for front in (world, other):
            front.run(front.front.usage.write())
        assert used(world)[0][0] == 4


def test_while_sql_is_down_it_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.ask(URL)

    def down(*_: object) -> None:
        raise Transient("SQL cannot answer")

    with monkeypatch.context() as outage:
        outage.setattr(Database, "run", down)
        with pytest.raises(Transient):
            world.run(world.front.usage.write())
    world.ask(URL)
    world.run(world.front.usage.write())
    assert used(world) == [(2, world.clock.wall())]


def test_a_day_ends_at_midnight_in_utc(world: World) -> None:
    to_midnight = key_usage.DAY - world.clock.wall() % key_usage.DAY
    world.ask(URL)
    world.clock.advance(to_midnight / 1000)
    world.ask(URL)
    world.ask(URL)
    world.run(world.front.usage.write())
    assert used(world)[0][0] == 2


def test_only_who_is_let_in_counts(world: World) -> None:
    change(world, world.key, requests_per_minute=1)
    assert [world.ask(URL).status for _ in range(3)] == [200, 429, 429]
    world.ask(URL, key=world.key[:-1] + ("A" if world.key[-1] != "A" else "B"))
    world.run(world.front.usage.write())
    assert used(world)[0][0] == 1
    assert len(used(world)) == 1


def test_a_stream_counts_when_it_is_let_in(world: World) -> None:
    world.stream()
    world.run(world.front.usage.write())
    assert used(world)[0][0] == 1
