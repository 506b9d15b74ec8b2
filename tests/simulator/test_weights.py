"""The weight that clients use, and what becomes of those who use too much."""

from livermore.simulator.weights import Verdict, Weights


def test_a_budget_is_for_a_minute_of_the_clock():
    weights = Weights(10)
    assert weights.charge("a", 6, 60.0) == Verdict(200, 6, 0)
    assert weights.charge("a", 4, 119.0) == Verdict(200, 10, 0)
    assert weights.charge("a", 1, 119.0) == Verdict(429, 11, 1)
    assert weights.charge("a", 10, 120.0) == Verdict(200, 10, 0)


def test_clients_are_counted_each_by_itself():
    weights = Weights(1)
    assert weights.charge("a", 1, 0.0).status == 200
    assert weights.charge("b", 1, 0.0).status == 200
    assert weights.charge("a", 1, 0.0).status == 429


def test_who_goes_on_is_banned_for_longer_each_time_and_counted_meanwhile():
    weights = Weights(1)

    def statuses(at: float, requests: int) -> list[int]:
        return [weights.charge("a", 1, at).status for _ in range(requests)]

    assert statuses(0.5, 7) == [200, 429, 429, 429, 429, 429, 418]
    assert weights.while_banned == 0
    assert weights.charge("a", 1, 30.5) == Verdict(418, 8, 90)
    assert statuses(120.4, 2) == [418, 418]
    assert weights.while_banned == 3
    assert weights.charge("b", 1, 121.0).status == 200
    assert statuses(180.0, 7)[-1] == 418
    assert weights.charge("a", 1, 180.0).wait == 240


def test_a_refusal_says_how_long_the_minute_lasts():
    weights = Weights(0)
    assert weights.charge("a", 1, 61.5).wait == 59


def test_a_new_minute_forgets_what_was_in_excess():
    weights = Weights(1)
    for minute in range(9):
        assert [weights.charge("a", 1, 60.0 * minute).status for _ in range(3)] == [200, 429, 429]


def test_of_many_clients_the_least_recent_is_forgotten():
    weights = Weights(1)
    for number in range(1_001):
        weights.charge(str(number), 1, 0.0)
    assert weights.charge("0", 1, 0.0).status == 200
    assert weights.charge("1000", 1, 0.0).status == 429
