"""A crowd of stream clients that only count bytes, so that they are quicker than any server."""

import json
import selectors
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress

PATIENCE = 60.0
_AT_ONCE = 1 << 20


class Crowd:
    """So many connections to a stream; ``ask``: what each says first, and the last word of the answer to it."""

    def __init__(
        self, port: int, path: str, count: int, headers: Sequence[str] = (), ask: tuple[bytes, bytes] | None = None
    ) -> None:
        lines = [f"GET {path} HTTP/1.1", "Host: bench", "Upgrade: websocket", "Connection: Upgrade", *headers]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]
        self._shake = "\r\n".join(lines).encode()
        self._all = [self._connected(port, ask) for _ in range(count)]
        self._selector = selectors.DefaultSelector()
        for one in self._all:
            one.setblocking(False)  # noqa: FBT003 - its signature
            self._selector.register(one, selectors.EVENT_READ)

    def _connected(self, port: int, ask: tuple[bytes, bytes] | None) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        one.sendall(self._shake)
        _read_until(one, b"\r\n\r\n")
        if ask is not None:
            one.sendall(_masked(ask[0]))
            _read_until(one, ask[1])
        return one

    def hear(self, count: int) -> list[bytes]:
        """Wait until everyone has heard so many messages, which are the same for all; gives them."""
        first, told, sizes = self._all[0], b"", dict.fromkeys(self._all, 0)
        messages, left = list[bytes](), len(self._all)
        wanted = -1
        while left:
            ready = self._selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"{left} of {len(self._all)} wait for what the others have heard")
            for key, _ in ready:
                one = key.fileobj
                data = one.recv(_AT_ONCE)  # type: ignore[union-attr]
                if not data:
                    raise ConnectionError("the server has hung up")
                sizes[one] += len(data)
                if one is first:
                    told += data
                    messages = _messages(told)
                    wanted = len(told) if len(messages) == count else -1
            left = sum(size != wanted for size in sizes.values()) if wanted >= 0 else len(self._all)
        return messages

    def end(self) -> None:
        """Hang up."""
        self._selector.close()
        for one in self._all:
            one.close()


def _read_until(one: socket.socket, word: bytes) -> None:
    told = b""
    while word not in told:
        data = one.recv(_AT_ONCE)
        if not data:
            raise ConnectionError(f"the server has hung up after {told!r}")
        told += data


def _masked(text: bytes) -> bytes:
    return struct.pack("!BBI", 0x81, 0x80 | len(text), 0) + text


def _messages(told: bytes) -> list[bytes]:
    """Those that are whole, of unmasked frames."""
    found, at = list[bytes](), 0
    with suppress(struct.error):
        while at + 2 <= len(told):
            size, begin = told[at + 1], at + 2
            if size == 126:
                (size,), begin = struct.unpack_from("!H", told, begin), begin + 2
            if begin + size > len(told):
                break
            found.append(told[begin : begin + size])
            at = begin + size
    return found


def events(messages: Sequence[bytes]) -> list[object]:
    """What they say."""
    return [json.loads(message) for message in messages]
