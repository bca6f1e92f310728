"""What came from where: client addresses with all that is known of them, and sums by what they have in common."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

from smtpauth_tui.model import AuthKind, TlsVersion, auth_kind
from smtpauth_tui.places.networks import Kind, known
from smtpauth_tui.store.places import ClientUse
from smtpauth_tui.store.reader import Store

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Finder, Place

Key = TypeVar("Key")
Name = TypeVar("Name", str, Kind, TlsVersion, tuple[str, str], tuple[int, str])

_NO_HOST: Final = "unknown"
"""What logs call a client that has no host name."""


class By(StrEnum):
    """What clients may have in common."""

    ADDRESS = "address"
    NETWORK = "network"
    HOST = "host"
    COUNTRY = "country"
    AS = "as"


class Source(Protocol):
    """What a row by source says of it."""

    @property
    def by(self) -> By:
        """What its clients have in common."""

    @property
    def key(self) -> str:
        """As `Spot.key`."""

    @property
    def kind(self) -> Kind:
        """What its addresses are."""

    @property
    def countries(self) -> Sequence[tuple[str, str]]:
        """Code and name; so are the systems, by number and name."""

    @property
    def systems(self) -> Sequence[tuple[int, str]]:
        """Number and name of the AS."""


class Spot(NamedTuple):
    """What is known of one client address."""

    exact: str
    """The address, whatever may be shown of it."""
    address: str
    """As it may be shown; so is the host."""
    network: str
    """Empty for what is no address."""
    host: str
    """Empty where it has none."""
    kind: Kind
    place: "Place | None"

    @property
    def country(self) -> tuple[str, str] | None:
        """Code and name."""
        return (self.place.country, self.place.country_name) if self.place and self.place.country else None

    @property
    def system(self) -> tuple[int, str] | None:
        """Number and name of the AS."""
        return (self.place.asn, self.place.as_name) if self.place and self.place.asn is not None else None

    def key(self, by: By) -> str:
        """The address, the network, the host, the country's code, the number of the AS; empty where it has none."""
        if by is By.COUNTRY:
            return self.country[0] if self.country else ""
        if by is By.AS:
            return str(self.system[0]) if self.system else ""
        return {By.ADDRESS: self.address, By.NETWORK: self.network, By.HOST: self.host}[by]


