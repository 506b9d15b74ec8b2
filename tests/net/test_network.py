"""The network: whatever a host does, an answer or `Transient` in time, and only the host's name in any message."""

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tornado.netutil import DefaultLoopResolver

from livermore.errors import Transient
from livermore.net import network as module
from livermore.net.interface import Response
from tests.net.conftest import World

SECRET = "/hooks/t0ken?key=s3cret"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cannot_reach(world: World, asked: Awaitable[object], within: float = 2.0) -> str:
    """What is said of a host that cannot be reached: its name, and no other part of the URL."""
    began = time.monotonic()

    async def ask() -> None:
        await asked

    with pytest.raises(Transient) as caught:
        world.run(ask())
    assert time.monotonic() - began < within
    said = str(caught.value)
    assert "127.0.0.1" in said
    assert not [part for part in ("hooks", "t0ken", "key", "s3cret") if part in said]
    return said


# -- requests


@pytest.mark.parametrize("status", [200, 204, 400, 404, 418, 429, 500, 503])
def test_any_status_is_an_answer(world: World, status: int) -> None:
    answer = world.run(world.network.get(world.server.url("/say"), [("status", str(status))]))
    assert answer.status == status
    assert answer.body == (b"" if status == 204 else b"said")


def test_names_of_headers_are_in_lower_case_and_their_values_as_they_were(world: World) -> None:
    answer = world.run(world.network.get(world.server.url("/say")))
    assert answer.headers["x-mixed-case"] == "Yes"
    assert answer.headers["asked-by"] == "Livermore"
    assert all(name == name.lower() for name in answer.headers)


def test_a_query_is_encoded(world: World) -> None:
    query = [("body", "a b&c=d/é"), ("x", "1"), ("x", "2")]
    answer = world.run(world.network.get(world.server.url("/say"), query))
    assert answer.body.decode() == "a b&c=d/é"
    assert answer.headers["asked-with"] == "body=a+b%26c%3Dd%2F%C3%A9&x=1&x=2"


def test_a_url_may_bring_its_query(world: World) -> None:
    assert world.run(world.network.get(world.server.url("/say?body=mine"))).body == b"mine"


def test_a_redirected_question_is_asked_there(world: World) -> None:
    assert world.run(world.network.get(world.server.url("/redirect"))).body == b"elsewhere"


def posted(world: World, path: str, body: bytes = b"{}", **headers: str) -> Response:
    return world.run(world.network.post(world.server.url(path), body, headers, private=True))


def test_what_is_posted_goes_as_it_is_and_to_nobody_else(world: World) -> None:
    answer = posted(world, "/say", "é".encode(), **{"Content-Type": "text/x"})
    assert answer.headers["posted-as"] == "text/x"
    assert answer.body.decode() == "é"
    answer = posted(world, "/redirect")
    assert (answer.status, world.server.posted) == (302, 1)


def test_the_status_of_what_was_posted_is_an_answer(world: World) -> None:
    assert posted(world, "/say?status=429").status == 429


def test_an_answer_to_what_was_posted_is_short(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_REPLY", 1000)
    world = World(runner)
    assert posted(world, "/say", b"x" * 1000).status == 200
    cannot_reach(world, world.network.post(world.server.url("/say"), b"x" * 1001, {}, private=True))
    runner.run(world.close())


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]",
             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[::]", "user@127.0.0.1"]
)  # fmt: skip
def test_a_private_address_is_not_posted_to_however_it_is_written(world: World, host: str) -> None:
    async def post() -> None:
        await world.network.post(f"http://{host}:{world.server.port}/redirect{SECRET}", b"{}", {})

    with pytest.raises(Transient, match="private one") as caught:
        world.run(post())
    assert "t0ken" not in str(caught.value)
    assert world.server.posted == 0


