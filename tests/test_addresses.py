"""Addresses and networks as bytes that are in order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.addresses import address_key, network_keys
from smtpauth_tui.networks import is_in, network_of, parse_address, parse_network
from smtpauth_tui.places.networks import known


def test_addresses_of_a_version_are_in_order() -> None:
    addresses = [
        "0.0.0.0",
        "9.0.0.1",
        "10.0.0.1",
        "192.0.2.7",
        "255.255.255.255",
        "::",
        "::1",
        "2001:db8::a",
        "fe80::1",
    ]
    keys = [address_key(one) or b"" for one in addresses]
    assert all(one < other for one, other in pairwise(keys))


@pytest.mark.parametrize(
    ("text", "same"),
    [("::ffff:192.0.2.7", "192.0.2.7"), ("2001:DB8:0:0::1", "2001:db8::1"), ("fe80::1%eth0", "fe80::1")],
)
def test_one_address_in_two_ways(text: str, same: str) -> None:
    assert address_key(text) == address_key(same) is not None
    assert network_keys(text) == network_keys(same)


@pytest.mark.parametrize(
    ("network", "first", "last"),
    [
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
        ("10.1.2.3/8", "10.0.0.0", "10.255.255.255"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0", "10.255.255.255"),
        ("::ffff:192.0.2.0/120", "192.0.2.0", "192.0.2.255"),
        ("2001:db8::/127", "2001:db8::", "2001:db8::1"),
        ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
    ],
)
def test_ends_of_a_network(network: str, first: str, last: str) -> None:
    assert network_keys(network) == (address_key(first), address_key(last))


@given(st.text() | st.text("0123456789abcdef:./%"))
def test_any_other_text_is_none(text: str) -> None:
    key, network = address_key(text), network_keys(text)
    assert key is None or len(key) in (5, 17)
    assert network is None or network[0] <= network[1]


@given(st.text("0123456789abcdef:./%ft") | st.ip_addresses().map(str) | st.ip_addresses(v=4).map("::ffff:{}".format))
def test_all_rooms_mean_the_same_by_an_address_and_its_network(text: str) -> None:
    place, parsed = known(text), parse_address(text)
    assert place.address == parsed
    assert (address_key(text) is None) == (parsed is None)
    if parsed is not None:
        assert place.network == network_of(text)
        assert is_in(text, [network for one in (place.network, text) if (network := parse_network(one))])
