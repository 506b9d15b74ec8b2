"""How long a notice waits for its next attempt."""

from livermore.notices.backoff import backoff


def test_each_wait_is_about_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    for attempts, whole in ((1, 2), (2, 4), (3, 8), (9, 512), (10, 900), (500, 900)):
        waits = [backoff(attempts, f"alert {n}") for n in range(200)]
        assert whole / 2 <= min(waits) < whole * 0.55
        assert whole * 0.95 < max(waits) <= whole


def test_notices_do_not_come_back_together_but_each_waits_alike_each_time() -> None:
    assert backoff(5, "discord a") != backoff(5, "discord b")
    assert backoff(5, "discord a") == backoff(5, "discord a")


def test_a_target_is_left_alone_for_no_longer_than_is_said() -> None:
    assert backoff(20, "discord", 60.0) <= 60
