"""A server of the benchmarks' own in a process of its own: ``python -m bench.NAME``, which says where it listens."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import structlog

PATIENCE = 10.0


class Served(NamedTuple):
    """Where it listens, and whose CPU it takes."""

    pid: int
    port: int


@contextmanager
def process(name: str, facts: Mapping[str, object]) -> Iterator[Served]:
    """One that is told these facts, and has ended after the block."""
    command = [sys.executable, "-m", f"bench.{name}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            print(json.dumps(facts), file=child.stdin, flush=True)
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"bench.{name} has ended with {child.wait()}; what it said stands above")
            yield Served(child.pid, int(line))
            child.stdin.close()
            child.wait(PATIENCE)
        finally:
            child.kill()


def told() -> dict[str, Any]:
    """What such a process has been told, which says nothing itself but what is wrong."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    facts: dict[str, Any] = json.loads(sys.stdin.readline())
    return facts


async def serving(port: int) -> None:
    """Say that it listens, and wait until nobody wants it any more."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)
    print(port, flush=True)
    await over.wait()
