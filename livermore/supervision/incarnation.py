"""One incarnation of an actor: everything it is made of, and the one way in which it ends."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Protocol

from livermore.errors import Fenced, Finished, Ignore, Permanent, Transient
from livermore.supervision import ailment
from livermore.supervision.actor import Actor, Context, Worker
from livermore.supervision.ailment import Ailment, Broken
from livermore.supervision.events import Ending, Event, Ready, Reason
from livermore.supervision.mailbox import Mailbox
from livermore.supervision.orders import STOP, Ail, Break, Order, Reconfigure
from livermore.supervision.spec import ActorSpec
from livermore.supervision.stats import Stats


class ProcessExit(Exception):
    """A process of its own is gone, and did not say why."""


_TOLD: dict[type[Exception], Reason] = {
    Permanent: Reason.PERMANENT,
    Finished: Reason.FINISHED,
    Ignore: Reason.IGNORED,
    ProcessExit: Reason.PROCESS_EXIT,
}
"""What an actor's end is called, by the error that says so."""


class Home(Protocol):
    """Where all incarnations of a process are known."""

    def post(self, event: Event) -> None:
        """Bring an event to the tree."""

    def ended(self, incarnation: "Incarnation", ending: Ending) -> None:
        """It is over. Called once, in the thread that it lived in."""


class Incarnation:
    """Runs wherever its host calls it: in a thread of its own, or on the loop of a test's virtual world."""

    def __init__(self, spec: ActorSpec, context: Context, mailbox: Mailbox, home: Home, stats: Stats) -> None:
        self.spec, self.context, self.mailbox, self.stats = spec, context, mailbox, stats
        self._monotonic = context.clock.monotonic
        self.born = self.now
        self.revoked = False  # once abandoned, nothing it sends counts
        self.over = False
        self.last_message: Any = None
        self.thread: threading.Thread | None = None
        self.on_abandoned: Callable[[], None] = lambda: None  # these are set by its host
        self.on_interrupt: Callable[[], None] = lambda: None
        self.on_turn: Callable[[], None] = lambda: None
        self.on_quiet: Callable[[], None] = lambda: None
        self.families: list[Any] = []  # what a process of its own has counted, as Prometheus families
        self.pid: int | None = None  # of a process of its own
        self.busy_since: float | None = None
        self.turned: float | None = None  # when its loop was last seen to turn, where it has one
        self.turns_every = 0.0
        self.quiet = False
        self.mute_until = self.slow_until = float("-inf")
        self._home, self._ready = home, False

    @property
    def path(self) -> str:
        return self.context.path

    @property
    def generation(self) -> int:
        return self.context.generation

    @property
    def now(self) -> float:
        """Monotonic seconds."""
        return self._monotonic()

    def make(self) -> Actor:
        """The actor itself. Called where it is to live, so that a slow constructor delays nobody else."""
        actor = self.spec.actor(self.context)
        self.on_interrupt = actor.interrupt
        return actor

    # -- life

    def warmed_up(self) -> None:
        """``warm_up`` is through: it is ready, unless it is to say so itself."""
        if self.spec.keys.start.ready == "on_start":
            self.ready()

    def ready(self) -> None:
        """It is ready."""
        if not self._ready:
            self._ready = True
            self._home.post(Ready(self.path, self.generation))

    def work(self, worker: Worker) -> None:
        """The whole life of a worker: returns when it was asked to stop, raises when it failed."""
        try:
            worker.warm_up()
            self.warmed_up()
            mailbox, batch = self.mailbox, worker.batch
            while (taken := mailbox.get() if batch == 1 else mailbox.get_some(batch)) is not STOP:
                self.deliver(worker, taken)
            self.check_fence()
            worker.cool_down()
        finally:
            with ExitStack() as stack:
                for opened in worker.opened:
                    stack.callback(opened.close)

    def deliver(self, worker: Worker, taken: Any) -> None:
        """Hand over one message, or several to a worker that takes them so; or obey an order."""
        if isinstance(taken, Order):
            if not self.obey(worker, taken):
                worker.quiesce()
                self.become_quiet()
        elif worker.batch == 1:
            self.handle(worker.receive, taken)
        else:
            messages = taken if isinstance(taken, list) else [taken]
            self.handle(worker.receive_all, messages, len(messages))

    def obey(self, actor: Actor, order: Order) -> bool:
        """Do what every kind of actor does in the same way; False for any other order."""
        if isinstance(order, Break):
            raise order.error
        if isinstance(order, Ail):
            self._fall_ill(order.how)
        elif isinstance(order, Reconfigure):
            actor.options = order.options
            actor.reconfigure(order.options)  # type: ignore[attr-defined]  # nobody else is sent one
        else:
            return False
        return True

    def handle(self, receive: Callable[[Any], None], taken: Any, count: int = 1) -> None:
        """Have a message received, or so many at once, and count that."""
        if self.revoked:
            self.check_fence()
        now = self._monotonic
        begun = self.busy_since = now()
        self.last_message = taken
        if self.slow_until > begun:
            time.sleep(ailment.SLOW)
        try:
            receive(taken)
        except BaseException as error:
            self.stats.failed += count
            self.stats.raised(error, "tell")
            raise
        end, stats = now(), self.stats  # which are not the actor's any more, if this one has been given up meanwhile
        stats.told += count
        stats.processing.add((end - begun) / count, count)
        stats.last_message = end
        self.last_message = self.busy_since = None

    def _fall_ill(self, how: Ailment) -> None:
        if how is Ailment.CRASH:
            raise Broken("broken on purpose")
        if how is Ailment.HANG:
            self.busy_since = self.now
            ailment.hang()
            self.busy_since = None
        elif how is Ailment.MUTE:
            self.mute_until = self.now + ailment.LASTS
        else:
            self.slow_until = self.now + ailment.LASTS

    def become_quiet(self) -> None:
        """It takes in nothing new any more."""
        self.quiet = True
        self.on_quiet()

    def turn(self, every: float) -> None:
        """Its loop turns, and will again in so many seconds."""
        self.turned, self.turns_every = self.now, every
        self.on_turn()

    def check_fence(self) -> None:
        """Refuse to go on after having been abandoned.

        Raises:
            Fenced: this incarnation has been replaced.
        """
        if self.revoked:
            raise Fenced(f"{self.path}#{self.generation} has been replaced")

    # -- the end

    def end(self, error: BaseException | None) -> None:
        """Be over, once: everything that has to happen at an end happens here."""
        self.over = True
        self._home.ended(self, self._ending(error))

    def _ending(self, error: BaseException | None) -> Ending:
        if error is None:
            return Ending(Reason.STOPPED)
        if isinstance(error, Transient):
            return Ending(Reason.WAITING, error, error.retry_after)
        for kind, reason in _TOLD.items():
            if isinstance(error, kind):
                return Ending(reason, error)
        if not self._ready:
            self.stats.raised(error, "start")
        elif self.last_message is None:  # else it has been counted where that message was handled
            self.stats.raised(error, "main")
        return Ending(Reason.CRASH if self._ready else Reason.START_ERROR, error, last_message=self.last_message)
