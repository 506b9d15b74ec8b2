"""The WebSocket of the streams and the Autobahn cases: every one that needs no compression, and some that do."""

import asyncio
import struct
import tracemalloc
import zlib
from pathlib import Path

from tornado.netutil import bind_sockets
from tornado.web import Application

from livermore.http.server import Server
from tests.support.autobahn import WITHOUT_COMPRESSION, Compressing, Echo, run

SOME_WITH_COMPRESSION = ["12.1.1", "12.2.3", "12.3.11", *(f"13.{way}.1" for way in range(1, 8))]
"""Text and pictures, whole and in fragments, and every way to agree; `tests/soak` has all of them."""
LATE = {"6.4.1", "6.4.2", "6.4.3", "6.4.4"}
"""Text is checked when a message is whole, which is allowed, and not at the first bad byte of a fragment."""


def test_every_case_without_compression_is_passed(tmp_path: Path) -> None:
    seen = run(Echo, WITHOUT_COMPRESSION, tmp_path)
    assert len(seen) == 301
    assert {case for case, one in seen.items() if one["behavior"] == "NON-STRICT"} == LATE


def test_cases_with_compression_are_passed_by_one_who_agrees_to_it(tmp_path: Path) -> None:
    seen = run(Compressing, SOME_WITH_COMPRESSION, tmp_path)
    assert {(one["behavior"], one["behaviorClose"]) for one in seen.values()} == {("OK", "OK")}
    assert len(seen) == 10


class Small(Compressing):
    max_message_size = 16 * 1024


def test_a_small_message_that_unpacks_to_a_large_one_ends_with_1009_and_without_its_memory() -> None:
    packer = zlib.compressobj(9, wbits=-15)
    bomb = packer.compress(bytes(12_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
    assert len(bomb) < Small.max_message_size
    tracemalloc.start()
    try:
        code, (_, most) = asyncio.run(_answer_to(bomb)), tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert code == 1009
    assert most < 2_000_000


async def _answer_to(packed: bytes) -> int:
    """The code that closes a connection on which a compressed message comes."""
    server, sockets = Server(Application([("/", Small)])), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    reader, writer = await asyncio.open_connection(*sockets[0].getsockname())
    writer.write(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    assert b"permessage-deflate" in await reader.readuntil(b"\r\n\r\n")
    writer.write(struct.pack("!BBHI", 0xC2, 0x80 | 126, len(packed), 0) + packed)
    _, size, code = struct.unpack("!BBH", await reader.readexactly(4))
    assert await reader.read() == b"message too big"[: size - 2]
    writer.close()
    server.stop()
    await server.close_all_connections()
    return int(code)
