"""What has been given and from where to go on: nothing twice, nothing left out, whatever breaks off when."""

import random

import pytest

from livermore.client.progress import Progress, order


def place(number: int) -> str:
    return f"coinbase:1700000000000-{number}"


def test_ids_are_compared_as_numbers() -> None:
    assert order(place(10)) > order(place(9))
    assert order("coinbase:10-0") > order("coinbase:9-5")


def test_a_stream_begins_where_the_events_are() -> None:
    progress = Progress(None)
    progress.begin(place(5), in_order=True)
    assert progress.place == place(5)
    assert not progress.take(place(5))
    assert progress.take(place(6))
    assert progress.place == place(6)


def test_a_heartbeat_moves_the_place_only_when_everything_has_come() -> None:
    progress = Progress(place(1))
    progress.begin(place(9), in_order=False)
    progress.reach(place(9))
    assert progress.place == place(1)
    progress.catch_up()
    progress.reach(place(9))
    progress.reach(place(3))
    progress.reach(None)
    assert progress.place == place(9)


def test_what_is_lost_is_left_behind_and_what_comes_is_new() -> None:
    progress = Progress(place(50))
    progress.begin(place(9), in_order=False)
    progress.lose(place(9))
    assert progress.take(place(10))
    progress.catch_up()
    assert progress.place == place(10)


@pytest.mark.parametrize("seed", range(50))
def test_everything_is_given_once_however_often_a_replay_in_several_parts_breaks_off(seed: int) -> None:
    """The server as it is documented: each of two messages brings its half in order, then comes what is new."""
    chance = random.Random(seed)
    given: list[int] = []
    progress, newest = Progress(place(0)), 40
    while progress.place != place(newest):
        progress.begin(place(newest), in_order=False)
        since = order(progress.place or "")[1]
        halves = [[n for n in range(since + 1, newest + 1) if n % 2 == half] for half in (0, 1)]
        told, whole = halves[0] + halves[1], chance.random() < 0.3
        heard = told if whole else told[: chance.randint(0, len(told))]
        given += [number for number in heard if progress.take(place(number))]
        if whole:
            progress.catch_up()
            assert set(given) == set(range(1, newest + 1)), f"seed {seed}"
            newest += chance.randint(0, 5)
            if len(given) > 60:
                break
    assert len(given) == len(set(given)), f"seed {seed}"
