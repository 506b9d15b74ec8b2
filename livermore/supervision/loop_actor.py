"""The second kind of actor: a source or server with an event loop of its own."""

import asyncio
import inspect
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from livermore.errors import Finished
from livermore.supervision.actor import Actor, Closable
from livermore.supervision.mailbox import EMPTY
from livermore.supervision.orders import STOP, Order

if TYPE_CHECKING:
    from livermore.supervision.incarnation import Incarnation

TURN = 1.0
"""Seconds between two signs that a loop turns, where no heartbeat asks for more."""


class LoopActor(Actor):
    """Lives in `main`, whose end is the actor's. `receive` is called in the same loop and must not block."""

    _inflow: "asyncio.Future[None] | None" = None

    async def warm_up(self) -> None:
        """Make everything anew; the actor is ready once this returns."""

    async def main(self) -> None:
        """Do the work, for ever. It is cancelled to stop."""
        raise NotImplementedError

    async def inflow(self, work: Coroutine[Any, Any, None]) -> None:
        """Do, within `main`, work that takes something in from outside: until the tree is about to stop."""
        self._inflow = asyncio.ensure_future(work)
        try:
            await asyncio.wait({self._inflow})
            if self._inflow.cancelled():
                await asyncio.Event().wait()  # for what is left of this life
            self._inflow.result()
        finally:
            self._inflow.cancel()
            await asyncio.gather(self._inflow, return_exceptions=True)

    async def quiesce(self) -> None:
        """The tree is about to stop: take in nothing new from outside, and send nothing any more once this returns.

        Mail still comes in. What `inflow` does is ended here.
        """
        if self._inflow is not None:
            self._inflow.cancel()
            await asyncio.gather(self._inflow, return_exceptions=True)

    async def cool_down(self) -> None:
        """The last act before a stop that was asked for; not called after a failure."""


async def live(actor: LoopActor, incarnation: "Incarnation", *, beating: bool = True) -> None:
    """One whole life of a loop actor: returns when it was asked to stop, raises when it failed."""
    try:
        await actor.warm_up()
        incarnation.warmed_up()
        await _Life(actor, incarnation, beating=beating).until_stopped()
        incarnation.check_fence()
        await actor.cool_down()
    finally:
        async with AsyncExitStack() as stack:
            for opened in actor.opened:
                stack.push_async_callback(_close, opened)


async def _close(opened: Closable) -> None:
    closing = opened.close()
    if inspect.isawaitable(closing):
        await closing


class _Life:
    """A loop actor between its start and its end: `main` in a task, mail and orders handed to it as they come."""

    def __init__(self, actor: LoopActor, incarnation: "Incarnation", *, beating: bool) -> None:
        self._actor, self._incarnation, self._beating = actor, incarnation, beating
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        self._tasks: list[asyncio.Task[None]] = []

    async def until_stopped(self) -> None:
        main = self._start(self._actor.main())
        self._incarnation.mailbox.call(self._wake)
        self._drain()
        if self._beating:
            self._beat()
        try:
            await asyncio.wait({main, self._stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not self._stopped.done():
                main.result()
                raise Finished(f"main() of {type(self._actor).__name__} came to an end")
            self._stopped.result()
        finally:
            self._incarnation.mailbox.call(None)  # the loop is about to close
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = self._loop.create_task(work)
        self._tasks.append(task)
        return task

    def _beat(self) -> None:
        self._incarnation.turn(min(TURN, self._incarnation.spec.keys.heartbeat / 4))
        self._loop.call_later(self._incarnation.turns_every, self._beat)

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        try:
            self._take_all()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it ends the actor
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, StopIteration):  # which no future takes
            error = RuntimeError(f"receive raised {error!r}").with_traceback(error.__traceback__)
        if not self._stopped.done():
            self._stopped.set_exception(error)

    def _take_all(self) -> None:
        while not self._stopped.done() and (message := self._incarnation.mailbox.poll()) is not EMPTY:
            if message is STOP:
                self._stopped.set_result(None)
            elif not isinstance(message, Order):
                self._incarnation.handle(self._actor.receive, message)
            elif not self._incarnation.obey(self._actor, message):
                self._start(self._quiesce())

    async def _quiesce(self) -> None:
        try:
            await self._actor.quiesce()
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(error)
        else:
            self._incarnation.become_quiet()


async def together(*works: Coroutine[Any, Any, None], until: str = asyncio.FIRST_COMPLETED) -> None:
    """Run works side by side until the first of them ends (or fails: `asyncio.FIRST_EXCEPTION`); cancel the others.

    An error of one of them is raised as it is, not in a group, so that the supervisor sees what it was.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=until)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
