"""The harness: candidate and reference in turns, and a line for each target."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

ROUNDS = 5

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


def seconds(work: Work) -> float:
    """How long it takes once, garbage of others left aside."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ratio(name: str, candidate: Work, reference: Work, *, target: float, gate: float, rounds: int = ROUNDS) -> Result:
    """How many times faster the candidate is than the reference: the median of rounds in the order A B B A."""
    found = []
    for _ in range(rounds):
        ours, theirs = seconds(candidate), seconds(reference)
        theirs, ours = theirs + seconds(reference), ours + seconds(candidate)
        found.append(theirs / ours)
    detail = f"min {min(found):.2f} max {max(found):.2f}"
    return Result(name, statistics.median(found), target, gate, detail=detail)
