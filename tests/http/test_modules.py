"""What a public front loads: nothing that only a pipeline or an administrator needs."""

import subprocess
import sys

PROGRAM = """
import sys
import livermore.http.service, livermore.http.front
from livermore.http.options import FrontOptions
from livermore.http.table import Table
words = ["candles", "signals", "alerts", "exchanges", "symbols", "limits", "stream", "docs", "health", "status"]
options = FrontOptions.model_validate({"routes": words})
Table.of_words(options.routes)
print("\\n".join(sys.modules))
"""


def test_a_public_front_loads_nothing_that_it_does_not_need() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert "livermore.http.routes.candles" in loaded
    unneeded = {"numpy", "pykka", "sqlalchemy.orm", "alembic", "swagger_ui", "jinja2", "openapi_pydantic", "yaml"}
    unneeded |= {"livermore.http.routes.admin", "livermore.http.routes.dashboard", "livermore.http.overview"}
    parts = ("actors", "supervision", "exchanges", "indicators", "alerts", "net", "simulator", "resources")
    unneeded |= {f"livermore.{part}" for part in parts} | {"livermore.store.lease", "livermore.store.alerts"}
    assert loaded & unneeded == set()
