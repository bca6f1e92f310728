"""Where messages come from: a row for each client address, network, host name, country or AS."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.conditions import Kind as ColumnKind
from smtpauth_tui.errors import UsageError
from smtpauth_tui.query import ReportQuery, SenderOrder
from smtpauth_tui.reports.arranged import arranged
from smtpauth_tui.reports.figures import auth_fields, number, tls_fields, utc, utc_minute
from smtpauth_tui.reports.filtered import SEEN_COLUMNS, count_column, text_column, usage_columns
from smtpauth_tui.reports.judged_here import day_in, usage_values
from smtpauth_tui.reports.origins import By, Origin, origins, own_name, source_label
from smtpauth_tui.reports.values import Cell, Column, Fields, Record, Report, Tone
from smtpauth_tui.store.places import client_uses
from smtpauth_tui.store.reader import Store

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Finder

_NAME_A_FILE: Final = (
    'Name one that you have in the settings: [places], databases = ["/usr/share/GeoIP/GeoLite2-{}.mmdb"].'
)
_ORDERS: Final[dict[SenderOrder, Callable[[Origin], str | int]]] = {
    SenderOrder.NAME: lambda row: row.key,
    SenderOrder.FIRST_SEEN: lambda row: row.first,
    SenderOrder.LAST_SEEN: lambda row: row.last,
}


async def load(store: Store, query: ReportQuery, by: By) -> list[Origin]:
    """The sources of a query, in its order and with what it searches for.

    UsageError where they are asked by country or AS and no file tells those, and as `Places.finder`.
    """
    finder = finder_for(store, by)
    return arranged(origins(store, finder, await client_uses(store, query), by), query, _ORDERS, _words)


def finder_for(store: Store, by: By) -> "Finder":
    """What tells places; UsageError where sources are asked by country or AS and no file tells those."""
    finder = store.places.finder()
    if by is By.COUNTRY and not finder.countries:
        raise UsageError("No country file is named, which would tell countries.", _NAME_A_FILE.format("Country"))
    if by is By.AS and not finder.systems:
        raise UsageError(
            "No AS file is named, which would tell whose network an address is.", _NAME_A_FILE.format("ASN")
        )
    return finder


def _words(row: Origin) -> str:
    names = [name for _, name in row.countries] if row.by is By.COUNTRY else []
    return " ".join([source_label(row), *row.hosts, row.place, *names]).casefold()


def source_note(store: Store, by: By) -> str:
    """What the figures lack for want of a file, and what of addresses is not shown; UsageError as `load`."""
    lacks = missing(finder_for(store, by))
    said = [f"{lacks} is named ([places] databases)."] if lacks else []
    return " ".join([*said, *(["Addresses are shown as networks ([places] truncate)."] * store.places.truncate)])


def missing(finder: "Finder") -> str:
    """``No country or AS file``; empty where there are both."""
    return f"No {' or '.join(finder.lacks)} file" if finder.lacks else ""


# for programs


def fields(row: Origin) -> Fields:
    """What it is, and then its counts; ``kind`` says what an address is, ``mechanisms`` are names, the most first."""
    return {
        **_OWN_FIELDS[row.by](row),
        "accounts": len(row.accounts),
        "messages": row.messages,
        "tls": tls_fields(row.tls),
        "auth": auth_fields(row.auth),
        "mechanisms": row.mechanisms,
        "first_seen": utc(row.first),
        "last_seen": utc(row.last),
    }


def _of_address(row: Origin) -> Fields:
    country, _ = next(iter(row.countries), ("", ""))
    asn, as_name = next(iter(row.systems), (None, ""))
    return {
        "address": row.key or None,
        "host": row.host or None,
        "network": min(row.networks, default=None),
        "kind": row.kind,
        "country": country or None,
        "asn": asn,
        "as_name": as_name or None,
    }


def _of_network(row: Origin) -> Fields:
    return {"network": row.key or None, "addresses": len(row.addresses), "kind": row.kind, **_places(row)}


def _of_host(row: Origin) -> Fields:
    return {"host": row.key or None, **_sizes(row), "kind": row.kind, **_places(row)}


def _of_country(row: Origin) -> Fields:
    return {"country": row.key or None, "country_name": own_name(row) or None, "kind": row.kind, **_sizes(row)}


def _of_as(row: Origin) -> Fields:
    return {
        "asn": int(row.key) if row.key else None,
        "as_name": own_name(row) or None,
        "kind": row.kind,
        "countries": _places(row)["countries"],
        **_sizes(row),
    }


def _places(row: Origin) -> Fields:
    return {
        "countries": [code for code, _ in row.countries],
        "asns": [f"AS{asn}" for asn, _ in row.systems],
    }


def _sizes(row: Origin) -> Fields:
    return {"networks": len(row.networks), "addresses": len(row.addresses)}


_OWN_FIELDS: Final[dict[By, Callable[[Origin], Fields]]] = {
    By.ADDRESS: _of_address,
    By.NETWORK: _of_network,
    By.HOST: _of_host,
    By.COUNTRY: _of_country,
    By.AS: _of_as,
}
_COMMON: Final = ("accounts", "messages", "tls", "auth", "mechanisms", "first_seen", "last_seen")


# for people


def tls_versions(row: Origin, prefix: str = "") -> Cell:
    """``1.3, 1.0``: the versions used, the most first, with the *prefix* ``TLS`` where nothing else says so."""
    used = row.tls_versions
    names = ", ".join(version.label.removeprefix("TLS ") for version in used)
    if used and used[0].label.startswith("TLS "):
        names = prefix + names
    return Cell(names, Tone.BAD if any(version.outdated for version in used) else Tone.PLAIN)


_COLUMNS: Final[dict[str, tuple[Column, Callable[[Origin], Cell]]]] = {
    "host": (Column("host", "Host name"), lambda row: Cell(row.host, Tone.MUTED)),
    "place": (Column("place", "Place"), lambda row: Cell(row.place)),
    "networks": (Column("networks", "Networks", numeric=True), lambda row: Cell(number(len(row.networks)))),
    "addresses": (Column("addresses", "Addresses", numeric=True), lambda row: Cell(number(len(row.addresses)))),
    "accounts": (Column("accounts", "Accounts", numeric=True), lambda row: Cell(number(len(row.accounts)))),
    "messages": (Column("messages", "Messages", numeric=True), lambda row: Cell(number(row.messages))),
    "tls": (Column("tls", "TLS"), tls_versions),
    "mechanisms": (Column("mechanisms", "Login by"), lambda row: Cell(", ".join(filter(None, row.mechanisms)))),
    "last_seen": (Column("last_seen", "Last seen (UTC)"), lambda row: Cell(utc_minute(row.last), Tone.MUTED)),
}
_SHOWN: Final = {
    By.ADDRESS: ("Client address", ("host", "place")),
    By.NETWORK: ("Network", ("place", "addresses")),
    By.HOST: ("Host name", ("place", "addresses")),
    By.COUNTRY: ("Country", ("networks", "addresses")),
    By.AS: ("AS", ("networks", "addresses")),
}
_COUNTS: Final = ("accounts", "messages", "tls", "mechanisms", "last_seen")


# for filters


def _filters(by: By) -> tuple[FilterColumn, ...]:
    own = FilterColumn(by.value, ColumnKind.ADDRESS if by in (By.ADDRESS, By.NETWORK) else ColumnKind.TEXT, by.value)
    texts = [text_column(name) for name in ("host", "country", "as")] if by is not By.AS else [text_column("country")]
    counts = [count_column(name) for name in ("accounts", "networks", "addresses", "messages")]
    columns = (own, _NETWORK_COLUMN, *texts, *counts, *usage_columns(), text_column("mechanism"), *SEEN_COLUMNS)
    return tuple({column.name: column for column in columns}.values())


def _values(zone: ZoneInfo) -> dict[str, Callable[[Origin], object]]:
    return {
        "address": lambda row: row.key if row.by is By.ADDRESS else None,
        "network": lambda row: sorted(row.networks),
        "host": lambda row: row.hosts or "",
        "country": lambda row: [word for one in row.countries for word in one] or "",
        "as": lambda row: [word for asn, name in row.systems for word in (f"AS{asn}", str(asn), name)] or "",
        "accounts": lambda row: len(row.accounts),
        "networks": lambda row: len(row.networks),
        "addresses": lambda row: len(row.addresses),
        "messages": lambda row: row.messages,
        **usage_values(lambda row: row.tls, lambda row: row.auth, lambda row: row.messages),
        "mechanism": lambda row: row.mechanisms or "",
        "first_seen": lambda row: day_in(zone, row.first),
        "last_seen": lambda row: day_in(zone, row.last),
    }


_NETWORK_COLUMN: Final = FilterColumn("network", ColumnKind.ADDRESS, "network")


def _report(by: By) -> Report:
    title, own = _SHOWN[by]
    shown = [_COLUMNS[key] for key in (*own, *_COUNTS)]

    async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Record, None]:
        for row in (await load(store, query, by))[:limit]:
            yield row

    def cells(row: Origin) -> Sequence[Cell]:
        return (Cell(source_label(row), Tone.PLAIN if row.key else Tone.MUTED), *(cell(row) for _, cell in shown))

    return Report(
        name="sources",
        title=f"Sources by {by if by is not By.AS else 'AS'}",
        help="where messages come from: --by address, network, host, country or as",
        note_on=partial(source_note, by=by),
        records=records,
        fields=fields,
        names=lambda query: (*_OWN_FIELDS[by](Origin(by, "")), *_COMMON),
        columns=(Column(by, title), *(column for column, _ in shown)),
        cells=cells,
        of_one=True,
        narrow=1 if by is By.ADDRESS else 0,
        orders={
            by.value: (SenderOrder.NAME, False),
            "messages": (SenderOrder.MESSAGES, True),
            "first_seen": (SenderOrder.FIRST_SEEN, True),
            "last_seen": (SenderOrder.LAST_SEEN, True),
        },
        filters=lambda _: _filters(by),
        values=_values,
    )


_BY: Final = {by.value: _report(by) for by in By}
SOURCES: Final = replace(_BY[By.ADDRESS], groupings=_BY)
