"""The benchmark of closes: its pipeline stores, computes and judges what it is given."""

from bench.closes import _recorded
from bench.made import Candles, series

SERIES, PAST = 3, 300


def test_every_minute_sends_what_storing_computing_and_judging_take() -> None:
    candles = Candles(series(SERIES), PAST + 2)
    minutes = [candles.minute(number) for number in range(PAST + 2)]
    said = _recorded(minutes[:PAST], minutes[PAST:])
    assert len(said) == 2
    for commands in said:
        assert commands
        scripts = {command[1] for command in commands if command[0] == "EVALSHA"}
        assert len(scripts) >= 3, "candles, signals and alerts are a script each"
