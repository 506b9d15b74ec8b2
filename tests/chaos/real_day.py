"""A real day: processes, MariaDB and Valkey at ten times the speed, and everything around alerts fails again and again.

No fault lasts as long as a timeframe, and each is over before the next; in the end every crossing is accounted for.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import redis
from sqlalchemy import select

from livermore.clock import AffineClock
from livermore.market.candle import Series
from livermore.market.timeframe import Timeframe
from livermore.simulator.instruments import made
from livermore.simulator.market import Market
from livermore.store import symbols
from livermore.store.keys import Keys
from livermore.store.redis import RedisStore
from livermore.store.schema import upgrade
from livermore.store.settings import DatabasePlace
from livermore.store.sql import make_engine
from livermore.store.tables import alert_history
from tests.chaos.crossings import Scene, wrong
from tests.chaos.days import ACTORS
from tests.chaos.proxy import Proxy
from tests.support.mariadb import MariaDB, mariadb
from tests.support.notices import alert_of, tells_of_an_alert
from tests.support.processes import ROOT, Exchange, Livermore, nodes, until, until_none
from tests.support.site import make_site
from tests.support.valkey import valkey

SPEED = 10
LONGEST, REST = 4.0, 1.5
"""Wall seconds that a fault lasts at most, and of quiet after each."""
QUIET = 12.0
"""Wall seconds before the end in which nothing fails."""
PATIENCE = 90.0
"""Wall seconds for the last crossing to be told; a look takes several."""


class Lived(NamedTuple):
    """What is left of a day: how often each fault came, how many alerts were raised, how many of them found late."""

    faults: Counter[str]
    alerts: int
    late: int


class Fault(NamedTuple):
    """``begin`` and ``end``: what is done."""

    begin: Callable[[], object]
    end: Callable[[], object] = lambda: None


class RealDay:
    """To be run once. ``told``: takes a line for people now and then."""

    def __init__(self, folder: Path, seed: int, faults: int, listed: int, told: Callable[[str], None]) -> None:
        """``listed``: how many symbols there are to choose from."""
        self._folder, self._seed, self._count, self._told = folder, seed, faults, told
        self._luck, self._instruments = random.Random(seed), made(listed)
        self._noticed: set[str] = set()

    def run(self) -> Lived:
        with valkey(persistent=True) as store, mariadb() as sql, ExitStack() as stack:
            self._store, self._sql, self._database = store, sql, with_schema(sql)
            site = make_site(self._folder, store.place, self._database, SPEED)
            self._clock, self._market = AffineClock.from_text(site.clock), Market(self._seed, self._instruments)
            options = ("--seed", str(self._seed), "--symbols", str(len(self._instruments)))
            self._exchange = Exchange(self._folder, site.clock, options=options)
            stack.callback(self._exchange.end)
            parts = urlsplit(self._exchange.urls["webhook_url"])
            self._sink = stack.enter_context(Proxy((str(parts.hostname), int(parts.port or 0))))
            webhook = {"DISCORD_LIVERMORE_BOT": parts._replace(netloc=f"127.0.0.1:{self._sink.port}").geturl()}
            self._variables = site.variables | self._exchange.variables() | webhook
            self._tree = _hasty(self._folder)
            self._start()
            stack.callback(self._end)
            self._pipeline.wait_until_ok()
            faults = Counter(self._have_trouble())
            until_none(self._wrong, f"every crossing to be told (seed {self._seed})", PATIENCE, 1)
            return Lived(faults, *self._count_alerts())

    def _have_trouble(self) -> Iterator[str]:
        """Have so many faults, as often one as any other; tells their names."""
        names: list[str] = []
        for i in range(self._count):
            self._remember_notices()
            names = names or self._luck.sample(sorted(self._kinds()), k=len(self._kinds()))
            name = names.pop()
            fault = self._kinds()[name]
            time.sleep(self._luck.uniform(0.0, 2 * REST))  # at whatever moment: there is nothing to wait for
            fault.begin()
            time.sleep(self._luck.uniform(0.3, LONGEST))
            fault.end()
            self._until_up()
            self._told(f"{i + 1} of {self._count}: {name}, {len(self._noticed)} notices")
            yield name
        time.sleep(QUIET)

    def _kinds(self) -> Mapping[str, Fault]:
        broken = {f"{path.rpartition('/')[2]} fails": Fault(partial(self._break, path)) for path in ACTORS}
        return broken | {
            "the process is killed": Fault(self._kill, self._start),
            "the process hangs": Fault(partial(self._signal, signal.SIGSTOP), partial(self._signal, signal.SIGCONT)),
            "Redis hangs": Fault(partial(self._stop_store, signal.SIGSTOP), partial(self._stop_store, signal.SIGCONT)),
            "Redis is killed": Fault(self._store.kill, self._store.start),
            "Redis hangs up": Fault(self._hang_up),
            "SQL hangs": Fault(self._sql.freeze, self._sql.thaw),
            "SQL is killed": Fault(self._sql.kill, self._sql.start),
            "the webhook is not there": Fault(lambda: self._sink.set(refuse=True), self._sink.heal),
            "the webhook does not answer": Fault(lambda: self._sink.set(lost=frozenset({"down"})), self._reset_sink),
            "the webhook hangs up": Fault(self._sink.reset_all),
        }

    # -- what fails

    def _start(self) -> None:
        self._pipeline = Livermore("exchange", self._folder, self._variables, hooks=True, tree=self._tree)

    def _end(self) -> None:
        self._pipeline.end()

    def _kill(self) -> None:
        self._pipeline.kill()

    def _break(self, path: str) -> None:
        self._pipeline.break_(path)

    def _signal(self, number: signal.Signals) -> None:
        self._pipeline.send(number)

    def _stop_store(self, number: signal.Signals) -> None:
        os.kill(self._store.process.pid, number)

    def _hang_up(self) -> None:
        with redis.Redis(unix_socket_path=str(self._store.socket)) as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def _reset_sink(self) -> None:
        """What was never answered is lost."""
        self._sink.reset_all()
        self._sink.heal()

    # -- what comes of it

    def _until_up(self) -> None:
        begun = time.monotonic()
        until(self._is_up, f"all that alerts need to be up; {self._pipeline.log}", 60)
        time.sleep(max(0.0, REST - (time.monotonic() - begun)))

    def _is_up(self) -> bool:
        assert self._pipeline.popen.poll() is None, self._pipeline.written()[-3000:]
        tree = self._pipeline.tree()  # nothing at all while nobody listens
        states = {node["path"]: node["state"] for node in nodes(tree)} if tree else {}
        return all(states.get(path) == "up" for path in ACTORS)

    def _remember_notices(self) -> None:
        """Before whoever is told forgets them."""
        self._noticed |= {alert_of(one) for one in self._exchange.notices() if tells_of_an_alert(one)}

    def _wrong(self) -> list[str]:
        self._remember_notices()
        return list(wrong(self._scene()))

    def _scene(self) -> Scene:
        now, store = self._clock.now(), RedisStore(self._store.place)
        watched = store.run(symbols.read(Keys(1)))
        store.close()
        return Scene(
            redis=self._store.place,
            database=self._database,
            keys=Keys(1),
            series=[Series("coinbase", symbol, timeframe) for symbol in watched for timeframe in Timeframe],
            traded=lambda series, first: self._market.candles(
                series.symbol, series.timeframe, first, series.timeframe.last_closed(now), now
            ),
            noticed=Counter(self._noticed),
            now=now,
        )

    def _count_alerts(self) -> tuple[int, int]:
        """How many are recorded, and how many of them are late."""
        engine = make_engine(self._database)
        with engine.begin() as connection:
            found = list(connection.execute(select(alert_history.c.late)).scalars())
        engine.dispose()
        return len(found), sum(found)


def _hasty(folder: Path) -> Path:
    """The shipped tree, with people who can be told ten times as much a minute, as there are ten times the alerts."""
    shipped, told = (ROOT / "supervisors.yaml").read_text(encoding="utf-8"), 'url: "${DISCORD_LIVERMORE_BOT}"\n'
    assert told in shipped
    tree = folder / "supervisors.yaml"
    tree.write_text(shipped.replace(told, f"{told}{' ' * 24}per_minute: 300\n"), encoding="utf-8")
    return tree


def with_schema(sql: MariaDB) -> DatabasePlace:
    """A new database with its tables."""
    database = sql.database()
    engine = make_engine(database)
    upgrade(engine)
    engine.dispose()
    return database
