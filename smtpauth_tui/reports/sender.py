"""One sender: its days, and for the flyout its logins and how long it has been seen."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.model import OUTDATED_TLS, TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports import tls
from smtpauth_tui.reports.earlier import sender_preface
from smtpauth_tui.reports.figures import auth_fields, number, tls_fields
from smtpauth_tui.reports.values import Cell, Chart, Column, Fields, Report
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayUsage, Usage


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[DayUsage, None]:
    """Each day of the period, also those on which the sender was silent."""
    found = {row.day: row for row in await store.sender_days(query)}
    for place, day in enumerate(query.period.each()):
        if limit is not None and place >= limit:
            return
        yield found.get(day) or DayUsage(day, 0, 0, {}, {})


def fields(row: DayUsage) -> Fields:
    """``day``, ``messages``, ``recipients``, ``tls``, ``auth``."""
    return {
        "day": row.day.isoformat(),
        "messages": row.messages,
        "recipients": row.recipients,
        "tls": tls_fields(row.tls),
        "auth": auth_fields(row.auth),
    }


async def load_chart(store: Store, query: ReportQuery) -> Chart:
    """The chart of a period."""
    return chart(await store.sender_days(query), query)


def chart(rows: Sequence[DayUsage], query: ReportQuery) -> Chart:
    """The sender's messages per day, stacked by TLS version."""
    usage = tls.chart(rows, query)
    return Chart("Messages per day by TLS version", usage.buckets, usage.series)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one sender in a period."""

    name: str
    days: tuple[DayUsage, ...]
    logins: tuple[Usage, ...]
    ever: tuple[int, int] | None
    """First and last seen in any period, UTC seconds."""

    @property
    def messages(self) -> int:
        """Messages in the period."""
        return sum(day.messages for day in self.days)

    @property
    def recipients(self) -> int:
        """Their recipients."""
        return sum(day.recipients for day in self.days)

    @property
    def tls(self) -> dict[TlsVersion, int]:
        """Messages in the period by TLS version."""
        return {version: sum(day.tls.get(version, 0) for day in self.days) for version in TlsVersion}

    @property
    def outdated(self) -> list[TlsVersion]:
        """The versions below TLS 1.2 that it used."""
        counts = self.tls
        return [version for version in OUTDATED_TLS if counts[version]]


async def profile(store: Store, query: ReportQuery) -> Profile:
    """Ask the store for all that the sender's flyout shows."""
    days = [row async for row in records(store, query, None)]
    return Profile(
        query.sender or "",
        tuple(days),
        tuple(await store.sender_partners(query)),
        await store.sender_ever(query),
    )


SENDER: Final = Report(
    name="sender",
    title="Sender",
    help="the days of one sender: show sender ADDRESS",
    records=records,
    fields=fields,
    names=lambda query: ("day", "messages", "recipients", "tls", "auth"),
    columns=(
        *tls.TLS.columns[:-1],
        Column("messages", "Messages", numeric=True),
        Column("recipients", "Recipients", numeric=True),
    ),
    cells=lambda row: (*tls.TLS.cells(row), Cell(number(row.recipients))),
    chart=load_chart,
    preface=sender_preface,
)
