"""What an address is, which network it belongs to, and what of it may be shown."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

from smtpauth_tui.conditions import AddressRange
from smtpauth_tui.networks import Address, network_of, parse_address

_KEPT: Final = 1 << 18
NO_ADDRESS: Final = "(no address)"


class Kind(StrEnum):
    """What an address is; but for a public one, what stands where others have their country."""

    PUBLIC = "public"
    PRIVATE = "private network"
    SHARED = "carrier NAT"
    LINK = "link-local"
    LOOPBACK = "loopback"
    NONE = "no address"


_SPECIAL: Final = (
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
_RANGES: Final = {
    version: tuple(
        (int(network[0]), int(network[-1]), kind)
        for network, kind in ((ip_network(text), kind) for text, kind in _SPECIAL)
        if network.version == version
    )
    for version in (4, 6)
}


class Known(NamedTuple):
    """What a text says that is an address, or is not."""

    address: Address | None
    text: str
    """As it is commonly written, so that one address is one; any other text as it is."""
    network: str
    """``192.0.2.0/24``, ``2001:db8:1::/48``: what one site has as a rule; empty for what is no address.

    IPv6 clients change the last 64 bits of their addresses by themselves.
    """
    kind: Kind


@lru_cache(_KEPT)
def known(text: str) -> Known:
    """What an address is."""
    address = parse_address(text)
    if address is None:
        return Known(None, text, "", Kind.NONE)
    shown = str(address) if ":" in text else text
    return Known(address, shown, network_of(shown), _kind(address))


def _kind(address: Address) -> Kind:
    number = int(address)
    for first, last, kind in _RANGES[address.version]:
        if first <= number <= last:
            return kind
    return Kind.PUBLIC


def truncated(text: str) -> str:
    """The network of an address; one that tells nothing of a person as it is, and of other texts only that."""
    found = known(text)
    if found.address is None:
        return text if text.isalpha() or not text else NO_ADDRESS
    return found.text if found.kind is Kind.LOOPBACK else found.network


def part_of(asked: AddressRange) -> str:
    """The network of which only a part was asked for; empty where whole networks were, or what is shown whole."""
    for end, beside in ((asked.low, 0), (asked.high, 1)):
        address = ip_address(end[1:])
        shown = truncated(str(address))
        if "/" in shown and (int(address) + beside) % ip_network(shown).num_addresses:
            return shown
    return ""


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
