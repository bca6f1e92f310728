"""The network that a client address is counted to, and networks as people write them."""

import ipaddress
import socket
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

V4_BITS: Final = 24
V6_BITS: Final = 48
_LONGEST_ADDRESS: Final = 64
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(1 << 16)
def network_of(address: str) -> str:
    """``203.0.113.0/24`` or ``2001:db8:5::/48``; what is no address stands for itself.

    Home lines change the rest of an IPv6 address by the day, hence /48. An IPv4 address within IPv6 is that address.
    """
    if address.count(".") == 3 and address.replace(".", "").isdecimal():  # nearly all are, and need no more
        return f"{address.rpartition('.')[0]}.0/{V4_BITS}"
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((int(found) >> 128 - V6_BITS << 128 - V6_BITS, V6_BITS)))
        found = found.ipv4_mapped
    return str(ipaddress.IPv4Network((int(found) >> 32 - V4_BITS << 32 - V4_BITS, V4_BITS)))


def parse_network(text: str) -> Network | None:
    """A network (``10.0.0.0/8``) or a single address; None for other words. Bits behind the prefix do not matter."""
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    mapped = found.network_address.ipv4_mapped if isinstance(found, ipaddress.IPv6Network) else None
    return ipaddress.IPv4Network((mapped, found.prefixlen - 96)) if mapped and found.prefixlen >= 96 else found


def is_in(address: str, networks: Iterable[Network]) -> bool | None:
    """Whether an address, whatever its zone, is in one of some networks; None for what is no address."""
    if len(address) > _LONGEST_ADDRESS:
        return None
    try:
        found = _parsed(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.IPv4Address(socket.inet_pton(socket.AF_INET, address))  # a fifth of the time
    except (OSError, ValueError):
        return ipaddress.ip_address(address.partition("%")[0])
