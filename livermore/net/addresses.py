"""Which addresses are of the Internet at large, and a resolver that gives no others."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from tornado.netutil import DefaultLoopResolver, Resolver

_NAT64 = ip_network("64:ff9b::/96")
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")


class NotPublic(OSError):
    """A name leads to no address of the Internet at large."""


def is_public(address: str) -> bool:
    """Whether an address is anybody's: not private, loopback, link-local, shared or reserved, in no way of writing."""
    ip = ip_address(address.partition("%")[0])
    inner = _within(ip) if isinstance(ip, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if isinstance(ip, IPv6Address) and (ip.is_site_local or ip in _NAT64_LOCAL):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _within(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, compatible, of 6to4 or of NAT64."""
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip in _NAT64 or int(ip) < 1 << 32:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


class PublicResolver(Resolver):
    """What it gives is what is connected to: no name can mean another address by then."""

    def initialize(self) -> None:
        self._inner = DefaultLoopResolver()

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """The public addresses of a host.

        Raises:
            NotPublic: it has no such address.
        """
        found = await self._inner.resolve(host, port, family)
        public = [(kind, place) for kind, place in found if is_public(place[0])]
        if not public:
            raise NotPublic("its address is a private one, which its target does not allow (allow_private)")
        return public
