"""A period in one row."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.compared import change, earlier_days
from smtpauth_tui.reports.earlier import earlier_fields, held_against
from smtpauth_tui.reports.figures import auth_fields, number, percent, tls_fields, utc
from smtpauth_tui.reports.tls import shown_versions, tls_tone
from smtpauth_tui.reports.values import Cell, Column, Fields, Preface, Report
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import Parties, Totals


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals of a period, and the refused attempts to log in."""

    totals: Totals
    parties: Parties
    auth_failures: int
    before: "Summary | None" = None
    """The same of as many days before; None where they are not looked at."""
    earlier: Period | None = None
    """Those days."""
    since: date | None = None
    """The first day of which the store has submissions."""

    def change(self, now: int, before: Callable[["Summary"], int]) -> str:
        """A count against that of the days before, in words; empty where they are not looked at."""
        if self.before is None or self.earlier is None:
            return ""
        return change(now, before(self.before), self.since, self.earlier).words


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[Summary, None]:
    """One record, from one snapshot."""
    if limit == 0:
        return
    yield await load(store, query)


async def load(store: Store, query: ReportQuery) -> Summary:
    """The period and the days before it, from one snapshot."""
    earlier = earlier_days(query.period)
    async with store.snapshot() as seen:
        now, was = await _counted(seen, query), await _counted(seen, ReportQuery(earlier, query.domain))
        return replace(now, before=was, earlier=earlier, since=await seen.first_day())


async def _counted(store: Store, query: ReportQuery) -> Summary:
    failures = await store.failure_summary(query)
    return Summary(await store.totals(query), await store.parties(query), failures.failures)


async def load_preface(store: Store, query: ReportQuery) -> Preface:
    """The days before: which they are, and the same counts of them."""
    row = await load(store, query)
    assert row.before
    assert row.earlier
    counts = {name: value for name, value in fields(row.before).items() if name not in ("first", "last")}
    said = earlier_fields(row.earlier, row.since, counts)
    return Preface((held_against(row.earlier, row.since),), {"before": said})


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


def lines(row: Summary) -> list[tuple[Cell, Cell, Cell, Cell]]:
    """The row for people: one line a figure, with its share of the messages, and against the days before."""
    totals = row.totals
    out = []
    for label, of in _PLAIN:
        out.append((Cell(label), Cell(number(of(row))), Cell(""), Cell(row.change(of(row), of))))
    versions = shown_versions(totals.tls)
    for version in versions if TlsVersion.NONE in versions else [TlsVersion.NONE, *versions]:
        count = totals.tls.get(version, 0)
        tone = tls_tone(version, count)
        share = Cell(percent(count, totals.messages), tone)
        changed = row.change(count, partial(_of_tls, version))
        out.append((Cell(f"  {version.label}"), Cell(number(count), tone), share, Cell(changed)))
    for kind, label in ((AuthKind.BASIC, "Basic"), (AuthKind.OAUTH, "OAuth"), (AuthKind.UNKNOWN, "Unknown login")):
        count = totals.auth.get(kind, 0)
        if count or kind is not AuthKind.UNKNOWN:
            changed = row.change(count, partial(_of_auth, kind))
            share = Cell(percent(count, totals.messages))
            out.append((Cell(f"  {label}"), Cell(number(count)), share, Cell(changed)))
    failures = row.change(row.auth_failures, lambda was: was.auth_failures)
    out.append((Cell("Failed sign-ins"), Cell(number(row.auth_failures)), Cell(""), Cell(failures)))
    return out


def _of_tls(version: TlsVersion, row: Summary) -> int:
    return row.totals.tls.get(version, 0)


def _of_auth(kind: AuthKind, row: Summary) -> int:
    return row.totals.auth.get(kind, 0)


_PLAIN: Final[tuple[tuple[str, Callable[[Summary], int]], ...]] = (
    ("Users and service accounts", lambda row: row.parties.accounts),
    ("Sender addresses", lambda row: row.parties.senders),
    ("Messages", lambda row: row.totals.messages),
    ("Recipients", lambda row: row.totals.recipients),
)


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
        Column("change", "Against the days before"),
    ),
    cells=lambda row: (),
    lines=lines,
    preface=load_preface,
)
