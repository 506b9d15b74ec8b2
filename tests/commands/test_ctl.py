"""`livermore ctl`: how its words are read, and who is shown by status; the operator's story has the rest."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from livermore.actors.control import KINDS
from livermore.cli import main
from livermore.commands.ctl import TYPES, _payload
from livermore.store import instances
from livermore.store.instances import Sighting
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from tests.support.leases import KEYS
from tests.support.valkey import Valkey


@pytest.mark.parametrize(
    ("words", "payload"),
    [
        (["pause"], {}),
        (["add-symbol", "BTC-USD"], {"symbol": "BTC-USD"}),
        (["bulk-add-symbols", "BTC-USD", "ETH-USD"], {"symbols": ["BTC-USD", "ETH-USD"]}),
        (["force-backfill", "BTC-USD", "timeframes=1m,5m"], {"symbol": "BTC-USD", "timeframes": ["1m", "5m"]}),
        (["clear-cache", "symbol", "symbol=BTC-USD"], {"scope": "symbol", "symbol": "BTC-USD"}),
        (["switch-mode", "scalper-macdv"], {"mode": "scalper-macdv"}),
    ],
)
def test_words_mean_what_people_mean(words: list[str], payload: dict[str, Any]) -> None:
    assert _payload(words[0], words[1:]) == payload


@pytest.mark.parametrize("words", [["pause", "now"], ["add-symbol", "BTC-USD", "ETH-USD"]])
def test_a_word_that_means_nothing_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", *words]) == 64
    assert f"expected NAME=VALUE; found '{words[-1]}'" in capsys.readouterr().err


def test_every_kind_of_command_can_be_given() -> None:
    assert set(TYPES) == set(KINDS)


def test_an_unknown_command_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ctl", "explode"]) == 64
    assert "force-backfill" in capsys.readouterr().err


def test_status_shows_who_is_there(
    empty_valkey: Valkey,
    sqlite: DatabasePlace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:

    now = time.time_ns() // 1_000_000
    store = RedisStore(empty_valkey.place)
    common = {"hostname": "host", "started": "then", "want": "run", "since": now, "seen": now}
    store.run(instances.show(KEYS, Sighting(pid=2, phase="standby", held=False, standby=True, **common)))
    store.run(instances.show(KEYS, Sighting(pid=1, phase="active", held=True, standby=True, epoch=7, **common)))
    store.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIVERMORE_REDIS_URL", empty_valkey.place.full_url)
    monkeypatch.setenv("DATABASE_URL", sqlite.full_url)
    assert main(["ctl", "status"]) == 0
    shown = json.loads(capsys.readouterr().out)["instances"]
    assert [(one["pid"], one["phase"], one["epoch"]) for one in shown] == [(1, "active", 7), (2, "standby", None)]
