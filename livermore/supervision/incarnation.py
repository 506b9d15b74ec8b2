"""One incarnation of an actor: everything it is made of, and the one way in which it ends."""

from collections.abc import Callable
from typing import Any

from livermore.errors import Fenced, Permanent, Transient
from livermore.supervision.actor import Actor, Context, Worker
from livermore.supervision.events import Down, Ending, Event, Ready
from livermore.supervision.mailbox import Mailbox
from livermore.supervision.orders import STOP, Break
from livermore.supervision.spec import ActorSpec


class Incarnation:
    """Runs wherever its host calls it: in a thread of its own, or on the loop of a test's virtual world."""

    def __init__(self, spec: ActorSpec, context: Context, mailbox: Mailbox, post: Callable[[Event], None]) -> None:
        self.spec, self.context, self.mailbox = spec, context, mailbox
        self.revoked = False  # once abandoned, nothing it sends counts
        self.last_message: Any = None
        self.on_abandoned: Callable[[], None] = lambda: None  # set by its host
        self._post = post
        self._ready = False

    @property
    def path(self) -> str:
        return self.context.path

    @property
    def generation(self) -> int:
        return self.context.generation

    def make(self) -> Actor:
        """The actor itself. Called where it is to live, so that a slow constructor delays nobody else."""
        return self.spec.actor(self.context)

    def ready(self) -> None:
        """It has warmed up."""
        self._ready = True
        self._post(Ready(self.path, self.generation))

    def work(self, worker: Worker) -> None:
        """The whole life of a worker: returns when it was asked to stop, raises when it failed."""
        try:
            worker.warm_up()
            self.ready()
            while (message := self.mailbox.get()) is not STOP:
                self.deliver(worker, message)
            self.check_fence()
            worker.cool_down()
        finally:
            for opened in reversed(worker.opened):
                opened.close()

    def deliver(self, worker: Worker, message: Any) -> None:
        """Hand over one message, or as many as wait and the worker takes at once."""
        if isinstance(message, Break):
            raise message.error
        self.check_fence()
        self.last_message = message
        worker.receive_all([message, *self.mailbox.take(worker.batch - 1)])
        self.last_message = None

    def check_fence(self) -> None:
        """Refuse to go on after having been abandoned.

        Raises:
            Fenced: this incarnation has been replaced.
        """
        if self.revoked:
            raise Fenced(f"{self.path}#{self.generation} has been replaced")

    def end(self, error: BaseException | None, drop: Callable[[str, str, Any], None]) -> None:
        """Close the mailbox, count what was left in it, and report the one `Down`."""
        ending = self._ending(error)
        for message in self.mailbox.close():
            drop(self.path, ending.reason, message)
        self._post(Down(self.path, self.generation, ending))

    def _ending(self, error: BaseException | None) -> Ending:
        if error is None:
            return Ending("stopped")
        if isinstance(error, Transient):
            return Ending("waiting", error, error.retry_after)
        if isinstance(error, Permanent):
            return Ending("permanent", error)
        return Ending("crash" if self._ready else "start_error", error, last_message=self.last_message)
