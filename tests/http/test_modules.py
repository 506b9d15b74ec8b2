"""What a public front loads: nothing that only a pipeline or an administrator needs."""

import subprocess
import sys

from tests.http.world import PUBLIC

PROGRAM = """
import sys
import livermore.http.service, livermore.http.front
from livermore.http.options import FrontOptions
from livermore.http.table import Table
options = FrontOptions.model_validate({"routes": sys.argv[1:]})
Table.of_words(options.routes)
print("\\n".join(sys.modules))
"""


def test_a_public_front_loads_nothing_that_it_does_not_need() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM, *PUBLIC], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "livermore.http.routes.candles" in loaded
    unneeded = {"numpy", "pykka", "sqlalchemy.orm", "alembic", "swagger_ui", "jinja2", "openapi_pydantic", "yaml"}
    unneeded |= {"livermore.http.routes.admin", "livermore.http.routes.dashboard", "livermore.http.overview"}
    unneeded |= {"jwt", "standardwebhooks", "livermore.http.audit", "livermore.http.administrators"}
    parts = ("actors", "supervision", "exchanges", "indicators", "alerts", "net", "simulator", "resources")
    unneeded |= {f"livermore.{part}" for part in parts} | {"livermore.store.lease", "livermore.store.alerts"}
    assert loaded & unneeded == set()
