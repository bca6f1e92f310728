"""Addresses and networks as people and logs write them, and the network that a client address is counted to."""

import ipaddress
import socket
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

V4_BITS: Final = 24
V6_BITS: Final = 48
LONGEST: Final = 64
"""The longest address, with a zone, is shorter."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(text: str) -> Address | None:
    """An address; None for other words. An IPv4 one within IPv6 is that one (RFC 4291); a zone is no part of it."""
    if len(text) > LONGEST:
        return None
    try:
        if ":" not in text:
            # by its bytes in a fifth of the time: a judgement by networks asks it of each address
            return ipaddress.IPv4Address(socket.inet_pton(socket.AF_INET, text))
        found = ipaddress.IPv6Address(text.partition("%")[0])
    except (OSError, ValueError):
        return None
    return found.ipv4_mapped or found


@lru_cache(1 << 16)
def network_of(address: str) -> str:
    """``203.0.113.0/24`` or ``2001:db8:5::/48``; what is no address stands for itself.

    Home lines change the rest of an IPv6 address by the day, hence /48.
    """
    if address.count(".") == 3 and address.replace(".", "").isdecimal():  # nearly all are, and need no more
        return f"{address.rpartition('.')[0]}.0/{V4_BITS}"
    found = parse_address(address)
    if found is None:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return network_of(str(found))
    return f"{ipaddress.IPv6Address(int(found) >> 128 - V6_BITS << 128 - V6_BITS)}/{V6_BITS}"


def parse_network(text: str) -> Network | None:
    """A network (``10.0.0.0/8``) or a single address; None for other words. Bits behind the prefix do not matter."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = found.network_address.ipv4_mapped if isinstance(found, ipaddress.IPv6Network) else None
    return ipaddress.IPv4Network((mapped, found.prefixlen - 96)) if mapped and found.prefixlen >= 96 else found


def is_in(address: str, networks: Iterable[Network]) -> bool | None:
    """Whether an address, whatever its zone, is in one of some networks; None for what is no address."""
    found = parse_address(address)
    return None if found is None else any(found in network for network in networks)
