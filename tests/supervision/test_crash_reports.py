"""Crash reports get to their folder before the process ends: the last of them tells why it does."""

import threading
from pathlib import Path
from typing import Any

import pytest

from livermore.clock import AffineClock
from livermore.supervision.crash_reports import CrashReports
from livermore.supervision.events import Ending
from livermore.supervision.file_keys import CrashReportKeys


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A disk that writes once it is set."""
    made, write = threading.Event(), Path.write_text

    def slowly(file: Path, *text: Any, **named: Any) -> int:
        assert made.wait(10)
        return write(file, *text, **named)

    monkeypatch.setattr(Path, "write_text", slowly)
    return made


def crashed(folder: Path) -> CrashReports:
    reports = CrashReports(AffineClock(), CrashReportKeys(dir=str(folder)))
    for generation in (1, 2):
        reports.add("root/weak", generation, Ending("crash", RuntimeError("too weak")), None)
    return reports


def test_whoever_waits_for_the_reports_finds_them_all(tmp_path: Path, gate: threading.Event) -> None:
    reports, found = crashed(tmp_path / "reports"), list[bool]()
    waiting = threading.Thread(target=lambda: found.append(reports.finish(10)))
    waiting.start()
    assert not found
    gate.set()
    waiting.join(10)
    assert found == [True]
    assert len(list((tmp_path / "reports").iterdir())) == 2


def test_a_disk_that_hangs_keeps_no_process_from_ending(tmp_path: Path, gate: threading.Event) -> None:
    assert crashed(tmp_path).finish(0.05) is False
    gate.set()


def test_without_a_folder_there_is_nothing_to_wait_for() -> None:
    reports = CrashReports(AffineClock(), CrashReportKeys())
    reports.add("root/weak", 1, Ending("crash"), None)
    assert reports.finish(0.0) is True
