"""A mailed report as a workbook with native charts. XlsxWriter is known here only.

Numbers are numbers and dates are dates; a text from a log is only ever a text: no formula, no link, no markup.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from tempfile import TemporaryDirectory
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import spreadsheet_text
from smtpauth_tui.mailing.colours import COLOURS
from smtpauth_tui.mailing.sheets import Kind, Sheet, Stack, Value

MOST_ROWS: Final = 1_000_000
"""Rows that a sheet has room for, beside its titles; Excel has 1,048,576."""
_CHUNK: Final = 500
_LONGEST: Final = 32_767
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FORMATS: Final[dict[str, dict[str, Any]]] = {
    Kind.TEXT: {},
    Kind.COUNT: {"num_format": "#,##0"},
    Kind.RATE: {"num_format": "#,##0.00"},
    Kind.SHARE: {"num_format": "0.00%"},
    Kind.CHANGE: {"num_format": "+0.0%;-0.0%;0.0%"},
    Kind.DAY: {"num_format": "yyyy-mm-dd", "align": "left"},
    Kind.MOMENT: {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
}
_BOLD: Final = {"bold": True}
_HEAD: Final = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#E9EDF2"}
_FIRST_DAY: Final = date(1900, 3, 1)
"""Workbooks take 1900 for a leap year: earlier days are other ones there."""


async def workbook(title: str, sheets: Iterable[Sheet]) -> bytes:
    """The file with these sheets; rows may come as they are fetched, and the event loop goes on meanwhile.

    SmtpAuthTuiError where there is no room for temporary files.
    """
    try:
        with TemporaryDirectory(prefix="smtpauth-tui-") as folder:
            out = io.BytesIO()
            book = xlsxwriter.Workbook(out, {**_OPTIONS, "tmpdir": folder})
            # the moment of making would make each file another one
            book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
            formats = {name: book.add_format(given) for name, given in _FORMATS.items()}
            bold = {name: book.add_format({**given, **_BOLD}) for name, given in _FORMATS.items()}
            head = book.add_format(_HEAD)
            for sheet in sheets:
                await _Writing(book, sheet, formats, bold, head).write()
            await _aside(book.close)
            return out.getvalue()
    except (OSError, XlsxWriterException) as error:
        raise SmtpAuthTuiError(
            f"The workbook cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Make room in the folder for temporary files; TMPDIR names another one.",
        ) from error


async def _aside(work: Callable[..., object], *arguments: object) -> None:
    """Do something in a thread of its own. Whoever is cancelled meanwhile waits for its end: it writes files."""
    done = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        with suppress(asyncio.CancelledError):
            await asyncio.wait([done])
        raise


class _Writing:
    """One sheet as it is written, row after row."""

    def __init__(self, book: Any, sheet: Sheet, formats: dict[str, Any], bold: dict[str, Any], head: Any) -> None:
        self._book = book
        self._sheet = sheet
        self._formats = formats
        self._bold = bold
        self._head = head
        self._page = book.add_worksheet(sheet.name)
        self._row = 0

    async def write(self) -> None:
        sheet = self._sheet
        for place, column in enumerate(sheet.columns):
            self._page.set_column(place, place, column.width)
        for label, text in sheet.above:
            self._text(0, label, self._bold[Kind.TEXT])
            self._text(1, text, None)
            self._row += 1
        self._row += bool(sheet.above)
        titles = self._row
        for place, column in enumerate(sheet.columns):
            self._text(place, column.title, self._head)
        self._row += 1
        if not sheet.above:
            self._page.freeze_panes(self._row, 1)
        await self._rows()
        last = self._row - 1
        if sheet.filtered:
            self._page.autofilter(titles, 0, max(last, titles), len(sheet.columns) - 1)
        if sheet.total:
            self._write_row(sheet.total, self._bold)
        if sheet.chart and last > titles:
            self._chart(sheet.chart, titles, last)
        for text in sheet.below:
            self._row += 1
            self._text(0, text, None)

    async def _rows(self) -> None:
        rows = self._sheet.rows
        if not isinstance(rows, AsyncIterator):
            self._write_rows(list(rows))
            return
        chunk: list[Sequence[Value]] = []
        async for row in rows:
            chunk.append(row)
            if len(chunk) == _CHUNK:
                await _aside(self._write_rows, chunk)
                chunk = []
        self._write_rows(chunk)

    def _write_rows(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            self._write_row(row, self._formats)

    def _write_row(self, row: Sequence[Value], formats: dict[str, Any]) -> None:
        for place, value in enumerate(row):
            if value is None:
                continue
            shown = formats[self._sheet.columns[place].kind]
            if isinstance(value, date) and not isinstance(value, datetime) and value < _FIRST_DAY:
                value = value.isoformat()
            if isinstance(value, str):
                self._text(place, value, formats[Kind.TEXT])
            elif isinstance(value, date):
                when = value if isinstance(value, datetime) else datetime.combine(value, time())
                self._page.write_datetime(self._row, place, when, shown)
            else:
                self._page.write_number(self._row, place, value, shown)
        self._row += 1

    def _text(self, place: int, text: str, shown: Any) -> None:
        self._page.write_string(self._row, place, cell_text(text), shown)

    def _chart(self, stack: Stack, titles: int, last: int) -> None:
        """A native chart beside the table; its series take their names from the titles."""
        name = self._sheet.name
        chart = self._book.add_chart({"type": "column", "subtype": "percent_stacked" if stack.share else "stacked"})
        for place, role in enumerate(stack.roles, stack.first):
            chart.add_series(
                {
                    "name": [name, titles, place],
                    "categories": [name, titles + 1, 0, last, 0],
                    "values": [name, titles + 1, place, last, place],
                    "fill": {"color": COLOURS[role]},
                    "gap": 40,
                }
            )
        chart.set_title({"name": stack.title, "name_font": {"size": 12}, "overlay": False})
        chart.set_x_axis({"date_axis": True, "num_format": "d mmm", "major_tick_mark": "none"})
        chart.set_y_axis({"num_format": "0%" if stack.share else "#,##0", "major_gridlines": {"visible": True}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 860, "height": 420})
        self._page.insert_chart(1, len(self._sheet.columns) + 1, chart)


def cell_text(text: str) -> str:
    """A text that a cell shows as it is: what does not print as its escape, and nothing that would be obeyed.

    XlsxWriter writes what begins and ends with the marks of its rich texts into the file as it is, unescaped.
    """
    shown = spreadsheet_text(text)
    return ("'" + shown if shown.startswith("<r>") else shown)[:_LONGEST]
