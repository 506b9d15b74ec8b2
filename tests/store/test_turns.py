"""Turns at a server: how many at once, how many wait, and who is refused while it does not answer."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from livermore.errors import Transient
from livermore.store import turns
from livermore.store.turns import Turns

Future = asyncio.Future


class Server:
    """Answers when it is told to."""

    def __init__(self, at_once: int = 2) -> None:
        self.turns = Turns(at_once)
        self.asked: list[Future[str]] = []

    def ask(self) -> "asyncio.Task[str]":
        return asyncio.ensure_future(self.turns.take(self._begin))

    def _begin(self) -> "Future[str]":
        self.asked.append(asyncio.get_running_loop().create_future())
        return self.asked[-1]


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(10):
        await asyncio.sleep(0)


Scene = Callable[[Server], Coroutine[Any, Any, None]]


def on(scene: Scene) -> None:
    async def played() -> None:
        await scene(Server())

    asyncio.run(played())


def test_so_many_are_asked_at_once_and_each_that_ends_makes_room() -> None:
    async def scene(server: Server) -> None:
        tasks = [server.ask() for _ in range(4)]
        await settle()
        assert len(server.asked) == 2
        server.asked[1].set_result("b")
        await settle()
        assert len(server.asked) == 3
        for future in (server.asked[0], server.asked[2]):
            future.set_result("x")
        await settle()
        server.asked[3].set_result("y")
        assert await asyncio.gather(*tasks) == ["x", "b", "x", "y"]

    on(scene)


def test_when_the_server_fails_who_waits_is_refused_with_its_reason_while_another_tries() -> None:
    async def scene(server: Server) -> None:
        tasks = [server.ask() for _ in range(5)]
        await settle()
        server.asked[0].set_exception(Transient("it hangs", retry_after=7))
        await settle()
        assert [task.done() for task in tasks] == [True, False, True, True, True]
        for task in (tasks[0], *tasks[2:]):
            error = task.exception()
            assert isinstance(error, Transient)
            assert (str(error), error.retry_after) == ("it hangs", 7)
        late = server.ask()
        await settle()
        assert isinstance(late.exception(), Transient)
        server.asked[1].set_result("there it is")
        assert await tasks[1] == "there it is"
        assert len(server.asked) == 2

    on(scene)


def test_after_a_failure_one_tries_and_its_answer_opens_the_way() -> None:
    async def scene(server: Server) -> None:
        first = server.ask()
        await settle()
        server.asked[0].set_exception(Transient("it hangs"))
        await settle()
        assert first.exception()
        trying, refused = server.ask(), server.ask()
        await settle()
        assert (len(server.asked), trying.done(), refused.done()) == (2, False, True)
        assert isinstance(refused.exception(), Transient)
        server.asked[1].set_result("back")
        await settle()
        both = [server.ask(), server.ask()]
        await settle()
        assert len(server.asked) == 4
        for future in server.asked[2:]:
            future.set_result("well")
        assert await asyncio.gather(trying, *both) == ["back", "well", "well"]

    on(scene)


def test_an_error_of_the_work_itself_says_nothing_of_the_server() -> None:
    async def scene(server: Server) -> None:
        wrong, other = server.ask(), server.ask()
        await settle()
        server.asked[0].set_exception(LookupError("no such row"))
        await settle()
        assert isinstance(wrong.exception(), LookupError)
        third = server.ask()
        await settle()
        assert len(server.asked) == 3
        for future in server.asked[1:]:
            future.set_result("well")
        assert await asyncio.gather(other, third) == ["well", "well"]

    on(scene)


def test_a_turn_is_kept_until_the_work_is_done_even_if_nobody_waits_for_it() -> None:
    async def scene(server: Server) -> None:
        impatient = [server.ask(), server.ask()]
        await settle()
        for task in impatient:
            task.cancel()
        next_ = server.ask()
        await settle()
        assert [task.cancelled() for task in impatient] == [True, True]
        assert len(server.asked) == 2
        server.asked[0].set_exception(Transient("nobody hears this"))
        server.asked[1].set_result("nor this")
        await settle()
        if not next_.done():
            server.asked[2].set_result("at last")
        await asyncio.gather(next_, return_exceptions=True)

    on(scene)


def test_who_gives_up_waiting_for_a_turn_takes_it_from_nobody() -> None:
    async def scene(server: Server) -> None:
        tasks = [server.ask() for _ in range(4)]
        await settle()
        tasks[2].cancel()
        server.asked[0].set_result("a")
        server.asked[1].set_result("b")
        await settle()
        server.asked[2].set_result("d")
        assert [await tasks[n] for n in (0, 1, 3)] == ["a", "b", "d"]

    on(scene)


def test_more_than_may_wait_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST", 3)

    async def scene(server: Server) -> None:
        tasks = [server.ask() for _ in range(6)]
        await settle()
        assert [task.done() for task in tasks] == [False] * 5 + [True]
        assert "more to do than it can" in str(tasks[5].exception())
        for task in tasks[:5]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    on(scene)


def test_what_cannot_even_begin_gives_its_turn_back() -> None:
    async def scene(server: Server) -> None:
        def broken() -> "Future[str]":
            raise RuntimeError("closed")

        for _ in range(3):
            with pytest.raises(RuntimeError):
                await server.turns.take(broken)
        task = server.ask()
        await settle()
        server.asked[0].set_result("well")
        assert await task == "well"

    on(scene)
