"""A process of the virtual world: a supervised tree whose actors share one loop instead of having threads."""

import asyncio
import random
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from livermore.supervision.actor import Worker
from livermore.supervision.events import Ending, Event
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.incarnations import Incarnations
from livermore.supervision.loop_actor import LoopActor, live
from livermore.supervision.mailbox import EMPTY
from livermore.supervision.orders import STOP
from livermore.supervision.runtime import Runtime
from livermore.supervision.snapshot import snapshot
from livermore.supervision.spec import SupervisorSpec
from livermore.supervision.tree import Tree
from tests.support.virtual_loop import VirtualClock, VirtualLoop

OWNER: ContextVar[str] = ContextVar("OWNER", default="")
"""The path of the actor in whose task something happens."""
PAUSE = 0.5
"""Seconds between two looks of an actor that is hung."""
Holds = Callable[[str], bool]
"""Whether the actor at a path is hung."""


class VirtualProcess:
    """What `livermore.supervision.supervisor.Supervisor` is to threads."""

    def __init__(
        self,
        spec: SupervisorSpec,
        loop: VirtualLoop,
        clock: VirtualClock,
        resources: Any,
        seed: int,
        holds: Holds = lambda _: False,
    ) -> None:
        self.loop, self.clock, self._holds = loop, clock, holds
        self.incarnations = Incarnations(self._launch, self.post, clock, resources)
        luck: Callable[[], float] = random.Random(seed).random
        self.tree = Tree(spec, Runtime(clock, self.incarnations, luck), self._on_end)
        self.ending: Ending | None = None
        self.dead = False
        self._tasks: list[asyncio.Task[None]] = []
        self._alarm: asyncio.TimerHandle | None = None

    def boot(self) -> None:
        """Start the tree."""
        self.tree.boot()
        self._set_alarm()

    def post(self, event: Event) -> None:
        self.loop.call_soon(self._handle, event)

    async def kill(self) -> None:
        """Be gone at once: nobody cools down, nothing is written any more."""
        self.dead = True
        if self._alarm is not None:
            self._alarm.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def state(self, path: str) -> str:
        """The state of a node."""
        return str(self.tree.nodes[path].state)

    def snapshot(self) -> dict[str, Any]:
        return snapshot(self.tree, self.incarnations)

    def _handle(self, event: Event) -> None:
        if not self.dead:
            self.tree.handle(event)
            self.incarnations.failures.write_out()
            self._set_alarm()

    def _tick(self) -> None:
        if not self.dead:
            self.tree.tick()
            self.incarnations.failures.write_out()
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        due = self.tree.runtime.timers.next()
        self._alarm = None if due is None or self.ending is not None else self.loop.call_at(due, self._tick)

    def _on_end(self, ending: Ending) -> None:
        self.ending = ending

    # -- hosting

    def _launch(self, incarnation: Incarnation) -> None:
        task = self.loop.create_task(self._live(incarnation))
        self._tasks = [t for t in self._tasks if not t.done()] + [task]

    async def _live(self, incarnation: Incarnation) -> None:
        OWNER.set(incarnation.path)
        error: BaseException | None = None
        try:
            actor = incarnation.make()
            if isinstance(actor, LoopActor):
                await live(actor, incarnation, beating=False)
            elif isinstance(actor, Worker):
                await self._work(incarnation, actor)
        except BaseException as raised:  # noqa: BLE001 - as in a thread's host
            error = raised
        finally:
            incarnation.end(error)

    async def _work(self, incarnation: Incarnation, worker: Worker) -> None:
        """As `Incarnation.work`, but with a loop's way of waiting for messages."""
        woken = asyncio.Event()
        incarnation.mailbox.call(woken.set)
        try:
            worker.warm_up()
            incarnation.warmed_up()
            while True:
                woken.clear()
                taken = incarnation.mailbox.poll() if worker.batch == 1 else incarnation.mailbox.poll_some(worker.batch)
                if taken is EMPTY:
                    await woken.wait()
                elif taken is STOP:
                    break
                else:
                    while self._holds(incarnation.path):
                        await asyncio.sleep(PAUSE)
                    incarnation.deliver(worker, taken)
                    await asyncio.sleep(0)
            worker.cool_down()
        finally:
            for opened in reversed(worker.opened):
                opened.close()
