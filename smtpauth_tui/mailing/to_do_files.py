"""The accounts that would stop sending as files: a workbook with the burn-down, and a table as CSV."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.export import csv_lines
from smtpauth_tui.mailing.sheets import Kind, Sheet, SheetColumn, Stack, Value, moment
from smtpauth_tui.mailing.to_do import ToDo
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.breaks import BREAKS, sentences
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT, Verdict, burn_down
from smtpauth_tui.reports.what_to_change import advice
from smtpauth_tui.reports.who_breaks import NOWHERE, Row
from smtpauth_tui.switches import Reason

_VERSIONS: Final = tuple(reversed(TlsVersion))


async def to_do_csv(rows: Iterable[Row], query: ReportQuery) -> bytes:
    """As ``show breaks --format csv`` prints it."""

    async def each() -> AsyncGenerator[Row, None]:
        for row in rows:
            yield row

    return "".join([part async for part in csv_lines(BREAKS, each(), query, None)]).encode()


async def to_do_workbook(todo: ToDo, zone: ZoneInfo, rows: Sequence[Row] | None = None) -> bytes:
    """The workbook; *rows*: other ones than all of them. SmtpAuthTuiError where it cannot be made."""
    from smtpauth_tui.mailing.workbook import workbook

    return await workbook("SMTP Auth: who breaks", to_do_sheets(todo, zone, todo.rows if rows is None else rows))


def to_do_sheets(todo: ToDo, zone: ZoneInfo, rows: Sequence[Row]) -> Iterator[Sheet]:
    """The accounts, the burn-down with a chart, and what one has to know of them."""
    yield _accounts(rows, zone)
    yield _burn_down(todo.answer.verdict)
    period = todo.query.period
    domain = todo.query.domain
    about = (
        ("Period", f"{period.first} to {period.last}"),
        ("Sender domain", "all" if domain is None else domain or "(none)"),
        *([("Filter of accounts", todo.query.where.called)] if todo.query.where else []),
        ("Days are counted in", zone.key),
        *(("", sentence) for sentence in sentences(todo.answer)),
    )
    yield Sheet("About", (SheetColumn("About", Kind.TEXT, 22), SheetColumn("Who breaks if", Kind.TEXT, 120)), about)


def _accounts(rows: Sequence[Row], zone: ZoneInfo) -> Sheet:
    columns = (
        SheetColumn("Account", Kind.TEXT, 36),
        SheetColumn("State", Kind.TEXT, 16),
        SheetColumn("Owner", Kind.TEXT, 16),
        SheetColumn("Note", Kind.TEXT, 30),
        SheetColumn("Why", Kind.TEXT, 24),
        SheetColumn("Refused"),
        SheetColumn("Messages"),
        SheetColumn("Cannot tell"),
        SheetColumn("Messages a day", Kind.RATE),
        SheetColumn(f"Last seen ({zone.key})", Kind.MOMENT, 22),
        SheetColumn(f"Last one that would be refused ({zone.key})", Kind.MOMENT, 22),
        SheetColumn(f"Days seen of {DAYS_LOOKED_AT}"),
        SheetColumn("Rarely", Kind.TEXT, 8),
        SheetColumn("Addresses"),
        SheetColumn("Newest address", Kind.TEXT, 20),
        SheetColumn("Login", Kind.TEXT, 18),
        *(SheetColumn(reason.label) for reason in Reason),
        *(SheetColumn(version.label) for version in _VERSIONS),
        SheetColumn("Password"),
        SheetColumn("OAuth"),
        SheetColumn("Login unknown"),
        SheetColumn(f"Done ({zone.key})", Kind.MOMENT, 22),
        SheetColumn("What to change", Kind.TEXT, 80),
    )
    return Sheet("To do", columns, _each(rows, zone), filtered=True)


async def _each(rows: Sequence[Row], zone: ZoneInfo) -> AsyncIterator[Sequence[Value]]:
    """The values of each row as they are written: the event loop goes on between some and the next ones."""
    for row in rows:
        yield _values(row, zone)


def _values(row: Row, zone: ZoneInfo) -> Sequence[Value]:
    one, sources = row.account, row.sources or NOWHERE
    return (
        sender_label(row.name),
        row.state,
        row.todo.owner or None,
        row.todo.note or None,
        ", ".join(reason.label for reason in _reasons(row)),
        one.refused,
        one.messages,
        one.cannot_tell,
        one.per_day,
        moment(one.last, zone),
        moment(one.last_refused, zone),
        one.days_seen,
        "rarely" if one.rare else None,
        sources.addresses,
        sources.newest,
        ", ".join(name or "unknown" for name in sources.mechanisms),
        *(one.refused_by.get(reason, 0) for reason in Reason),
        *(one.tls.get(version, 0) for version in _VERSIONS),
        *(one.auth.get(kind, 0) for kind in (AuthKind.BASIC, AuthKind.OAUTH, AuthKind.UNKNOWN)),
        moment(row.todo.done_at, zone),
        " ".join(advice(_reasons(row))),
    )


def _reasons(row: Row) -> list[Reason]:
    return [reason for reason in Reason if row.account.refused_by.get(reason)]


def _burn_down(verdict: Verdict) -> Sheet:
    chart = burn_down(verdict)
    counts = chart.series[0].counts if chart.series else (0,) * len(chart.buckets)
    rows = [(one.first, one.last, count) for one, count in zip(chart.buckets, counts, strict=True)]
    columns = (
        SheetColumn("From", Kind.DAY),
        SheetColumn("To", Kind.DAY),
        SheetColumn("Accounts that would break", width=26),
    )
    stack = Stack(chart.title, 2, tuple(one.role for one in chart.series), share=False) if chart.series else None
    return Sheet("Burn-down", columns, rows, chart=stack)
