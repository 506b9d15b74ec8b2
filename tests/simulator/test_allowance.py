"""The token bucket of each client."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.simulator.allowance import Allowance


def test_a_client_may_make_a_burst_and_then_its_rate():
    allowance = Allowance(rate=10, burst=10)
    assert [allowance.admits("a", 100.0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not allowance.admits("a", 100.05)
    assert allowance.admits("a", 100.11)
    assert not allowance.admits("a", 100.15)


def test_a_long_silence_saves_no_more_than_a_burst():
    allowance = Allowance(rate=10, burst=3)
    allowance.admits("a", 0)
    assert [allowance.admits("a", 3_600.0) for _ in range(4)] == [True] * 3 + [False]


def test_each_client_has_its_own_allowance():
    allowance = Allowance(rate=1, burst=1)
    assert allowance.admits("a", 0)
    assert not allowance.admits("a", 0)
    assert allowance.admits("b", 0)


@given(st.lists(st.floats(0, 2), max_size=200))
def test_no_span_of_time_admits_more_than_burst_and_rate(pauses):
    allowance, at, admitted = Allowance(rate=10, burst=5), 0.0, []
    for pause in pauses:
        at += pause
        if allowance.admits("a", at):
            admitted.append(at)
    for index, start in enumerate(admitted):
        for count, end in enumerate(admitted[index:], 1):
            assert count <= 5 + 10 * (end - start) + 1e-6


def test_only_the_most_recent_clients_are_remembered():
    allowance = Allowance(rate=0, burst=1)
    for number in range(5_000):
        allowance.admits(str(number), 0)
    assert len(allowance._buckets) == 1_000
    assert not allowance.admits("4999", 0)
    assert allowance.admits("0", 0)
