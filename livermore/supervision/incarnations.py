"""All incarnations that live now, by path: the shell that does what a tree decides."""

from collections.abc import Callable
from typing import Any

import structlog

from livermore.clock import Clock
from livermore.supervision.actor import Context
from livermore.supervision.dead_letters import DeadLetters
from livermore.supervision.events import Answer, Arguments, Down, Ending, Event, Start, Stop
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.mailbox import Mailbox
from livermore.supervision.orders import STOP, Break
from livermore.supervision.spec import ActorSpec

Launch = Callable[[Incarnation], None]


class Incarnations:
    """``launch`` starts one wherever it is to live; ``post`` brings events to the tree, from any thread."""

    def __init__(self, launch: Launch, post: Callable[[Event], None], clock: Clock, resources: Any) -> None:
        self._launch, self._post, self._clock, self._resources = launch, post, clock, resources
        self._current: dict[str, Incarnation] = {}
        self.dead_letters = DeadLetters()
        self.abandoned = 0
        self.last_failure: tuple[str, Ending] | None = None
        self._log = structlog.get_logger("livermore.supervision")

    # -- what the tree decides

    def spawn(self, spec: ActorSpec, generation: int, arguments: Arguments) -> None:
        incarnation: Incarnation
        context = Context(
            path=spec.path,
            generation=generation,
            options=spec.options,
            arguments=arguments,
            clock=self._clock,
            resources=self._resources,
            emit=lambda message: self._emit(incarnation, message),
            request=lambda operation: self._request(incarnation, operation),
        )
        mailbox = Mailbox(spec.keys.mailbox, lambda message, reason: self.dead_letters.add(spec.path, reason, message))
        incarnation = Incarnation(spec, context, mailbox, self._post)
        self._current[spec.path] = incarnation
        try:
            self._launch(incarnation)
        except RuntimeError as error:  # no thread could be started
            self._post(Down(spec.path, generation, Ending("start_error", error)))

    def stop(self, path: str) -> None:
        self._current[path].mailbox.put_control(STOP)

    def abandon(self, path: str) -> None:
        incarnation = self._current.pop(path)
        incarnation.revoked = True
        incarnation.on_abandoned()
        for message in incarnation.mailbox.close():
            self.dead_letters.add(path, "abandoned", message)
        self.abandoned += 1

    def answer(self, path: str, answer: Answer) -> None:
        incarnation = self._current.get(path)
        if incarnation is None or not incarnation.mailbox.put_control(answer):
            self.dead_letters.add(path, "not_running", answer)

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        waits = ending.retry_after is not None
        if not waits:
            self.last_failure = (path, ending)
        log = self._log.info if waits else self._log.error
        log(
            "waiting" if waits else "failed",
            actor=path,
            generation=generation,
            reason=str(ending),
            last_message=type(ending.last_message).__name__ if ending.last_message is not None else None,
            exc_info=None if waits or ending.reason == "permanent" else ending.error,
        )

    # -- what incarnations do

    def _emit(self, sender: Incarnation, message: Any) -> None:
        sender.check_fence()
        for target in sender.spec.targets:
            if isinstance(message, target.actor.accepts):
                self.tell(target.path, message)

    def tell(self, path: str, message: Any) -> None:
        """Put a message into the mailbox of whoever lives at ``path`` now, or count it as a dead letter."""
        incarnation = self._current.get(path)
        if incarnation is None or not incarnation.mailbox.put(message):
            self.dead_letters.add(path, "not_running", message)

    def _request(self, sender: Incarnation, operation: Start | Stop) -> None:
        sender.check_fence()
        self._post(operation)

    # -- from outside

    def break_(self, path: str, error: BaseException) -> bool:
        """Make the actor at ``path`` fail with ``error``; False where nobody lives there."""
        incarnation = self._current.get(path)
        return incarnation is not None and incarnation.mailbox.put_control(Break(error))

    def waiting(self, path: str) -> int:
        """How many messages wait at ``path``."""
        incarnation = self._current.get(path)
        return len(incarnation.mailbox) if incarnation is not None else 0
