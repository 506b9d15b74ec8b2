"""A Redis of the benchmarks' own, on a free loopback port, and a CPU of its own where there are several."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import redis

from livermore.store.server_binary import find_server
from livermore.store.settings import RedisPlace

PATIENCE = 10.0


@contextmanager
def server() -> Iterator[RedisPlace]:
    """One that is empty, and gone after the block. Meanwhile this process keeps off its CPU."""
    folder, port = tempfile.mkdtemp(prefix="lvm-bench-"), free_port()
    words = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([find_server(), *words], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    allowed = os.sched_getaffinity(0)
    try:
        if len(allowed) > 1:
            os.sched_setaffinity(process.pid, {max(allowed)})
            os.sched_setaffinity(0, allowed - {max(allowed)})
        _wait_for(port, process)
        yield RedisPlace(url=f"redis://127.0.0.1:{port}")
    finally:
        os.sched_setaffinity(0, allowed)
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def apart(allowed: set[int]) -> Iterator[None]:
    """Meanwhile this process has the CPU of the Redis, of those that are allowed, and its children keep the others."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, allowed - mine or mine)
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError(f"the benchmark's Redis at port {port} does not answer: try again")
        time.sleep(0.01)


def _answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
