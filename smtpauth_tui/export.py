"""Reports as text for people, as JSON and as CSV for programs; everything from a log comes out neutralised."""

import csv
import io
import json
import unicodedata
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from smtpauth_tui import charts
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Grouping, ReportQuery
from smtpauth_tui.reports.figures import percent
from smtpauth_tui.reports.values import Cell, Chart, Column, Record, Report, Table, Tone
from smtpauth_tui.safe import safe
from smtpauth_tui.switches import Reason

SCHEMA: Final = 1
_SGR: Final = {
    Tone.PLAIN: "",
    Tone.MUTED: "\x1b[90m",
    Tone.GOOD: "\x1b[32m",
    Tone.WARN: "\x1b[33m",
    Tone.BAD: "\x1b[31m",
}
_MEASURED: Final = 1000
"""Rows that are looked at for the widths of the columns, before the first one is printed."""
_WRITTEN: Final = 1 << 15
_FORMULA: Final = frozenset("=+-@\t\r")


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal: two for wide characters, none for marks that combine."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def cut(text: str, width: int) -> str:
    """*text* in at most *width* columns; what was cut shows as ``…``."""
    if width_of(text) <= width:
        return text
    out, room = "", width - 1
    for character in text:
        room -= width_of(character)
        if room < 0:
            break
        out += character
    return out + "…"


async def gathered(parts: AsyncIterator[str], end: str = "") -> AsyncIterator[str]:
    """The *parts*, each with its *end*, many thousand characters at a time: writing costs more than a row does."""
    held: list[str] = []
    size = 0
    async for part in parts:
        held.append(part + end)
        size += len(part)
        if size > _WRITTEN:
            yield "".join(held)
            held.clear()
            size = 0
    yield "".join(held)


# JSON


def of_account(report: Report, query: ReportQuery) -> bool:
    """Whether a report is asked for one account; a sender's report is always a sender's."""
    return report.of_one and query.sender is not None and query.by is Grouping.ACCOUNT


async def json_lines(
    report: Report,
    records: AsyncIterator[Record],
    query: ReportQuery,
    zone: str,
    limit: int | None,
    more: Mapping[str, Any] | None = None,
) -> AsyncIterator[str]:
    """The contract's object, a row a line; one record more than *limit* tells that it was cut. *more*: its head."""
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "report": report.name,
        "start": query.period.first.isoformat(),
        "end": query.period.last.isoformat(),
        "timezone": zone,
        "domain": query.domain,
    }
    if query.sender is not None:
        head["account" if of_account(report, query) else "sender"] = query.sender or "<>"
    if query.where:
        head["where"] = query.where.text
    yield json.dumps({**head, **(more or {})})[:-1] + ', "rows": ['
    number = 0
    truncated = False
    async for record in records:
        if limit is not None and number >= limit:
            truncated = True
            break
        yield (",\n" if number else "\n") + json.dumps(dict(report.fields(record)))
        number += 1
    yield ("\n" if number else "") + f'], "truncated": {json.dumps(truncated)}}}\n'


# CSV


_SIMPLE: Final = frozenset({str, int, float, bool, type(None)})
_TLS_COLUMNS: Final = tuple((version, f"tls_{version}") for version in TlsVersion)


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A record's fields in one level: ``tls`` {``1.2``: n} becomes ``tls_1.2``, and a list its words.

    The columns are the same for all records, so SSL 3 has its own also where nobody uses it.
    """
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if type(value) in _SIMPLE:  # most are: to ask a value whether it is a mapping takes longer than all else
            flat[name] = value
        elif name == "tls":
            for version, column in _TLS_COLUMNS:
                flat[column] = value.get(version, 0)
        elif isinstance(value, Mapping):
            for key, part in value.items():
                flat[f"{name}_{key}"] = part
        elif isinstance(value, list):
            flat[name] = " ".join(map(str, value))
        else:
            flat[name] = value
    return flat


def csv_cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula and no terminal for a command; numbers stay numbers."""
    if not isinstance(value, str):
        return "" if value is None else value
    return spreadsheet_text(value)


def spreadsheet_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula and no terminal for a command, for files of each kind."""
    if text[:1].isalnum() and text.isascii() and text.isprintable():
        return text
    shown = safe(text)
    begin = unicodedata.normalize("NFKC", text.lstrip(" \"'")[:1])  # full-width and small signs are signs too
    return f"'{shown}" if begin[:1] in _FORMULA else shown


def _flat_names(names: Sequence[str]) -> list[str]:
    """The names of `_flat`'s columns."""
    parts: dict[str, type[StrEnum]] = {"tls": TlsVersion, "auth": AuthKind, "refused_by": Reason}
    return [flat for name in names for flat in ([f"{name}_{key}" for key in parts[name]] if name in parts else [name])]


