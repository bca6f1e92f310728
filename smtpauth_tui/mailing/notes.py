"""What one has to know of a mailed report's figures: what the store does not have, and what the log does not tell."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.reports.breaks import sentences
from smtpauth_tui.reports.figures import local, number, percent, plural, short_day

if TYPE_CHECKING:
    from smtpauth_tui.mailing.content import Content


def notes_of(content: "Content", zone: ZoneInfo) -> Iterator[str]:
    """Sentences of ours, in ASCII, without text from logs; times in *zone*."""
    yield from (report.note for report in REPORTS if report.name == content.report and report.note)
    if content.query.where:
        yield _of_the_filter(content)
    if content.since is None:
        yield "The store has no messages at all: nothing that has any was imported yet."
        return
    if content.todo:
        yield from sentences(content.todo.answer)
    yield from _of_the_days(content, content.since, zone)
    messages = content.totals.messages
    if not messages:
        yield "No message was handed in with SMTP AUTH in this period, as far as the store knows."
    if not content.todo and (unknown := content.totals.tls.get(TlsVersion.UNKNOWN)):
        yield (
            f"The log does not tell the TLS version of {plural(unknown, 'message')} ({percent(unknown, messages)}): "
            "more may be below TLS 1.2 than is counted."
        )
    if content.query.domain is not None and content.failures.failures and not content.todo:
        yield "With a sender domain, failed sign-ins are those of names in that domain."


def _of_the_filter(content: "Content") -> str:
    if content.todo:
        breaking = plural(len(content.todo.answer.verdict.breaking), "account")
        holds = f"The filter holds of {number(content.matching)} of {breaking} that would break"
        return f"{holds}: the list and the attachments have those. Figures and charts are of all of them."
    holds = f"The filter holds of {number(content.matching)} of {plural(content.parties.senders, 'sender')}"
    return f"{holds}: the table of senders and the attachments have those. Figures and charts are of all senders."


def _of_the_days(content: "Content", since: date, zone: ZoneInfo) -> Iterator[str]:
    """Of which days the store has no messages, or not all."""
    period = content.query.period
    if period.last > content.today:
        yield f"The period is not over: it ends on {_day(period.last)}."
    elif period.last == content.today:
        yield f"The last day, {_day(period.last)}, is not over: its figures are of a part of the day."
    newest = content.freshness.newest
    complete = min(period.last, content.today)
    if newest is not None and _day_of(newest, zone) < complete:
        yield (
            f"The store knows no message after {local(newest, zone)}; "
            f"the last import was at {local(content.freshness.imported_at, zone)}."
        )
    if since > period.first:
        yield f"There is no data before {_day(since)}: the period is known from that day on."
    elif since > content.days_before.first:
        known = "not known" if since > content.days_before.last else "known in part only"
        yield f"There is no data before {_day(since)}: the days to compare with are {known}."


def _day(day: date) -> str:
    return f"{short_day(day)} {day.year}"


def _day_of(moment: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
