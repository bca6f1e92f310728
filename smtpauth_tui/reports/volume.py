"""Sending volume: messages per day, by sender domain."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from datetime import date
from typing import Final

from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of, grouped, largest
from smtpauth_tui.reports.figures import number
from smtpauth_tui.reports.values import RANKS, Cell, Chart, Column, Fields, Report, Role, Series
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DomainVolume

NO_DOMAIN: Final = "(no domain)"
"""What stands for senders without a domain: the null sender ``<>`` and bare names."""


def domain_label(domain: str) -> str:
    """A sender domain as people read it."""
    return domain or NO_DOMAIN


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[DomainVolume, None]:
    """The volume of each domain on each day that has any."""
    for row in (await store.daily_volume(query))[:limit]:
        yield row


def fields(row: DomainVolume) -> Fields:
    """``day``, ``domain``, ``messages``."""
    return {"day": row.day.isoformat(), "domain": row.domain, "messages": row.messages}


def chart(rows: Sequence[DomainVolume], query: ReportQuery) -> Chart:
    """Messages per day, stacked by sender domain: the four largest, and the others as one."""
    per_domain = grouped((row.domain, row.day, row.messages) for row in rows)
    top, rest = largest({name: sum(days.values()) for name, days in per_domain.items()}, len(RANKS))
    series = [
        Series(domain_label(name), role, counts_of(per_domain[name], query.period))
        for name, role in zip(top, RANKS, strict=False)
    ]
    if rest:
        others: Counter[date] = Counter()
        for name in rest:
            others.update(per_domain[name])
        series.append(Series(f"{len(rest):,} others", Role.REST, counts_of(others, query.period)))
    return Chart("Messages per day by sender domain", buckets_of(query.period), tuple(series))


VOLUME: Final = Report(
    name="volume",
    title="Sending volume",
    help="messages per day and sender domain",
    records=records,
    fields=fields,
    names=lambda query: ("day", "domain", "messages"),
    columns=(Column("day", "Day"), Column("domain", "Sender domain"), Column("messages", "Messages", numeric=True)),
    cells=lambda row: (Cell(row.day.isoformat()), Cell(domain_label(row.domain)), Cell(number(row.messages))),
    chart=chart,
)
