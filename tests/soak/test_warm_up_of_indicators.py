"""How wrong MACD-V is until its seed is forgotten: measured on every recorded series that is long enough."""

import numpy as np
import pytest

from tests.indicators.warming import FORGOTTEN, NAMES, READY_FROM, Warmth, warmths
from tests.soak.table import write

BEGINNINGS = 4_000
HEADER = [
    "series", "traded bars", "beginnings", "median error", "99 %", "largest", "largest of the line", "wrong stages",
    "`residual_bound`", "largest error ÷ bound",
]  # fmt: skip


ABOUT = f"""\
MACD-V, begun at up to {BEGINNINGS:,} bars of each recorded series that is long enough, beside its value over the whole
history, which began at least {FORGOTTEN:,} bars earlier. Errors are in points of MACD-V; a stage is wrong if the whole
history has another. The first row of a series is what is published first, that of {READY_FROM} bars is called ready.

`residual_bound` is the share that is left of the seeds' errors. It bounds the error in this sense: of each average no
more is left than this share of how wrong its seed was, and the value is off by no more than that makes of it; this is
asserted at every beginning. It is not a number of points. The last column tells how many points it has stood for: what
is off by the largest of them times the bound has been seen, and nothing that is off by more."""


def row(name: str, found: Warmth) -> list[str]:
    error, residual = found.error, float(found.residual[0])
    points = [np.median(error), np.quantile(error, 0.99), error.max(), found.line.max()]
    return [
        name, str(found.bars), str(len(error)), *(f"{value:.4f}" for value in points),
        f"{found.wrong.mean():.2%}", f"{residual:.2g}", f"{error.max() / residual:.0f}",
    ]  # fmt: skip


@pytest.mark.timeout(1800)
def test_the_warm_up_of_macdv_on_recorded_series() -> None:
    found = {name: warmths(name, BEGINNINGS) for name in NAMES}
    for warmth in (warmth for series in found.values() for warmth in series):
        assert (warmth.error <= warmth.bound + 1e-9).all()
        assert warmth.bars < READY_FROM or not warmth.wrong.any()
    rows = [row(name, warmth) for name, series in found.items() for warmth in series]
    write("warm_up_of_indicators", "Warm-up of indicators", ABOUT, HEADER, rows)
