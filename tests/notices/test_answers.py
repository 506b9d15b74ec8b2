"""What HTTP answers mean for a notice."""

import pytest

from livermore.net.interface import Response
from livermore.notices.answers import LONGEST, outcome_of
from livermore.notices.target import Outcome

NOW = 1_700_000_000_000  # Tue, 14 Nov 2023 22:13:20 GMT


def outcome(status: int, body: bytes = b"", **headers: str) -> Outcome:
    return outcome_of(Response(status, {k.replace("_", "-"): v for k, v in headers.items()}, body), NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_good_answer_is_a_notice_that_was_sent(status: int) -> None:
    assert outcome(status) == Outcome("sent")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_is_tried_again(status: int) -> None:
    assert outcome(status) == Outcome("postponed", f"the answer is {status}")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422])
def test_what_does_not_pass_is_not(status: int) -> None:
    assert outcome(status) == Outcome("refused", f"the answer is {status}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused(status: int) -> None:
    assert outcome(status, location="http://127.0.0.1") == Outcome(
        "refused", f"the answer is {status}, and redirects are not followed"
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0), ("0.5", 1.0), ("0", 1.0), ("1.75", 1.75), ("99999999", 86_400.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0), ("Tue, 14 Nov 2023 22:13:00 GMT", 1.0),
        ("soon", None), ("", None), ("-5", None), ("1.2.3", None), ("٣", None),
        ("1" * 400, None), (".", None),
    ],
)  # fmt: skip
def test_a_target_may_say_how_long_it_wants_to_be_left_alone(text: str, seconds: float | None) -> None:
    assert outcome(429, retry_after=text).wait == seconds
    assert outcome(503, retry_after=text).wait == seconds


def test_discord_says_it_more_exactly_in_the_body() -> None:
    assert outcome(429, b'{"retry_after": 64.57, "global": false}', retry_after="64").wait == 64.57
    assert outcome(429, b'{"retry_after": 2.5}').wait == 2.5
    for body in (b"<html>", b"[]", b'{"retry_after": "x"}', b"\xff", b'{"retry_after": null}'):
        assert outcome(429, body).wait is None


def test_an_allowance_that_is_used_up_is_waited_for() -> None:
    assert outcome(204, x_ratelimit_remaining="0", x_ratelimit_reset_after="1.25") == Outcome("sent", "", 1.25)
    assert outcome(204, x_ratelimit_remaining="1", x_ratelimit_reset_after="1.25") == Outcome("sent")
    assert outcome(204, x_ratelimit_remaining="0", x_ratelimit_reset_after="soon") == Outcome("sent")
    assert outcome(204, x_ratelimit_remaining="0", x_ratelimit_reset_after="9" * 11).wait == LONGEST
