"""A minute's closes told to a crowd of stream clients, beside `write_message` on plain Tornado (T2)."""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import NamedTuple

from bench.crowd import Crowd, events
from bench.harness import ROUNDS, Result, cpu_of, ratio
from bench.process import Served, process
from bench.server import apart
from bench.site import Site, site

SERIES, CLIENTS = 100, 1_000
SHARE = 10
"""The reference tells one event in so many."""
ALL = (b'{"action":"subscribe","channels":["candles:*:*"]}', b'"rejected":[]}')


class Told(NamedTuple):
    """The front and its reference, with a crowd at each."""

    made: Site
    front: Served
    bare: Served
    ours: Crowd
    theirs: Crowd

    def close(self, number: int) -> list[bytes]:
        """Close a minute, and wait until everybody has heard of all of it."""
        self.made.close(self.made.ahead[number])
        return self.ours.hear(len(self.made.ahead[number]))

    def burst(self, body: bytes, number: int) -> list[bytes]:
        """Tell these events, so many, and wait until everybody has heard them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.bare.port}/burst", body, timeout=60):
            return self.theirs.hear(number)


@contextmanager
def told(series: int, clients: int, minutes: int) -> Iterator[Told]:
    """Both, each in a process of its own."""
    allowed = os.sched_getaffinity(0)
    with (
        site(series, 2, minutes) as made,
        process("front_process", made.facts) as front,
        process("bare_process", {"body": ""}) as bare,
        apart(allowed),
    ):
        ours = Crowd(front.port, "/public/v1/stream", clients, [f"X-API-Key: {made.key}"], ALL)
        theirs = Crowd(bare.port, "/stream", clients)
        try:
            yield Told(made, front, bare, ours, theirs)
        finally:
            ours.end()
            theirs.end()


def results() -> Iterator[Result]:
    """All targets."""
    numbers, name = count(1), f"T2 {SERIES} events to {CLIENTS} clients"
    with told(SERIES, CLIENTS, 1 + 2 * ROUNDS) as made:
        some = events(made.close(0))[: SERIES // SHARE]
        burst = partial(made.burst, json.dumps(some).encode(), len(some))
        burst()
        cpu = partial(cpu_of, made.front.pid, made.bare.pid)
        close = lambda: made.close(next(numbers))  # noqa: E731 - each turn has a minute of its own
        yield ratio(name, close, burst, target=30, gate=10, share=1 / SHARE, cpu=cpu)


TARGETS = {"T2": results}
