"""Sending volume: messages per day, by sender domain."""

from collections.abc import AsyncGenerator
from typing import Final

from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of
from smtpauth_tui.reports.earlier import messages_preface
from smtpauth_tui.reports.figures import number, plural
from smtpauth_tui.reports.values import RANKS, Cell, Chart, Column, Fields, Report, Role, Series
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DomainVolume, LargestDomains

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


async def load_chart(store: Store, query: ReportQuery) -> Chart:
    """The chart of a period; of domains that are many, only what it shows is fetched."""
    return chart(await store.largest_domains(query, len(RANKS)), query)


def chart(found: LargestDomains, query: ReportQuery) -> Chart:
    """Messages per day, stacked by sender domain: the four largest, and the others as one."""
    series = [
        Series(domain_label(name), role, counts_of(days, query.period))
        for (name, days), role in zip(found.days.items(), RANKS, strict=False)
    ]
    if found.others:
        series.append(Series(plural(found.others, "other"), Role.REST, counts_of(found.rest, query.period)))
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
    chart=load_chart,
    preface=messages_preface,
)
