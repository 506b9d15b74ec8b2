"""The harness: candidate and reference in turns, and a line for each target."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

ROUNDS = 5

_ALL_THREADS = 2
"""With a process's id, the name of its CPU clock, as `clock_getcpuclockid` makes it."""

Work = Callable[[], object]


class Result(NamedTuple):
    """One line. ``value`` is what is held against ``gate``: at least that, or at most where ``most`` is true.

    ``detail``: what else was seen, for people; ``unit``: x for ratios.
    """

    name: str
    value: float
    target: float
    gate: float
    unit: str = "x"
    most: bool = False
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the gate is met."""
        return self.value <= self.gate if self.most else self.value >= self.gate

    def __str__(self) -> str:
        sign = "<=" if self.most else ">="
        verdict = "passed" if self.passed else "FAILED"
        wanted = f"target {sign} {self.target:g}, gate {sign} {self.gate:g}"
        return f"{self.name:<44} {self.value:>9.3g} {self.unit:<4} {wanted:<30} {verdict}  {self.detail}"


class Skipped(NamedTuple):
    """A target whose reference is not installed."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name:<44} skipped: {self.reason}"


class Spent(NamedTuple):
    """Seconds that went by, and seconds of CPU."""

    wall: float
    cpu: float

    def __add__(self, other: tuple[float, ...]) -> "Spent":
        return Spent(self.wall + other[0], self.cpu + other[1])


def spent(work: Work, cpu: Callable[[], float]) -> Spent:
    """What it takes once, garbage of others left aside."""
    gc.collect()
    begun, burnt = time.perf_counter(), cpu()
    work()
    return Spent(time.perf_counter() - begun, cpu() - burnt)


def cpu_of(*pids: int) -> float:
    """Seconds of CPU that these processes have had, their threads and the kernel's work for them included."""
    return sum(time.clock_gettime(~pid << 3 | _ALL_THREADS) for pid in pids)


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of garbage from going through what only the benchmark holds, again and again."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def ratio(
    name: str,
    candidate: Work,
    reference: Work,
    *,
    target: float,
    gate: float,
    rounds: int = ROUNDS,
    share: float = 1.0,
    cost: bool = False,
    cpu: Callable[[], float] | None = None,
    by_cpu: bool = False,
) -> Result:
    """How many times faster the candidate is than the reference: the median of rounds in the order A B B A.

    Args:
        name: of the target.
        candidate: ours.
        reference: what it is held against.
        target: what is wanted.
        gate: what must be.
        rounds: how many.
        share: of the candidate's work that the reference does; its time counts for all of it.
        cost: whether to tell how many times as long the candidate takes instead, which is to be little.
        cpu: seconds of CPU so far of whoever does the work, this process without it.
        by_cpu: whether that is what counts, and not the time that goes by.
    """
    found, ours, theirs = [], Spent(0, 0), Spent(0, 0)
    clock = cpu or time.process_time
    counts, other = ("cpu", "wall") if by_cpu else ("wall", "cpu")
    with uncollected():
        for _ in range(rounds):
            a, b = spent(candidate, clock), spent(reference, clock)
            b, a = b + spent(reference, clock), a + spent(candidate, clock)
            found.append(_quotient(getattr(b, counts) / share, getattr(a, counts), cost=cost))
            ours, theirs = ours + a, theirs + b
    beside = _quotient(getattr(theirs, other) / share, getattr(ours, other), cost=cost)
    word, took = ("time" if by_cpu else "CPU"), 500 * getattr(ours, counts) / rounds
    detail = f"min {min(found):.2f} max {max(found):.2f}, by {word} {beside:.2f}; {took:.2f} ms"
    return Result(name, statistics.median(found), target, gate, most=cost, detail=detail)


def _quotient(theirs: float, ours: float, *, cost: bool) -> float:
    return ours / theirs if cost else theirs / ours
