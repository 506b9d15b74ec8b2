"""Making a night from a plan: stores, world and schedule, and a table of what it took to recover."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from livermore.simulator.instruments import INSTRUMENTS, made
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from tests.chaos import schedule
from tests.chaos.fault import Setting
from tests.chaos.night import Night, Recovery
from tests.chaos.schedule import NIGHT, Entry, Style
from tests.support.binance import Binance
from tests.support.coinbase import Coinbase
from tests.support.dialect import Dialect
from tests.support.site import NEARLY_MIDNIGHT
from tests.support.valkey import Valkey
from tests.support.world import World

DIALECTS: dict[str, type[Dialect]] = {"coinbase": Coinbase, "binance": Binance}


def _nothing_further(world: World) -> Iterable[str]:
    return ()


class Plan(NamedTuple):
    """``count``: how many symbols are listed, or of them only the ``symbols`` that are named.

    ``faults``: of all kinds, unless named, and to all ``actors``, too; ``entries``: instead of drawing any;
    ``options``: of actors, as a world has them; ``further``: what else may be broken in the end.
    """

    seed: int
    seconds: float = 3600.0
    exchange: str = "coinbase"
    symbols: Sequence[str] = ()
    faults: Sequence[str] = ()
    entries: Sequence[Entry] | None = None
    count: int = len(INSTRUMENTS)
    actors: Sequence[str] = ()
    style: Style = NIGHT
    options: Mapping[str, Mapping[str, Any]] = {}
    further: Callable[[World], Iterable[str]] = _nothing_further


class Spent(NamedTuple):
    """What is left of a night."""

    entries: list[Entry]
    recoveries: list[Recovery]
    broken: list[str]
    candles: int
    alerts: int
    late: int
    ids: frozenset[str]


def spend(plan: Plan, server: Valkey, folder: Path, told: Callable[[str], None]) -> Spent:
    """One night on empty stores; the database lies in the folder."""
    server.flush()
    folder.mkdir(exist_ok=True)
    database = _database(folder / f"night-{plan.exchange}-{plan.seed}.db")
    dialect = DIALECTS[plan.exchange]()
    listed = [i for i in made(plan.count, dialect.quote) if not plan.symbols or i.symbol in plan.symbols]
    world = World(plan.seed, NEARLY_MIDNIGHT, server, database, dialect=dialect, instruments=listed)
    for actor, options in plan.options.items():
        world.options[actor] = {**world.options.get(actor, {}), **options}
    try:
        entries = list(plan.entries) if plan.entries is not None else _draw(plan, world)
        night = Night(world, entries, plan.seconds, told)
        broken = [*night.run(), *plan.further(world)]
        return Spent(entries, night.recoveries, broken, night.candles, night.alerts, night.late, night.ids)
    finally:
        world.close()


def _draw(plan: Plan, world: World) -> list[Entry]:
    setting = Setting(world.symbols, [path for path in world.actors if not plan.actors or path in plan.actors])
    return schedule.make(plan.seed, plan.seconds, setting, plan.faults, plan.style)


def _database(file: Path) -> DatabasePlace:
    place = DatabasePlace.model_validate({"url": f"sqlite:///{file}"})
    engine = make_engine(place)
    upgrade(engine)
    engine.dispose()
    return place


HEADER = ["fault", "times", "alone", "median s", "longest s", "longest s, others on"]


def rows(recoveries: Iterable[Recovery]) -> list[list[str]]:
    """How long it took after each kind of fault, alone and while others were on."""
    kinds: dict[str, list[Recovery]] = {}
    for recovery in recoveries:
        kinds.setdefault(recovery.name, []).append(recovery)
    return [[name, str(len(kinds[name])), *_figures(kinds[name])] for name in sorted(kinds)]


def _figures(recoveries: list[Recovery]) -> list[str]:
    alone = [r for r in recoveries if r.alone]
    others = [r for r in recoveries if not r.alone]
    return [str(len(alone)), _shown(alone, median), _shown(alone, max), _shown(others, max)]


def _shown(recoveries: list[Recovery], of: Callable[[list[float]], float]) -> str:
    if not recoveries:
        return ""
    return f"{of([r.seconds if r.seconds is not None else float('inf') for r in recoveries]):.0f}"


def table(recoveries: Iterable[Recovery]) -> str:
    """The rows as text."""
    lines = [HEADER, *rows(recoveries)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
