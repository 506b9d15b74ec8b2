"""An actor's own process: the far side of the pipe. It lives as long as the pipe, and no longer."""

import asyncio
import faulthandler
import os
import pickle
import signal
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from queue import Empty
from typing import Any

from prometheus_client import REGISTRY

from livermore.clock import Clock
from livermore.supervision.actor import Context
from livermore.supervision.event_queue import EventQueue
from livermore.supervision.events import Ending, Event
from livermore.supervision.incarnation import Incarnation
from livermore.supervision.loop_actor import LoopActor, live
from livermore.supervision.mailbox import Mailbox
from livermore.supervision.orders import STOP
from livermore.supervision.spec import ActorSpec
from livermore.supervision.stats import Stats

PATIENCE = 2.0
"""Seconds to wait for an answer to a question."""
OURS = "livermore_"
"""Metrics of this name are handed on; those of Python and of the process are the machine's own."""


class EndedWell(Exception):
    """It was asked to stop, and has."""


@dataclass(frozen=True)
class Assignment:
    """What such a process is given. ``portable``: makes the actor's resources, there."""

    spec: ActorSpec
    path: str
    generation: int
    arguments: Any
    clock: Clock
    portable: Any

    @classmethod
    def of(cls, incarnation: Incarnation) -> "Assignment":
        """Of an incarnation on this side."""
        context = incarnation.context
        portable = context.resources.portable(context.listen)
        return cls(incarnation.spec, context.path, context.generation, context.arguments, context.clock, portable)


def run(pipe: Connection, assignment: Assignment) -> None:
    """Live."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the one who holds the pipe says when it is over
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    Link(pipe).live(assignment)
    assignment.portable.close()
    os._exit(0)


class Link:
    """The pipe: orders and answers come in by a thread of its own, which also sees when nobody holds the other end."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock = pipe, threading.Lock()
        self._numbers = count()
        self._answers: dict[int, EventQueue[tuple[bool, Any]]] = {}
        self._mailbox: Mailbox | None = None

    def live(self, assignment: Assignment) -> None:
        """The whole life of the actor; how it ended is the last that is said."""
        resources = assignment.portable.open(self.ask)
        spec = assignment.spec
        self._mailbox = Mailbox(spec.keys.mailbox, _lose)
        incarnation: Incarnation
        context = Context(
            path=assignment.path,
            generation=assignment.generation,
            options=spec.options,
            arguments=assignment.arguments,
            clock=assignment.clock,
            resources=resources,
            emit=_refuse,
            request=_refuse,
            ready=lambda: incarnation.ready(),  # noqa: PLW0108 - it is made below
            listen=spec.keys.listen,
        )
        incarnation = Incarnation(spec, context, self._mailbox, self, Stats())
        incarnation.on_turn = lambda: self._turned(incarnation)
        incarnation.on_quiet = lambda: self._say("quiet")
        threading.Thread(target=self._listen, name="pipe", daemon=True).start()
        self._host(incarnation)

    def _host(self, incarnation: Incarnation) -> None:
        error: BaseException | None = None
        try:
            actor = incarnation.make()
            assert isinstance(actor, LoopActor)
            asyncio.run(live(actor, incarnation))
        except BaseException as raised:  # noqa: BLE001 - as in a thread's host
            error = raised
        incarnation.end(error)

    # -- what is said

    def _say(self, *words: Any) -> None:
        with self._lock, suppress(OSError):  # nobody is there any more: the other thread ends it all
            self._pipe.send(words)

    def post(self, event: Event) -> None:  # noqa: ARG002 - there is only one that comes this way: it is ready
        self._say("ready")

    def ended(self, incarnation: Incarnation, ending: Ending) -> None:  # noqa: ARG002
        self._say("ended", _portable(ending.error or EndedWell()))

    def _turned(self, incarnation: Incarnation) -> None:
        families = [family for family in REGISTRY.collect() if family.name.startswith(OURS)]
        self._say("turn", incarnation.turns_every, families)

    def ask(self, question: str, *arguments: Any) -> Any:
        """Ask the process that owns the tree; blocks.

        Raises:
            TimeoutError: it does not answer.
        """
        number, answer = next(self._numbers), EventQueue[tuple[bool, Any]]()
        self._answers[number] = answer
        self._say("ask", number, question, arguments)
        try:
            failed, value = answer.get(timeout=PATIENCE)
        except Empty:
            raise TimeoutError("the supervisor does not answer") from None
        finally:
            del self._answers[number]
        if failed:
            raise TimeoutError(value)
        return value

    # -- what is heard

    def _listen(self) -> None:
        while True:
            try:
                what, *details = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)  # the process that holds the tree is gone
            if what == "answer":
                number, failed, value = details
                if number in self._answers:
                    self._answers[number].put((failed, value))
            elif self._mailbox is not None:
                self._mailbox.put_control(STOP if details[0] == "stop" else details[0])


def _lose(message: Any, policy: str) -> None:
    """Nobody tells it anything: there is nothing to lose."""


def _refuse(_: Any) -> None:
    raise RuntimeError("an actor in a process of its own tells nobody, and asks for nothing")


def _portable(error: BaseException) -> bytes:
    """The error for the other side, with its traceback; as text, where it cannot be carried over."""
    if error.__traceback__ is not None:
        error.add_note("".join(traceback.format_exception(error)))
    try:
        data = pickle.dumps(error)
        pickle.loads(data)  # noqa: S301 - what was made here a moment ago
    except Exception:  # noqa: BLE001 - whatever an exception's class does when it is copied
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return data
