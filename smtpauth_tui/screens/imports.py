"""Imports: one row for each file that was read; Enter tells all about one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from textual import on
from textual.app import ComposeResult

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.query import Grouping
from smtpauth_tui.reports.figures import local, number, plural
from smtpauth_tui.reports.flyouts import Flyout, one_source, source_name
from smtpauth_tui.reports.imports import filter_columns, filter_values
from smtpauth_tui.reports.values import Cell, Column, Tone
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SourceRow
from smtpauth_tui.widgets.notice import Link

_COLUMNS: Final = (
    Column("source", "Source"),
    Column("format", "Format"),
    Column("lines", "Lines", numeric=True),
    Column("submissions", "Submissions", numeric=True),
    Column("auth_failures", "Failures", numeric=True),
    Column("not_understood", "Unread", numeric=True),
    Column("last", "Newest line"),
    Column("imported_at", "Imported"),
    Column("first", "Oldest line"),
    Column("host", "Host"),
    Column("damaged", "Damaged"),
)
_COUNTS: Final = ("lines", "submissions", "auth_failures", "not_understood")
_TIMES: Final = ("last", "imported_at", "first")


class ImportsScreen(RowsScreen[SourceRow]):
    """What was brought in, the newest import first."""

    TITLE_TEXT = "Imports"
    WORDS = (
        ("Source", "a file that was read, or standard input; told again by its place and how it begins"),
        ("Unread", "lines that looked like a mail server's and could not be understood; the flyout shows some"),
        ("Damaged", "the compressed data ended early or was broken; what stood before that was read"),
    )
    ORDER = ("imported_at", True)
    ASCENDING = frozenset({"source", "format", "host"})
    SEARCHED = "part of a file's name"
    RECORD = "source"

    def compose_below(self) -> ComposeResult:
        yield Link("Doctor: is anything missing? →")

    async def fetch(self, store: Store) -> Rows[SourceRow]:
        sources = await store.sources()
        lines = sum(row.lines for row in sources)
        return Rows(
            sources,
            f"{plural(len(sources), 'source')} · {plural(lines, 'line')}",
            ("Nothing was imported yet.", "Press i to choose a log."),
        )

    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    def cells(self, record: SourceRow) -> Sequence[Cell]:
        name = Tone.WARN if record.damaged or record.not_understood else Tone.PLAIN
        return (
            Cell(source_name(record.path), name),
            Cell(record.format),
            *(Cell(number(getattr(record, key))) for key in _COUNTS),
            *(Cell(local(getattr(record, key), self.zone)) for key in _TIMES),
            Cell(record.host),
            Cell(record.damaged, Tone.WARN),
        )

    def identity(self, record: SourceRow) -> int:
        return record.id

    def value(self, record: SourceRow, key: str) -> Any:
        return getattr(record, key) or 0 if key in (*_COUNTS, *_TIMES) else super().value(record, key)

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        return filter_columns(Grouping.SENDER)

    def filter_values(self) -> Mapping[str, Callable[[SourceRow], Any]]:
        return filter_values(self.zone)

    def flyout(self, record: SourceRow) -> FlyoutScreen:
        async def load() -> Flyout:
            async with (await self._desk.store()).snapshot() as store:
                return await one_source(store, record.id)

        return FlyoutScreen(source_name(record.path), load)

    @on(Link.Followed)
    async def ask_doctor(self) -> None:
        """What the logs lack."""
        await self.app.run_action("app.doctor")
