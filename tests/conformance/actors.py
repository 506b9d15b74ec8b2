"""Actors for real processes of the conformance tests. Each says in the log what it lives through."""

import asyncio
import re
import threading
import time
from pathlib import Path
from typing import Any

import structlog

from livermore.settings import Options
from livermore.supervision.loop_actor import LoopActor


class Begin:
    """A message: it is time."""


class Calm(LoopActor):
    """Does nothing, and stops when it is asked to."""

    options: Options

    async def main(self) -> None:
        self.say("is up")
        await asyncio.Event().wait()

    async def cool_down(self) -> None:
        self.say("cools down")

    def say(self, event: str) -> None:
        """Write a line into the log."""
        structlog.get_logger("tests").info(event, actor=self.context.path)


class Failing(Calm):
    """Fails as soon as it is told anything."""

    accepts = (Begin,)

    def receive(self, message: Any) -> None:
        raise RuntimeError("too weak")


class SlowDisk(Failing):
    """The same, on a disk that takes its time."""

    async def main(self) -> None:
        write = Path.write_text

        def slowly(file: Path, *text: Any, **named: Any) -> int:
            time.sleep(0.3)
            return write(file, *text, **named)

        setattr(Path, "write_text", slowly)  # noqa: B010 - a method is no variable to a type checker
        await super().main()


class Trigger(Calm):
    """Tells those above it that it is up."""

    emits = (Begin,)

    async def main(self) -> None:
        self.emit(Begin())
        await super().main()


class Hanging(Calm):
    """Waits for something without a limit, and its loop with it."""

    async def main(self) -> None:
        await asyncio.sleep(0)
        self.say("hangs")
        wait_for_nothing()


class HoggingAtOnce(Calm):
    """Holds the interpreter's lock as soon as it is up."""

    async def main(self) -> None:
        self.say("hogs")
        await asyncio.sleep(0.2)  # the line has to be written before
        hog()


class HoggingInTheEnd(Calm):
    """Holds the interpreter's lock when it is told to be quiet."""

    async def quiesce(self) -> None:
        hog()


def wait_for_nothing() -> None:
    """Stand still for good."""
    threading.Event().wait()


def hog() -> None:
    """A search that takes longer than anybody waits, in C code that lets no other thread run."""
    re.fullmatch("(a+)+", "a" * 64 + "b")
