"""A mailed report as HTML that every mail program shows: tables, inline styles, bars that are coloured cells.

Nothing is loaded from elsewhere, nothing leads elsewhere. jinja2 is known here only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from smtpauth_tui.export import cut
from smtpauth_tui.mailing import frame
from smtpauth_tui.mailing.colours import COLOURS
from smtpauth_tui.mailing.content import Content, short_percent, subject
from smtpauth_tui.reports.arithmetic import apportioned, fitted
from smtpauth_tui.reports.figures import number, percent
from smtpauth_tui.reports.values import Bucket, Cell, Chart, Role, Series, Table, Tone
from smtpauth_tui.safe import safe

if TYPE_CHECKING:
    from smtpauth_tui.mailing.attachments import Attachment

_OUTDATED: Final = frozenset({Role.NO_TLS, Role.SSL3, Role.TLS_1_0, Role.TLS_1_1})
_FRONT: Final = 4
"""Figures that are shown large."""
_LONGEST: Final = 80
"""Characters of a text from a log that are shown; a name that is longer is not meant to be read."""
_SENTENCE: Final = 800
"""Characters of a sentence that has names in it."""
_MOST_BARS: Final = 31
_LINKED: Final = re.compile(r"([@./:])")
"""The signs by which mail programs know addresses that they make links of."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A coloured cell of a bar."""

    colour: str
    width: int
    """Per cent of the room for bars."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: a day or a week."""

    label: str
    segments: tuple[Segment, ...]
    rest: int
    """Per cent of the room that stay empty."""
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart whose bars lie."""

    title: str
    unit: str
    """What the numbers beside the bars are."""
    bars: tuple[Bar, ...]
    series: tuple[Series, ...]
    """Those whose totals are told below it."""
    total: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: a name with what else there is to say of it, and numbers."""

    name: Cell
    more: tuple[Cell, ...]
    numbers: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table, its columns parted into names and numbers."""

    title: str
    name: str
    """The title of the column of names."""
    numbers: tuple[str, ...]
    """The titles of the numbers."""
    rows: tuple[Row, ...]


def html_part(content: Content, attachments: "Sequence[Attachment]" = ()) -> str:
    """The report as an HTML document, at most 600 pixels wide and readable at 360."""
    return template().render(
        subject=subject(content),
        alert=None,
        heading=content.title,
        days=frame.days(content),
        domain=frame.domain(content),
        filter=frame.filtered(content),
        compared=frame.compared(content),
        notes=content.notes,
        front=content.figures[:_FRONT],
        figures=content.figures[_FRONT:],
        tables=[rows(title, table) for title, table in content.tables],
        charts=[bars(chart) for chart in content.charts if chart.total],
        attachments=[(one.name, frame.attached(one)) for one in attachments],
        shortened=frame.shortened(attachments),
        definitions=frame.DEFINITIONS,
        origin=list(frame.origin(content.zone, content.host)),
    )


@lru_cache(1)
def template() -> Template:
    """What a mail looks like, whatever it says."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(data=defanged, sentence=partial(defanged, longest=_SENTENCE))
    environment.filters.update(number=number, percent=percent, colour=COLOURS.__getitem__)
    return environment.from_string(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))


def defanged(text: str, longest: int = _LONGEST) -> Markup:
    """Text from a log as HTML: what does not print as its escape, and no address in one piece that could be a link.

    Mail programs make links of what looks like an address. An element around the signs that make one keeps most of
    them from it and, unlike invisible characters, leaves the text as it is where it is copied; where it is too long
    for a line, it breaks there.
    """
    parts = _LINKED.split(cut(safe(text), longest))
    return Markup().join(
        Markup("<span><wbr>{}</span>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def rows(title: str, table: Table) -> Rows:
    """A table as lines: the texts beside its names go below them, so that a telephone has room for the numbers."""
    numbers = [place for place, column in enumerate(table.columns) if column.numeric]
    texts = [place for place, column in enumerate(table.columns) if place and not column.numeric]
    return Rows(
        title,
        table.columns[0].title,
        tuple(table.columns[place].title for place in numbers),
        tuple(
            Row(row[0], tuple(row[place] for place in texts if row[place].text), tuple(row[place] for place in numbers))
            for row in table.rows
        ),
    )


def bars(chart: Chart) -> Bars:
    """A chart as lines with bars, one for each day, or each week where there are many days."""
    shown = fitted(chart, _MOST_BARS)
    most = max((shown.sum_of(place) for place in range(len(shown.buckets))), default=0)
    lines = tuple(_bar(shown, place, most) for place in range(len(shown.buckets)))
    unit = "below TLS 1.2" if chart.share else "attempts" if "sign-ins" in chart.title else f"{chart.counted}s"
    return Bars(shown.title, unit, lines, () if chart.distinct else chart.series, chart.total)


def _bar(chart: Chart, place: int, most: int) -> Bar:
    whole = chart.sum_of(place)
    counts = [one.counts[place] for one in chart.series]
    full = 100 if chart.share else max(round(100 * whole / most), 1) if whole else 0
    widths = apportioned(counts, full if whole else 0)
    segments = tuple(
        Segment(COLOURS[one.role], width) for one, width in zip(chart.series, widths, strict=True) if width
    )
    label = _label(chart.buckets[place])
    rest = 100 - sum(widths)
    if not chart.share:
        return Bar(label, segments, rest, number(whole), Tone.PLAIN if whole else Tone.MUTED)
    outdated = sum(count for one, count in zip(chart.series, counts, strict=True) if one.role in _OUTDATED)
    text = short_percent(outdated, whole).replace("0.0%", "0%") if whole else "-"
    return Bar(label, segments, rest, text, Tone.BAD if outdated else Tone.MUTED)


def _label(bucket: Bucket) -> str:
    """``Mon 16 Nov``; of a week its first and last day."""
    if bucket.first == bucket.last:
        return f"{bucket.first:%a} {bucket.label}"
    return f"{bucket.label} – {bucket.last.day} {bucket.last:%b}"
