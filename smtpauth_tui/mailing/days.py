"""Charts that only mailed reports have: the days of the busiest senders, and of refused attempts."""

from dataclasses import replace
from datetime import date

from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import RANKS, Chart, Role, Series
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayFailures, DayUsage, SenderTotal


async def senders_chart(store: Store, query: ReportQuery, busiest: list[SenderTotal], senders: int) -> Chart:
    """Messages per day of the busiest of so many senders, and of all others together."""
    shown = busiest[: len(RANKS)]
    days = [await store.sender_days(replace(query, sender=row.name)) for row in shown]
    series = [
        Series(sender_label(row.name), role, counts_of({day.day: day.messages for day in rows}, query.period))
        for row, rows, role in zip(shown, days, RANKS, strict=False)
    ]
    if senders > len(shown):
        rest = _rest(await store.daily_usage(query), days)
        label = plural(senders - len(shown), "other")
        series.append(Series(label, Role.REST, counts_of(rest, query.period)))
    return Chart("Messages per day by sender address", buckets_of(query.period), tuple(series))


def _rest(all_days: list[DayUsage], days: list[list[DayUsage]]) -> dict[date, int]:
    rest = {row.day: row.messages for row in all_days}
    for rows in days:
        for row in rows:
            rest[row.day] -= row.messages
    return rest


def failures_chart(rows: list[DayFailures], query: ReportQuery) -> Chart:
    """Refused attempts per day."""
    counts = counts_of({row.day: row.failures for row in rows}, query.period)
    series = (Series("Failed sign-ins", Role.THIRD, counts),) if sum(counts) else ()
    return Chart("Failed sign-ins per day", buckets_of(query.period), series)
