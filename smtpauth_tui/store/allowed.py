"""What no rule looks at: networks, accounts, hosts and AS that a person named."""

from collections.abc import Iterable
from typing import Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.networks import Network, is_in, parse_network
from smtpauth_tui.store.findings import AllowedRow

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

    def _host(self, name: str) -> bool:
        return name in self._hosts or any(host.startswith(".") and name.endswith(host) for host in self._hosts)


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
