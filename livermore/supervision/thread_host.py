"""A Pykka actor that hosts one incarnation in a thread of its own."""

import asyncio
import threading

import pykka

from livermore.supervision.actor import Worker
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.loop_actor import LoopActor, live
from livermore.supervision.process_host import ProcessHost


class ThreadHost(pykka.ThreadingActor):
    """Whatever happens inside, the ``finally`` of `_actor_loop` runs once and reports the end.

    Pykka's own loop does not: an error in ``on_start`` or a ``BaseException`` would leave an actor that looks alive, or
    stop every actor of the process.
    """

    use_daemon_thread = True

    def __init__(self, incarnation: Incarnation) -> None:
        super().__init__()
        self._incarnation = incarnation
        incarnation.on_abandoned = self._withdraw

    def _start_actor_loop(self) -> None:
        name = f"{self._incarnation.path}#{self._incarnation.generation}"
        thread = threading.Thread(target=self._actor_loop, name=name, daemon=self.use_daemon_thread)
        try:
            thread.start()
        except RuntimeError:
            self._withdraw()  # Pykka has registered it already
            raise
        self._incarnation.thread = thread

    def _actor_loop(self) -> None:
        error: BaseException | None = None
        try:
            self._live()
        except BaseException as raised:  # noqa: BLE001 - an actor must never take others with it
            error = raised
        finally:
            self._withdraw()
            self._incarnation.end(error)

    def _withdraw(self) -> None:
        """Be no actor any more for Pykka."""
        self.actor_stopped.set()
        pykka.ActorRegistry.unregister(self.actor_ref)

    def _live(self) -> None:
        if self._incarnation.spec.keys.isolation == "process":
            ProcessHost(self._incarnation).run()
            return
        actor = self._incarnation.make()
        if isinstance(actor, LoopActor):
            asyncio.run(live(actor, self._incarnation))
        elif isinstance(actor, Worker):
            self._incarnation.work(actor)
