"""The host of an actor that has a process of its own: this side of the pipe. Its thread ends with the process."""

import os
import pickle
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing import process as children
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from typing import Any, NamedTuple

from livermore.supervision import process_child
from livermore.supervision.incarnation import Incarnation, ProcessExit
from livermore.supervision.mailbox import EMPTY
from livermore.supervision.orders import STOP, Order

LOOK_EVERY = 1.0
"""Seconds between two looks at how much memory it uses."""


class ProcessHost:
    """Orders go in; what it says of itself, its questions and its end come out."""

    def __init__(self, incarnation: Incarnation) -> None:
        self._incarnation, self._keys = incarnation, incarnation.spec.keys.process
        self._resources = incarnation.context.resources
        self._ending: BaseException | None = None
        self._said: Mapping[str, Callable[..., None]] = {
            "ready": incarnation.ready,
            "quiet": self._is_quiet,
            "turn": self._turned,
            "ask": self._asked,
            "ended": self._ended,
        }

    def run(self) -> None:
        """The whole life of the process: returns when it was asked to stop, raises when it failed."""
        context = get_context("forkserver")
        self._pipe, theirs = context.Pipe()
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        assignment = process_child.Assignment.of(self._incarnation)
        name = f"{self._incarnation.path}#{self._incarnation.generation}"
        process = context.Process(target=process_child.run, args=(theirs, assignment), name=name)
        try:
            process.start()
            _keep_to_ourselves(process)
            theirs.close()
            self._follow(process, woken, wake)
        finally:
            self._incarnation.mailbox.call(None)
            self._incarnation.on_abandoned = self._incarnation.on_interrupt = lambda: None
            for descriptor in (woken, wake):
                os.close(descriptor)
            self._pipe.close()

    def _follow(self, process: ForkServerProcess, woken: int, wake: int) -> None:
        incarnation, withdraw = self._incarnation, self._incarnation.on_abandoned
        incarnation.pid = process.pid

        def give_up() -> None:
            withdraw()
            _kill(process)

        incarnation.on_abandoned = give_up
        incarnation.on_interrupt = lambda: _signal(process, signal.SIGUSR1)  # it writes down its stacks
        incarnation.mailbox.call(lambda: _poke(wake))
        if incarnation.revoked:
            _kill(process)
        self._obey()
        over = False
        while not over:
            ready = wait([self._pipe, process.sentinel, woken], LOOK_EVERY)
            if woken in ready:
                os.read(woken, 4096)
                self._obey()
            over = self._listen() if self._pipe in ready else process.sentinel in ready
            self._weigh(process)
        self._bury(process)

    def _obey(self) -> None:
        """Hand on what has come by mail. Nobody tells it anything else: it accepts nothing."""
        while (message := self._incarnation.mailbox.poll()) is not EMPTY:
            order = "stop" if message is STOP else message
            if message is STOP or isinstance(message, Order):
                with suppress(OSError):  # it is gone, as its sentinel will say
                    self._pipe.send(("order", order))
            if message is STOP:
                return

    def _listen(self) -> bool:
        """Take in one message; True where there will be no other."""
        try:
            what, *details = self._pipe.recv()
        except (EOFError, OSError):
            return True
        self._said[what](*details)
        return bool(what == "ended")

    def _is_quiet(self) -> None:
        self._incarnation.quiet = True

    def _turned(self, every: float, families: list[Any]) -> None:
        self._incarnation.families = families
        self._incarnation.turn(every)

    def _asked(self, number: int, question: str, arguments: tuple[Any, ...]) -> None:
        try:
            answer, failed = self._resources.serve(question, *arguments), False
        except TimeoutError as error:
            answer, failed = str(error), True
        with suppress(OSError):
            self._pipe.send(("answer", number, failed, answer))

    def _ended(self, data: bytes) -> None:
        self._ending = pickle.loads(data)  # noqa: S301 - our own process, on a pipe that nobody else has

    # -- its end

    def _weigh(self, process: ForkServerProcess) -> None:
        used, most = usage(process.pid), self._keys.rss_max
        if most is not None and used is not None and used.resident > most:
            _kill(process)
            process.join()
            raise ProcessExit(f"it used {used.resident >> 20} MiB of memory, of {most >> 20} that it may")

    def _bury(self, process: ForkServerProcess) -> None:
        process.join(self._keys.kill_after)
        if process.exitcode is None:
            _kill(process)
            process.join()
        if self._ending is None:
            raise ProcessExit(_how(process.exitcode))
        if not isinstance(self._ending, process_child.EndedWell):
            raise self._ending


class Usage(NamedTuple):
    """What a process has used: seconds of a processor so far, and bytes of memory now."""

    cpu: float
    resident: int


def usage(pid: int | None) -> Usage | None:
    """What a process has used, where the machine tells."""
    if pid is None:
        return None
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - read every second
            fields = file.read().rpartition(")")[2].split()  # the name before it may hold spaces
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))


def _keep_to_ourselves(process: ForkServerProcess) -> None:
    """Whoever starts a process looks at how all others are; of two who look at once, one reads 255 for an exit code."""
    children._children.discard(process)  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"


def _kill(process: ForkServerProcess) -> None:
    _signal(process, signal.SIGKILL)


def _signal(process: ForkServerProcess, number: int) -> None:
    with suppress(ProcessLookupError):
        if process.pid is not None:
            os.kill(process.pid, number)


def _poke(wake: int) -> None:
    with suppress(BlockingIOError, OSError):  # full: it is awake; closed: it is gone
        os.write(wake, b"\0")
