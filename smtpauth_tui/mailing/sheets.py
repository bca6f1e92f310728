"""What stands on the sheets of a mailed workbook, as values: columns, rows and a chart each."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.mailing import frame
from smtpauth_tui.mailing.content import Content
from smtpauth_tui.mailing.figures import Figure, outdated_messages
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.reports.failures import tried_label
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.tls import ROLES, shown_versions
from smtpauth_tui.reports.values import Role
from smtpauth_tui.store.rows import DayUsage, SenderTotal, TriedName, TryingClient

Value = str | int | float | date | datetime | None
"""A cell; a text is raw."""


class Kind(StrEnum):
    """How a column's values are shown."""

    TEXT = "text"
    COUNT = "count"
    RATE = "rate"
    """A count with a part of one."""
    SHARE = "share"
    """A part of 1, shown in per cent."""
    CHANGE = "change"
    """The same with its sign."""
    DAY = "day"
    MOMENT = "moment"
    """A time in the store's zone."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column with its title, raw as well."""

    title: str
    kind: Kind = Kind.COUNT
    width: int = 12
    """In characters."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stacked chart of some columns by the first one."""

    title: str
    first: int
    """The place of the first column that is a layer."""
    roles: tuple[Role, ...]
    """Of each layer, from the bottom."""
    share: bool
    """Whether the layers of each day are drawn as parts of 100 per cent."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: lines above the table, the table, lines below it."""

    name: str
    columns: tuple[SheetColumn, ...]
    rows: Iterable[Sequence[Value]] | AsyncIterator[Sequence[Value]]
    total: Sequence[Value] = ()
    """A last row with sums."""
    above: tuple[tuple[str, str], ...] = ()
    below: tuple[str, ...] = ()
    chart: Stack | None = None
    filtered: bool = False
    """Whether its rows can be filtered."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Whose sign-ins were refused: the names tried most often, and the client addresses."""

    names: Sequence[TriedName] = ()
    clients: Sequence[TryingClient] = ()


def sheets(content: Content, senders: AsyncIterator[SenderTotal], failed: Failed, zone: ZoneInfo) -> Iterator[Sheet]:
    """The sheets of a report in their order, with all of *senders*."""
    yield _summary(content)
    yield _days(content)
    yield _tls(content)
    yield _senders(content, senders, zone)
    if failed.names:
        yield _names(failed.names, zone)
        yield _clients(failed.clients, zone)
    yield Sheet(
        "Definitions", (SheetColumn("Word", Kind.TEXT, 22), SheetColumn("Meaning", Kind.TEXT, 110)), frame.DEFINITIONS
    )


def _summary(content: Content) -> Sheet:
    domain, where = frame.domain(content), frame.filtered(content)
    rows = [_figure(figure) for figure in content.figures]
    messages = content.totals.messages
    for version in shown_versions(content.totals.tls):
        now, was = content.totals.tls.get(version, 0), content.before.tls.get(version, 0)
        known = next((figure for figure in content.figures if figure.label == "Messages"), None)
        before = None if known is None or known.before is None else was
        since = known.since if known else None
        rows.append(_figure(Figure(version.label, now, whole=messages, before=before, since=since)))
    columns = (
        SheetColumn("Figure", Kind.TEXT, 26),
        SheetColumn("Count"),
        SheetColumn("Share", Kind.SHARE),
        SheetColumn(frame.compared(content), width=28),
        SheetColumn("Change", Kind.CHANGE),
    )
    above = (
        ("Report", frame.heading(content)),
        ("Period", frame.days(content)),
        ("Sender domain", "all" if domain is None else domain),
        *([("Filter of senders", where)] if where else []),
        ("Days are counted in", content.zone),
        ("Made on", content.host),
    )
    return Sheet("Summary", columns, rows, above=above, below=content.notes)


def _figure(figure: Figure) -> Sequence[Value]:
    share = figure.number / figure.whole if figure.whole else None
    told = figure.before and not figure.since
    change = (figure.number - figure.before) / figure.before if told and figure.before else None
    return figure.label, figure.number, share, "no data" if figure.before is None else figure.before, change


def _days(content: Content) -> Sheet:
    """Messages per day by sender domain, as the chart of the volume has them."""
    chart = content.volume
    layers = chart.series
    rows: list[Sequence[Value]] = [
        (bucket.first, *(one.counts[place] for one in layers), chart.sum_of(place))
        for place, bucket in enumerate(chart.buckets)
    ]
    columns = (SheetColumn("Day", Kind.DAY), *(SheetColumn(one.name, width=18) for one in layers), SheetColumn("All"))
    stack = Stack(chart.title, 1, tuple(one.role for one in layers), share=False) if layers else None
    return Sheet("Days", columns, rows, ("Total", *(one.total for one in layers), chart.total), chart=stack)


