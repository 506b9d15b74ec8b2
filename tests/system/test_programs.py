"""Programs that tests need: where one is missing its tests are skipped by name, or fail where it must be there."""

import pytest

from tests.support import programs
from tests.support.mariadb import mariadb


@pytest.fixture(autouse=True)
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any program."""
    monkeypatch.setattr(programs.shutil, "which", lambda *_, **__: None)


def test_without_mariadb_a_test_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(programs.REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no mariadb-install-db .* apt install mariadb-server"), mariadb():
        pass


def test_where_programs_are_required_their_absence_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(programs.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="no chromium"):
        programs.program("chromium", "chromium")
