"""Values that are kept: how long, who waits for a new one, and what is given while its source is down or hangs."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from livermore.errors import Transient
from livermore.http import cached
from livermore.http.background import Background
from livermore.http.cached import Cached
from tests.support.clocks import ManualClock

KEPT, GRACE = 10.0, 100.0


class Source:
    """Gives what it is told to, when it is told to."""

    def __init__(self) -> None:
        self.clock, self.background = ManualClock(), Background()
        self.cached = Cached(
            self._fetch,
            lambda _: KEPT,
            self.clock.monotonic,
            self.background,
            grace=lambda value: GRACE if value != "nothing" else 0.0,
        )
        self.asked: list[asyncio.Future[str]] = []

    def _fetch(self) -> "asyncio.Future[str]":
        self.asked.append(asyncio.get_running_loop().create_future())
        return self.asked[-1]

    async def gives(self, answer: str | Exception) -> str:
        """What who asks now is given, while the source answers like this."""
        asking = asyncio.ensure_future(self.cached.get())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            self.asked[-1].set_exception(answer)
        else:
            self.asked[-1].set_result(answer)
        return await asking


def on(scene: Callable[[Source], Coroutine[Any, Any, None]]) -> None:
    async def played() -> None:
        source = Source()
        await scene(source)
        await source.background.close()

    asyncio.run(played())


def test_a_value_is_kept_for_its_time_and_then_fetched_anew() -> None:
    async def scene(source: Source) -> None:
        assert await source.gives("first") == "first"
        source.clock.advance(KEPT - 1)
        assert await source.cached.get() == "first"
        source.clock.advance(1)
        assert await source.gives("second") == "second"
        assert len(source.asked) == 2

    on(scene)


def test_a_source_that_is_down_is_forgiven_for_a_while() -> None:
    async def scene(source: Source) -> None:
        await source.gives("first")
        source.clock.advance(KEPT + GRACE - 1)
        assert await source.gives(Transient("down")) == "first"
        source.clock.advance(1)
        with pytest.raises(Transient, match="down"):
            await source.gives(Transient("down"))

    on(scene)


def test_what_has_no_grace_is_not_believed_longer() -> None:
    async def scene(source: Source) -> None:
        await source.gives("nothing")
        source.clock.advance(KEPT)
        with pytest.raises(Transient, match="down"):
            await source.gives(Transient("down"))

    on(scene)


def test_a_source_that_hangs_is_waited_for_once_and_heeded_when_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "PATIENCE", 0.01)

    async def scene(source: Source) -> None:
        await source.gives("first")
        source.clock.advance(KEPT)
        assert await source.cached.get() == "first"
        monkeypatch.setattr(cached, "PATIENCE", 3600)
        for _ in range(3):
            assert await source.cached.get() == "first"
        assert len(source.asked) == 2
        source.asked[1].set_result("second")
        while source.cached.value == "first":
            await asyncio.sleep(0)
        assert await source.cached.get() == "second"
        source.clock.advance(KEPT)
        assert await source.gives("third") == "third"  # whoever answers is waited for again

    on(scene)


def test_where_there_is_no_value_that_would_do_who_asks_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "PATIENCE", 0.001)

    async def scene(source: Source) -> None:
        asking = asyncio.ensure_future(source.cached.get())
        await asyncio.sleep(0.02)
        assert not asking.done()
        source.asked[0].set_result("at last")
        assert await asking == "at last"

    on(scene)


def test_all_who_ask_meanwhile_share_one_fetch_and_one_who_leaves_takes_it_from_nobody() -> None:
    async def scene(source: Source) -> None:
        asking = [asyncio.ensure_future(source.cached.get()) for _ in range(3)]
        await asyncio.sleep(0)
        asking[0].cancel()
        await asyncio.sleep(0)
        source.asked[0].set_result("for the others")
        assert await asyncio.gather(*asking[1:]) == ["for the others"] * 2
        assert len(source.asked) == 1

    on(scene)
