"""The senders of a period: one row for each sender address, or for each account."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import AUTH_ORDERS, Grouping, ReportQuery, SenderOrder
from smtpauth_tui.reports.auth import AUTH_LABELS, auth_cell, shown_kinds
from smtpauth_tui.reports.figures import auth_fields, number, tls_fields, utc
from smtpauth_tui.reports.filtered import SEEN_COLUMNS, count_column, text_column, usage_columns
from smtpauth_tui.reports.tls import shown_versions, tls_cell
from smtpauth_tui.reports.values import Cell, Column, Report, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SenderTotal, Totals

NULL_SENDER: Final = "<>"
_OF_OTHERS: Final = (SenderOrder.NAME, SenderOrder.CLIENT, SenderOrder.STATE)
"""Orders of other reports, and the one whose words are listed apart."""
_KIND_OF: Final[dict[str, AuthKind]] = {order: kind for kind, order in AUTH_ORDERS.items()}


def sender_label(address: str) -> str:
    """An envelope sender as people and programs read it; the null sender is ``<>``."""
    return address or NULL_SENDER


async def records(
    store: Store, query: ReportQuery, limit: int | None
) -> AsyncGenerator[tuple[Grouping, SenderTotal], None]:
    """The senders as they come from the store, with what they are grouped by."""
    async with aclosing(store.senders(query, limit)) as rows:
        async for row in rows:
            yield query.by, row


def fields(record: tuple[Grouping, SenderTotal]) -> dict[str, object]:
    """``sender`` or ``account``, ``domain``, ``messages``, ``recipients``, ``tls``, ``auth``, first and last seen."""
    by, row = record
    return {
        by.value: sender_label(row.name) if by is Grouping.SENDER else row.name,
        "domain": row.domain,
        "messages": row.messages,
        "recipients": row.recipients,
        "tls": tls_fields(row.tls),
        "auth": auth_fields(row.auth),
        "first_seen": utc(row.first),
        "last_seen": utc(row.last),
    }


def details_columns(*shares: Column) -> tuple[Column, ...]:
    """The columns of the portal's details table, with those of a view's *shares* between them."""
    return (
        Column(SenderOrder.NAME, "Sender address", short="Sender"),
        *shares,
        Column(SenderOrder.MESSAGES, "Message count", numeric=True, short="Count"),
    )


def tls_details(totals: Totals) -> tuple[Column, ...]:
    """The details table's columns with the shares of the TLS versions that a period's messages have."""
    versions = shown_versions(totals.tls)
    return details_columns(*(Column(version.value, details_title(version), numeric=True) for version in versions))


def auth_details(totals: Totals) -> tuple[Column, ...]:
    """The same with the kinds of authentication."""
    kinds = shown_kinds(totals.auth)
    return details_columns(*(Column(AUTH_ORDERS[kind], f"{AUTH_LABELS[kind]}%", numeric=True) for kind in kinds))


def details_title(version: TlsVersion) -> str:
    """``TLS1.0%``, as the portal has it."""
    return f"{version.label.replace('TLS ', 'TLS')}%" if version.label.startswith("TLS") else f"{version.label}%"


def details_cells(row: SenderTotal, columns: tuple[Column, ...]) -> tuple[Cell, ...]:
    """A sender's cells for `details_columns`."""
    return tuple(_details_cell(row, column.key) for column in columns)


def _details_cell(row: SenderTotal, key: str) -> Cell:
    if key == SenderOrder.NAME:
        return Cell(sender_label(row.name))
    if key == SenderOrder.MESSAGES:
        return Cell(number(row.messages))
    if key in _KIND_OF:
        return auth_cell(row.auth.get(_KIND_OF[key], 0), row.messages)
    version = TlsVersion(key)
    return tls_cell(version, row.tls.get(version, 0), row.messages)


def cells(record: tuple[Grouping, SenderTotal]) -> tuple[Cell, ...]:
    """A sender for people, with its TLS versions and kinds of authentication."""
    _, row = record
    return (
        Cell(sender_label(row.name)),
        *[tls_cell(version, row.tls.get(version, 0), row.messages) for version in _VERSIONS],
        Cell(number(row.auth.get(AuthKind.OAUTH, 0)), Tone.PLAIN if row.auth.get(AuthKind.OAUTH) else Tone.MUTED),
        Cell(number(row.messages)),
        Cell((utc(row.last) or "")[:10], Tone.MUTED),
    )


def filter_columns(by: Grouping) -> tuple[FilterColumn, ...]:
    """All that is told of a sender or an account; ``name`` is either."""
    counts = count_column("messages"), count_column("recipients")
    return text_column(by.value, "name"), text_column("domain"), *counts, *usage_columns(), *SEEN_COLUMNS


_NAMES: Final = ("domain", "messages", "recipients", "tls", "auth", "first_seen", "last_seen")
_TLS_COLUMNS: Final = (TlsVersion.V1_0, TlsVersion.V1_1, TlsVersion.V1_2, TlsVersion.V1_3)
_VERSIONS: Final = (TlsVersion.NONE, *_TLS_COLUMNS, TlsVersion.UNKNOWN)

SENDERS: Final = Report(
    name="senders",
    title="Senders",
    help="one row for each sender address, or account with --by account",
    records=records,
    fields=fields,
    names=lambda query: (query.by.value, *_NAMES),
    columns=(
        Column("name", "Sender address"),
        Column("none", "No TLS", numeric=True),
        *(Column(version.value, details_title(version), numeric=True) for version in _TLS_COLUMNS),
        Column("unknown", "Unknown", numeric=True),
        Column("oauth", "OAuth", numeric=True),
        Column("messages", "Messages", numeric=True),
        Column("last_seen", "Last seen"),
    ),
    cells=cells,
    orders={
        "sender": (SenderOrder.NAME, False),
        "account": (SenderOrder.NAME, False),
        "name": (SenderOrder.NAME, False),
        **{order.value: (order, True) for order in SenderOrder if order not in _OF_OTHERS},
    },
    filters=filter_columns,
)
