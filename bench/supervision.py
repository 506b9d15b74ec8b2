"""Supervision beside stock Pykka: telling, crashing, restarting, and what is left of a thousand restarts."""

import gc
import os
import resource
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

import pykka

from bench.harness import Result, ratio
from livermore.clock import AffineClock
from livermore.listeners import Listeners
from livermore.settings import Options
from livermore.supervision.actor import Actor, Worker
from livermore.supervision.loop_actor import LoopActor
from livermore.supervision.metrics import TreeMetrics
from livermore.supervision.spec import ActorKeys, ActorSpec, NodeSpec, SupervisorKeys, SupervisorSpec
from livermore.supervision.supervisor import Supervisor

TELLS = 200_000
CRASHES = 300
RACING = 1_000_000
RESTARTS = 1_000
FRONTS = 100
ACTORS = 200
PATIENCE = 120.0


class Count:
    """Says when so many have come."""

    def __init__(self) -> None:
        self.left, self.done = 0, threading.Event()

    def expect(self, number: int) -> None:
        """Wait for so many more."""
        self.done.clear()
        self.left += number

    def come(self, number: int = 1) -> None:
        self.left -= number
        if self.left == 0:
            self.done.set()


class Boom(str):
    """What an actor breaks at."""

    __slots__ = ()


class Ear(Worker):
    """Counts what it hears, one by one."""

    options: Options
    accepts = (int, str)

    def receive(self, message: Any) -> None:
        if isinstance(message, Boom):
            raise RuntimeError(message)
        self.resources.come()


class Basket(Worker):
    """Counts what it hears, as much at once as there is."""

    options: Options
    accepts = (int,)
    batch: ClassVar[int] = 100

    def receive_all(self, messages: list[Any]) -> None:
        self.resources.come(len(messages))


class Stock(pykka.ThreadingActor):
    """The same on stock Pykka."""

    use_daemon_thread = True

    def __init__(self, count: Count) -> None:
        super().__init__()
        self.count = count

    def on_receive(self, message: Any) -> None:
        self.count.come()


class Teller(LoopActor):
    """Answers a byte to whoever connects, at the sockets that are held for it."""

    options: Options

    async def warm_up(self) -> None:
        import asyncio  # noqa: PLC0415 - only in its own process

        (held,) = self.resources.sockets(self.context.listen)
        self.server = await asyncio.start_server(self._answer, sock=held.dup())

    async def main(self) -> None:
        await self.server.serve_forever()

    async def _answer(self, _: Any, writer: Any) -> None:
        writer.write(b".")
        writer.close()

    async def cool_down(self) -> None:
        self.server.close()


class Sockets:
    """The resources of a `Teller`."""

    def __init__(self, listeners: Listeners) -> None:
        self.sockets = listeners.of


def actor(name: str, kind: type[Actor], **keys: Any) -> ActorSpec:
    backoff = {"first": "0s", "min": "0s", "max": "0s", "jitter": 0}
    made = ActorKeys.model_validate({"id": name, "class": "bench:x", "backoff": backoff, **keys})
    return ActorSpec(name, made, kind, Options())


@contextmanager
def running(resources: Any, *children: NodeSpec) -> Iterator[Supervisor]:
    """A supervisor whose children are up."""
    keys = SupervisorKeys.model_validate({"id": "root", "intensity": 1_000_000})
    supervisor = Supervisor(SupervisorSpec("root", keys, children), AffineClock(), resources)
    supervisor.begin()
    until(lambda: supervisor.tree.booted)
    try:
        yield supervisor
    finally:
        supervisor.shut_down(5.0)
        supervisor.ended.wait(PATIENCE)