def test_a_name_is_judged_by_the_address_that_is_connected_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer of a name server that means to deceive is a public address, each later one is ours."""
    asked: list[str] = []

    async def resolve(_: object, host: str, port: int, family: int = 0) -> list[tuple[int, tuple[str, int]]]:
        asked.append(host)
        return [(socket.AF_INET, ("192.0.2.1" if len(asked) == 1 else "127.0.0.1", port))]

    monkeypatch.setattr(DefaultLoopResolver, "resolve", resolve)
    for _ in range(3):
        cannot_reach(world, world.network.post(f"http://127.0.0.1:{world.server.port}/redirect", b"{}", {}), within=12)
    assert len(asked) == 3  # once for each: there is no second question between the check and the connection
    assert world.server.posted == 0


@pytest.mark.parametrize("how", ["whole", "pieces", "squeezed"])
def test_a_body_that_is_too_large_is_not_taken(
    runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    world = World(runner)
    assert len(world.run(world.network.get(world.server.url(f"/large/1000/{how}"))).body) == 1000
    cannot_reach(world, world.network.get(world.server.url(f"/large/100000/{how}")))
    runner.run(world.close())


def test_where_nobody_listens_nothing_is_reached(world: World) -> None:
    url = f"http://127.0.0.1:{free_port()}{SECRET}"
    assert "refused" in cannot_reach(world, world.network.get(url))
    cannot_reach(world, world.network.post(url, b"{}", {}, private=True))
    cannot_reach(world, world.network.get(url, [("key", "s3cret")]))


@pytest.mark.parametrize("scheme", ["ftp", "htps", "file"])
def test_a_scheme_that_is_unknown_reaches_nothing(world: World, scheme: str) -> None:
    cannot_reach(world, world.network.get(f"{scheme}://127.0.0.1{SECRET}"))


def test_a_redirection_to_an_unknown_scheme_reaches_nothing(world: World) -> None:
    to = f"ftp://127.0.0.1{SECRET}"
    cannot_reach(world, world.network.get(world.server.url("/redirect"), [("to", to)]))


# -- hosts that do not speak as they should

Misbehave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def misbehaving(behave: Misbehave) -> AsyncIterator[str]:
    """A host that accepts connections and does that; its address without the scheme."""

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await behave(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()  # until the client gives up


async def hang_up(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    pass


def saying(text: bytes) -> Misbehave:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return say


MISBEHAVIOURS = {
    "silent": silent,
    "hangs up": hang_up,
    "garbage": saying(b"\x00\x01 garbage\r\n\r\n"),
    "half a body": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    "garbage squeezed": saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\ngarbage"),
    "two lengths": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
    "no status": saying(b"HTTP/1.1 OK\r\n\r\n"),
    "another protocol": saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n"),
    "a wrong acceptance": saying(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: wrong\r\n\r\n"
    ),
    "endless headers": saying(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000),
}


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No patience with anybody."""
    monkeypatch.setattr(module, "REQUEST_TIMEOUT", 0.2)
    monkeypatch.setattr(module, "CONNECT_TIMEOUT", 0.2)
    monkeypatch.setattr(module, "SILENCE", 0.2)


@pytest.mark.parametrize("behaviour", MISBEHAVIOURS)
@pytest.mark.parametrize("scheme", ["http", "ws"])
@pytest.mark.usefixtures("hasty")
@pytest.mark.filterwarnings("ignore:Unclosed WebSocketClientConnection:ResourceWarning")  # Tornado's own
def test_a_host_that_misbehaves_is_not_reached(world: World, behaviour: str, scheme: str) -> None:
    async def ask() -> None:
        async with misbehaving(MISBEHAVIOURS[behaviour]) as address:
            if scheme == "http":
                await world.network.get(f"http://{address}{SECRET}")
            else:
                async with world.network.websocket(f"ws://{address}{SECRET}"):
                    pass

    cannot_reach(world, ask())
    gc.collect()