def _tls(content: Content) -> Sheet:
    """Messages per day by TLS version, and the shares of the versions."""
    shown = shown_versions(content.totals.tls)
    versions = [version for version in ROLES if version in shown]
    found = {row.day: row for row in content.usage}
    days = [found.get(day) or DayUsage(day, 0, 0, {}, {}) for day in content.query.period.each()]
    columns = (
        SheetColumn("Day", Kind.DAY),
        *(SheetColumn(version.label) for version in versions),
        SheetColumn("Messages"),
        *(SheetColumn(f"{version.label} %", Kind.SHARE) for version in versions),
        SheetColumn("Below TLS 1.2 %", Kind.SHARE),
    )
    totals = content.totals
    whole = DayUsage(content.query.period.first, totals.messages, totals.recipients, totals.tls, totals.auth)
    stack = Stack("Messages per day by TLS version", 1, tuple(ROLES[version] for version in versions), share=True)
    return Sheet(
        "TLS",
        columns,
        [(day.day, *_versions(day, versions)) for day in days],
        ("Total", *_versions(whole, versions)),
        chart=stack if totals.messages else None,
    )


def _versions(day: DayUsage, versions: Sequence[TlsVersion]) -> Iterator[Value]:
    counts = [day.tls.get(version, 0) for version in versions]
    yield from counts
    yield day.messages
    for count in (*counts, outdated_messages(day.tls)):
        yield count / day.messages if day.messages else None


def _senders(content: Content, senders: AsyncIterator[SenderTotal], zone: ZoneInfo) -> Sheet:
    """All senders, those with most messages first."""
    versions = shown_versions({**content.totals.tls, **_ALWAYS})
    columns = (
        SheetColumn("Sender address", Kind.TEXT, 40),
        SheetColumn("Sender domain", Kind.TEXT, 24),
        SheetColumn("Messages"),
        SheetColumn("Recipients"),
        *(SheetColumn(version.label) for version in versions),
        SheetColumn("Below TLS 1.2"),
        *(SheetColumn(f"{version.label} %", Kind.SHARE) for version in versions),
        SheetColumn("Below TLS 1.2 %", Kind.SHARE),
        SheetColumn("Password", width=11),
        SheetColumn("OAuth", width=11),
        SheetColumn("Login unknown", width=14),
        SheetColumn(f"First seen ({content.zone})", Kind.MOMENT, 26),
        SheetColumn(f"Last seen ({content.zone})", Kind.MOMENT, 26),
    )
    return Sheet("Senders", columns, _sender_rows(senders, versions, zone), filtered=True)


_ALWAYS: Final = {TlsVersion.NONE: 1, TlsVersion.UNKNOWN: 1}
"""Versions that have their columns also where nobody uses them."""


async def _sender_rows(
    senders: AsyncIterator[SenderTotal], versions: Sequence[TlsVersion], zone: ZoneInfo
) -> AsyncIterator[Sequence[Value]]:
    async for row in senders:
        counts = [*(row.tls.get(version, 0) for version in versions), outdated_messages(row.tls)]
        yield (
            sender_label(row.name),
            row.domain,
            row.messages,
            row.recipients,
            *counts,
            *(count / row.messages if row.messages else None for count in counts),
            *(row.auth.get(kind, 0) for kind in (AuthKind.BASIC, AuthKind.OAUTH, AuthKind.UNKNOWN)),
            moment(row.first, zone),
            moment(row.last, zone),
        )


def _names(rows: Sequence[TriedName], zone: ZoneInfo) -> Sheet:
    columns = (
        SheetColumn("Name tried", Kind.TEXT, 40),
        SheetColumn("Refused"),
        SheetColumn("Client addresses", width=16),
        SheetColumn(f"Last ({zone.key})", Kind.MOMENT, 26),
    )
    values = [(tried_label(row.account), row.failures, row.clients, moment(row.last, zone)) for row in rows]
    return Sheet("Failed sign-ins", columns, values, filtered=True)


def _clients(rows: Sequence[TryingClient], zone: ZoneInfo) -> Sheet:
    columns = (
        SheetColumn("Client address", Kind.TEXT, 40),
        SheetColumn("Refused"),
        SheetColumn("Names tried"),
        SheetColumn(f"Last ({zone.key})", Kind.MOMENT, 26),
    )
    values = [(row.client, row.failures, row.names, moment(row.last, zone)) for row in rows]
    return Sheet("Failing clients", columns, values, filtered=True)


def moment(seconds: int | None, zone: ZoneInfo) -> datetime | None:
    """A time as a clock in the zone shows it; a workbook knows no zones."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone(zone).replace(tzinfo=None)