def until(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("a benchmark waits in vain")
        time.sleep(0.0002)


def results() -> Iterator[Result]:
    """All targets."""
    yield from telling()
    yield from crashing()
    yield racing()
    yield from restarting()
    yield serving()
    yield scraping()


# -- telling


def telling() -> Iterator[Result]:
    theirs, count = Count(), Count()
    mailbox = {"capacity": 1_000_000}
    ref = Stock.start(theirs)
    stock = partial(tell, ref.tell, theirs)
    with running(count, actor("ear", Ear, mailbox=mailbox), actor("basket", Basket, mailbox=mailbox)) as supervisor:
        incarnations = supervisor.incarnations
        single = partial(tell, partial(incarnations.mail.tell, "ear"), count)
        yield ratio("tell, one by one", single, stock, target=1.5, gate=1.0)
        batches = partial(tell_batches, partial(incarnations.mail.tell_all, "basket"), count)
        yield ratio("tell, in batches of 100", batches, stock, target=50, gate=20)
    ref.stop()


def tell(to: Any, count: Count) -> None:
    count.expect(TELLS)
    for number in range(TELLS):
        to(number)
    count.done.wait(PATIENCE)


def tell_batches(to: Any, count: Count) -> None:
    count.expect(TELLS)
    messages = list(range(100))
    for _ in range(TELLS // 100):
        to(messages)
    count.done.wait(PATIENCE)


# -- crashing


class Stamps:
    """When a message broke an incarnation, and when the next one got its first: number and seconds each."""

    def __init__(self) -> None:
        self.broken = self.first = (0, 0.0)
        self.done = threading.Event()


class Stamp(Worker):
    """Notes when its messages come."""

    options: Options
    accepts = (str,)

    def receive(self, message: Any) -> None:
        now = (self.context.generation, time.perf_counter())
        if isinstance(message, Boom):
            self.resources.broken = now
            raise RuntimeError(message)
        self.resources.first = now
        self.resources.done.set()


def crashing() -> Iterator[Result]:
    """From the moment at which an actor raises to the first message that the next incarnation gets."""
    stamps, waits = Stamps(), []
    keys = {"mailbox": {"keep_on_restart": True}}
    with running(stamps, actor("a", Stamp, **keys)) as supervisor:
        for generation in range(1, CRASHES + 1):
            stamps.done.clear()
            supervisor.snapshot()  # it is not at the report of the last crash any more
            supervisor.incarnations.mail.tell("a", Boom("boom"))
            supervisor.incarnations.mail.tell("a", "first")
            assert stamps.done.wait(PATIENCE)
            assert (stamps.broken[0], stamps.first[0]) == (generation, generation + 1)
            waits.append(1000 * (stamps.first[1] - stamps.broken[1]))
    waits.sort()
    p99 = waits[int(len(waits) * 0.99)]
    detail = f"min {waits[0]:.2f} max {waits[-1]:.2f}, {CRASHES} crashes"
    yield Result("crash to first message, p50", statistics.median(waits), 0.35, 0.5, "ms", most=True, detail=detail)
    yield Result("crash to first message, p99", p99, 5, 5, "ms", most=True)


def racing() -> Result:
    """Tells from four threads while the actor crashes again and again: each is heard, or counted."""
    count = Count()
    with running(count, actor("ear", Ear, mailbox={"capacity": 1_000_000})) as supervisor:
        told = supervisor.incarnations.mail
        stats, letters = supervisor.incarnations.stats["ear"], told.dead_letters.counts

        def tell(share: int) -> None:
            for number in range(share):
                told.tell("ear", Boom("boom") if number % 5_000 == 0 else number)

        threads = [threading.Thread(target=tell, args=(RACING // 4,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accounted = lambda: stats.told + stats.failed + sum(letters.values())  # noqa: E731 - asked more than once
        until(lambda: accounted() >= RACING)
        detail = f"{stats.told} heard, {stats.failed} failed, {sum(letters.values())} dead letters"
        return Result("tells lost uncounted, of a million", RACING - accounted(), 0, 0, "", most=True, detail=detail)


# -- restarting


def restarting() -> Iterator[Result]:
    count = Count()
    with running(count, actor("ear", Ear)) as supervisor:
        generations, node = supervisor.tree.runtime.generations, supervisor.tree.nodes["ear"]

        def crash(times: int) -> None:
            for _ in range(times):
                before = generations["ear"]
                supervisor.incarnations.mail.tell("ear", Boom("boom"))
                until(lambda at=before: generations["ear"] > at and node.state == "up")

        crash(100)  # so that what is made once is made
        threads, files, memory = threading.active_count(), open_files(), used_memory()
        crash(RESTARTS)
        until(lambda: threading.active_count() <= threads)
        grown = (used_memory() - memory) / 2**20
        yield Result("threads left by 1,000 restarts", threading.active_count() - threads, 0, 0, "", most=True)
        yield Result("descriptors left by 1,000 restarts", open_files() - files, 0, 0, "", most=True)
        yield Result("memory left by 1,000 restarts", grown, 1, 1, "MiB", most=True)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def used_memory() -> int:
    """Bytes that are resident now."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


# -- serving


def serving() -> Result:
    """Connections that are refused while the one who accepts them crashes and comes back, again and again."""
    listeners = Listeners()
    spec = actor("front", Teller, listen="127.0.0.1:0")
    listeners.hold(spec)
    port = listeners.of("127.0.0.1:0")[0].getsockname()[1]
    refused = served = 0
    over = threading.Event()

    def knock() -> None:
        nonlocal refused, served
        while not over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as knocking:
                    served += knocking.recv(1) == b"."
            except ConnectionRefusedError:
                refused += 1
            except OSError:
                continue  # it was being served when that one crashed

    with running(Sockets(listeners), spec) as supervisor:
        threads = [threading.Thread(target=knock) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(FRONTS):
            before = served
            until(lambda at=before: served > at + 20)
            generation = supervisor.tree.runtime.generations["front"]
            supervisor.incarnations.break_("front", RuntimeError("boom"))
            until(lambda at=generation: supervisor.tree.runtime.generations["front"] > at)
        over.set()
        for thread in threads:
            thread.join()
    detail = f"{served} served over {FRONTS} crashes"
    return Result("connections refused while it restarts", refused, 0, 0, "", most=True, detail=detail)


def scraping() -> Result:
    count = Count()
    with running(count, *(actor(f"a{n}", Ear) for n in range(ACTORS))) as supervisor:
        metrics = TreeMetrics(supervisor, "0")
        found = []
        for _ in range(20):
            begun = time.perf_counter()
            metrics.text()
            found.append(1000 * (time.perf_counter() - begun))
    detail = f"min {min(found):.1f} max {max(found):.1f}"
    return Result(f"scrape of {ACTORS} actors", statistics.median(found), 20, 20, "ms", most=True, detail=detail)


TARGETS = {"T3": telling}
