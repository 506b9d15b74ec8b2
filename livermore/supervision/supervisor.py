"""The supervisor: one Pykka actor whose single thread owns the whole tree. No code of its children runs in it."""

import random
import threading
from collections.abc import Callable
from queue import Empty
from typing import Any

import pykka
import structlog

from livermore.clock import Clock
from livermore.supervision.ailment import Ailment
from livermore.supervision.event_queue import EventQueue
from livermore.supervision.events import Answer, Ending, Event, Operation, Reason, Request, Shutdown
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.incarnations import Incarnations
from livermore.supervision.runtime import Runtime
from livermore.supervision.snapshot import snapshot
from livermore.supervision.spec import SupervisorSpec
from livermore.supervision.thread_host import ThreadHost
from livermore.supervision.tree import Tree

LAG_SPAN = 30.0
"""Seconds over which the worst lag is kept, and then as long again: no scrape misses it."""
PULSE = 1.0
"""The longest the thread waits (seconds) before it shows again that it is alive."""


class Supervisor(pykka.ThreadingActor):
    """Waits for events or for the next timer, whichever is first."""

    use_daemon_thread = True

    def __init__(self, spec: SupervisorSpec, clock: Clock, resources: Any, settings: SettingKeys | None = None) -> None:
        super().__init__()
        self.clock = clock
        self.pulse = clock.monotonic()
        self._lags = (clock.monotonic(), 0.0, 0.0)  # begin of a span, the worst lag in it, and in the one before
        self.ended = threading.Event()
        self.ending: Ending | None = None
        self.incarnations = Incarnations(self._launch, self.post, clock, resources, settings)
        self.tree = Tree(spec, Runtime(clock, self.incarnations, random.random), self._on_end, settings)
        self._log = structlog.get_logger("livermore.supervision")
        self._events: EventQueue[Event | Callable[[], None]] = EventQueue()

    @property
    def lag(self) -> float:
        """By how many seconds a timer was late, at the worst, in the last minute or so."""
        return max(self._lags[1:])

    def begin(self) -> None:
        """Start the thread, which boots the tree. (Pykka's own `start` would keep this object from its maker.)"""
        pykka.ActorRegistry.register(self.actor_ref)
        self._start_actor_loop()

    def post(self, event: Event) -> None:
        """Bring an event to the tree, from any thread."""
        self._events.put(event)

    def shut_down(self, within: float = float("inf")) -> None:
        """Stop everything, in at most so many seconds; `ended` is set once that is done."""
        self.post(Shutdown(within))

    def settle(self, settings: SettingKeys) -> None:
        """Go by these settings from now on."""
        self.incarnations.settle(settings)
        self.tree.settings = settings

    def ail(self, path: str, how: str) -> str | None:
        """Make an actor fail, in one of the ways of `Ailment`; gives the reason for which it was not done."""
        if how not in list(Ailment):
            return f"expected one of {', '.join(Ailment)}; found {how!r}"
        return None if self.incarnations.ail(path, Ailment(how)) else f"no actor runs at {path!r}"

    def operate(self, operation: Operation, within: float = 60.0) -> Answer:
        """Do an operation, and wait for what becomes of it.

        Raises:
            TimeoutError: it is not over within so many seconds; it goes on.
        """
        answer: EventQueue[Answer] = EventQueue()
        self.post(Request(operation, answer.put))
        try:
            return answer.get(timeout=within)
        except Empty:
            raise TimeoutError(f"not done within {within:g} s; it goes on") from None

    def snapshot(self, within: float = 1.0) -> dict[str, Any]:
        """The tree as plain data, taken in one step.

        Raises:
            TimeoutError: the supervisor did not answer within so many seconds.
        """
        answer: EventQueue[dict[str, Any]] = EventQueue()
        self._events.put(lambda: answer.put(snapshot(self.tree, self.incarnations)))
        try:
            return answer.get(timeout=within)
        except Empty:
            raise TimeoutError("the supervisor does not answer") from None

    def _launch(self, incarnation: Incarnation) -> None:
        ThreadHost.start(incarnation)

    def _on_end(self, ending: Ending) -> None:
        self.ending = ending

    def _actor_loop(self) -> None:
        try:
            self.tree.boot()
            while self.ending is None:
                self._take()
                self._tick()
                self.incarnations.failures.write_out()
        except BaseException as error:  # noqa: BLE001 - nobody is left who could handle it
            self._log.critical("the supervisor has failed: this is a bug", exc_info=error)
            self._on_end(Ending(Reason.BUG, error))
        finally:
            self.ended.set()
            pykka.ActorRegistry.unregister(self.actor_ref)
            self.actor_stopped.set()

    def _tick(self) -> None:
        due, now = self.tree.runtime.timers.next(), self.clock.monotonic()
        begun, worst, before = self._lags
        lag = 0.0 if due is None else max(0.0, now - due)
        self._lags = (now, lag, worst) if now - begun > LAG_SPAN else (begun, max(worst, lag), before)
        self.tree.tick()
        self.pulse = now

    def _take(self) -> None:
        due = self.tree.runtime.timers.next()
        wait = PULSE if due is None else min(PULSE, max(0.0, due - self.clock.monotonic()))
        try:
            event = self._events.get(timeout=wait)
        except Empty:
            return
        if callable(event):
            event()
        else:
            self.tree.handle(event)
