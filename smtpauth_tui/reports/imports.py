"""What was imported: one row a source."""

from collections.abc import AsyncGenerator, Callable
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from smtpauth_tui.conditions import FilterColumn, Kind
from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.reports.figures import number, utc, utc_minute
from smtpauth_tui.reports.filtered import count_column, text_column
from smtpauth_tui.reports.judged_here import day_in
from smtpauth_tui.reports.values import Cell, Column, Fields, Report, Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SourceRow


async def records(store: Store, query: ReportQuery, limit: int | None) -> AsyncGenerator[SourceRow, None]:
    """All sources, whatever the period, the newest import first."""
    for row in (await store.sources())[:limit]:
        yield row


def fields(row: SourceRow) -> Fields:
    """As the contract has it."""
    return {
        "path": row.path,
        "format": row.format,
        "host": row.host,
        "lines": row.lines,
        "submissions": row.submissions,
        "first": utc(row.first),
        "last": utc(row.last),
        "imported_at": utc(row.imported_at),
    }


def _short(path: str) -> str:
    return path if len(path) <= 40 else "…" + path[-39:]


def filter_columns(by: Grouping) -> tuple[FilterColumn, ...]:
    """All that is told of a source."""
    texts = [text_column(name) for name in ("source", "format", "host", "damaged")]
    days = [FilterColumn(name, Kind.DAY, name) for name in ("first", "last", "imported_at")]
    return (*texts, *map(count_column, _COUNTED), *days)


def filter_values(zone: ZoneInfo) -> dict[str, Callable[[SourceRow], Any]]:
    """What a filter compares of it."""
    return {
        "source": lambda row: row.path,
        **{name: attrgetter(name) for name in ("format", "host", "damaged", *_COUNTED)},
        "first": lambda row: day_in(zone, row.first),
        "last": lambda row: day_in(zone, row.last),
        "imported_at": lambda row: day_in(zone, row.imported_at),
    }


_COUNTED: Final = ("lines", "submissions", "auth_failures", "not_understood")

IMPORTS: Final = Report(
    name="imports",
    title="Imports",
    help="one row for each file that was imported",
    records=records,
    fields=fields,
    names=lambda query: ("path", "format", "host", "lines", "submissions", "first", "last", "imported_at"),
    columns=(
        Column("path", "Source"),
        Column("format", "Format"),
        Column("lines", "Lines", numeric=True),
        Column("submissions", "Submissions", numeric=True),
        Column("not_understood", "Unread", numeric=True),
        Column("last", "Newest (UTC)"),
        Column("imported_at", "Imported (UTC)"),
    ),
    cells=lambda row: (
        Cell(_short(row.path), Tone.WARN if row.damaged else Tone.PLAIN),
        Cell(row.format),
        Cell(number(row.lines)),
        Cell(number(row.submissions)),
        Cell(number(row.not_understood), Tone.WARN if row.not_understood else Tone.MUTED),
        Cell(utc_minute(row.last)),
        Cell(utc_minute(row.imported_at), Tone.MUTED),
    ),
    filters=filter_columns,
    values=filter_values,
)
