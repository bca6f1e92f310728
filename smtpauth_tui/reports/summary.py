"""A period in one row."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.figures import auth_fields, number, percent, tls_fields, utc
from smtpauth_tui.reports.tls import shown_versions, tls_tone
from smtpauth_tui.reports.values import Cell, Column, Fields, Report
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import Parties, Totals


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals of a period, and the refused attempts to log in."""

    totals: Totals
    parties: Parties
    auth_failures: int


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Summary, None]:
    """One record, from one snapshot."""
    if limit == 0:
        return
    async with store.snapshot() as seen:
        row = Summary(await seen.totals(query), await seen.parties(query), (await seen.failure_summary(query)).failures)
    yield row


def fields(row: Summary) -> Fields:
    """As the contract has it."""
    totals = row.totals
    return {
        "accounts": row.parties.accounts,
        "senders": row.parties.senders,
        "messages": totals.messages,
        "recipients": totals.recipients,
        "tls": tls_fields(totals.tls),
        "auth": auth_fields(totals.auth),
        "auth_failures": row.auth_failures,
        "first": utc(totals.first),
        "last": utc(totals.last),
    }


def lines(row: Summary) -> list[tuple[Cell, Cell, Cell]]:
    """The row for people: one line a figure, with its share of the messages."""
    totals = row.totals
    plain = (
        ("Users and service accounts", row.parties.accounts),
        ("Sender addresses", row.parties.senders),
        ("Messages", totals.messages),
        ("Recipients", totals.recipients),
    )
    out = [(Cell(label), Cell(number(count)), Cell("")) for label, count in plain]
    versions = shown_versions(totals.tls)
    for version in versions if TlsVersion.NONE in versions else [TlsVersion.NONE, *versions]:
        count = totals.tls.get(version, 0)
        tone = tls_tone(version, count)
        out.append((Cell(f"  {version.label}"), Cell(number(count), tone), Cell(percent(count, totals.messages), tone)))
    for kind, label in ((AuthKind.BASIC, "Basic"), (AuthKind.OAUTH, "OAuth"), (AuthKind.UNKNOWN, "Unknown login")):
        count = totals.auth.get(kind, 0)
        if count or kind is not AuthKind.UNKNOWN:
            out.append((Cell(f"  {label}"), Cell(number(count)), Cell(percent(count, totals.messages))))
    out.append((Cell("Failed sign-ins"), Cell(number(row.auth_failures)), Cell("")))
    return out


SUMMARY: Final = Report(
    name="summary",
    title="Summary",
    help="the period in one row",
    records=records,
    fields=fields,
    names=lambda query: (
        "accounts",
        "senders",
        "messages",
        "recipients",
        "tls",
        "auth",
        "auth_failures",
        "first",
        "last",
    ),
    columns=(
        Column("figure", "Figure"),
        Column("count", "Count", numeric=True),
        Column("share", "Share", numeric=True),
    ),
    cells=lambda row: (),
    lines=lines,
)
