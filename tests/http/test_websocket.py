"""The WebSocket as a protocol: handshakes, frames that no library sends, and clients that do not read."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tornado.iostream import IOStream

from livermore.http import outbox as outboxes
from livermore.http.bounds import Bounds
from livermore.http.frame import frame
from livermore.http.outbox import Outbox
from livermore.market.candle import Series
from livermore.market.instant import iso
from livermore.market.timeframe import Timeframe
from tests.http.conftest import MakeWorld
from tests.http.test_lists import ticker
from tests.http.world import EXCHANGE, PATIENCE, TOKEN, World, wait_until
from tests.support.candles import T0, candle

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
URL = "/public/v1/stream"


class Raw:
    """A client that sends any bytes, and reads frames when it wants to."""

    def __init__(self, world: World, path: str = URL) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", world.port))
        headers = {"Host": "x", "X-API-Key": world.key, **HANDSHAKE}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.file = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"HTTP/1.1 101")
        while self.file.readline() != b"\r\n":
            pass

    def send(self, opcode: int, payload: bytes = b"", *, masked: bool = True, first: int = 0x80) -> None:
        """One frame; ``first``: the flags of its first byte."""
        size = len(payload)
        length = struct.pack("!B", size | masked << 7) if size < 126 else struct.pack("!BH", 126 | masked << 7, size)
        mask = os.urandom(4)
        content = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if masked else payload
        self.socket.sendall(bytes([first | opcode]) + length + (mask if masked else b"") + content)

    def read(self) -> tuple[int, bytes] | None:
        """The next frame; None where the server has hung up."""
        try:
            head = self.file.read(2)
            if len(head) < 2:
                return None
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack("!H", self.file.read(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.file.read(8))[0]
            return head[0] & 0x0F, self.file.read(size)
        except ConnectionResetError:
            return None

    def close_code(self) -> int | None:
        """Read up to the close frame; its code, or None where there is none."""
        while (found := self.read()) is not None:
            if found[0] == 8:
                self.reason = found[1][2:].decode()
                return int(struct.unpack("!H", found[1][:2])[0]) if len(found[1]) >= 2 else 0
        return None


@contextmanager
def raw(world: World, path: str = URL) -> Iterator[Raw]:
    client = Raw(world, path)
    try:
        yield client
    finally:
        client.file.close()
        client.socket.close()


# handshakes


def test_a_request_that_does_not_upgrade_needs_a_key_and_is_told_to(world: World) -> None:
    answer = world.ask(URL)
    assert (answer.status, answer.json()["error"]["code"]) == (426, "UPGRADE_REQUIRED")
    assert answer.headers["upgrade"] == "websocket"
    assert world.ask(URL, key=None).status == 401
    assert world.ask(URL, key="bad").status == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Connection": "keep-alive"}, 400),
        ({"Sec-WebSocket-Key": ""}, 400),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": ""}, 426),
        ({"Upgrade": "h2c"}, 426),
    ],
)
def test_a_bad_handshake_is_refused_in_the_envelope(world: World, change: dict[str, str], status: int) -> None:
    answer = world.ask(URL, headers=HANDSHAKE | change)
    assert answer.status == status
    assert answer.json()["error"]["request_id"]


def test_an_unknown_parameter_of_a_handshake_is_refused(world: World) -> None:
    answer = world.ask(f"{URL}?api_key=1", headers=HANDSHAKE)
    assert (answer.status, answer.json()["error"]["param"]) == (400, "api_key")


def test_any_page_may_open_the_public_stream_but_only_ours_the_admin_one(admin_world: World) -> None:
    assert admin_world.connect(origin="https://anywhere.example").expect("welcome")
    elsewhere = {**HANDSHAKE, "Origin": "https://anywhere.example"}
    assert admin_world.ask("/admin/v1/stream", headers=elsewhere).status == 403
    stream = admin_world.connect(path="/admin/v1/stream", key=None, origin="http://localhost:4001")
    stream.send(action="auth", key=TOKEN)
    assert stream.expect("welcome")


# frames


def test_an_unmasked_frame_is_refused_with_1002(world: World) -> None:
    with raw(world) as client:
        client.send(1, b'{"action":"ping"}', masked=False)
        assert client.close_code() == 1002


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_a_close_code_that_may_not_be_sent_is_answered_with_1002(world: World, code: int) -> None:
    with raw(world) as client:
        client.send(8, struct.pack("!H", code))
        assert client.close_code() == 1002


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_a_good_close_code_is_echoed(world: World, code: int) -> None:
    with raw(world) as client:
        client.send(8, struct.pack("!H", code))
        assert client.close_code() == code


@pytest.mark.parametrize(
    ("code", "opcode", "content", "first"),
    [
        (1007, 1, b"\xff", 0x80),
        (1007, 8, b"\x03\xe8\xff", 0x80),
        (1002, 8, b"\x03", 0x80),
        (1002, 3, b"", 0x80),
        (1002, 11, b"", 0x80),
        (1002, 1, b"{}", 0xC0),
        (1002, 9, b"x" * 126, 0x80),
        (1002, 9, b"x", 0x00),
        (1002, 0, b"{}", 0x80),
    ],
)
def test_frames_that_break_the_protocol_are_answered_with_the_code_that_says_so(
    world: World, code: int, opcode: int, content: bytes, first: int
) -> None:
    with raw(world) as client:
        client.send(opcode, content, first=first)
        assert client.close_code() == code


def test_a_message_begins_only_when_the_last_one_is_whole(world: World) -> None:
    with raw(world) as client:
        client.send(1, b'{"action":', first=0x00)
        client.send(1, b'"ping"}')
        assert client.close_code() == 1002


def test_nothing_is_sent_after_a_refusal_and_what_still_comes_in_is_read_so_that_the_client_gets_it(
    world: World,
) -> None:
    world.followed()
    with raw(world) as client:
        client.send(1, b'{"action":"subscribe","channels":["candles:*:*"]}')
        wait_until(lambda: world.front.hub._audiences, "the subscription")
        client.send(3)
        wait_until(lambda: _slow(world), "the refusal")
        world.store(candle(0))
        assert client.close_code() == 1002
        for _ in range(200):
            client.send(1, b"x" * 16_000)
        assert client.file.read() == b""
    wait_until(lambda: not world.front.guests.streams, "the stream to be given up")


def test_a_ping_is_answered_and_fragments_are_put_together(world: World) -> None:
    with raw(world) as client:
        assert client.read() is not None
        client.send(9, b"still there?")
        assert client.read() == (10, b"still there?")
        client.send(1, b'{"action":', first=0x00)
        client.send(9, b"between")
        client.send(0, b'"ping"}')
        assert client.read() == (10, b"between")
        assert client.read() == (1, b'{"type":"pong"}')


def test_fragments_that_are_too_long_together_are_refused_with_1009(world: World) -> None:
    with raw(world) as client:
        client.send(1, b"x" * 16_000, first=0x00)
        client.send(0, b"x" * 400)
        assert client.close_code() == 1009


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_frame_says_how_long_it_is(size: int) -> None:
    made = frame(b"x" * size)
    extra = 2 if size < 126 else 4 if size < 65_536 else 10
    assert (len(made), made[0], made[-size:] if size else b"") == (size + extra, 0x81, b"x" * size)


def test_a_client_that_answers_no_ping_is_cut_off(make_world: MakeWorld) -> None:
    world = make_world(bounds=Bounds(ping=0.05))
    world.ask("/public/v1/stream")  # from now on the key is known: nothing keeps the welcome waiting
    with raw(world) as client:
        found = [client.read(), client.read()]
        assert [one and one[0] for one in found] == [1, 9]
        assert client.close_code() == 1000
    wait_until(lambda: not world.front.guests.streams, "the stream to be given up")


# clients that do not read


def test_a_client_that_does_not_read_is_closed_with_its_last_id_and_loses_nothing_before_it(world: World) -> None:
    world.followed()
    with raw(world) as slow:
        slow.send(1, b'{"action":"subscribe","channels":["candles:*:*"]}')
        quick = world.stream()
        quick.subscribe("alerts:*")
        wait_until(lambda: len(world.front.hub._audiences) == 2, "the subscriptions")
        n = 0
        while len(world.front.guests.streams) == 2 and not _slow(world):
            n += 200
            assert n < 60_000, "it is never too slow"
            world.store(*(candle(i) for i in range(n - 200, n)))
        told = []
        while (found := slow.read()) is not None and found[0] == 1:
            told.append(found[1])
        assert found is not None
        assert found[0] == 8
        assert struct.unpack("!H", found[1][:2])[0] == 4009
        reason, last = found[1][2:].decode().split()
        assert reason == "slow_consumer"
        assert f'"id":"{last}"'.encode() in told[-1]
        closes = [line for line in told if b'"candle_close"' in line]
        assert [f'"timestamp":"{_minute(i)}"'.encode() in line for i, line in enumerate(closes)] == [True] * len(closes)
        quick.send(action="ping")
        assert quick.until("pong")


def _slow(world: World) -> bool:
    return any(stream.over for stream in world.front.guests.streams)


def _minute(number: int) -> str:
    return iso(T0 + number * 60_000)


def in_a_pair(work: Any) -> Any:
    """Run ``work(outbox, other end, list of slow marks)`` in a loop."""

    async def go() -> Any:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        ours.setblocking(False)
        theirs.settimeout(PATIENCE)
        stream, marks = IOStream(ours), list[str]()
        try:
            return await work(Outbox(stream, marks.append, full=False), theirs, marks)
        finally:
            stream.close()
            theirs.close()

    return asyncio.run(go())


async def read_all(theirs: socket.socket, size: int) -> bytes:
    told = b""
    while len(told) < size:
        told += await asyncio.get_running_loop().run_in_executor(None, theirs.recv, 65536)
    return told


def test_what_one_turn_of_the_loop_brings_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[bytes] = []
    write = IOStream.write
    monkeypatch.setattr(IOStream, "write", lambda self, data: writes.append(bytes(data)) or write(self, data))

    async def work(outbox: Outbox, theirs: socket.socket, _: list[str]) -> None:
        for n in range(5):
            outbox.add(b"%d" % n)
        await asyncio.sleep(0)
        outbox.add(b"5")
        assert await read_all(theirs, 6) == b"012345"

    in_a_pair(work)
    assert writes == [b"01234", b"5"]


def test_of_tickers_only_the_newest_is_kept_for_a_client_that_is_behind() -> None:
    async def work(outbox: Outbox, theirs: socket.socket, marks: list[str]) -> None:
        large = b"x" * (outboxes.CONFLATE_FROM + 10_000)
        outbox.add(large, "coinbase:1-1")
        await asyncio.sleep(0)
        for n in range(1000):
            outbox.conflate("tickers:BTC-USD", b"[ticker %04d]" % n)
        outbox.add(b"[close]", "coinbase:1-2")
        told = await read_all(theirs, len(large) + len(b"[close]") + len(b"[ticker 0999]"))
        assert told == large + b"[close]" + b"[ticker 0999]"
        assert marks == []

    in_a_pair(work)


def test_a_client_that_keeps_up_gets_every_ticker_and_any_amount_of_events() -> None:
    async def work(outbox: Outbox, theirs: socket.socket, marks: list[str]) -> None:
        total = 0
        for n in range(40):
            outbox.add(b"e" * 20_000, f"coinbase:{n}-0")
            outbox.conflate("t", b"t")
            await asyncio.sleep(0)
            total += len(await read_all(theirs, 20_001))
        assert (total, marks) == (40 * 20_001, [])

    in_a_pair(work)


def test_a_client_that_is_too_far_behind_is_given_up_once_with_the_last_id_on_its_way() -> None:
    async def work(outbox: Outbox, theirs: socket.socket, marks: list[str]) -> None:
        for n in range(400):
            outbox.add(b"e" * 1000, f"coinbase:{n}-0")
        (last,) = marks
        outbox.end()
        count = int(last.split(":")[1].split("-")[0]) + 1
        assert len(await read_all(theirs, count * 1000)) == count * 1000
        assert 256_000 < count * 1000 + 1000 <= outboxes.SLOW_FROM + 200_000

    in_a_pair(work)


def test_whoever_has_a_lot_to_say_waits_until_most_of_it_is_read() -> None:
    async def work(outbox: Outbox, theirs: socket.socket, marks: list[str]) -> None:
        async def speak() -> None:
            for _ in range(30):
                outbox.add(b"s" * 60_000)
                await outbox.drained()

        speaking = asyncio.ensure_future(speak())
        assert len(await read_all(theirs, 30 * 60_000)) == 30 * 60_000
        await speaking
        assert marks == []

    in_a_pair(work)


def test_a_client_that_has_gone_is_no_trouble() -> None:
    async def work(outbox: Outbox, theirs: socket.socket, marks: list[str]) -> None:
        outbox._stream.close()
        outbox.add(b"x", "coinbase:1-1")
        outbox.conflate("t", b"t")
        await asyncio.sleep(0)
        assert marks == []

    in_a_pair(work)


# the admin stream


def admin_stream(world: World) -> Any:
    world.followed()
    stream = world.connect(path="/admin/v1/stream", key=None)
    stream.send(action="auth", key=TOKEN)
    stream.expect("welcome")
    return stream


def test_the_admin_stream_has_the_full_record_in_a_field_of_its_own(admin_world: World) -> None:
    stream, public = admin_stream(admin_world), admin_world.stream()
    stream.subscribe("signals:*:*")
    public.subscribe("signals:*:*")
    admin_world.signal(Series("coinbase", "BTC-USD", Timeframe.H1), T0)
    told, shown = stream.next(), public.next()
    assert told["full"]["value"]["macdV"] == 92.5
    assert {name: told[name] for name in shown} == shown
    assert set(told) - set(shown) == {"full"}


def test_the_admin_stream_has_forming_candles_tickers_and_the_tree(make_world: MakeWorld) -> None:
    world = make_world(routes=EXCHANGE, admin={"token": TOKEN}, bounds=Bounds(tree=0.02))
    world.watch()
    stream = admin_stream(world)
    assert stream.subscribe("tree")["channels"] == ["tree"]
    assert stream.until("tree")["data"]["children"][0]["id"] == "http_front"
    assert stream.subscribe("forming:BTC-USD:1m", "tickers:*")["channels"] == [
        "tree",
        "forming:BTC-USD:1m",
        "tickers:*",
    ]
    world.heard()
    world.tick(ticker("BTC-USD", "1"), forming=[candle(0, "5")])
    found = [stream.next() for _ in range(20)]
    kinds = {one["type"] for one in found}
    assert {"forming", "ticker", "tree"} <= kinds
    (forming,) = [one for one in found if one["type"] == "forming"]
    assert (forming["channel"], forming["data"]["close"]) == ("forming:BTC-USD:1m", "5")


def test_what_is_for_administrators_is_no_public_channel(admin_world: World) -> None:
    stream = admin_world.stream()
    confirmed = stream.subscribe("tree", "forming:BTC-USD:1m")
    assert [one["code"] for one in confirmed["rejected"]] == ["INVALID_CHANNEL", "INVALID_CHANNEL"]


@pytest.mark.parametrize("secret", ["", "wrong", TOKEN + "x"])
def test_the_admin_stream_takes_its_token_only(admin_world: World, secret: str) -> None:
    stream = admin_world.connect(path="/admin/v1/stream", key=None)
    stream.send(action="auth", key=secret)
    assert stream.closed()[0] == 4001
    stream = admin_world.connect(path="/admin/v1/stream", key=None)
    stream.send(action="auth", key=admin_world.key)
    assert stream.closed()[0] == 4001
    assert admin_world.ask(f"/admin/v1/stream?apiKey={TOKEN}", key=None, headers=HANDSHAKE).status == 400
