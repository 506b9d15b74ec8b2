"""Services that tests need: where one is missing its tests are skipped by name, or fail where it must be there."""

import pytest

from tests.support import mariadb


@pytest.fixture(autouse=True)
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a server."""
    monkeypatch.setattr(mariadb.shutil, "which", lambda *_, **__: None)


def test_without_mariadb_a_test_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mariadb.REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no MariaDB"), mariadb.mariadb():
        pass


def test_where_services_are_required_their_absence_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mariadb.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="no MariaDB"), mariadb.mariadb():
        pass
