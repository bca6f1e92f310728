"""TLS usage: messages per day, by TLS version."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.arithmetic import share_chart
from smtpauth_tui.reports.earlier import messages_preface
from smtpauth_tui.reports.figures import number, share, tls_fields
from smtpauth_tui.reports.values import Cell, Chart, Column, Fields, Report, Role, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayUsage

ROLES: Final = {
    TlsVersion.V1_3: Role.TLS_1_3,
    TlsVersion.V1_2: Role.TLS_1_2,
    TlsVersion.V1_1: Role.TLS_1_1,
    TlsVersion.V1_0: Role.TLS_1_0,
    TlsVersion.SSL3: Role.SSL3,
    TlsVersion.NONE: Role.NO_TLS,
    TlsVersion.UNKNOWN: Role.UNKNOWN,
}
_NOTHING: Final = Cell("0%(0)", Tone.MUTED)
ALWAYS_SHOWN: Final = (TlsVersion.V1_0, TlsVersion.V1_1, TlsVersion.V1_2, TlsVersion.V1_3)
"""Versions that have their place even when nobody uses them; the others appear when somebody does."""


def shown_versions(tls: Mapping[TlsVersion, int]) -> list[TlsVersion]:
    """The versions to show for some counts, from none to 1.3, unknown last."""
    return [version for version in TlsVersion if version in ALWAYS_SHOWN or tls.get(version)]


def tls_tone(version: TlsVersion, count: int) -> Tone:
    """A count below TLS 1.2 is a warning; one that is zero is muted."""
    if not count:
        return Tone.MUTED
    return Tone.BAD if version.outdated else Tone.PLAIN


def tls_cell(version: TlsVersion, count: int, whole: int) -> Cell:
    """``53%(472)``."""
    return _NOTHING if not count else Cell(share(count, whole), tls_tone(version, count))


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[DayUsage, None]:
    """Each day of the period, also those without messages."""
    found = {row.day: row for row in await store.daily_usage(query)}
    for place, day in enumerate(query.period.each()):
        if limit is not None and place >= limit:
            return
        yield found.get(day) or DayUsage(day, 0, 0, {}, {})


def fields(row: DayUsage) -> Fields:
    """``day``, ``messages``, ``tls``."""
    return {"day": row.day.isoformat(), "messages": row.messages, "tls": tls_fields(row.tls)}


async def load_chart(store: Store, query: ReportQuery) -> Chart:
    """The chart of a period."""
    return chart(await store.daily_usage(query), query)


def chart(rows: Sequence[DayUsage], query: ReportQuery) -> Chart:
    """Per cent of the messages per day by TLS version, the newest version at the bottom."""
    parts = [
        (version.label, role, {row.day: row.tls.get(version, 0) for row in rows}) for version, role in ROLES.items()
    ]
    return share_chart("TLS usage in per cent of the messages per day", query.period, parts)


TLS: Final = Report(
    name="tls",
    title="TLS usage",
    help="messages per day by TLS version",
    records=records,
    fields=fields,
    names=lambda query: ("day", "messages", "tls"),
    columns=(
        Column("day", "Day"),
        *(
            Column(version.value, version.label, numeric=True)
            for version in TlsVersion
            if version is not TlsVersion.SSL3
        ),
        Column("messages", "Messages", numeric=True),
    ),
    cells=lambda row: (
        Cell(row.day.isoformat()),
        *(
            tls_cell(version, row.tls.get(version, 0), row.messages)
            for version in TlsVersion
            if version is not TlsVersion.SSL3
        ),
        Cell(number(row.messages)),
    ),
    chart=load_chart,
    preface=messages_preface,
)
