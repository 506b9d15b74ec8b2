"""Moments as Coinbase writes them; the examples were recorded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.market.instant import parse_iso
from livermore.simulator.moments import envelope_time, go_time, parse_wire, rfc3339


def test_an_envelope_always_has_nine_decimals():
    assert envelope_time(1_786_309_548_250) == "2026-08-09T21:05:48.250000000Z"
    assert envelope_time(1_786_309_549_000) == "2026-08-09T21:05:49.000000000Z"


def test_a_trade_time_has_no_trailing_zeros():
    assert rfc3339(1_786_309_538_504_360_000) == "2026-08-09T21:05:38.50436Z"
    assert rfc3339(1_786_309_538_000_000_000) == "2026-08-09T21:05:38Z"


def test_a_heartbeat_tells_time_as_go_does():
    told = go_time(1_786_309_548_854_840_045)
    assert told == "2026-08-09 21:05:48.854840045 +0000 UTC m=+1786309548.854840045"


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_a_time_that_was_written_is_read_again(ns):
    assert parse_wire(rfc3339(ns)) == ns
    assert parse_wire(envelope_time(ns // 1_000_000)) == ns // 1_000_000 * 1_000_000
    assert parse_iso(rfc3339(ns)) == ns // 1_000_000


@pytest.mark.parametrize("text", ["", "2026-08-09", "2026-08-09T21:05:48", "2026-08-09T21:05:48.1234567890Z", "x"])
def test_a_time_of_another_form_is_refused(text):
    with pytest.raises(ValueError, match="expected a time"):
        parse_wire(text)
