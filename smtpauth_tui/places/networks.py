"""What an address is, which network it belongs to, and what of it may be shown."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address

_PREFIX: Final = {4: 24, 6: 48}
"""Bits of a network: what one site has as a rule. IPv6 clients change the rest of their address by themselves."""
_KEPT: Final = 1 << 16
NO_ADDRESS: Final = "(no address)"


class Kind(StrEnum):
    """What an address is; but for a public one, what stands where others have their country."""

    PUBLIC = "public"
    PRIVATE = "private network"
    SHARED = "carrier NAT"
    LINK = "link-local"
    LOOPBACK = "loopback"
    NONE = "no address"


_RANGES: Final = tuple(
    (ip_network(text), kind)
    for text, kind in (
        ("10.0.0.0/8", Kind.PRIVATE),  # RFC 1918
        ("172.16.0.0/12", Kind.PRIVATE),
        ("192.168.0.0/16", Kind.PRIVATE),
        ("fc00::/7", Kind.PRIVATE),  # RFC 4193
        ("100.64.0.0/10", Kind.SHARED),  # RFC 6598
        ("169.254.0.0/16", Kind.LINK),  # RFC 3927
        ("fe80::/10", Kind.LINK),  # RFC 4291
        ("127.0.0.0/8", Kind.LOOPBACK),
        ("::1/128", Kind.LOOPBACK),
    )
)


@lru_cache(_KEPT)
def address_of(text: str) -> Address | None:
    """The address that a text is, an IPv4-mapped one as IPv4 (RFC 4291) and none with a zone; None for other texts."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def canonical(text: str) -> str:
    """An address as it is commonly written, so that one is one; any other text as it is."""
    found = address_of(text)
    return text if found is None else str(found)


def kind_of(address: Address | None) -> Kind:
    """What an address is."""
    if address is None:
        return Kind.NONE
    return next((kind for network, kind in _RANGES if address in network), Kind.PUBLIC)


@lru_cache(_KEPT)
def network_of(text: str) -> str:
    """``192.0.2.0/24``, ``2001:db8:1::/48``; empty for what is no address."""
    found = address_of(text)
    return "" if found is None else str(ip_network((found, _PREFIX[found.version]), strict=False))


def truncated(text: str) -> str:
    """The network of an address; one that tells nothing of a person as it is, and of other texts only that."""
    address = address_of(text)
    if address is None:
        return text if text.isalpha() or not text else NO_ADDRESS
    return str(address) if kind_of(address) is Kind.LOOPBACK else network_of(text)


def truncated_host(name: str) -> str:
    """``*.isp.example`` for ``192-0-2-17.pool3.isp.example``: the domain of a host, from the last digit on."""
    if name in ("", "unknown", "localhost"):
        return name
    labels = name.rstrip(".").split(".")[1:]
    for place in range(len(labels), 0, -1):
        if not labels[place - 1].replace("-", "").isalpha():
            labels = labels[place:]
            break
    return ".".join(["*", *labels])
