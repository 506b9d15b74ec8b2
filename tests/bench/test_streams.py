"""The benchmark of the stream: everybody hears every close from the front, and the same from the reference."""

import json

from bench.crowd import events
from bench.streams import told


def test_front_and_reference_tell_the_same_events_to_all_their_clients() -> None:
    with told(series=3, clients=4, minutes=2) as made:
        first, second = events(made.close(0)), events(made.close(1))
        assert [event["type"] for event in first] == ["candle_close"] * 3
        assert {event["channel"] for event in second} == {f"candles:S{n}-USD:1m" for n in range(3)}
        assert first != second
        assert events(made.burst(json.dumps(second).encode(), 3)) == second
