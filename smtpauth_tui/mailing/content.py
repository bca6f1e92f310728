"""What a mailed report says, as values: its forms (text, HTML, workbook) show these."""

import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing import tables
from smtpauth_tui.mailing.days import failures_chart, senders_chart
from smtpauth_tui.mailing.figures import Figure, figures_of, outdated_messages
from smtpauth_tui.mailing.notes import notes_of
from smtpauth_tui.mailing.to_do import ToDo, load_to_do, to_do_table
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports import REPORTS, tls, volume
from smtpauth_tui.reports.compared import days_before
from smtpauth_tui.reports.figures import number, plural, short_period
from smtpauth_tui.reports.senders import SENDERS
from smtpauth_tui.reports.summary import Summary
from smtpauth_tui.reports.values import Chart, Table
from smtpauth_tui.reports.verdict import Verdict, burn_down, judge
from smtpauth_tui.reports.who_breaks import evidence_for
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayUsage, FailureSummary, Freshness, Parties, SenderTotal, Totals
from smtpauth_tui.switches import Switches

MAILED: Final = ("volume", "tls", "senders", "summary", "failures", "breaks")
"""The reports that can be mailed, by name."""
FILTERED: Final = {"senders": "senders", "breaks": "accounts"}
"""Those of them whose mails take a filter, and of what."""
TOP: Final = 10
"""The most rows that a table has."""
TO_DO: Final = 100
"""The most rows of accounts that are to be changed."""
_TITLES: Final = {report.name: report.title for report in REPORTS}
_PLAIN_DOMAIN: Final = re.compile(r"(?=.{1,60}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class Content:
    """A report of a period, of one moment of the store; text from logs is raw in it."""

    report: str
    title: str
    query: ReportQuery
    """The period, the sender domain and, for a report of `FILTERED`, the filter; in the senders' own order.

    The filter is one of the report's rows: figures and charts are of all of them.
    """
    zone: str
    """The zone in which the store counts its days."""
    host: str
    """The name of this machine."""
    totals: Totals
    before: Totals
    """The same of `days_before`."""
    parties: Parties
    parties_before: Parties
    figures: tuple[Figure, ...]
    """The ones that matter most first."""
    charts: tuple[Chart, ...]
    """The report's own first."""
    tables: tuple[tuple[str, Table], ...]
    """Each with its title, the report's own first; at most `TOP` rows each (`TO_DO` accounts), without empty ones."""
    notes: tuple[str, ...]
    """What one has to know of the figures, in sentences of ours, without text from logs."""
    today: date
    """The day on which the store was asked."""
    outdated_accounts: int
    """Accounts that sent below TLS 1.2."""
    outdated_accounts_before: int
    failures: FailureSummary
    failures_before: FailureSummary
    since: date | None
    """The first day of which the store has submissions; None where it has none."""
    freshness: Freshness
    volume: Chart
    """Messages per day by sender domain."""
    usage: tuple[DayUsage, ...]
    """The days that have messages."""
    matching: int = 0
    """Of how many of the report's rows the filter holds, where there is one."""
    todo: ToDo | None = None
    """Who breaks, in the report that says it."""

    @property
    def days_before(self) -> Period:
        """As many days before the period."""
        return days_before(self.query.period)

    @property
    def partial(self) -> bool:
        """Whether the period is not over."""
        return self.query.period.last >= self.today


async def load_content(store: Store, report: str, query: ReportQuery, clock: Clock | None = None) -> Content:
    """Ask the store for a report of `MAILED`, at one moment.

    Of the query only period and domain count, and for reports that take them switches or the filter.

    UsageError for another report, and where the calendar has no days before the period. *clock* is the machine's
    by default. To have attachments of the same moment, give the store of a snapshot, and load them within it.
    """
    if report not in MAILED:
        raise UsageError(f"The report {report!r} cannot be mailed.", f"Those that can: {', '.join(MAILED)}.")
    query = ReportQuery(
        query.period,
        query.domain,
        switches=query.switches if report == "breaks" else None,
        where=query.where if report in FILTERED else None,
    )
    was = replace(query, period=days_before(query.period), where=None)
    async with store.snapshot() as seen:
        span = await seen.span()
        usage = await seen.daily_usage(query)
        content = Content(
            report=report,
            title=_TITLES[report],
            query=query,
            zone=seen.zone.key,
            host=socket.gethostname(),
            totals=await seen.totals(query),
            before=await seen.totals(was),
            parties=await seen.parties(query),
            parties_before=await seen.parties(was),
            figures=(),
            charts=(),
            tables=(),
            notes=(),
            today=(clock or Clock()).today(seen.zone),
            outdated_accounts=await seen.accounts_below_tls_1_2(query),
            outdated_accounts_before=await seen.accounts_below_tls_1_2(was),
            failures=await seen.failure_summary(query),
            failures_before=await seen.failure_summary(was),
            since=span.first if span else None,
            freshness=await seen.freshness(),
            volume=await volume.load_chart(seen, query),
            usage=tuple(usage),
        )
        busiest, matching = await _busiest(seen, query if report == SENDERS.name else replace(query, where=None))
        own = await _OWN[report](seen, content, busiest)
        common = () if own.todo else await _common(seen, content, busiest)
        content = replace(content, todo=own.todo, matching=len(own.todo.rows) if own.todo else matching)
    every = {title: table for title, table in (*own.tables, *common) if table.rows}
    return replace(
        content,
        figures=tuple(figures_of(content)),
        charts=own.charts,
        tables=tuple(every.items()),
        notes=tuple(notes_of(content, store.zone)),
    )


async def _busiest(seen: Store, query: ReportQuery) -> tuple[list[SenderTotal], int]:
    """The senders with most messages, and how many there are.

    From a listing: of a million senders that is a hundred times as fast.
    """
    listing = await seen.listing(query)
    try:
        return list(await listing.page(0, TOP)), listing.count
    finally:
        await listing.close()


# what only one report has


@dataclass(frozen=True, slots=True)
class _Own:
    charts: tuple[Chart, ...]
    tables: tuple[tuple[str, Table], ...]
    todo: ToDo | None = None


async def _volume(seen: Store, content: Content, busiest: list[SenderTotal]) -> _Own:
    found = await seen.largest_domains(content.query, TOP - 1)
    return _Own((content.volume, _tls_chart(content)), (("Sender domains", tables.domains(found)),))


async def _tls(seen: Store, content: Content, busiest: list[SenderTotal]) -> _Own:
    rows = await seen.senders_using_outdated_tls(content.query, TOP)
    found = ("Senders that use TLS below 1.2", tables.outdated_senders(rows))
    return _Own((_tls_chart(content), content.volume), (found,))


async def _senders(seen: Store, content: Content, busiest: list[SenderTotal]) -> _Own:
    chart = await senders_chart(seen, content.query, busiest, content.parties.senders)
    return _Own((chart, _tls_chart(content)), (_top_senders(content, busiest),))


async def _summary(seen: Store, content: Content, busiest: list[SenderTotal]) -> _Own:
    row = Summary(content.totals, content.parties, content.failures.failures)
    return _Own((content.volume, _tls_chart(content)), (("The period", tables.period_in_one_row(row)),))


async def _failures(seen: Store, content: Content, busiest: list[SenderTotal]) -> _Own:
    query = content.query
    names = tables.tried_names(await seen.tried_names(query, TOP), seen.zone)
    clients = tables.trying_clients(await seen.trying_clients(query, TOP), seen.zone)
    chart = failures_chart(await seen.daily_failures(query), query)
    return _Own((chart,), (("Names tried most often", names), ("Client addresses", clients)))


async def _breaks(seen: Store, content: Content, busiest: list[SenderTotal]) -> _Own:
    query = content.query
    todo = await load_to_do(seen, query)
    rows = todo.rows
    switches = query.switches or Switches()
    evidence = await evidence_for(seen, replace(query, period=content.days_before), by_client=bool(switches.networks))
    todo = replace(todo, before=judge(evidence, switches) if evidence.ways else None)
    table = to_do_table(rows[:TO_DO], len(rows) - len(rows[:TO_DO]))
    return _Own((burn_down(todo.answer.verdict),), (("Accounts to change", table),), todo)


_OWN: Final[dict[str, Callable[[Store, Content, list[SenderTotal]], Awaitable[_Own]]]] = {
    "volume": _volume,
    "tls": _tls,
    "senders": _senders,
    "summary": _summary,
    "failures": _failures,
    "breaks": _breaks,
}


async def _common(seen: Store, content: Content, busiest: list[SenderTotal]) -> tuple[tuple[str, Table], ...]:
    """The tables that each report has, after its own."""
    accounts = await seen.accounts_using_outdated_tls(content.query, TOP)
    return (
        _top_senders(content, busiest),
        ("Accounts that use TLS below 1.2", tables.outdated_accounts(accounts, seen.zone)),
    )


def _top_senders(content: Content, busiest: list[SenderTotal]) -> tuple[str, Table]:
    title = "Top senders of the filter" if content.query.where else "Top senders"
    return title, tables.senders(busiest, content.totals.messages)


def _tls_chart(content: Content) -> Chart:
    return tls.chart(content.usage, content.query)


# the subject


def subject(content: Content) -> str:
    """``SMTP Auth: 41,723 messages, 4.8% below TLS 1.2 (16-22 Nov 2026)``: ASCII, at most 200 characters.

    Nothing in it is from a log but a sender domain that was asked for and has the form of a host name.
    """
    domain = content.query.domain
    of = "" if domain is None else f" {domain}" if _PLAIN_DOMAIN.fullmatch(domain) else " of one sender domain"
    if content.todo:
        verdict = content.todo.answer.verdict
        return f"SMTP Auth{of}: {_breaking(verdict)} ({days_of(content.query.period)})"
    said = _refused(content.failures) if content.report == "failures" else _sent(content.totals)
    return f"SMTP Auth{of}: {said} ({days_of(content.query.period)})"


def days_of(period: Period) -> str:
    """``16-22 Nov 2026``: a period as people write it, in ASCII."""
    return short_period(period).replace("–", "-")


def _sent(totals: Totals) -> str:
    if not totals.messages:
        return "no messages"
    outdated, unknown = outdated_messages(totals.tls), totals.tls.get(TlsVersion.UNKNOWN, 0)
    said = plural(totals.messages, "message")
    if unknown == totals.messages:
        return f"{said}, TLS versions unknown"
    below = f"{short_percent(outdated, totals.messages)} below TLS 1.2" if outdated else "none below TLS 1.2"
    if unknown and not outdated:
        below = "none known below TLS 1.2"
    return f"{said}, {below}"


def _breaking(verdict: Verdict) -> str:
    accounts = plural(verdict.accounts, "account")
    return (
        f"{number(len(verdict.breaking))} of {accounts} would break" if verdict.breaking else "no account would break"
    )


def _refused(failures: FailureSummary) -> str:
    if not failures.failures:
        return "no failed sign-ins"
    said = f"{plural(failures.failures, 'failed sign-in')} from {plural(failures.clients, 'address', 'addresses')}"
    return f"{said}, {plural(failures.names, 'name')} tried" if failures.names else said


def short_percent(part: int, whole: int) -> str:
    """``4.8%``; what is little is ``<0.1%`` and not nothing, what is nearly all is not all."""
    exact = 100 * part / whole
    if part and exact < 0.05:
        return "<0.1%"
    if part != whole and exact >= 99.95:
        return ">99.9%"
    return "100%" if part == whole else f"{exact:.1f}%"
