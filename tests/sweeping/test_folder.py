"""The files of a folder: only plain files of their form go, only the old ones, and nothing outside is ever touched."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livermore.sweeping import folder as folders
from livermore.sweeping.folder import CRASH_REPORT, RECORDING, Folder

NOW = 1_700_000_000_000
DAY = 86_400_000


def written(path: Path, at: int) -> Path:
    path.write_text("x")
    os.utime(path, ns=(at * 1_000_000, at * 1_000_000))
    return path


def report(folder: Path, at: int, name: str = "coinbase.writer.instance") -> Path:
    return written(folder / f"{at}-{name}-3.json", at)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def crashes(path: Path) -> Folder:
    return Folder(str(path), CRASH_REPORT)


def test_old_files_go_and_young_ones_stay(tmp_path: Path) -> None:
    old, young = report(tmp_path, NOW - DAY - 1), report(tmp_path, NOW - DAY)
    assert crashes(tmp_path).remove(NOW - DAY) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert [file.written for file in crashes(tmp_path).files()] == [NOW - DAY]


def test_the_oldest_go_first_and_a_bounded_number_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "BATCH", 2)
    files = [report(tmp_path, NOW - i * DAY) for i in range(5)]
    assert crashes(tmp_path).remove(NOW) == 2
    assert [file.exists() for file in files] == [True, True, True, False, False]
    assert [crashes(tmp_path).remove(NOW) for _ in range(2)] == [2, 0]


@pytest.mark.parametrize(
    "name",
    [
        "notes.json", "1700000000000.json", "1700000000000-a.json", "x-1700000000000-a-1.json",
        "1700000000000-a-1.json.bak", "recording.jsonl.gz",
    ],
)  # fmt: skip
def test_what_is_no_crash_report_stays_however_old_it_is(tmp_path: Path, name: str) -> None:
    written(tmp_path / name, 1000)
    assert crashes(tmp_path).remove(NOW) == 0
    assert (tmp_path / name).exists()


def test_a_recording_goes_by_its_ending(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "a.jsonl", "a.gz"):
        written(tmp_path / name, NOW - DAY)
    assert Folder(str(tmp_path), RECORDING).remove(NOW) == 1
    assert names(tmp_path) == ["a.gz", "a.jsonl"]


def test_no_link_is_followed_or_removed_and_no_folder_within_is_looked_into(tmp_path: Path) -> None:
    folder, outside = tmp_path / "crashes", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    far = report(outside, NOW - 9 * DAY)
    (folder / "1600000000000-link-1.json").symlink_to(far)
    (folder / "1600000000001-gone-1.json").symlink_to(outside / "nothing")
    (folder / "1600000000002-folder-1.json").mkdir()
    within = report(folder / "1600000000002-folder-1.json", NOW - 9 * DAY)
    (folder / "1600000000003-pipe-1.json").touch()
    (folder / "1600000000003-pipe-1.json").unlink()
    os.mkfifo(folder / "1600000000003-pipe-1.json")
    assert crashes(folder).remove(NOW) == 0
    assert len(names(folder)) == 4
    assert far.exists()
    assert within.exists()


def test_a_folder_that_is_not_there_or_none_has_no_files(tmp_path: Path) -> None:
    assert crashes(tmp_path / "nowhere").remove(NOW) == 0
    assert crashes(written(tmp_path / "file", NOW)).files() == []


def test_a_file_that_somebody_else_has_removed_meanwhile_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that was interrupted, or another one beside it: what is left is swept all the same."""
    first, second = report(tmp_path, NOW - 2 * DAY), report(tmp_path, NOW - DAY)
    found = Folder._found

    def and_then_it_is_gone(self: Folder, folder: int) -> list[folders.File]:
        files = list(found(self, folder))
        first.unlink()
        return files

    monkeypatch.setattr(Folder, "_found", and_then_it_is_gone)
    assert crashes(tmp_path).remove(NOW) == 1
    assert not second.exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=st.lists(st.integers(-3, 400), unique=True, max_size=10), kept=st.integers(0, 400))
def test_nothing_younger_than_the_bound_is_ever_removed(tmp_path: Path, ages: list[int], kept: int) -> None:
    files = {age: report(tmp_path, NOW - age * DAY) for age in ages}
    while crashes(tmp_path).remove(NOW - kept * DAY):
        pass
    assert {age for age, file in files.items() if file.exists()} == {age for age in ages if age <= kept}
    for file in files.values():
        file.unlink(missing_ok=True)
