"""All incarnations that live now, by path: the shell that does what a tree decides."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from livermore.clock import Clock
from livermore.supervision.actor import Context
from livermore.supervision.ailment import Ailment
from livermore.supervision.events import Answer, Arguments, Down, Ending, Event, Operation, Reason, Request
from livermore.supervision.failures import Failures
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.observation import stack_of, vitals_of
from livermore.supervision.orders import STOP, Ail, Break, Quiesce, Reconfigure
from livermore.supervision.post_office import PostOffice
from livermore.supervision.spec import ActorSpec
from livermore.supervision.stats import Stats
from livermore.supervision.vitals import Vitals

Launch = Callable[[Incarnation], None]


class Incarnations:
    """``launch`` starts one wherever it is to live; ``post`` brings events to the tree, from any thread."""

    def __init__(
        self,
        launch: Launch,
        post: Callable[[Event], None],
        clock: Clock,
        resources: Any,
        settings: SettingKeys | None = None,
    ) -> None:
        settings = settings or SettingKeys()
        self.post = post
        self._launch, self._clock, self._resources = launch, clock, resources
        self._current: dict[str, Incarnation] = {}
        self._zombies: defaultdict[str, set[Incarnation]] = defaultdict(set)
        self.stats: defaultdict[str, Stats] = defaultdict(Stats)
        self.mail = PostOffice(clock, settings.dead_letters, self.stats)
        self.failures = Failures(clock, settings.crash_reports)

    def settle(self, settings: SettingKeys) -> None:
        """Go by these settings from now on."""
        self.mail.dead_letters.settle(settings.dead_letters)
        self.failures.reports.settle(settings.crash_reports)

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
            emit=lambda messages: self._emit(incarnation, messages),
            request=lambda operation: self._request(incarnation, operation),
            ready=lambda: incarnation.ready(),  # noqa: PLW0108 - it is made below
            listen=spec.keys.listen,
        )
        incarnation = Incarnation(spec, context, self.mail.open(spec), self, self.stats[spec.path])
        self._current[spec.path] = incarnation
        try:
            self._launch(incarnation)
        except (RuntimeError, OSError) as error:  # no thread, or no process, could be started
            self.ended(incarnation, Ending(Reason.NO_THREAD, error))

    def stop(self, path: str) -> None:
        self._order(path, STOP)

    def quiesce(self, path: str) -> None:
        self._order(path, Quiesce())

    def reconfigure(self, path: str, options: Any) -> None:
        self._order(path, Reconfigure(options))

    def _order(self, path: str, order: Any) -> bool:
        incarnation = self._current.get(path)
        return incarnation is not None and incarnation.mailbox.put_control(order)

    def interrupt(self, path: str) -> None:
        self.stats[path].hangs += 1
        wake = self._current[path].on_interrupt  # in a thread of its own: this one runs no code of actors
        with suppress(RuntimeError):  # no thread can be started: it is given up at the next look
            threading.Thread(target=wake, name=f"interrupt {path}", daemon=True).start()

    def abandon(self, path: str, ending: Ending) -> Ending:
        incarnation = self._current[path]
        incarnation.revoked = True
        incarnation.stats = Stats()
        told = Ending(ending.reason, ending.error, stack=stack_of(incarnation), last_message=incarnation.last_message)
        self.mail.close(incarnation.spec, incarnation.mailbox, ending.reason)
        incarnation.on_abandoned()
        self._zombies[path].add(incarnation)
        if incarnation.over:  # asked only now: it may have ended this very moment
            self._zombies[path].discard(incarnation)
        return told

    def vitals(self, path: str) -> Vitals:
        incarnation = self._current.get(path)
        return Vitals(alive=False) if incarnation is None else vitals_of(incarnation)

    def zombies(self, path: str) -> int:
        return len(self._zombies.get(path, ()))

    def answer(self, path: str, answer: Answer) -> None:
        if self._order(path, answer):
            self.stats[path].control += 1
        else:
            self.mail.dead_letters.add(path, "not_running", answer)

    def discard(self, path: str, reason: str) -> None:
        self.mail.discard(path, reason)

    def forget(self, path: str) -> None:
        self._current.pop(path, None)
        self.mail.forget(path)

    def warned(self, path: str, vitals: Vitals) -> None:
        self.failures.warn(self._current[path], vitals)

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        self.failures.add(path, generation, ending, self._current.get(path))

    # -- what incarnations do

    def _emit(self, sender: Incarnation, messages: Sequence[Any]) -> None:
        if sender.revoked:
            self.stats[sender.path].fenced += len(messages)
        sender.check_fence()
        if sender.mute_until > sender.now:
            for message in messages:
                self.mail.dead_letters.add(sender.path, "muted", message)
            return
        for target in sender.spec.targets:
            accepts = self._accepts(target)
            accepted = [message for message in messages if isinstance(message, accepts)]
            if len(accepted) == 1:
                self.mail.tell(target.path, accepted[0])
            elif accepted:
                self.mail.tell_all(target.path, accepted)

    def _accepts(self, target: ActorSpec) -> tuple[type, ...]:
        """Of the class that lives there now: the tree may have been edited."""
        incarnation = self._current.get(target.path)
        return (target if incarnation is None else incarnation.spec).actor.accepts

    def _request(self, sender: Incarnation, operation: Operation) -> None:
        sender.check_fence()
        reply = partial(self.answer, sender.path)
        self.post(Request(operation, reply, (sender.path, sender.generation)))

    def ended(self, incarnation: Incarnation, ending: Ending) -> None:
        """The last act of every incarnation: its mail is inherited or counted, and its end is reported, once."""
        self._zombies[incarnation.path].discard(incarnation)
        self.mail.close(incarnation.spec, incarnation.mailbox, ending.reason)
        self.post(Down(incarnation.path, incarnation.generation, ending))

    # -- from outside

    def break_(self, path: str, error: BaseException) -> bool:
        """Make the actor at ``path`` fail with ``error``; False where nobody lives there."""
        return self._order(path, Break(error))

    def ail(self, path: str, how: Ailment) -> bool:
        """Make the actor at ``path`` fall ill; False where nobody lives there."""
        return self._order(path, Ail(how))

    def pid(self, path: str) -> int | None:
        """Of the process that an actor has for its own."""
        incarnation = self._current.get(path)
        return None if incarnation is None or incarnation.over or incarnation.revoked else incarnation.pid

    def families(self) -> list[Any]:
        """What actors in processes of their own have counted, as Prometheus families."""
        return [family for incarnation in list(self._current.values()) for family in incarnation.families]
