"""What reports have in common of the columns that filters may name."""

from collections.abc import Iterable
from typing import Final

from smtpauth_tui.conditions import FilterColumn, Kind
from smtpauth_tui.model import AuthKind, TlsVersion


def text_column(name: str, key: str = "", words: Iterable[str] = ()) -> FilterColumn:
    """A column of texts; the store knows it by its *key*, where that is another word. *words*: all that stand in it."""
    return FilterColumn(name, Kind.TEXT, key or name, tuple(map(str, words)))


def count_column(name: str, key: str = "") -> FilterColumn:
    """A column of counts."""
    return FilterColumn(name, Kind.NUMBER, key or name)


def usage_columns() -> tuple[FilterColumn, ...]:
    """Messages by TLS version and kind of authentication: their counts, and with % what they are of all."""
    versions = {version: f"tls{version}" if version.value[0].isdecimal() else version.value for version in TlsVersion}
    kinds = {kind: "unknown_auth" if kind is AuthKind.UNKNOWN else kind.value for kind in AuthKind}
    parts = [(name, f"tls_{version}") for version, name in versions.items()]
    parts += [(name, f"auth_{kind}") for kind, name in kinds.items()]
    shares = [FilterColumn(f"{name}%", Kind.SHARE, key) for name, key in parts]
    return (*(count_column(name, key) for name, key in parts), *shares)


CLIENT_COLUMN: Final = FilterColumn("client", Kind.ADDRESS, "client")
SEEN_COLUMNS: Final = (
    FilterColumn("first_seen", Kind.DAY, "first_seen"),
    FilterColumn("last_seen", Kind.DAY, "last_seen"),
)
