"""`livermore alerts explain`: for people, for programs, and for ids that nobody knows."""

import json
import re
from functools import partial
from pathlib import Path

import msgspec
import pytest

from livermore.commands.explaining import lines
from livermore.explaining.explanation import explained
from livermore.market.alert import Alert
from livermore.market.candle import Series
from livermore.market.gap import Cause, Gap, Verdict
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from livermore.store import alert_history, candles, gaps
from livermore.store.candles import Known, Write
from livermore.store.gaps import PublicGap
from livermore.store.notices import Delivered
from livermore.store.redis import RedisStore
from livermore.store.settings import DatabasePlace
from livermore.store.sql import Database
from tests.explaining.examples import STEP, older, raised, row, stored
from tests.support.leases import leased
from tests.support.processes import livermore
from tests.support.site import make_site
from tests.support.valkey import Valkey

CANDLES, FOUND = raised()
OWN = CANDLES[-1]
MS = re.compile(r"\d{12,}")


def told(text: list[str]) -> dict[str, str]:
    """What is told, by its names."""
    return {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in text[: text.index("")] if line[0] != " "}


def test_people_read_times_and_no_milliseconds() -> None:
    gap = PublicGap("WAVE-USD", "coinbase", "1m", iso(OWN.open_time), iso(OWN.open_time + STEP), "silence", "open")
    now = FOUND["why"]["now"]
    before = {**FOUND["why"]["before"], "fired": {"level_150": OWN.open_time}, "reversed": True}
    details = {**row().details, "why": {**FOUND["why"], "before": before}}
    text = list(lines(explained(row(details=details, late=True), stored(gaps=[gap]))))
    facts = told(text)
    assert not MS.search(re.sub(r"\d\.\d+", "", "\n".join(text[1:])))
    assert facts["alert"] == row().id
    assert facts["what"] == f"{FOUND['label']} of WAVE-USD 1m on coinbase, bearish"
    assert facts["candle"] == f"{iso(OWN.open_time)} to {iso(OWN.open_time + STEP)}"
    assert facts["raised"] == f"{iso(OWN.open_time + STEP + 1250)}, late: nobody was to be told"
    timeframes = "1m, 5m, 15m, 1h, 4h, 1d"
    options = f"timeframes {timeframes} · cooldown 300 · levels 150, 200 · hysteresis 0"
    assert facts["rule"] == f"level_cross  {options}"
    assert f"time {iso(before['time'])} · reversed yes · fired (level_150 {iso(OWN.open_time)})" in facts["before"]
    assert f"value {now['value']:.10g}" in facts["now"]
    assert f"close_time {iso(now['close_time'])}" in facts["now"]
    assert facts["validity"].startswith("ready yes · bars_used ")
    assert facts["revision"] == "0"
    at = next(i for i, line in enumerate(text) if line.startswith("timeframes"))
    assert facts["timeframes"] == "timeframe 1h · macdV 12.5 · stage rallying"
    assert text[at + 1].strip() == "timeframe 4h · macdV -3 · stage retracing"
    assert f"macdV {now['value']:.10g}" in facts["again"]
    assert f"over the {len(CANDLES)} candles kept, 0 from what was judged; at most " in "\n".join(text)
    assert facts["notices"] == "sent"
    assert facts["gap"] == f"1m {iso(OWN.open_time)} to {iso(OWN.open_time + STEP)}: silence, open"
    assert "note" not in facts


def test_the_candles_stand_below_each_other() -> None:
    text = list(lines(explained(row(), stored())))
    table = text[text.index("") + 1 :]
    assert table[0].split() == ["opens", "open", "high", "low", "close", "volume", "revision"]
    assert len(table) == 31
    assert len({len(line) for line in table}) == 1
    assert table[-1].split() == [iso(OWN.open_time), OWN.open, OWN.high, OWN.low, OWN.close, OWN.volume, "0"]


def test_what_differs_by_now_and_what_went_wrong_is_told() -> None:
    corrected = msgspec.structs.replace(OWN, revision=3)
    text = list(lines(explained(row(notified=False, notice_error="hook: 404"), stored([*CANDLES[:-1], corrected]))))
    facts = told(text)
    assert facts["revision"] == "0, 3 by now"
    assert facts["notices"] == "none was sent; hook: 404"
    assert facts["note"] == "its candle was judged at revision 0, and is at revision 3 by now"


def test_an_older_row_has_its_rule_and_a_note() -> None:
    text = list(lines(explained(older(), stored(()))))
    assert [line.split("  ")[-1] for line in text if line.startswith("rule")] == ["level_cross"]
    assert [line for line in text if line.startswith("note")] == text[-2:]
    assert not any(line.startswith(("before", "now", "again")) for line in text)


@pytest.mark.system
def test_an_alert_is_explained_beside_an_instance_and_an_unknown_one_is_an_error(
    empty_valkey: Valkey, sql: DatabasePlace, tmp_path: Path
) -> None:
    site = make_site(tmp_path, empty_valkey.place, sql, speed=1)
    store, database, one = RedisStore(empty_valkey.place), Database(sql), row()
    lease, series = leased(store), OWN.series
    for i in range(0, len(CANDLES), candles.BATCH):
        known = [Known(series, CANDLES[0].open_time, OWN.open_time, rest=True, anew=True)]
        store.run(candles.write(lease, Write(CANDLES[i : i + candles.BATCH], known), 1000))
    hole = Gap(series, OWN.open_time - STEP, OWN.open_time, Cause.SILENCE)
    elsewhere = Gap(Series("coinbase", "WAVE-USD", Timeframe.M5), OWN.open_time // 300_000 * 300_000, 0, Cause.SILENCE)
    store.run(gaps.report(lease, [hole, elsewhere._replace(last=elsewhere.first)]))
    store.run(gaps.settle(lease, [(hole, Verdict.REPAIRED)]))
    alert = Alert(
        one.id, "coinbase", "WAVE-USD", "1m", "level_cross", one.label, FOUND["why"]["now"]["value"], one.price,
        one.candle_time, one.triggered_at, late=False, details=one.details,
    )  # fmt: skip
    database.run(partial(alert_history.record, exchange_id=1, alert=alert))
    database.run(partial(alert_history.notified, said=Delivered(one.id, "hook", None)))

    def explain(*words: str) -> str:
        answer = livermore("alerts", "explain", *words, folder=tmp_path, variables=site.variables)
        assert (answer.returncode, answer.stderr) == (0, "")
        return answer.stdout

    found = json.loads(explain(one.id, "--json"))
    noticed = one._replace(details=one.details | {"chartGenerated": False})
    expected = msgspec.to_builtins(explained(noticed, stored()))
    shown = {"symbol": "WAVE-USD", "exchange": "coinbase", "timeframe": "1m", "cause": "silence", "verdict": "repaired"}
    span = {"start_time": iso(hole.first), "end_time": iso(hole.end)}
    assert found == json.loads(json.dumps(expected)) | {"gaps": [shown | span]}
    assert f"{one.label} of WAVE-USD 1m on coinbase, bearish" in explain(one.id)
    answer = livermore("alerts", "explain", "0" * 32, folder=tmp_path, variables=site.variables)
    assert answer.returncode == 69
    assert answer.stderr.startswith(f"livermore: no alert {'0' * 32} is recorded here")
    store.close()
    database.close()
