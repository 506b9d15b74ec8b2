"""Tests of the fault proxy, with real sockets: a server that repeats what it hears stands behind it."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.chaos.proxy import Proxy

BRIEFLY = 0.2
"""Seconds in which whatever passes would have come."""


class Echo(socketserver.BaseRequestHandler):
    """Repeats what it hears; ``!`` makes it hang up, ``N*`` makes it say that many bytes."""

    def handle(self) -> None:
        while data := self.request.recv(65536):
            if data == b"!":
                return
            self.request.sendall(b"x" * int(data[:-1]) if data.endswith(b"*") else data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections are reset on purpose here."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Server(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        with Proxy(("127.0.0.1", server.server_address[1])) as made:
            yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as made:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert ask(made, b"hello") == b"hello"
        yield made


def ask(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return receive(client, len(data))


def receive(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count and (data := client.recv(65536)):
        found += data
    return found


def is_silent(client: socket.socket) -> bool:
    """Whether nothing comes for a while, not even the end."""
    client.settimeout(BRIEFLY)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(5)
    return False


def is_reset(port: int) -> bool:
    """Whether a new connection ends with RST, at once or on its first use."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.recv(1)
    except ConnectionResetError:
        return True
    return False


def test_what_is_said_passes_both_ways(client: socket.socket) -> None:
    assert ask(client, bytes(range(256)) * 1000) == bytes(range(256)) * 1000


def test_the_end_passes_on(client: socket.socket) -> None:
    client.sendall(b"!")
    assert client.recv(1) == b""


@pytest.mark.parametrize("lost", [{"up"}, {"down"}, {"up", "down"}])
def test_in_a_black_hole_nothing_arrives_and_nothing_ends(proxy: Proxy, client: socket.socket, lost: set[str]) -> None:
    proxy.set(lost=frozenset(lost))
    client.sendall(b"hello?")
    assert is_silent(client)
    assert proxy.connections == 1


def test_an_end_is_not_heard_of_while_its_way_is_lost(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(lost=frozenset({"down"}))
    client.sendall(b"!")
    assert is_silent(client)
    proxy.heal()
    assert client.recv(1) == b""


def test_what_was_on_the_way_arrives_once_it_is_mended(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(lost=frozenset({"down"}))
    client.sendall(b"late")
    assert is_silent(client)
    proxy.heal()
    assert receive(client, 4) == b"late"


def test_sliced_writes_carry_all_of_it(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(slice=1)
    assert ask(client, b"0123456789" * 20) == b"0123456789" * 20


def test_each_way_is_delayed(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(delay=0.1)
    begun = time.monotonic()
    assert ask(client, b"slow") == b"slow"
    assert time.monotonic() - begun >= 0.2


def test_a_throttle_lets_so_many_bytes_a_second_pass(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(rate=10_000, slice=500)
    begun = time.monotonic()
    client.sendall(b"3000*")
    assert len(receive(client, 3000)) == 3000
    assert time.monotonic() - begun >= 0.2


def test_a_reset_is_an_error_at_the_client(proxy: Proxy, client: socket.socket) -> None:
    proxy.reset_all()
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_clean_close_is_none(proxy: Proxy, client: socket.socket) -> None:
    proxy.close_all()
    assert client.recv(1) == b""


def test_new_connections_are_refused_and_old_ones_go_on(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(refuse=True)
    assert is_reset(proxy.port)
    assert ask(client, b"still here") == b"still here"
    proxy.heal()
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as other:
        assert ask(other, b"again") == b"again"


def test_a_connection_is_cut_after_so_many_bytes(proxy: Proxy) -> None:
    proxy.set(cut_after=1000)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
        client.sendall(b"5000*")
        with pytest.raises(ConnectionResetError):
            receive(client, 5000)


def test_an_upstream_that_is_not_there_is_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with Proxy(("127.0.0.1", port)) as proxy:
        assert is_reset(proxy.port)
        assert proxy.accepted == 1


def test_its_end_leaves_nobody_connected(proxy: Proxy, client: socket.socket) -> None:
    proxy.set(lost=frozenset({"up", "down"}))
    proxy.__exit__()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
