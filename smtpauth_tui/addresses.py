"""IP addresses and networks as bytes, which are in order."""

from functools import lru_cache


def address_key(text: str) -> bytes | None:
    """The version of an IP address in a byte, and the address; None for any other text.

    What is one address is `networks.parse_address`'s to say.
    """
    from smtpauth_tui.networks import parse_address  # late: queries are made before the first screen is drawn

    address = parse_address(text)
    return None if address is None else bytes((address.version,)) + address.packed


def network_keys(text: str) -> tuple[bytes, bytes] | None:
    """The first and the last address of a network such as ``10.0.0.0/8``, as `address_key` has them.

    An address is a network of its own; bits behind the mask do not count. None for any other text.
    """
    from smtpauth_tui.networks import parse_network

    network = parse_network(text)
    if network is None:
        return None
    first, last = (bytes((network.version,)) + end.packed for end in (network[0], network[-1]))
    return first, last


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
