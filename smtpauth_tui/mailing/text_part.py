"""A mailed report as plain text, complete by itself: no line is wider than a terminal's mail program shows."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from smtpauth_tui.export import chart_lines, cut, width_of
from smtpauth_tui.mailing import frame
from smtpauth_tui.mailing.content import Content
from smtpauth_tui.mailing.figures import Figure
from smtpauth_tui.reports.values import Cell, Chart, Table
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.mailing.attachments import Attachment

_CHART_ROWS: Final = 14
_LEGEND_ROOM: Final = 34
"""Columns that a series' glyph, total and share take in a legend, with some to spare."""
_NAME_ROOM: Final = 32
"""Columns that a name has at least before what is said of it stands below it."""


def text_part(content: Content, attachments: "Sequence[Attachment]" = (), width: int = 72) -> str:
    """The report in lines of at most *width* columns, with a line end each; ASCII but for names from logs."""
    parts = [
        list(_head(content, width)),
        list(_figures(content, width)),
        [line for note in content.notes for line in wrapped(f"* {note}", width, "  ")],
        chart_part(content.charts[0], width) if content.charts else [],
        *(list(table_part(title, table, width)) for title, table in content.tables),
        list(_definitions(width)),
        list(_attached(attachments, width)),
        [line for text in frame.origin(content.zone, content.host) for line in named(safe(text), width)],
    ]
    return "\n".join("\n".join(line.rstrip() for line in part) + "\n" for part in parts if part)


def _head(content: Content, width: int) -> Iterator[str]:
    yield cut(frame.heading(content), width)
    yield "=" * min(len(frame.heading(content)), width)
    yield cut(frame.days(content), width)
    domain = frame.domain(content)
    yield "All sender domains" if domain is None else cut(f"Sender domain: {safe(domain)}", width)
    if where := frame.filtered(content):
        yield from named(f"Filter: {safe(where)}", width)


def _figures(content: Content, width: int) -> Iterator[str]:
    """The figures with their shares and changes in columns; the changes have what room the others leave."""
    rows = [_figure_cells(figure) for figure in content.figures]
    if not rows:
        return
    titles = ("", "", "Share", f"Against {frame.compared(content)}")
    label, count, share = (max(len(row[place]) for row in [titles, *rows]) for place in range(3))
    for row in [titles, *rows]:
        yield cut(f"{row[0]:<{label}}  {row[1]:>{count}}  {row[2]:>{share}}  {row[3]}", width)


def _figure_cells(figure: Figure) -> tuple[str, str, str, str]:
    return figure.label, figure.count, figure.share, figure.change


def chart_part(chart: Chart, width: int) -> list[str]:
    """A chart in characters; nothing of one without counts."""
    if not chart.total:
        return []
    room = max(width - _LEGEND_ROOM, 8)
    series = tuple(replace(one, name=cut(safe(one.name), room)) for one in chart.series)
    return chart_lines(replace(chart, series=series), width, _CHART_ROWS, colour=False, ascii_only=True)


def table_part(title: str, table: Table, width: int) -> Iterator[str]:
    """A title row and, of each row, the name and the numbers; what else there is of it stands beside, or below."""
    numbers = [place for place, column in enumerate(table.columns) if column.numeric]
    others = [place for place, column in enumerate(table.columns) if place and not column.numeric]
    more = [", ".join(safe(row[place].text) for place in others if row[place].text) for row in table.rows]
    widths = [
        max(len(table.columns[place].title), *(len(safe(row[place].text)) for row in table.rows)) for place in numbers
    ]
    room = width - sum(widths) - 2 * len(widths)
    wide = max(map(width_of, more), default=0) + 2
    beside = wide > 2 and room - wide >= _NAME_ROOM
    room = max(room - wide if beside else room, 8)
    head = "".join(f"  {table.columns[place].title:>{wide}}" for place, wide in zip(numbers, widths, strict=True))
    yield cut(f"{title:<{room}}", room) + head
    yield "-" * width
    for row, said in zip(table.rows, more, strict=True):
        figures = "".join(f"  {safe(row[place].text):>{wide}}" for place, wide in zip(numbers, widths, strict=True))
        yield _padded(row[0], room) + figures + (f"  {said}" if beside else "")
        if said and not beside:
            yield cut(f"  {said}", width)


def _padded(cell: Cell, room: int) -> str:
    text = cut(safe(cell.text), room)
    return text + " " * (room - width_of(text))


def _definitions(width: int) -> Iterator[str]:
    yield "What the words mean"
    yield "-" * width
    for word, meaning in frame.DEFINITIONS:
        yield from wrapped(f"{word}: {meaning}", width, "  ")


def _attached(attachments: "Sequence[Attachment]", width: int) -> Iterator[str]:
    if not attachments:
        return
    yield "Attached"
    yield "-" * width
    for one in attachments:
        yield cut(one.name, width)
        yield from wrapped(f"  {frame.attached(one)}", width, "  ")
    yield from wrapped(frame.shortened(attachments), width)


def named(text: str, width: int) -> list[str]:
    """A sentence with a name in it; textwrap knows nothing of characters that are two columns wide."""
    return wrapped(text, width) if text.isascii() else [cut(text, width)]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """A sentence of ours in lines; one word that is too long by itself is broken."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
