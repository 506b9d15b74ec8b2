"""Tests of explanations: what is told of an alert, and what is said where something cannot be."""

import msgspec
import pytest

from livermore.explaining.explanation import SHOWN, Recomputed, explained
from livermore.indicators.macdv import Macdv, Options
from livermore.market.candle import to_json
from livermore.market.cursor import Cursor
from livermore.market.instant import iso
from livermore.store.gaps import PublicGap
from tests.explaining.examples import RULE, STEP, older, raised, row, stored

CANDLES, FOUND = raised()
OWN = CANDLES[-1]


def recomputed(of: Recomputed | None) -> Recomputed:
    assert of is not None
    return of


def test_an_alert_whose_candles_are_kept_is_explained_in_full_and_its_value_found_again_bit_for_bit() -> None:
    found = explained(row(), stored())
    assert (found.rule, found.label, found.direction) == ("level_cross", FOUND["label"], "bearish")
    assert (found.candle_time, found.close_time) == (iso(OWN.open_time), iso(OWN.open_time + STEP))
    assert (found.triggered_at, found.late, found.notified) == (iso(OWN.open_time + STEP + 1_250), False, True)
    assert found.why == FOUND["why"]
    assert found.why["rule"]["level_cross"].items() >= RULE["level_cross"].items()
    assert found.details == {key: value for key, value in row().details.items() if key != "why"}
    assert "why" not in found.details
    again = recomputed(found.recomputed)
    assert (again.difference, again.value["macdV"]) == (0.0, FOUND["why"]["now"]["value"])
    assert (again.stage, again.validity) == (FOUND["why"]["now"]["stage"], FOUND["why"]["validity"])
    assert (again.recipe, again.candles) == ("macd-v 12/26/26/9", len(CANDLES))
    assert found.remarks == []


def test_the_candles_up_to_its_own_are_shown_as_they_are_stored() -> None:
    found = explained(row(), stored())
    assert len(found.candles) == SHOWN == 30
    for shown, candle in zip(found.candles, CANDLES[-SHOWN:], strict=True):
        assert msgspec.to_builtins(shown).items() <= msgspec.json.decode(to_json(candle)).items()
    assert len(explained(row(), stored(CANDLES[-7:])).candles) == 7


def test_a_candle_that_was_corrected_since_is_told_with_both_revisions_and_what_that_makes_of_the_value() -> None:
    corrected = msgspec.structs.replace(OWN, close=OWN.low, revision=2)
    found = explained(row(), stored([*CANDLES[:-1], corrected]))
    assert (found.revision, found.candles[-1].revision) == (2, 2)
    assert found.remarks == ["its candle was judged at revision 0, and is at revision 2 by now"]
    assert abs(recomputed(found.recomputed).difference or 0) > 0.1


def test_an_older_row_says_what_it_lacks_and_its_rule_is_known_by_its_id() -> None:
    found = explained(older(), stored())
    assert (found.why, found.rule) == (None, "level_cross")
    assert found.remarks == ["it was recorded before rule, state and reading were: only the row tells of them"]
    assert abs(recomputed(found.recomputed).difference or 0) <= 1e-8
    assert explained(older()._replace(id="0" * 32), stored()).rule is None


@pytest.mark.parametrize("held", [(), CANDLES[:-1]])
def test_a_candle_that_is_no_longer_kept_is_said_to_be_so(held: tuple[()]) -> None:
    found = explained(row(), stored(held))
    assert (found.revision, found.candles, found.recomputed) == (None, [], None)
    assert found.remarks == ["its candle is no longer kept: neither candles nor a value computed anew can be shown"]


def test_too_few_candles_give_no_value_and_the_reason() -> None:
    found = explained(row(), stored(CANDLES[-200:]))
    assert (found.recomputed, len(found.candles)) == (None, SHOWN)
    (remark,) = found.remarks
    assert remark.startswith("its value cannot be computed anew from the 200 candles kept: 50 more traded bars are nee")


def test_only_candles_that_are_known_without_a_hole_count() -> None:
    since = CANDLES[-260].open_time
    found = explained(row(), stored(cursor=Cursor(since, OWN.open_time, OWN.open_time)))
    assert recomputed(found.recomputed).candles == 260
    for cursor in (None, Cursor(OWN.open_time + STEP, OWN.open_time + STEP, 0)):
        nothing = explained(row(), stored(cursor=cursor))
        assert (nothing.recomputed, len(nothing.candles)) == (None, SHOWN)
        assert nothing.remarks == [
            "the candles that are known without a hole begin after it: its value cannot be computed anew"
        ]


def test_it_is_computed_anew_with_the_options_that_hold_now() -> None:
    again = recomputed(explained(row(), stored(indicator=Macdv(Options(fast=5)))).recomputed)
    assert again.recipe == "macd-v 5/26/26/9"
    assert again.difference not in {0.0, None}


@pytest.mark.parametrize(
    ("first", "end", "touches"),
    [(-300, -249, False), (-300, -248, True), (-3, -1, True), (0, 1, True), (1, 2, False), (-999, 999, True)],
)
def test_the_gaps_that_touch_the_bars_that_a_value_needs_are_told(first: int, end: int, touches: bool) -> None:
    start, stop = (iso(OWN.open_time + n * STEP) for n in (first, end))
    gap = PublicGap("WAVE-USD", "coinbase", "1m", start, stop, "disconnect", "repaired")
    assert explained(row(), stored(gaps=[gap])).gaps == ([gap] if touches else [])
