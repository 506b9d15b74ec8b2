"""All incarnations that live now, by path: the shell that does what a tree decides."""

import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from livermore.clock import Clock
from livermore.supervision.actor import Context
from livermore.supervision.ailment import Ailment
from livermore.supervision.crash_reports import CrashReports
from livermore.supervision.dead_letters import DeadLetters
from livermore.supervision.events import Answer, Arguments, Down, Ending, Event, Operation, Reason, Request
from livermore.supervision.file_keys import SettingKeys
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.mailbox import Mailbox
from livermore.supervision.orders import STOP, Ail, Break, Quiesce, Reconfigure
from livermore.supervision.spec import ActorSpec
from livermore.supervision.stats import Stats
from livermore.supervision.vitals import Vitals

Launch = Callable[[Incarnation], None]
QUIET_FAILURES = frozenset({Reason.WAITING, Reason.PERMANENT, Reason.FINISHED, Reason.IGNORED})
"""Ends whose traceback says nothing that their text does not."""


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
        self._kept: dict[str, Mailbox] = {}  # mail for the next incarnation, while none lives
        self._zombies: defaultdict[str, set[Incarnation]] = defaultdict(set)
        self.stats: defaultdict[str, Stats] = defaultdict(Stats)
        self.dead_letters = DeadLetters(clock, settings.dead_letters)
        self.reports = CrashReports(clock, settings.crash_reports)
        self.abandoned = 0  # incarnations that did not stop when they were asked to
        self.last_failure: tuple[str, str] | None = None
        self._unwritten: list[Callable[[], None]] = []
        self._log = structlog.get_logger("livermore.supervision")

    def settle(self, settings: SettingKeys) -> None:
        """Go by these settings from now on."""
        self.dead_letters.settle(settings.dead_letters)
        self.reports.settle(settings.crash_reports)

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
        kept = self._kept.pop(spec.path, None)
        mailbox = kept if kept is not None else self._mailbox(spec)  # one that is empty is kept all the same
        incarnation = Incarnation(spec, context, mailbox, self, self.stats[spec.path])
        self._current[spec.path] = incarnation
        try:
            self._launch(incarnation)
        except (RuntimeError, OSError) as error:  # no thread, or no process, could be started
            self.ended(incarnation, Ending(Reason.NO_THREAD, error))

    def _mailbox(self, spec: ActorSpec) -> Mailbox:
        return Mailbox(spec.keys.mailbox, partial(self._dropped, spec.path), self.stats[spec.path].wait)

    def _dropped(self, path: str, message: Any, policy: str) -> None:
        self.stats[path].dropped[policy] += 1
        if policy != "coalesce":  # there the newest says what the others would have
            self.dead_letters.add(path, "overflow", message)

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
        told = Ending(ending.reason, ending.error, stack=_stack(incarnation), last_message=incarnation.last_message)
        self._inherit(incarnation, ending.reason)
        incarnation.on_abandoned()
        self._zombies[path].add(incarnation)
        if incarnation.over:  # asked only now: it may have ended this very moment
            self._zombies[path].discard(incarnation)
        return told

    def vitals(self, path: str) -> Vitals:
        incarnation = self._current.get(path)
        return Vitals(alive=False) if incarnation is None else _vitals(incarnation)

    def zombies(self, path: str) -> int:
        return len(self._zombies.get(path, ()))

    def answer(self, path: str, answer: Answer) -> None:
        if self._order(path, answer):
            self.stats[path].control += 1
        else:
            self.dead_letters.add(path, "not_running", answer)

    def discard(self, path: str, reason: str) -> None:
        kept = self._kept.pop(path, None)
        for message in kept.close() if kept is not None else ():
            self.dead_letters.add(path, reason, message)

    def forget(self, path: str) -> None:
        self._current.pop(path, None)

    def warned(self, path: str, vitals: Vitals) -> None:
        incarnation = self._current[path]
        said = _name(incarnation.last_message)
        log = self._log.bind(actor=path, generation=incarnation.generation, last_message=said)
        log.warning("takes long", seconds=round(vitals.busy or vitals.silent, 1), stack=_stack(incarnation))

    def failed(self, path: str, generation: int, ending: Ending) -> None:
        waits = ending.retry_after is not None
        if not waits:
            self.last_failure = (path, str(ending))
        self.abandoned += ending.reason == Reason.ABANDONED
        incarnation = self._current.get(path)
        self._unwritten.append(lambda: self._write(path, generation, ending, incarnation))

    def write_out(self) -> None:
        """Write down the failures since the last time: what is to be restarted for them has been, meanwhile."""
        unwritten, self._unwritten = self._unwritten, []
        for write in unwritten:
            write()

    def _write(self, path: str, generation: int, ending: Ending, incarnation: Incarnation | None) -> None:
        waits = ending.retry_after is not None
        if ending.reason not in QUIET_FAILURES and generation:
            self.reports.add(path, generation, ending, incarnation)
        log = self._log.info if waits or _is_well(ending, incarnation) else self._log.error
        log(
            "waiting" if waits else "failed",
            actor=path,
            generation=generation,
            reason=str(ending),
            last_message=_name(ending.last_message),
            stack=ending.stack or None,
            exc_info=None if ending.reason in QUIET_FAILURES else ending.error,
        )

    # -- what incarnations do

    def _emit(self, sender: Incarnation, messages: Sequence[Any]) -> None:
        if sender.revoked:
            self.stats[sender.path].fenced += len(messages)
        sender.check_fence()
        if sender.mute_until > sender.now:
            for message in messages:
                self.dead_letters.add(sender.path, "muted", message)
            return
        for target in sender.spec.targets:
            accepts = self._accepts(target)
            accepted = [message for message in messages if isinstance(message, accepts)]
            if len(accepted) == 1:
                self.tell(target.path, accepted[0])
            elif accepted:
                self.tell_all(target.path, accepted)

    def _accepts(self, target: ActorSpec) -> tuple[type, ...]:
        """Of the class that lives there now: the tree may have been edited."""
        incarnation = self._current.get(target.path)
        return (target if incarnation is None else incarnation.spec).actor.accepts

    def tell(self, path: str, message: Any) -> None:
        """Put a message into the mailbox of whoever lives at ``path`` now, or will, or count it as a dead letter."""
        incarnation = self._current.get(path)
        mailbox = incarnation.mailbox if incarnation is not None else self._kept.get(path)
        if mailbox is None or not mailbox.put(message):
            self.dead_letters.add(path, "not_running", message)

    def tell_all(self, path: str, messages: Sequence[Any]) -> None:
        """As `tell`, several in order, at the price of one."""
        incarnation = self._current.get(path)
        mailbox = incarnation.mailbox if incarnation is not None else self._kept.get(path)
        if mailbox is None or not mailbox.put_all(messages):
            for message in messages:
                self.dead_letters.add(path, "not_running", message)

    def _request(self, sender: Incarnation, operation: Operation) -> None:
        sender.check_fence()
        reply = partial(self.answer, sender.path)
        self.post(Request(operation, reply, (sender.path, sender.generation)))

    def ended(self, incarnation: Incarnation, ending: Ending) -> None:
        """The last act of every incarnation: its mail is inherited or counted, and its end is reported, once."""
        self._zombies[incarnation.path].discard(incarnation)
        self._inherit(incarnation, ending.reason)
        self.post(Down(incarnation.path, incarnation.generation, ending))

    def _inherit(self, incarnation: Incarnation, reason: str) -> None:
        """Mail that waits goes to the next incarnation where the tree says so; else it is dead."""
        path, spec = incarnation.path, incarnation.spec
        heir = self._mailbox(spec) if spec.keys.mailbox.keep_on_restart and not incarnation.mailbox.closed else None
        if heir is not None:
            self._kept[path] = heir
        for message in incarnation.mailbox.close(heir):
            self.dead_letters.add(path, reason, message)

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
        return incarnation.pid if incarnation is not None else None

    def families(self) -> list[Any]:
        """What actors in processes of their own have counted, as Prometheus families."""
        return [family for incarnation in list(self._current.values()) for family in incarnation.families]

    def mail(self, path: str) -> Mailbox | None:
        """The mailbox at ``path``, where there is one."""
        incarnation = self._current.get(path)
        return incarnation.mailbox if incarnation is not None else self._kept.get(path)