@dataclass(slots=True)
class Origin:
    """What came from one address, network, host, country or AS."""

    by: By
    key: str
    """As `Spot.key`."""
    parts: list[tuple[Spot, ClientUse]] = field(default_factory=list)
    messages: int = 0

    @property
    def first(self) -> int:
        """UTC seconds; so is *last*."""
        return min((use.first for _, use in self.parts), default=0)

    @property
    def last(self) -> int:
        """When a message came last."""
        return max((use.last for _, use in self.parts), default=0)

    @property
    def within(self) -> int:
        """As in `ClientUse`."""
        return sum(use.within for _, use in self.parts)

    @property
    def accounts(self) -> set[int]:
        """Their numbers in the store."""
        return {use.account for _, use in self.parts}

    @property
    def addresses(self) -> set[str]:
        """As they are written, whatever may be shown of them: to be counted."""
        return {spot.exact for spot, _ in self.parts}

    @property
    def networks(self) -> set[str]:
        """Those of its addresses."""
        return {spot.network for spot, _ in self.parts if spot.network}

    @property
    def hosts(self) -> list[str]:
        """The host names, that with most messages first; so are all lists that follow."""
        return self._most(lambda spot, use: spot.host or None)

    @property
    def kinds(self) -> list[Kind]:
        """What its addresses are."""
        return self._most(lambda spot, use: spot.kind)

    @property
    def countries(self) -> list[tuple[str, str]]:
        """Code and name."""
        return self._most(lambda spot, use: spot.country)

    @property
    def systems(self) -> list[tuple[int, str]]:
        """Number and name of the AS."""
        return self._most(lambda spot, use: spot.system)

    @property
    def mechanisms(self) -> list[str]:
        """As logged."""
        return self._most(lambda spot, use: use.mechanism)

    @property
    def tls_versions(self) -> list[TlsVersion]:
        """Those that were used."""
        return self._most(lambda spot, use: use.tls)

    @property
    def tls(self) -> dict[TlsVersion, int]:
        """Messages by TLS version."""
        return self._counted(lambda spot, use: use.tls)

    @property
    def auth(self) -> dict[AuthKind, int]:
        """Messages by kind of authentication."""
        return self._counted(lambda spot, use: auth_kind(use.mechanism))

    def _counted(self, pick: Callable[[Spot, ClientUse], Key | None]) -> dict[Key, int]:
        counts: dict[Key, int] = {}
        for spot, use in self.parts:
            if (key := pick(spot, use)) is not None:
                counts[key] = counts.get(key, 0) + use.messages
        return counts

    def _most(self, pick: Callable[[Spot, ClientUse], Name | None]) -> list[Name]:
        """What the parts are by *pick*, that with most messages first, ties in order; None is left out."""
        counts = self._counted(pick)
        return list(counts) if len(counts) < 2 else sorted(counts, key=lambda one: (-counts[one], one))

    @property
    def host(self) -> str:
        """The host name of most messages; empty where none has one."""
        return next(iter(self.hosts), "")

    @property
    def kind(self) -> Kind:
        """What most of its addresses are, by messages."""
        return next(iter(self.kinds), Kind.NONE)

    @property
    def place(self) -> str:
        """``DE, AS64500 Contoso``, ``private network``: in words where it is; empty where nothing is known."""
        known = [*(code for code, _ in self.countries), *(f"AS{asn} {name}".rstrip() for asn, name in self.systems)]
        kinds = [kind for kind in self.kinds if kind is not Kind.NONE]
        if known or kinds == [Kind.PUBLIC]:
            kinds = [kind for kind in kinds if kind is not Kind.PUBLIC]
        return ", ".join([*known, *kinds])


def spot_of(store: Store, finder: "Finder", address: str, name: str) -> Spot:
    """What is known of a client by its address and host name, both as logged."""
    client, host = known(address), name.casefold().rstrip(".")
    return Spot(
        client.text,
        store.places.shown(client.text),
        client.network,
        "" if host == _NO_HOST else store.places.shown_host(host),
        client.kind,
        finder.place(client.text),
    )


def origins(store: Store, finder: "Finder", uses: Iterable[ClientUse], by: By) -> list[Origin]:
    """The sums, that with most messages first. What has no key stands apart by kind of address."""
    spots: dict[str, tuple[Spot, Origin]] = {}
    found: dict[tuple[str, Kind], Origin] = {}
    for use in uses:
        if use.client not in spots:
            spot = spot_of(store, finder, use.client, use.host)
            key = spot.key(by)
            group = key, Kind.PUBLIC if key or by is By.HOST else spot.kind
            if group not in found:
                found[group] = Origin(by, key)
            spots[use.client] = spot, found[group]
        spot, origin = spots[use.client]
        origin.parts.append((spot, use))
        origin.messages += use.messages
    return sorted(found.values(), key=lambda one: (-one.messages, one.key, one.kind))


def own_name(row: Source) -> str:
    """The name of a country, or of an AS."""
    named: Sequence[tuple[object, str]] = row.countries if row.by is By.COUNTRY else row.systems
    return next((name for _, name in named if name), "")


def source_label(row: Source) -> str:
    """What a source is called; in brackets where it has no name."""
    if row.key:
        code = {By.COUNTRY: row.key, By.AS: f"AS{row.key}"}.get(row.by)
        return f"{code} {own_name(row)}".rstrip() if code else row.key
    if row.by is By.HOST:
        return "(no host name)"
    return "(not in the files)" if row.kind is Kind.PUBLIC else f"({row.kind})"
