"""A real night: processes and sockets at ten times the speed, with proxies that misbehave between us and the exchange.

After each trouble it is waited for until a public host serves everything as it was traded.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from livermore.clock import AffineClock
from livermore.simulator.market import Market
from livermore.store import api_keys
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.chaos.night import Recovery
from tests.chaos.proxy import Proxy
from tests.support.comparison import differences
from tests.support.processes import Exchange, Livermore, until, until_none
from tests.support.site import make_site
from tests.support.valkey import valkey
from tests.system.test_faults import check_alerts

SPEED = 10
PATIENCE = 60.0
"""Wall seconds in which everything has to be as it was traded again."""
RECHECK = 0.5
"""Wall seconds between two looks at everything that is served."""
OFTEN = 1_000_000
"""Requests a minute: one look is a request for each series."""


class Trouble(NamedTuple):
    """``begin``: what is done to a proxy; it is healed after between ``least`` and ``most`` wall seconds."""

    begin: Callable[[Proxy], object]
    least: float
    most: float


def _refuse(proxy: Proxy) -> None:
    proxy.set(refuse=True)
    proxy.reset_all()


TROUBLES: Mapping[str, Trouble] = {
    "black hole": Trouble(lambda proxy: proxy.set(lost=frozenset({"up", "down"})), 2, 12),
    "half-open": Trouble(lambda proxy: proxy.set(lost=frozenset({"down"})), 2, 12),
    "unheard": Trouble(lambda proxy: proxy.set(lost=frozenset({"up"})), 2, 8),
    "reset": Trouble(Proxy.reset_all, 0.1, 1),
    "closed": Trouble(Proxy.close_all, 0.1, 1),
    "refused": Trouble(_refuse, 1, 8),
    "byte by byte": Trouble(lambda proxy: proxy.set(slice=1), 1, 4),
    "throttled": Trouble(lambda proxy: proxy.set(rate=20_000), 2, 8),
    "cut off": Trouble(lambda proxy: proxy.set(cut_after=100_000), 2, 8),
}


class Spent(NamedTuple):
    """What is left of a night; recoveries in wall seconds."""

    recoveries: list[Recovery]
    alerts: int


class RealNight:
    """To be run once. ``kills``: how often our process is killed, each time in the middle of a trouble."""

    def __init__(self, folder: Path, database: DatabasePlace, seed: int, seconds: float, kills: int) -> None:
        """``seconds``: of the wall's, in which there is trouble."""
        self._folder, self._database, self._seed, self._seconds, self._kills = folder, database, seed, seconds, kills
        self._luck = random.Random(seed)
        self._recoveries: list[Recovery] = []

    def run(self) -> Spent:
        with valkey() as redis, ExitStack() as stack:
            site, database = make_site(self._folder, redis.place, self._database, SPEED), Database(self._database)
            self._clock, self._market = AffineClock.from_text(site.clock), Market(self._seed)
            self._key = database.run(partial(api_keys.create, name="who looks often", now=0, requests_per_minute=OFTEN))
            exchange = Exchange(self._folder, site.clock, options=("--seed", str(self._seed)))
            stack.callback(exchange.end)
            self._wires = [
                stack.enter_context(Proxy(_address(exchange.urls[name]))) for name in ("websocket_url", "rest_url")
            ]
            through = {
                "LIVERMORE_EXCHANGE_WS_URL": _moved(exchange.urls["websocket_url"], self._wires[0].port),
                "LIVERMORE_EXCHANGE_REST_URL": _moved(exchange.urls["rest_url"], self._wires[1].port),
            }
            self._variables = site.variables | exchange.variables() | through
            self._host = Livermore("pw-host", self._folder, site.variables)
            stack.callback(self._host.end)
            self._pipeline = Livermore("exchange", self._folder, self._variables)
            stack.callback(self._end)
            self._pipeline.wait_until_ok()
            self._have_trouble()
            alerts = check_alerts(RedisStore(redis.place), database, exchange, self._seed)
            return Spent(self._recoveries, alerts)

    def _end(self) -> None:
        self._pipeline.end()

    def _have_trouble(self) -> None:
        begun, names = time.monotonic(), self._names()
        deaths = [begun + self._seconds * (i + 0.5) / self._kills for i in range(self._kills)]
        while time.monotonic() < begun + self._seconds:
            dies = bool(deaths) and time.monotonic() >= deaths[0]
            del deaths[: int(dies)]
            self._trouble(next(names), dies=dies)
        assert not deaths, "the night was too short for all deaths"

    def _names(self) -> Iterator[str]:
        """Each trouble as often as any other."""
        while True:
            yield from self._luck.sample(sorted(TROUBLES), k=len(TROUBLES))

    def _trouble(self, name: str, *, dies: bool) -> None:
        trouble = TROUBLES[name]
        wires = self._luck.choice([self._wires, self._wires[:1], self._wires[1:]])
        end = time.monotonic() + self._luck.uniform(trouble.least, trouble.most)
        for wire in wires:
            trouble.begin(wire)
        if dies:
            self._pipeline.kill()
            self._pipeline = Livermore("exchange", self._folder, self._variables)
        until(lambda: time.monotonic() >= end, "the end of the trouble", end - time.monotonic() + 1)
        for wire in wires:
            wire.heal()
        self._recover(f"{name}, and killed" if dies else name)

    def _recover(self, name: str) -> None:
        begun = time.monotonic()
        what = f"everything to be as it was traded after: {name} (seed {self._seed}); {self._pipeline.log}"
        until_none(self._wrong, what, PATIENCE, RECHECK)
        self._recoveries.append(Recovery(name, time.monotonic() - begun, alone=True))

    def _wrong(self) -> list[str]:
        assert self._pipeline.popen.poll() is None, self._pipeline.written()[-3000:]
        return differences(self._host, self._key, self._market, self._clock.now())


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _moved(url: str, port: int) -> str:
    """The same behind another port of this machine."""
    return urlsplit(url)._replace(netloc=f"127.0.0.1:{port}").geturl()
