"""Many streams, merged."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from livermore.simulator.schedule import Schedule, Stream
from livermore.simulator.wire import Frame

ONE, OTHER = Stream("ticker", "BTC-USD"), Stream("ticker", "ETH-USD")


def frames(*moments: int, channel: str = "ticker", rank: int = 0) -> list[Frame]:
    return [Frame(at, "", channel, at, rank) for at in moments]


@given(st.lists(st.lists(st.integers(0, 100)).map(sorted), max_size=6), st.lists(st.integers(0, 120)).map(sorted))
def test_all_frames_come_once_in_order_however_often_one_asks(streams, moments):
    schedule = Schedule()
    for number, times in enumerate(streams):
        schedule.add(Stream("ticker", str(number)), iter(frames(*times)))
    seen = []
    for now in [*moments, 200]:
        taken = [frame.at for frame in schedule.due(now)]
        assert all(at <= now for at in taken)
        seen += taken
    assert seen == sorted(at for times in streams for at in times)
    assert schedule.next_due() is None


def test_at_one_moment_rank_comes_first_and_then_the_order_of_subscription():
    schedule = Schedule()
    schedule.add(ONE, iter(frames(5, channel="a", rank=2)))
    schedule.add(OTHER, iter(frames(5, channel="b", rank=1)))
    schedule.add(OTHER, iter(frames(5, channel="c", rank=2)))
    assert [frame.channel for frame in schedule.due(5)] == ["b", "a", "c"]


def test_a_stream_that_is_removed_is_silent_and_the_others_go_on():
    schedule = Schedule()
    schedule.add(ONE, iter(frames(1, 2, 3)))
    schedule.add(OTHER, iter(frames(2, 4, channel="other")))
    assert [frame.at for frame in schedule.due(1)] == [1]
    schedule.remove(ONE)
    assert schedule.next_due() == 2
    assert [frame.channel for frame in schedule.due(9)] == ["other", "other"]


def test_of_an_endless_stream_only_the_next_frame_is_made():
    made = []

    def endless():
        for at in count():
            made.append(at)
            yield Frame(at, "", "ticker", [])

    schedule = Schedule()
    schedule.add(ONE, endless())
    assert len(list(schedule.due(4))) == 5
    assert made == [0, 1, 2, 3, 4, 5]
