"""What no rule looks at: networks, accounts, hosts and AS that a person named."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.networks import Network, is_in, parse_network
from smtpauth_tui.store.findings import AllowedRow

if TYPE_CHECKING:
    from smtpauth_tui.places import Places

KINDS: Final = ("network", "account", "host", "as")
_MOST_ASN: Final = (1 << 32) - 1


class Allowed:
    """Tells what is allowed; whatever is compared, case does not matter."""

    def __init__(self, rows: Iterable[AllowedRow] = ()) -> None:
        self.values = tuple(sorted((row.kind, row.value) for row in rows))
        """Kinds and values, in order."""
        self._networks: tuple[Network, ...] = tuple(
            found for kind, value in self.values if kind == "network" and (found := parse_network(value))
        )
        self._accounts = {value.casefold() for kind, value in self.values if kind == "account"}
        self._hosts = {value.casefold() for kind, value in self.values if kind == "host"}
        self.systems = frozenset(int(value) for kind, value in self.values if kind == "as" and value.isdecimal())
        """The numbers of AS."""
        self._known: dict[tuple[str, str], bool] = {}

    def account(self, name: str) -> bool:
        """Whether an account is allowed: by its name, or by its domain (``@contoso.example``)."""
        folded = name.casefold()
        _, sign, domain = folded.rpartition("@")
        return folded in self._accounts or (bool(sign) and f"@{domain}" in self._accounts)

    @property
    def any_client(self) -> bool:
        """Whether any client is allowed."""
        return bool(self._networks or self._hosts or self.systems)

    def client(self, address: str, name: str) -> bool:
        """Whether a client is: by its address, its host name as logged, or that name's domain (``.lan``); not by AS."""
        key = address, name
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = bool(is_in(address, self._networks)) or self._host(name.casefold())
        return found

    def network(self, text: str) -> bool:
        """Whether all of a network (``203.0.113.0/24``) is allowed."""
        found = parse_network(text)
        return found is not None and any(_within(found, one) for one in self._networks)

    def _host(self, name: str) -> bool:
        return name in self._hosts or any(host.startswith(".") and name.endswith(host) for host in self._hosts)


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.prefixlen >= outer.prefixlen and inner.network_address in outer


class AllowedByNow:
    """Tells of findings that were kept whether no rule would look any more at what they come from."""

    def __init__(self, allowed: Allowed, places: "Places | None" = None) -> None:
        self._allowed = allowed
        self._places = places
        self._system: Callable[[str], int | None] | None = None

    @property
    def anything(self) -> bool:
        """Whether anything is allowed at all."""
        return bool(self._allowed.values)

    def finding(self, unit: str, clients: Iterable[tuple[str, str]], *, network: bool, whole: bool) -> bool:
        """Whether a finding's unit is allowed, or all of its client addresses (with their names) are.

        *network*: the unit is a network, else an account. *whole*: these are all of its addresses.
        """
        if self._allowed.network(unit) if network else self._allowed.account(unit):
            return True
        if not whole or not self._allowed.any_client:
            return False
        found = list(clients)
        return bool(found) and all(self._client(*one) for one in found)

    def _client(self, address: str, name: str) -> bool:
        return self._allowed.client(address, name) or (
            bool(self._allowed.systems) and self._system_of(address) in self._allowed.systems
        )

    def _system_of(self, address: str) -> int | None:
        """The number of an address's AS; None where no file tells it, or one is of no use: the doctor says which."""
        if self._system is None:
            self._system = lambda _: None
            if self._places and self._places.databases:
                try:
                    finder = self._places.finder()
                except UsageError:
                    return None
                self._system = lambda client: place.asn if (place := finder.place(client)) else None
        return self._system(address)


def checked_value(kind: str, value: str) -> str:
    """A value as it is kept; UsageError where it cannot be of its kind."""
    value = value.strip()
    if kind == "network":
        network = parse_network(value)
        if network is None:
            raise UsageError(f"{value!r} is no network.", "Write it as 10.0.0.0/8 or 2001:db8::/32.")
        return str(network)
    if kind == "as":
        digits = value.upper().removeprefix("AS").strip()
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10 and 0 < int(digits) <= _MOST_ASN):
            raise UsageError(f"{value!r} is no AS.", "Write its number: 64500, or AS64500.")
        return str(int(digits))
    if not value or not value.isprintable() or len(value) > 320:
        raise UsageError(f"{value!r} is no {kind}.", "Write it as the log has it.")
    return value.casefold()
