"""The file of a recording: lines in blocks, each a gzip stream of its own, so that a crash costs the last one at most.

Streams that follow each other are one valid gzip file (RFC 1952, 2.2): `zcat` reads it, too.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from livermore.errors import LivermoreError

LARGEST = 1 << 20
"""Bytes of a block after which it is written without being asked."""
_CHUNK = 1 << 16
_MAGIC = b"\x1f\x8b"
_GZIP = 31
"""zlib's word for a stream with gzip's header and check sum."""


class Writer:
    """Makes a new file; what stands there already is never touched."""

    def __init__(self, path: Path) -> None:
        """Raises `LivermoreError` where there is such a file, or none can be made."""
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise LivermoreError(f"{path} cannot be made: {error.strerror}") from error
        self._lines: list[bytes] = []
        self._size = 0

    def write(self, line: bytes) -> None:
        """Take a line without its end."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= LARGEST:
            self.flush()

    def flush(self) -> None:
        """Write what was taken so far: from now on it is safe from the end of this process."""
        if self._lines:
            self._file.write(gzip.compress(b"".join(line + b"\n" for line in self._lines), mtime=0))
            self._file.flush()
        self._lines.clear()
        self._size = 0

    def close(self) -> None:
        """Write the rest."""
        self.flush()
        self._file.close()


class Reader:
    """Iterate over it for the lines of a file, compressed or not. ``torn``: the file ended within a block or line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.torn = False

    def __iter__(self) -> Iterator[bytes]:
        """Raises `LivermoreError` where the file cannot be read."""
        rest = b""
        try:
            for piece in self._pieces():
                *whole, rest = (rest + piece).split(b"\n")
                yield from whole
        except OSError as error:
            raise LivermoreError(f"{self._path} cannot be read: {error.strerror}") from error
        self.torn |= bool(rest)

    def _pieces(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            chunk = file.read(_CHUNK)
            if not chunk.startswith(_MAGIC):
                while chunk:
                    yield chunk
                    chunk = file.read(_CHUNK)
                return
            stream = zlib.decompressobj(_GZIP)
            while chunk:
                try:
                    piece = stream.decompress(chunk)
                except zlib.error:
                    self.torn = True
                    return
                yield piece
                chunk = stream.unused_data or file.read(_CHUNK)
                self.torn = not stream.eof
                if stream.eof:
                    stream = zlib.decompressobj(_GZIP)
