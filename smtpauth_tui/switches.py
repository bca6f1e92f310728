"""What may be switched off at a mail server, and whom it would then refuse."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.model import AuthKind, TlsVersion

if TYPE_CHECKING:
    from smtpauth_tui.networks import Network


class Reason(StrEnum):
    """Why a message would be refused."""

    BASIC = "basic"
    """The login was by password."""
    TLS_1_0 = "tls1.0"
    """TLS 1.0, or SSL 3: a server without the one has no use for the other."""
    TLS_1_1 = "tls1.1"
    NO_TLS = "notls"
    NETWORK = "network"
    """The client's address is in none of the networks that may send."""

    @property
    def label(self) -> str:
        """What people read: ``Basic``, ``TLS 1.0``."""
        return _LABELS[self]


_LABELS: Final = {
    Reason.BASIC: "Basic",
    Reason.TLS_1_0: "TLS 1.0",
    Reason.TLS_1_1: "TLS 1.1",
    Reason.NO_TLS: "no TLS",
    Reason.NETWORK: "network",
}
CAN_BE_OFF: Final = (Reason.BASIC, Reason.TLS_1_0, Reason.TLS_1_1, Reason.NO_TLS)
NOTHING: Final = "nothing"
"""The word for: none of them."""
_REASON_OF_TLS: Final = {
    TlsVersion.NONE: Reason.NO_TLS,
    TlsVersion.SSL3: Reason.TLS_1_0,
    TlsVersion.V1_0: Reason.TLS_1_0,
    TlsVersion.V1_1: Reason.TLS_1_1,
}
_OF_TLS: Final = frozenset(_REASON_OF_TLS.values())


@dataclass(frozen=True, slots=True)
class Switches:
    """What is off, and who may send."""

    off: tuple[Reason, ...] = CAN_BE_OFF
    """Of `CAN_BE_OFF`, in its order."""
    networks: tuple[str, ...] = ()
    """The networks from which alone messages are taken, as ``10.0.0.0/8``; empty where all may send."""

    def reasons(self, tls: TlsVersion, auth: AuthKind, inside: bool | None) -> tuple[Reason, ...]:
        """Why a message would be refused; empty where nothing says that it would. *inside*: None is not known."""
        found = []
        if auth is AuthKind.BASIC and Reason.BASIC in self.off:
            found.append(Reason.BASIC)
        if (by_tls := _REASON_OF_TLS.get(tls)) in self.off and by_tls:
            found.append(by_tls)
        if self.networks and inside is False:
            found.append(Reason.NETWORK)
        return tuple(found)

    def cannot_tell(self, tls: TlsVersion, auth: AuthKind, inside: bool | None) -> bool:
        """Whether something that these switches ask for is not known of a message."""
        return (
            (auth is AuthKind.UNKNOWN and Reason.BASIC in self.off)
            or (tls is TlsVersion.UNKNOWN and not _OF_TLS.isdisjoint(self.off))
            or (bool(self.networks) and inside is None)
        )

    @property
    def words(self) -> Iterator[str]:
        """What is off, for people: ``Basic authentication``, ``TLS 1.0`` …"""
        for one in self.off:
            yield {Reason.BASIC: "Basic authentication", Reason.NO_TLS: "connections without TLS"}.get(one, one.label)


class Networks:
    """Tells which addresses are in some networks."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._networks = [_network(text) for text in texts]

    def has(self, address: str) -> bool | None:
        """Whether an address is in one of them; None for what is no address."""
        from smtpauth_tui.networks import is_in

        return is_in(address, self._networks)


def _network(text: str) -> "Network":
    """A network, or a single address, which is one as well; UsageError for other words."""
    from smtpauth_tui.networks import parse_network  # late: the first picture has no use for it

    found = parse_network(text)
    if found is None:
        raise UsageError(f"{text!r} is no network.", "Write 10.0.0.0/8, 2001:db8::/32 or a single address.")
    return found


def parse_switches(without: str | None, from_only: str | None) -> Switches:
    """``basic,tls1.0`` and ``10.0.0.0/8,2001:db8::/32`` as switches; UsageError for other words, and for nothing.

    *without* None is all that can be off, ``nothing`` none of it.
    """
    off = CAN_BE_OFF if without is None else _parse_off(_words(without))
    networks = parse_networks(from_only or "")
    if from_only is not None and not networks:
        raise UsageError("No network may send.", "Name those that may: --from-only 10.0.0.0/8,2001:db8::/32.")
    if not off and not networks:
        raise UsageError("Nothing is switched off.", f"Name one of {', '.join(CAN_BE_OFF)}, or networks: --from-only.")
    return Switches(off, networks)


def words_of(switches: Switches) -> Iterator[str]:
    """The options of the command line that `parse_switches` reads as these switches."""
    yield f"--without={','.join(switches.off) or NOTHING}"
    if switches.networks:
        yield f"--from-only={','.join(switches.networks)}"


def parse_networks(text: str) -> tuple[str, ...]:
    """``10.0.0.0/8, 2001:db8::/32`` as networks, each once; UsageError for other words."""
    return tuple(dict.fromkeys(str(_network(word)) for word in _words(text)))


def _parse_off(words: list[str]) -> tuple[Reason, ...]:
    wanted = {word.casefold() for word in words} - {NOTHING}
    if unknown := sorted(wanted - set(CAN_BE_OFF)):
        raise UsageError(
            f"{unknown[0]!r} cannot be switched off.",
            f"Name some of {', '.join(CAN_BE_OFF)}; {NOTHING!r} is none of them.",
        )
    return tuple(one for one in CAN_BE_OFF if one in wanted)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
