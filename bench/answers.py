"""A page of candles from the front, beside a bare Tornado handler that writes the same bytes (T1, T1d)."""

import os
import statistics
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from bench.harness import ROUNDS, Result, cpu_of, ratio, uncollected
from bench.load import Load
from bench.process import Served, process
from bench.server import apart
from bench.site import Site, site

PATH = "/public/v1/candles/coinbase/S0-USD/1m?limit=100"
REQUESTS = 2_000
"""Of each turn."""


class Both(NamedTuple):
    """The front and its reference, with clients at each."""

    front: Served
    bare: Served
    ours: Load
    theirs: Load


@contextmanager
def both(past: int = 1_000, warm: int = REQUESTS // 4) -> Iterator[Both]:
    """Each in a process of its own, after so many requests; ``past``: candles that are stored."""
    allowed = os.sched_getaffinity(0)
    with (
        site(1, past) as made,
        process("front_process", made.facts) as front,
        process("bare_process", {"body": fetch(front, made)}) as bare,
        apart(allowed),
    ):
        ours, theirs = Load(front.port, PATH, [f"X-API-Key: {made.key}"]), Load(bare.port, "/")
        try:
            ours.ask(warm)
            theirs.ask(warm)
            yield Both(front, bare, ours, theirs)
        finally:
            ours.end()
            theirs.end()


def fetch(front: Served, made: Site) -> str:
    """The body that is asked for."""
    request = urllib.request.Request(f"http://127.0.0.1:{front.port}{PATH}", headers={"X-API-Key": made.key})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def cost() -> Iterator[Result]:
    """How much CPU a request takes."""
    with both() as made:
        yield ratio(
            f"T1 {REQUESTS} pages of 100 candles, CPU of the server",
            partial(made.ours.ask, REQUESTS),
            partial(made.theirs.ask, REQUESTS),
            target=8,
            gate=4,
            cpu=partial(cpu_of, made.front.pid, made.bare.pid),
            by_cpu=True,
        )


def latency() -> Iterator[Result]:
    """How long one in a hundred waits for at least, of 32 who ask at once."""
    found, took = [], list[float]()
    with both() as made, uncollected():
        for _ in range(ROUNDS):
            a, b = made.ours.ask(REQUESTS), made.theirs.ask(REQUESTS)
            b, a = b + made.theirs.ask(REQUESTS), a + made.ours.ask(REQUESTS)
            found.append(p99(a) / p99(b))
            took += a
    detail = f"min {min(found):.2f} max {max(found):.2f}; {1000 * p99(took):.1f} ms"
    yield Result("T1d p99 at 32 connections", statistics.median(found), 0.5, 0.8, most=True, detail=detail)


def p99(took: list[float]) -> float:
    """What one in a hundred exceeds."""
    return statistics.quantiles(took, n=100)[98]


def results() -> Iterator[Result]:
    """All targets."""
    yield from cost()
    yield from latency()


TARGETS = {"T1": cost, "T1d": latency}
