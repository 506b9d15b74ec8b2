"""The harness: which benchmarks there are and by what names, and how a ratio is told."""

import sys
import time
from collections.abc import Callable

import pytest

from bench import harness
from bench.__main__ import known, main
from bench.harness import Result, Skipped, ratio


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Callable[[], None]]:
    """Makes works that take so many seconds, by a clock that they move."""
    now = 0.0

    def work(seconds: float) -> Callable[[], None]:
        def pass_() -> None:
            nonlocal now
            now += seconds

        return pass_

    monkeypatch.setattr(harness.time, "perf_counter", lambda: now)
    monkeypatch.setattr(harness.time, "process_time", lambda: now / 2)
    return work


def test_every_target_is_known_by_its_name_in_the_plan_and_every_file_by_its_own() -> None:
    files, targets = known()
    assert set(files) == {
        "answers",
        "boundaries",
        "candles",
        "closes",
        "frames",
        "indicators",
        "streams",
        "supervision",
    }
    assert set(targets) == {"T1", "T1d", "T2", "T3", "T4", "T4b", "T5", "T6", "T9"}


def test_an_unknown_name_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "t4", "T44"])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 2
    assert "there is no benchmark T44: there are answers, " in capsys.readouterr().err


def test_names_are_told_in_any_case_and_only_what_is_named_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run: list[str] = []

    def target(name: str, value: float) -> harness.Work:
        def results() -> list[Result | Skipped]:
            run.append(name)
            return [Result(name, value, 2, 1), Skipped(f"{name}, peer", "it is not installed")]

        return results

    targets = {name: target(name, value) for name, value in (("T4", 1.5), ("T4b", 0.5), ("T5", 3))}
    monkeypatch.setattr("bench.__main__.known", lambda: ({}, targets))
    monkeypatch.setattr("bench.__main__.structlog.configure", lambda **_: None)
    before = sys.getswitchinterval()
    monkeypatch.setattr(sys, "argv", ["bench", "t4B", "t5"])
    assert main() == 1
    sys.setswitchinterval(before)
    assert run == ["T4b", "T5"]
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == ["T4b", "T4b,", "T5", "T5,", "1"]
    assert told[1].endswith("skipped: it is not installed")
    assert told[-1] == "1 passed, 1 failed"


def test_a_ratio_is_how_many_times_faster_it_is(clock: Callable[[float], Callable[[], None]]) -> None:
    found = ratio("x", clock(2), clock(8), target=5, gate=3)
    assert (found.value, found.passed, found.most) == (pytest.approx(4), True, False)
    assert found.detail == "min 4.00 max 4.00, by CPU 4.00; 2000.00 ms"


def test_a_reference_that_does_a_share_counts_for_all(clock: Callable[[float], Callable[[], None]]) -> None:
    assert ratio("x", clock(2), clock(1), target=5, gate=6, share=0.1).value == pytest.approx(5)


def test_a_cost_is_how_many_times_as_long_it_takes(clock: Callable[[float], Callable[[], None]]) -> None:
    found = ratio("x", clock(6), clock(2), target=2.5, gate=5, cost=True)
    assert (found.value, found.passed, found.most) == (pytest.approx(3), True, True)
    assert not ratio("x", clock(12), clock(2), target=2.5, gate=5, cost=True).passed


def test_by_cpu_it_is_the_cpu_of_whoever_works_that_counts(clock: Callable[[float], Callable[[], None]]) -> None:
    burnt = iter([0, 1, 1, 5, 5, 9, 9, 10])
    found = ratio("x", clock(2), clock(2), target=5, gate=3, rounds=1, cpu=lambda: next(burnt), by_cpu=True)
    assert (found.value, found.passed) == (pytest.approx(4), True)
    assert found.detail == "min 4.00 max 4.00, by time 1.00; 1000.00 ms"


def test_both_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    ratio("x", lambda: time.sleep(0) or turns.append("A"), lambda: turns.append("B"), target=1, gate=1, rounds=2)
    assert "".join(turns) == "ABBAABBA"
