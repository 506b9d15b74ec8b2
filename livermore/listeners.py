"""The listening sockets of a process: bound once, held whatever becomes of the actors that accept on them."""

from collections.abc import Iterable, Mapping
from socket import socket

from tornado.netutil import bind_sockets

from livermore.errors import LivermoreError
from livermore.supervision.spec import NodeSpec, actors

Held = Mapping[str, list[socket]]
"""Listening sockets by their address, host:port."""


class CannotListen(LivermoreError):
    """An address is taken, or is not ours."""


class Listeners:
    """Sockets by address: who listens where is for the tree to say."""

    def __init__(self, held: Held | None = None) -> None:
        """``held``: sockets that are bound already."""
        self._held = dict(held or {})

    def hold(self, root: NodeSpec) -> list[str]:
        """Bind every address that a tree mentions and that is not held; gives those that are new.

        Raises:
            CannotListen: naming the address and who wants it; what was bound before it is let go.
        """
        new: list[str] = []
        for spec in actors(root):
            address = spec.keys.listen
            if address is None or address in self._held:
                continue
            try:
                self._held[address] = _bind(spec.path, address)
            except CannotListen:
                self.release(new)
                raise
            new.append(address)
        return new

    def keep_only(self, root: NodeSpec) -> None:
        """Let go what a tree does not mention."""
        wanted = {spec.keys.listen for spec in actors(root)}
        self.release(address for address in list(self._held) if address not in wanted)

    def release(self, addresses: Iterable[str]) -> None:
        """Close the sockets of these addresses."""
        for address in addresses:
            for one in self._held.pop(address):
                one.close()

    def of(self, address: str) -> list[socket]:
        """The sockets of an address."""
        return self._held[address]

    def name(self, address: str) -> str:
        """Where the sockets of an address really listen, as host:port: a port may be left to the system."""
        host, port = self._held[address][0].getsockname()[:2]
        return f"{host}:{port}"


def _bind(path: str, address: str) -> list[socket]:
    host, _, port = address.rpartition(":")
    try:
        return bind_sockets(int(port), host)
    except (OSError, OverflowError) as error:
        raise cannot_listen(path, address, "API_PORT", error) from error


def cannot_listen(who: str, address: str, variable: str, error: Exception) -> CannotListen:
    """With what to do about it."""
    return CannotListen(f"{who} cannot listen on {address}: {error}. Set {variable} to a port that is free.")
