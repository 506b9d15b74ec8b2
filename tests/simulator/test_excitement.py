"""The script of the demo: in any three minutes some 1m series crosses a level."""

from itertools import pairwise

import pytest

from livermore.alerts.engine import make_rules, step
from livermore.alerts.rule import Memory, Reading
from livermore.indicators.bars import filled
from livermore.indicators.macdv import Macdv
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import INSTRUMENTS
from livermore.simulator.market import Market
from tests.simulator.support import MINUTE

WARM_UP, HOURS = 400, 15
RULES = make_rules([{"level_cross": {}}, {"reversal": {}}])
START = 1_786_000_020_000


def alerts(market: Market, symbol: str, first: int, last: int) -> list[tuple[int, str]]:
    """Close time and label of every alert of a 1m series, as the program would raise them."""
    candles = market.candles(symbol, Timeframe.M1, first - WARM_UP * MINUTE, last, last + MINUTE)
    bars, series = filled(candles), candles[0].series
    values = Macdv().compute(bars)
    found, memory = [], Memory()
    for at in range(len(bars)):
        if bars.observed[at] and values.record(at)["validity"]["ready"]:
            reading = Reading(
                series=series,
                close_time=int(bars.open_time[at]) + MINUTE,
                close=bars.close[at],
                value=values.value[at],
                signal=values.signal[at],
                histogram=values.histogram[at],
            )
            memory, finds = step(RULES, memory, reading)
            found += [(reading.close_time, find.trigger.label) for find in finds]
    return [alert for alert in found if alert[0] > first]


@pytest.mark.parametrize("seed", range(6))
def test_in_any_three_minutes_some_series_crosses_a_level(seed):
    first = START + seed * 10**9
    last = first + HOURS * 60 * MINUTE
    market = Market(seed)
    by_symbol = {i.symbol: alerts(market, i.symbol, first, last) for i in INSTRUMENTS}
    moments = sorted({first, last, *(moment for found in by_symbol.values() for moment, _ in found)})
    silence = max(b - a for a, b in pairwise(moments)) // MINUTE - 1
    assert silence <= 2, f"{silence} minutes without an alert"
    for instrument in INSTRUMENTS:
        if instrument.swing:
            labels = [label for _, label in by_symbol[instrument.symbol]]
            assert len(labels) > 6 * HOURS
            assert {"level_150", "level_-150", "level_200", "level_-200"} <= set(labels)
