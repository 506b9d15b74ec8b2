"""The second kind of actor: a source or server with an event loop of its own."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from livermore.supervision.actor import Actor
from livermore.supervision.mailbox import EMPTY, Mailbox
from livermore.supervision.orders import STOP, Break


class LoopActor(Actor):
    """Lives in `main`, whose end is the actor's failure. `receive` is called in the same loop and must not block."""

    async def warm_up(self) -> None:
        """Make everything anew; the actor is ready once this returns."""

    async def main(self) -> None:
        """Do the work, for ever. It is cancelled to stop."""
        raise NotImplementedError

    async def cool_down(self) -> None:
        """The last act before a stop that was asked for; not called after a failure."""


async def live(actor: LoopActor, mailbox: Mailbox, ready: Callable[[], None]) -> None:
    """One whole life of a loop actor: returns when it was asked to stop, raises when it failed."""
    try:
        await actor.warm_up()
        ready()
        await _until_stopped(actor, mailbox)
        await actor.cool_down()
    finally:
        for opened in reversed(actor.opened):
            closing = opened.close()
            if inspect.isawaitable(closing):
                await closing


async def _until_stopped(actor: LoopActor, mailbox: Mailbox) -> None:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()
    main = loop.create_task(actor.main())

    def drain() -> None:
        try:
            _take_all(actor, mailbox, stopped)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it ends the actor
            if not stopped.done():
                stopped.set_exception(error)

    def wake() -> None:
        loop.call_soon_threadsafe(drain)

    mailbox.on_put = wake
    drain()
    try:
        await asyncio.wait({main, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if main.done():
            main.result()
            raise RuntimeError(f"main() of {type(actor).__name__} came to an end")
        stopped.result()
    finally:
        mailbox.on_put = None  # the loop is about to close
        main.cancel()
        await asyncio.gather(main, return_exceptions=True)


def _take_all(actor: LoopActor, mailbox: Mailbox, stopped: "asyncio.Future[None]") -> None:
    while not stopped.done() and (message := mailbox.poll()) is not EMPTY:
        if message is STOP:
            stopped.set_result(None)
        elif isinstance(message, Break):
            raise message.error
        else:
            actor.receive(message)


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
