"""Which addresses on the network an author's own URL may lead to: none inside, unless the settings allow it."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from channels.outbound.lines import Forbidden

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address


def public_address(host: str, port: int) -> str:
    """The address to connect to for this host.

    Every address that the host resolves to has to be public, and it is the address itself that is connected to: a
    second resolution could answer otherwise. Raises Forbidden, and OSError where the host does not resolve.
    """
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not addresses or not all(is_public(ip_address(one)) for one in addresses):
        raise Forbidden
    return addresses[0]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies in the open: not loopback, private, link-local or multicast, nor one in disguise."""
    if inner := _inner(address):
        return all(is_public(one) for one in inner)
    inside = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (inside or address.is_multicast or address.is_reserved)


def _inner(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _TRANSLATED:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in inner if one is not None]
