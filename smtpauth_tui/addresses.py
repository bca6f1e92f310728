"""IP addresses and networks as bytes, which are in order."""

from functools import lru_cache
from typing import Final

_LONGEST: Final = 64
"""The longest address, with a zone, is shorter."""


def address_key(text: str) -> bytes | None:
    """The version of an IP address in a byte, and the address; None for any other text.

    An IPv4 address that is written as an IPv6 one (``::ffff:192.0.2.1``) is the same address.
    """
    from ipaddress import IPv6Address, ip_address  # late: queries are made before the first screen is drawn

    if len(text) > _LONGEST:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return bytes((address.version,)) + address.packed


def network_keys(text: str) -> tuple[bytes, bytes] | None:
    """The first and the last address of a network such as ``10.0.0.0/8``, as `address_key` has them.

    An address is a network of its own; bits behind the mask do not count. None for any other text.
    """
    from ipaddress import IPv6Network, ip_network

    if len(text) > _LONGEST:
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    first, last = network[0], network[-1]
    mapped = isinstance(network, IPv6Network) and network[0].ipv4_mapped and network[-1].ipv4_mapped
    low, high = (address_key(str(end)) if mapped else bytes((end.version,)) + end.packed for end in (first, last))
    return (low, high) if low and high else None


@lru_cache(1024)
def range_of(text: str) -> tuple[bytes, bytes] | None:
    """The first and the last address of a network, as `network_keys`; of an address twice the same; else None.

    What is shown of an address may be its network.
    """
    if "/" in text:
        return network_keys(text)
    key = address_key(text)
    return (key, key) if key else None


def range_begin(text: str) -> bytes | None:
    """The first address of `range_of`."""
    found = range_of(text)
    return found[0] if found else None


def range_end(text: str) -> bytes | None:
    """The last one."""
    found = range_of(text)
    return found[1] if found else None
