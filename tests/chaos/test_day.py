"""Sampled days: hours of crossings in which everything around alerts fails; and bugs that such a day has to find."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from livermore.actors.alert_evaluator import AlertEvaluator
from livermore.actors.alert_recorder import AlertRecorder
from livermore.alerts import raising
from livermore.indicators.engine import Engine
from livermore.notices.courier import Courier
from livermore.rebuilding import Rebuilder
from livermore.store import alerts, events
from tests.chaos import schedule
from tests.chaos.days import LONG, SHORT, day
from tests.chaos.nights import Spent, spend
from tests.chaos.schedule import Entry, Style
from tests.support.valkey import Valkey

HOURS = 0.6
QUICK = Style(pause=10, longest=20, rest=20)
"""A fault a minute, so that a short run meets each of them."""


def spend_day(server: Valkey, folder: Path, seed: int, hours: float, style: Style, **plan: Any) -> Spent:
    return spend(day(seed, hours=hours, style=style)._replace(**plan), server, folder, lambda _: None)


@pytest.mark.parametrize(("seed", "style"), [(1, SHORT), (3, LONG)], ids=["short", "long"])
def test_whatever_fails_each_crossing_is_told_exactly_once(
    empty_valkey: Valkey, tmp_path: Path, seed: int, style: Style
) -> None:
    spent = spend_day(empty_valkey, tmp_path, seed, HOURS, style)
    assert spent.broken == [], f"seed {seed}, of\n{schedule.write(spent.entries)}"
    assert spent.alerts >= 15 * HOURS
    assert len(spent.entries) >= 5 * HOURS


def test_the_same_seed_gives_the_same_alerts(empty_valkey: Valkey, tmp_path: Path) -> None:
    first, again = (spend_day(empty_valkey, tmp_path / name, 5, 0.2, QUICK) for name in ("first", "again"))
    assert first.broken == again.broken == []
    assert first.ids == again.ids
    assert len(first.ids) >= 2


# -- bugs that are planted

Plant = Callable[[pytest.MonkeyPatch], None]
EVALUATOR = "coinbase/writer/pipeline/alert_evaluator"
LONG_DEAD = [Entry(200.0, "killed", {}, 600.0)]
MUTE_EVALUATOR = [Entry(at, "hung_actor", {"path": EVALUATOR}, 50.0) for at in (215.0, 335.0, 455.0, 575.0, 695.0)] + [
    Entry(at, "crashed_actor", {"path": EVALUATOR}, 1.0) for at in (240.0, 360.0, 480.0, 600.0, 720.0)
]
NO_SQL = [Entry(at, "sql_away", {}, 45.0) for at in (220.0, 340.0, 460.0, 580.0, 700.0)]
NO_SINK = [Entry(200.0, "sink_failing", {}, 500.0)]
PLANTED_HOURS = 0.27


def written_down_before_it_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorder acknowledges what it was handed before it records it."""
    sound = AlertRecorder._record

    async def record(self: AlertRecorder, deliveries: list[Any]) -> None:
        await self.redis.run(alerts.acknowledge(self.keys, "recorder", [delivery.id for delivery in deliveries]))
        await sound(self, deliveries)

    monkeypatch.setattr(AlertRecorder, "_record", record)


def taken_for_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice counts as sent whatever came of it."""
    sound = Courier._settle
    monkeypatch.setattr(Courier, "_settle", lambda self, _, tried: sound(self, "sent", tried))


def late_ones_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """People are told of what is long over."""
    monkeypatch.setattr(raising, "FRESH", 1_000_000)


def only_what_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluator that begins again goes on with the end of the stream."""
    sound = AlertEvaluator._recall

    def recall(self: AlertEvaluator) -> None:
        sound(self)
        self.read_to = self.redis.run(events.newest_id(self.duty.lease.keys))

    monkeypatch.setattr(AlertEvaluator, "_recall", recall)


def only_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an outage only the newest candle of a series is computed."""
    monkeypatch.setattr(Engine, "_fresh", lambda *_: None)
    sound = Engine._computed
    monkeypatch.setattr(Engine, "_computed", lambda self, series, news: list(sound(self, series, news))[-1:])


def nothing_rebuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not remembered begins anew."""
    monkeypatch.setattr(Rebuilder, "_told", lambda _, series, record: [(series, record)])
    sound = AlertEvaluator._recall

    def recall(self: AlertEvaluator) -> None:
        sound(self)
        self.memories = {}

    monkeypatch.setattr(AlertEvaluator, "_recall", recall)


MUTANTS: list[tuple[Plant, Sequence[Entry], str]] = [
    (written_down_before_it_is_recorded, NO_SQL, "lost"),
    (taken_for_sent, NO_SINK, "noticed 0 times"),
    (late_ones_told, LONG_DEAD, "is called late, or not"),
    (only_what_comes, MUTE_EVALUATOR, "lost"),
    (only_the_newest, LONG_DEAD, "lost"),
    (nothing_rebuilt, MUTE_EVALUATOR, "lost"),
]
"""What is planted, under which faults, and what has to be said of it."""


@pytest.mark.parametrize(("plant", "entries", "said"), MUTANTS, ids=[plant.__name__ for plant, *_ in MUTANTS])
def test_a_day_finds(
    plant: Plant,
    entries: Sequence[Entry],
    said: str,
    empty_valkey: Valkey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    broken = spend_day(empty_valkey, tmp_path, 1, PLANTED_HOURS, SHORT, entries=entries).broken
    assert any(said in line for line in broken), broken


@pytest.mark.parametrize("entries", [LONG_DEAD, [*MUTE_EVALUATOR, *NO_SQL, *NO_SINK]], ids=["long", "short"])
def test_and_nothing_where_nothing_is_planted(entries: Sequence[Entry], empty_valkey: Valkey, tmp_path: Path) -> None:
    assert spend_day(empty_valkey, tmp_path, 1, PLANTED_HOURS, SHORT, entries=entries).broken == []
