"""Which addresses are anybody's: private ones are known in every way of writing them."""

import asyncio

import pytest
from tornado.netutil import DefaultLoopResolver

from livermore.net.addresses import NotPublic, PublicResolver, is_public

PRIVATE = """\
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
100.127.255.255 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
192.0.0.1 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0.0.0.0 ::ffff:169.254.169.254 fe80::1 fe80::1%eth0
fc00::1 fd12:3456::1 fec0::1 ff02::1 2001:db8::1 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 100::1
2001::1
"""
PUBLIC = """\
8.8.8.8 1.1.1.1 162.159.128.233 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 2606:4700::6810:84e5 ::ffff:8.8.8.8
64:ff9b::8.8.8.8 2002:808:808::
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_of_the_internet_at_large_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_an_address_of_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(address)


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    async def resolve(_: object, host: str, port: int, family: int = 0) -> list[tuple[int, tuple[str, int]]]:
        return [(family, (address, port)) for address in addresses]

    monkeypatch.setattr(DefaultLoopResolver, "resolve", resolve)
    return [place[0] for _, place in asyncio.run(PublicResolver().resolve("example.com", 443))]


def test_of_several_addresses_only_the_public_ones_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolved(monkeypatch, "10.0.0.1", "8.8.8.8", "::1", "1.1.1.1") == ["8.8.8.8", "1.1.1.1"]


def test_a_name_without_a_public_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotPublic, match="allow_private"):
        resolved(monkeypatch, "10.0.0.1", "::ffff:127.0.0.1")