@pytest.mark.usefixtures("hasty")
def test_a_host_that_does_not_even_accept_is_not_reached(world: World) -> None:
    """Its queue of connections is full, as that of a host whose packets are dropped."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))
        cannot_reach(world, world.network.get(f"http://127.0.0.1:{port}{SECRET}"))
        for other in others:
            other.close()


# -- WebSockets


def socket_url(world: World) -> str:
    return world.server.url("/socket", "ws")


def told(world: World, *orders: str, count: int = 10) -> list[str | bytes]:
    """What arrives after these orders, at most so many frames."""

    async def listen() -> list[str | bytes]:
        heard: list[str | bytes] = []
        async with world.network.websocket(socket_url(world)) as connection:
            for order in orders:
                await connection.send(order)
            async for frame in connection.frames():
                heard.append(frame)
                if len(heard) == count:
                    break
        return heard

    return world.run(listen())


def test_frames_arrive_in_their_order_as_text_or_bytes(world: World) -> None:
    assert told(world, "say first é", "bytes second", "say third", count=3) == ["first é", b"second", "third"]


@pytest.mark.parametrize("order", ["close", "cut"])
def test_the_other_side_ends_the_frames_by_hanging_up(world: World, order: str) -> None:
    assert told(world, "say last", order) == ["last"]


def test_who_leaves_hangs_up(world: World) -> None:
    async def leave() -> None:
        async with world.network.websocket(socket_url(world)) as connection:
            await connection.send("say hello")
            await anext(connection.frames())
        deadline = time.monotonic() + 5
        while world.server.closed == 0:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.001)

    world.run(leave())
    assert (world.server.opened, world.server.closed) == (1, 1)


def test_sending_to_one_who_has_hung_up_fails_for_now(world: World) -> None:
    async def send() -> None:
        async with world.network.websocket(socket_url(world)) as connection:
            await connection.send("close")
            assert [frame async for frame in connection.frames()] == []
            await connection.send("say more")

    assert "has closed the connection" in cannot_reach(world, send())


@pytest.mark.usefixtures("hasty")
def test_a_silent_connection_counts_as_dead(world: World) -> None:
    async def listen() -> None:
        async with world.network.websocket(f"{socket_url(world)}?key=s3cret") as connection:
            await connection.send("say once")
            async for frame in connection.frames():
                assert frame == "once"

    assert "silent for 0.2 s" in cannot_reach(world, listen())


def test_a_connection_that_is_not_silent_lives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each frame is waited for as long as the first."""
    monkeypatch.setattr(module, "SILENCE", 0.5)

    async def listen() -> None:
        async with world.network.websocket(socket_url(world)) as connection:
            frames = connection.frames()
            for _ in range(4):
                await asyncio.sleep(0.2)
                await connection.send("say on")
                assert await anext(frames) == "on"

    world.run(listen())


def test_a_frame_that_is_too_large_ends_the_connection(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    assert told(world, "say small", "large 1000", "large 1001", "say never") == ["small", "x" * 1000]


@pytest.mark.parametrize("path", ["/say?status=200", "/say?status=403", "/say?status=503", "/nowhere"])
def test_a_host_that_answers_with_a_page_is_not_reached(world: World, path: str) -> None:
    """As one that is being repaired, or a hotel's gateway."""

    async def connect() -> None:
        async with world.network.websocket(world.server.url(path, "ws")):
            pass

    cannot_reach(world, connect())


@pytest.mark.parametrize("scheme", ["ws", "http", "nonsense"])
def test_where_no_websocket_can_be_nothing_is_reached(world: World, scheme: str) -> None:
    async def connect() -> None:
        async with world.network.websocket(f"{scheme}://127.0.0.1:{free_port()}{SECRET}"):
            pass

    cannot_reach(world, connect())


def test_an_error_of_the_one_who_listens_is_his_own(world: World) -> None:
    async def listen() -> None:
        async with world.network.websocket(socket_url(world)) as connection:
            await connection.send("say hello")
            async for _ in connection.frames():
                raise LookupError("his own")

    with pytest.raises(LookupError, match="his own"):
        world.run(listen())
