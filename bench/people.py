"""Who meets a mail server that never was: people with their programs, strangers, and other servers."""

from dataclasses import dataclass
from random import Random
from typing import Final

CIPHERS: Final = {
    "TLSv1.3": (
        "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) "
        "server-digest SHA256",
        "TLS_AES_128_GCM_SHA256 (128/128 bits) key-exchange X25519 server-signature ECDSA (prime256v1) "
        "server-digest SHA256",
    ),
    "TLSv1.2": ("ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)", "ECDHE-RSA-AES128-GCM-SHA256 (128/128 bits)"),
    "TLSv1.1": ("ECDHE-RSA-AES256-SHA (256/256 bits)",),
    "TLSv1": ("AES256-SHA (256/256 bits)",),
}
_VERSIONS: Final = ((0.78, "TLSv1.3"), (0.95, "TLSv1.2"), (0.965, "TLSv1"), (0.975, "TLSv1.1"))
_NAMES: Final = "amber birch cedar dune ember fjord grove heath islet juniper kelp larch marsh north oak pine".split()
_ENDS: Final = ("example", "test", "mail.example")
_RANK: Final = 1.05
"""Zipf's exponent: how unevenly people send."""


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody connects."""

    service: str
    version: str
    """Of TLS, as it is logged; empty for none."""
    cipher: str
    peer: str
    """``name[address]``, as it is logged."""
    mechanism: str


@dataclass(frozen=True, slots=True)
class Person:
    """An account."""

    login: str
    addresses: tuple[str, ...]
    """Its envelope senders."""
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, and how often each of the accounts sends."""

    domains: list[str]
    persons: list[Person]
    weights: list[float]
    strangers: list[str]
    """Peers that nobody knows."""
    servers: list[str]
    """Peers that bring in mail."""
    exchangers: list[str]
    """``name[address]`` of the servers to which mail goes out."""


def people(senders: int, dice: Random) -> People:
    """So many accounts in a few dozen domains, and those around them."""
    domains = [f"{_NAMES[n % 16]}{n // 16 or ''}.{_ENDS[n % 3]}" for n in range(max(3, min(60, senders // 4)))]
    weights = [1 / (n + 1) ** _RANK for n in range(senders)]
    dice.shuffle(weights)
    return People(
        domains,
        [_person(number, domains, dice) for number in range(senders)],
        weights,
        [_peer(domains, dice) for _ in range(4_000)],
        [_peer(domains, dice) for _ in range(2_500)],
        [f"mx{n % 3}.{domain}[{_address(dice)}]" for n, domain in enumerate(domains)],
    )


def _person(number: int, domains: list[str], dice: Random) -> Person:
    """Some have a login without a domain, some also send under an address that is not theirs."""
    domain = domains[min(int(dice.expovariate(5 / len(domains))), len(domains) - 1)]
    name = f"{_NAMES[number % 16]}.{number:04d}" if number % 4 else f"s{number:05d}"
    own = f"{name}@{domain}"
    login = name if number % 23 == 7 else own
    addresses = (own, f"office@{domain}") if number % 9 == 3 else (own,)
    ways = tuple(_way(domains, dice) for _ in range(1 + (dice.random() < 0.25)))
    return Person(login, addresses, ways)


def _way(domains: list[str], dice: Random) -> Way:
    chance = dice.random()
    version = next((name for share, name in _VERSIONS if chance < share), "")
    cipher = dice.choice(CIPHERS[version]) if version else ""
    service = "smtps" if version and dice.random() < 0.3 else "submission"
    return Way(service, version, cipher, _peer(domains, dice), dice.choice(("PLAIN", "PLAIN", "LOGIN")))


def _peer(domains: list[str], dice: Random) -> str:
    address = _address(dice)
    if dice.random() < 0.45:
        return f"unknown[{address}]"
    return f"dyn-{address.replace('.', '-').replace(':', '-')}.{dice.choice(domains)}[{address}]"


def _address(dice: Random) -> str:
    throw = dice.getrandbits(32)
    if throw % 10 == 0:
        return f"2001:db8:{throw >> 16:x}::{throw & 0xFFFF or 1:x}"
    return f"{1 + (throw >> 24) % 222}.{throw >> 16 & 255}.{throw >> 8 & 255}.{1 + throw % 254}"