async def csv_lines(
    report: Report, records: AsyncIterator[Record], query: ReportQuery, limit: int | None
) -> AsyncIterator[str]:
    """A header and a line a record (RFC 4180)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_flat_names(report.names(query)))
    number = 0
    async for record in records:
        if limit is not None and number >= limit:
            break
        writer.writerow([csv_cell(value) for value in _flat(report.fields(record)).values()])
        number += 1
        if buffer.tell() > 1 << 15:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


# text


def table_lines(table: Table, *, colour: bool, width: int | None = None, narrow: int = 0) -> Iterator[str]:
    """A table for a terminal: a title row, a rule, the rows; the column *narrow* gives way where *width* is short."""
    lines = _Lines(table.columns, table.rows, colour=colour, width=width, narrow=narrow)
    yield from lines.head()
    for row in table.rows:
        yield lines.row(row)


async def text_lines(
    report: Report, records: AsyncIterator[Record], *, colour: bool, width: int | None, limit: int | None
) -> AsyncIterator[str]:
    """A report's table for a terminal, as the records come; the widths are those of the first thousand."""
    measured: list[Sequence[Cell]] = []
    lines: _Lines | None = None
    number = 0
    truncated = False
    async for record in records:
        if limit is not None and number >= limit:
            truncated = True
            break
        number += 1
        rows = report.lines_of(record)
        if lines is None:
            measured.extend(rows)
            if len(measured) < _MEASURED:
                continue
            lines = _Lines(report.columns, measured, colour=colour, width=width, narrow=report.narrow)
            rows = measured
            for line in lines.head():
                yield line
        for row in rows:
            yield lines.row(row)
    if lines is None and measured:
        lines = _Lines(report.columns, measured, colour=colour, width=width, narrow=report.narrow)
        for line in lines.head():
            yield line
        for row in measured:
            yield lines.row(row)
    if truncated:
        yield f"… and more: only the first {number:,} were asked for (--limit)."


class _Lines:
    """Rows of a table with aligned columns."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        colour: bool,
        width: int | None,
        narrow: int = 0,
    ) -> None:
        self._columns = columns
        self._numeric = [column.numeric for column in columns]
        self._colour = colour
        self._cuts = width is not None
        self._widths = [
            max([width_of(column.title), *(width_of(safe(row[place].text)) for row in rows)])
            for place, column in enumerate(columns)
        ]
        if width and (over := sum(self._widths) + 2 * (len(columns) - 1) - width) > 0:
            self._widths[narrow] = max(self._widths[narrow] - over, 12)
        aligned = (
            f"%{'' if column.numeric else '-'}{room}s" for column, room in zip(columns, self._widths, strict=True)
        )
        self._plain = "" if colour or self._cuts else "  ".join(aligned)

    def head(self) -> Iterator[str]:
        """The titles and the rule below them."""
        columns = zip(self._columns, self._widths, self._numeric, strict=True)
        yield "  ".join([self._padded(column.title, width, numeric) for column, width, numeric in columns]).rstrip()
        yield "  ".join("─" * width for width in self._widths)

    def row(self, cells: Sequence[Cell]) -> str:
        """One row."""
        if self._plain:
            texts = tuple([cell.text for cell in cells])
            whole = "".join(texts)
            if whole.isascii() and whole.isprintable():
                return (self._plain % texts).rstrip()
        parts = []
        for cell, width, numeric in zip(cells, self._widths, self._numeric, strict=True):
            text = self._padded(safe(cell.text), width, numeric)
            colour = _SGR[cell.tone] if self._colour else ""
            parts.append(f"{colour}{text}\x1b[0m" if colour else text)
        return "  ".join(parts).rstrip()

    def _padded(self, text: str, width: int, numeric: bool) -> str:
        if self._cuts and not numeric:
            text = cut(text, width)
        blanks = " " * (width - width_of(text))
        return blanks + text if numeric else text + blanks


def chart_lines(chart: Chart, width: int, height: int, *, colour: bool, ascii_only: bool = False) -> list[str]:
    """A chart for a terminal: title, plot, and the legend with each series' total and share."""
    drawing = charts.draw(chart, width, height)
    legend = legend_lines(chart, width, colour=colour, ascii_only=ascii_only)
    return [drawing.chart.title, *charts.as_text(drawing, colour=colour, ascii_only=ascii_only), *legend]


def legend_lines(chart: Chart, width: int, *, colour: bool, ascii_only: bool = False) -> list[str]:
    """``█ TLS 1.3 12,345 (61.20 %)`` for each series, as many on a line as fit; no sums of what is distinct."""
    glyphs = charts.ASCII_GLYPHS if ascii_only else charts.GLYPHS
    lines: list[str] = [""]
    used = 0
    for one in chart.series:
        figures = "" if chart.distinct else f" {one.total:,} ({percent(one.total, chart.total)})"
        text = f"{glyphs[one.role]} {safe(one.name)}{figures}"
        if used and used + 3 + width_of(text) > width:
            lines.append("")
            used = 0
        shown = f"\x1b[{charts.ANSI_COLOURS[one.role]}m{text[0]}\x1b[0m{text[1:]}" if colour else text
        lines[-1] += ("   " if used else "") + shown
        used += (3 if used else 0) + width_of(text)
    return [line for line in lines if line]
