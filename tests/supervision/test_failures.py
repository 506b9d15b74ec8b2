"""What is said of failures in the log: each crash, and of one that waits for long no more than people want to read."""

from structlog.testing import capture_logs

from livermore.supervision.events import Ending
from livermore.supervision.failures import SAID_AGAIN, Failures
from livermore.supervision.file_keys import CrashReportKeys
from tests.support.clocks import ManualClock


class Said:
    """The lines of a log, on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.failures = Failures(self.clock, CrashReportKeys())

    def of(self, ending: Ending, path: str = "root/a") -> list[tuple[str, str]]:
        """Event and reason of what is said of one more ending."""
        with capture_logs() as lines:
            self.failures.add(path, 1, ending, None)
            self.failures.write_out()
        return [(line["event"], line["reason"]) for line in lines]


def waiting(reason: str) -> Ending:
    return Ending("waiting", RuntimeError(reason), 2.0)


def test_one_that_waits_for_the_same_again_is_said_to_once_a_minute() -> None:
    said = Said()
    assert said.of(waiting("no Redis")) == [("waiting", "waiting: no Redis")]
    said.clock.advance(SAID_AGAIN - 1)
    assert said.of(waiting("no Redis")) == []
    said.clock.advance(1)
    assert said.of(waiting("no Redis")) == [("waiting", "waiting: no Redis")]


def test_another_that_waits_or_another_reason_is_news() -> None:
    said = Said()
    said.of(waiting("no Redis"))
    assert said.of(waiting("no SQL")) == [("waiting", "waiting: no SQL")]
    assert said.of(waiting("no SQL"), "root/b") == [("waiting", "waiting: no SQL")]


def test_every_crash_is_said() -> None:
    said, crash = Said(), Ending("crash", RuntimeError("boom"))
    assert [said.of(crash) for _ in range(2)] == [[("failed", "crash: boom")]] * 2
