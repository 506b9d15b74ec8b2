"""Tests of the environment: where variables come from, and how a tree is filled with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.environment import Environment, Unset, fill, mentioned
from livermore.errors import LivermoreError

HELD = {"A": "a", "B": "b", "EMPTY": "", "URL": "http://x:1/${A}"}


def unset(data: Any, variables: Mapping[str, str] = HELD) -> dict[str, str]:
    """The variables that a text lacks, each with the reason."""
    found = fill(data, variables)
    assert isinstance(found, Unset)
    return dict(found.names)


# -- filling


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${A}", "a"),
        ("${A}:${B}", "a:b"),
        ("x${A}y", "xay"),
        ("${A:-default}", "a"),
        ("${NONE:-default}", "default"),
        ("${NONE:-}", ""),
        ("${EMPTY:-default}", "default"),
        ("${NONE:-a b:c/d}", "a b:c/d"),
        ("${NONE:--1}", "-1"),
        ("127.0.0.1:${NONE:-4000}", "127.0.0.1:4000"),
        ("$A", "$A"),
        ("${}", "${}"),
        ("$${A}", "$a"),
    ],
)
def test_a_text_is_filled(text: str, filled: str) -> None:
    assert fill(text, HELD) == filled


def test_what_a_variable_holds_is_not_filled_again() -> None:
    assert fill("${URL}", HELD) == "http://x:1/${A}"


def test_values_are_filled_at_any_depth_and_keys_are_not() -> None:
    data = {"${A}": ["${A}", {"k": "${B}"}], "n": 1, "t": True, "f": 1.5, "z": None}
    assert fill(data, HELD) == {"${A}": ["a", {"k": "b"}], "n": 1, "t": True, "f": 1.5, "z": None}
    assert data["${A}"] == ["${A}", {"k": "${B}"}]


@pytest.mark.parametrize("text", ["${NONE}", "${EMPTY}", "x${NONE}y", "${A}${NONE}"])
def test_a_variable_without_a_value_or_a_default_leaves_its_place_unset(text: str) -> None:
    (name,) = mentioned(text) - {"A"}
    assert unset(text) == {name: "is not set"}


def test_every_variable_that_is_missing_is_named() -> None:
    assert list(unset("${X}${A}${Y}")) == ["X", "Y"]
    assert repr(fill("${X}${Y}", {})) == "unset X, Y"


@given(st.recursive(st.text("${}:-ABab ", max_size=12) | st.integers() | st.none(), st.lists))
def test_what_mentions_nothing_is_left_as_it_is(data: Any) -> None:
    if not mentioned(data):
        assert fill(data, {}) == data


def test_all_names_that_data_mention_are_found() -> None:
    assert mentioned({"a": ["${X}${Y:-${Z}}", {"b": "${W}"}], "${V}": 1, "c": 5}) == {"W", "X", "Y"}
    assert mentioned([]) == mentioned({}) == mentioned(None) == set()


# -- where variables come from


def dotenv(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text)
    return path


def test_the_process_comes_before_the_file(tmp_path: Path) -> None:
    written = dotenv(tmp_path, "A=file\nB=file\n# C=no\nexport D='quoted value'\n")
    found = Environment({"A": "process"}, written)
    assert (found["A"], found["B"], found["D"]) == ("process", "file", "quoted value")
    assert "C" not in found


def test_the_file_need_not_be_there(tmp_path: Path) -> None:
    assert Environment({"A": "a"}, tmp_path / ".env")["A"] == "a"
    assert dict(Environment({}, None)) == {}


def test_the_processs_own_variables_count_where_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVERMORE_TEST_VARIABLE", "here")
    assert Environment()["LIVERMORE_TEST_VARIABLE"] == "here"


def test_an_empty_variable_gives_way_to_the_file(tmp_path: Path) -> None:
    found = Environment({"A": "", "B": ""}, dotenv(tmp_path, "A=file\n"))
    assert (found["A"], found["B"]) == ("file", "")


def test_a_name_without_a_value_in_the_file_is_not_set(tmp_path: Path) -> None:
    assert "A" not in Environment({}, dotenv(tmp_path, "A\n"))


def test_a_missing_variable_is_missing_by_its_own_name() -> None:
    with pytest.raises(KeyError, match=r"^'A'$"):
        Environment({})["A"]


# -- secrets in files


def test_a_secret_may_lie_in_a_file_whose_blank_edges_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n two\nlines \n\n")
    found = Environment({"KEY_FILE": str(tmp_path / "secret")})
    assert found["KEY"] == "two\nlines"
    assert "KEY" in found
    assert fill("${KEY}", found) == "two\nlines"


def test_the_file_is_read_anew_each_time(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("old")
    found = Environment({"KEY_FILE": str(secret)})
    assert found["KEY"] == "old"
    secret.write_text("new")
    assert found["KEY"] == "new"


def test_the_variable_itself_comes_before_its_file() -> None:
    assert Environment({"KEY": "here", "KEY_FILE": "/nowhere"})["KEY"] == "here"


def test_an_empty_variable_gives_way_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush")
    assert Environment({"KEY": "", "KEY_FILE": str(tmp_path / "secret")})["KEY"] == "hush"


def test_the_files_of_the_process_come_before_variables_of_the_dotenv_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("process")
    written = dotenv(tmp_path, "KEY=file\n")
    assert Environment({"KEY_FILE": str(tmp_path / "secret")}, written)["KEY"] == "process"


def test_an_empty_name_of_a_file_is_none() -> None:
    found = Environment({"KEY_FILE": ""})
    assert "KEY" not in found
    assert list(unset("${KEY}", found)) == ["KEY"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secret_that_cannot_be_read_is_an_error_that_names_the_file_and_no_content(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LivermoreError, match=f"the secret file {path} cannot be read"):
        Environment({"KEY_FILE": str(path)})["KEY"]


def test_where_a_tree_mentions_it_that_is_one_fault_among_others(tmp_path: Path) -> None:
    missing = unset("${KEY}${NONE}", Environment({"KEY_FILE": str(tmp_path / "secret")}))
    assert missing["NONE"] == "is not set"
    assert missing["KEY"].startswith(f"has no value: the secret file {tmp_path}/secret cannot be read")


def test_a_default_does_not_stand_in_for_a_secret_that_cannot_be_read(tmp_path: Path) -> None:
    assert list(unset("${KEY:-none}", Environment({"KEY_FILE": str(tmp_path / "secret")}))) == ["KEY"]


def test_all_names_are_there_those_of_secrets_in_files_too(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush")
    found = Environment({"A": "1", "KEY_FILE": str(tmp_path / "secret")}, dotenv(tmp_path, "B=2\n"))
    assert dict(found) == {"A": "1", "B": "2", "KEY": "hush", "KEY_FILE": str(tmp_path / "secret")}
    assert len(found) == 4