def _is_well(ending: Ending, incarnation: Incarnation | None) -> bool:
    """Whether somebody who knows the tree expects such an end."""
    once = incarnation is not None and incarnation.spec.keys.restart != "permanent"
    return ending.reason == Reason.IGNORED or (once and ending.reason == Reason.FINISHED)


def _name(message: Any) -> str | None:
    """Of a message's class; of several the first one's."""
    first = message[0] if isinstance(message, list | tuple) and message else message
    return None if first is None else type(first).__name__


def _vitals(incarnation: Incarnation) -> Vitals:
    now, since, turned = incarnation.now, incarnation.busy_since, incarnation.turned
    silent = 0.0 if turned is None else max(0.0, now - turned - incarnation.turns_every)
    busy = max(0.0 if since is None else now - since, silent)
    thread = incarnation.thread
    alive = incarnation.over or thread is None or thread.is_alive()
    return Vitals(alive, busy, silent, incarnation.quiet, incarnation.mailbox.pending)


def _stack(incarnation: Incarnation) -> str:
    """Where its thread stands now; nothing where it has none."""
    thread = incarnation.thread
    frame = sys._current_frames().get(thread.ident) if thread is not None and thread.ident is not None else None  # noqa: SLF001 - there is no other way to another thread's stack
    return "".join(traceback.format_stack(frame)) if frame is not None else ""
