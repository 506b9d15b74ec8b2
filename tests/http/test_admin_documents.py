"""What the admin API's documents say of its routes: each has a summary and an example, shaped as the answers are."""

from importlib import import_module
from typing import Any

import pytest

from livermore.http.route import Access, Document, Route
from livermore.http.routes.admin import ADMIN
from livermore.store import warmup
from livermore.store.warmup import Stats
from tests.http.crawl import HOUR, inhabited
from tests.http.test_admin_exchanges import set_up, user
from tests.http.test_admin_logs import say
from tests.http.test_lists import alert
from tests.http.world import RECORD, World
from tests.support.candles import T0

MODULES = ("accounts", "alerts", "exchanges", "indicators", "logs", "network", "symbols")
ROUTES: list[Route[Any]] = [
    route for name in MODULES for route in import_module(f"livermore.http.routes.admin_{name}").ROUTES
]
SAMPLES = {"exchange": "coinbase", "symbol": "BTC-USD", "timeframe": "1h", "id": alert(0).id}
QUERIES = {"search": "?query=c", "validate": "?symbol=C000-USD", "accounts": "?user=1"}
NAMES = {"api_key_env_var": "A_KEY", "api_secret_env_var": "A_PEM"}
BODIES: dict[str, dict[str, Any]] = {
    "variables": {"names": ["A_KEY"]},
    "accounts": {"user": 1, "exchange": "binance", **NAMES},
    "{id}": {"display_name": "Ours"},
    "portfolio": {"exchange": "coinbase", "symbols": ["BTC-USD", "NOPE-USD"]},
    "validate": {"symbols": ["C000-USD", "NOPE-USD", "NOPE-USD"]},
}
PARAMETERS = {"stage": "rallying", "zeroRangeRatio": 0.0, "nEff": 300, "spanBars": 300}
FREE = {"variables", "timestamps", "known", "ranks", "pending", "fees", "geo_restrictions", "details", "metrics"}
"""Whose keys are names of things, or hang on what happened."""


def document(route: Route[Any]) -> Document:
    assert route.document is not None, route.path
    return route.document


def name(route: Route[Any]) -> str:
    return document(route).operation


def lived_in(world: World) -> None:
    """Something of everything that these routes show."""
    inhabited(world)
    params = RECORD["params"] | PARAMETERS
    world.signal(HOUR, T0, params=params)
    world.redis.run(warmup.write(world.lease, Stats(1, "fetching", "a", "b", 1, 6, 3, 50.0, 1, "a", "1h", {"a": 1})))
    say(world, "error", reason="why")
    set_up(world, user(world))


def shape(found: Any, wanted: Any, place: str = "") -> list[str]:
    """Where an answer has other keys than the example."""
    if place.rpartition(".")[2] in FREE:
        return []
    if isinstance(found, dict) and isinstance(wanted, dict):
        wrong = [f"{place}.{key}" for key in found.keys() ^ wanted.keys()]
        both = found.keys() & wanted.keys()
        return wrong + [one for key in both for one in shape(found[key], wanted[key], f"{place}.{key}")]
    if isinstance(found, list) and isinstance(wanted, list) and found and wanted:
        return shape(found[0], wanted[0], place)
    return []


def test_every_route_is_for_administrators_and_documented_under_a_name_of_its_own() -> None:
    assert len(ROUTES) >= 24
    assert {route.access for route in ROUTES} == {Access.ADMIN}
    assert all(route.path.startswith(f"{ADMIN}/") for route in ROUTES)
    assert len({name(route) for route in ROUTES}) == len(ROUTES)
    for route in ROUTES:
        about = document(route)
        assert about.tag
        assert 5 < len(about.summary) < 60
        assert about.example is not None


ACTIVITY = {"get_activity", "get_activity_of_exchange"}
"""Entries of two kinds, of which the example shows one."""


@pytest.mark.parametrize("route", [one for one in ROUTES if name(one) not in ACTIVITY], ids=name)
def test_an_answer_has_the_shape_of_the_documented_example(admin_world: World, route: Route[Any]) -> None:
    lived_in(admin_world)
    last = route.path.rpartition("/")[2]
    path = route.path.removeprefix(ADMIN)
    (method,) = route.methods
    if method == "PATCH":
        path = path.format(id=admin_world.admin("/exchanges/accounts?user=1")["accounts"][0]["id"])
    query, body = ("", BODIES[last]) if route.body else (QUERIES.get(last, ""), {})
    status = 201 if name(route) == "set_up_exchange" else 200
    told = admin_world.admin(path.format(**SAMPLES) + query, method=method, status=status, **body)
    assert shape(told, document(route).example) == []
