"""Tests of the file of a recording: what was flushed is safe, wherever the file is cut off."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import LivermoreError
from livermore.recording.file import LARGEST, Reader, Writer

lines = st.lists(st.binary(max_size=200).map(lambda data: data.replace(b"\n", b"")), max_size=8)
blocks = st.lists(lines, min_size=1, max_size=5)


def written(path: Path, told: list[list[bytes]]) -> list[int]:
    """Write blocks; gives the size of the file after each."""
    path.unlink(missing_ok=True)
    writer, sizes = Writer(path), [0]
    for block in told:
        for line in block:
            writer.write(line)
        writer.flush()
        sizes.append(path.stat().st_size)
    writer.close()
    return sizes


@given(blocks, st.data())
def test_cut_off_anywhere_a_file_gives_every_line_up_to_its_last_whole_block(
    tmp_path_factory: pytest.TempPathFactory, told: list[list[bytes]], data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.gz"
    sizes = written(path, told)
    cut = data.draw(st.integers(0, sizes[-1]))
    with path.open("r+b") as file:
        file.truncate(cut)
    reader = Reader(path)
    found, every = list(reader), [line for block in told for line in block]
    safe = [line for block, end in zip(told, sizes[1:], strict=True) if end <= cut for line in block]
    assert found == every[: len(found)]
    assert len(found) >= len(safe)
    assert reader.torn == (cut not in sizes)


def test_a_whole_file_is_plain_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    written(path, [[b"one", b"two"], [], [b"three"]])
    assert gzip.decompress(path.read_bytes()) == b"one\ntwo\nthree\n"
    reader = Reader(path)
    assert [*reader] == [b"one", b"two", b"three"]
    assert not reader.torn


def test_garbage_after_a_block_is_told_and_costs_nothing_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    written(path, [[b"one"]])
    path.write_bytes(path.read_bytes() + b"\0" * 100)
    reader = Reader(path)
    assert [*reader] == [b"one"]
    assert reader.torn


def test_a_large_block_is_written_without_being_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    writer = Writer(path)
    writer.write(b"x" * LARGEST)
    assert [len(line) for line in Reader(path)] == [LARGEST]
    writer.close()


def test_a_file_that_is_not_compressed_is_read_too_but_for_half_a_line_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"one\ntwo\nthr")
    reader = Reader(path)
    assert [*reader] == [b"one", b"two"]
    assert reader.torn


def test_nothing_is_overwritten_and_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.gz").touch()
    with pytest.raises(LivermoreError, match="File exists"):
        Writer(tmp_path / "a.gz")
    with pytest.raises(LivermoreError, match="No such file"):
        list(Reader(tmp_path / "b.gz"))
