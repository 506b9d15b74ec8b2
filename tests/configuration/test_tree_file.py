"""Tests of the file of trees: where it is found, and what can be taken out of it."""

from pathlib import Path

import pytest

from livermore.errors import ConfigurationError
from livermore.tree_file import NAME, NoSuchFile, TreeFile

TEXT = """version: 1
settings: {health: {listen: "${HEALTH_HOST:-h}:1"}}
modes:
  day: {id: day, stores: {redis: {url: "${REDIS}"}, database: {url: "sqlite:///x"}}, children: []}
  night: {id: night, stores: {embedded: "${FOLDER:-here}"}, children: []}
"""


def written(folder: Path, data: str | bytes = TEXT, name: str = "t.yaml") -> TreeFile:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return TreeFile(path)


def test_the_one_that_is_named_comes_first_then_the_variable_then_this_folder_then_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given, named = written(tmp_path, name="given.yaml").path, written(tmp_path, name="named.yaml").path
    variables = {"LIVERMORE_TREE": str(named)}
    packaged = TreeFile.find(None, {}).path
    assert packaged.name == NAME
    assert packaged.is_file()
    written(tmp_path, name=NAME)
    assert TreeFile.find(str(given), variables).path == given
    assert TreeFile.find(None, variables).path == named
    assert TreeFile.find(None, {}).path == Path(NAME)


def test_one_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    for find in (lambda: TreeFile.find(str(tmp_path / "no.yaml"), {}), lambda: TreeFile.find(str(tmp_path), {})):
        with pytest.raises(NoSuchFile, match="there is no tree file"):
            find()


def test_a_file_says_which_modes_it_has_and_which_variables_they_mention(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert file.modes() == ["day", "night"]
    assert file.mentioned("day") == {"HEALTH_HOST", "REDIS"}
    assert file.mentioned("night") == {"HEALTH_HOST", "FOLDER"}


def test_a_mode_may_want_its_stores_embedded(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert file.embedded("night", {}) == Path("here")
    assert file.embedded("night", {"FOLDER": "/there"}) == Path("/there")
    assert file.embedded("day", {}) is None
    assert file.embedded("dawn", {}) is None


def test_stores_can_be_had_without_the_rest(tmp_path: Path) -> None:
    found = written(tmp_path).stores("day", {"REDIS": "redis://r"})
    assert found.redis is not None
    assert found.redis.url == "redis://r"


@pytest.mark.parametrize(("mode", "said"), [("day", "stores needs the variable REDIS"), ("dawn", "expected redis and")])
def test_stores_that_are_not_complete_are_refused(tmp_path: Path, mode: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        written(tmp_path).stores(mode, {})


@pytest.mark.parametrize("data", [TEXT.encode("utf-8-sig"), TEXT.replace("\n", "\r\n").encode()])
def test_a_byte_order_mark_and_other_line_ends_do_not_matter(tmp_path: Path, data: bytes) -> None:
    assert written(tmp_path, data).modes() == ["day", "night"]


@pytest.mark.parametrize("data", [b"a: \xff", TEXT.encode("utf-16")])
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ConfigurationError, match="expected UTF-8; found"):
        written(tmp_path, data).modes()
