"""Days of crossings: whatever befalls the actors, stores and people, each crossing is told exactly once."""

from collections.abc import Iterator, Sequence

from livermore.sweeping.retention import Retention
from tests.chaos.crossings import scene_of, wrong
from tests.chaos.nights import Plan
from tests.chaos.schedule import Style
from tests.support.world import World

FAULTS = (
    "crashed_actor", "hung_actor", "killed", "redis_away", "redis_mute", "sink_failing", "sink_mute", "sql_away",
    "sql_mute",
)  # fmt: skip
ACTORS = tuple(
    f"coinbase/{path}"
    for path in (
        "delivery/notifier",
        "delivery/alert_recorder",
        "writer/instance",
        "writer/pipeline/alert_evaluator",
        "writer/pipeline/indicator_calculator",
    )
)
HOUR = 3600.0
PER_DAY = 200
OPTIONS = {
    "instance": {"history": 3000},  # all of the day is held against what was traded
    "auditor": {"every": 3600.0},
    "sweeper": {"every": 3600.0, "retention": Retention()},
    "position_keeper": {"every": 3600.0},
    "exchange_feed": {"ticks_every": 5.0},
}
"""A day is long: what has no part in alerts is done less often."""
SHORT = Style(pause=24 * HOUR / PER_DAY - 90, longest=55, rest=30)
"""Each fault is shorter than any timeframe, and over before the next."""
LONG = Style(pause=24 * HOUR / PER_DAY, stretch=12, longest=900, rest=60)
"""Most outages are longer than what is fresh on 1m, and many on 5m."""


def lost_or_doubled(world: World) -> Iterator[str]:
    """What is wrong with its alerts once a day is over."""
    return wrong(scene_of(world))


def day(seed: int, *, hours: float, symbols: Sequence[str] = ("BTC-USD", "DOGE-USD"), style: Style = SHORT) -> Plan:
    """Of the simulated Coinbase: two symbols cross some thirty levels an hour."""
    return Plan(
        seed,
        hours * HOUR,
        "coinbase",
        symbols,
        FAULTS,
        actors=ACTORS,
        style=style,
        options=OPTIONS,
        further=lost_or_doubled,
    )
