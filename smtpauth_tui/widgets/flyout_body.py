"""A flyout's blocks as text of a given width."""

from textual.app import App
from textual.content import Content

from smtpauth_tui import charts
from smtpauth_tui.export import cut, width_of
from smtpauth_tui.reports.arithmetic import per_bucket
from smtpauth_tui.reports.figures import number, percent
from smtpauth_tui.reports.flyouts import (
    Bars,
    Block,
    Days,
    Entries,
    Flyout,
    Heading,
    Lines,
    Pairs,
    Paragraph,
    Preformatted,
)
from smtpauth_tui.safe import safe
from smtpauth_tui.widgets.palette import packed, role_markup, shown, tone_markup

_DAY_ROWS = 7
_LONGEST_LINE = 500


def flyout_body(app: App[object], flyout: Flyout, width: int) -> Content:
    """All blocks, a blank line before each heading and between paragraphs."""
    parts: list[Content] = []
    before: Block | None = None
    for block, after in zip(flyout.blocks, (*flyout.blocks[1:], None), strict=True):
        if before is not None and not isinstance(before, Heading):
            parts.append(Content(""))
        if isinstance(block, Heading) and isinstance(after, Days):
            block = Heading(per_bucket(block.text, charts.draw(after.chart, width, _DAY_ROWS).chart.buckets))
        parts += _block(app, block, width)
        before = block
    return Content("\n").join(parts)


def _block(app: App[object], block: Block, width: int) -> list[Content]:
    match block:
        case Paragraph():
            return [shown(block.text, tone_markup(app, block.tone))]
        case Heading():
            return [shown(block.text, "bold")]
        case Pairs():
            return _pairs(app, block, width)
        case Bars():
            return _bars(app, block, width)
        case Days():
            return _days(app, block, width)
        case Preformatted():
            return [shown(cut(line, _LONGEST_LINE)) for line in block.lines]
        case Entries():
            return _entries(app, block, width)
        case Lines():
            return [
                Content.assemble((f"{number(place)}: ", "bold"), safe(text[:_LONGEST_LINE]))
                for place, text in block.rows
            ]


def _pairs(app: App[object], block: Pairs, width: int) -> list[Content]:
    values = max((width_of(safe(value.text)) for _, value in block.rows), default=0)
    room = max(width - values - 2, width // 2)
    names = min(max((width_of(safe(name.text)) for name, _ in block.rows), default=0), room)
    lines = []
    for name, value in block.rows:
        text = cut(safe(name.text), names)
        pad = " " * (names - width_of(text) + 2)
        lines.append(
            Content.assemble(
                (text, tone_markup(app, name.tone)),
                pad,
                (cut(safe(value.text), width - names - 2), tone_markup(app, value.tone)),
            )
        )
    return lines


def _entries(app: App[object], block: Entries, width: int) -> list[Content]:
    texts = [[safe(cell.text) for cell in row.figures] for row in block.rows]
    rooms = [max(map(width_of, column)) for column in zip(*texts, strict=True)]
    lines = []
    for row, figures in zip(block.rows, texts, strict=True):
        name = cut(safe(row.name.text), width)
        room = width - width_of(name) - 2
        aside = f"  {cut(safe(row.aside.text), room)}" if row.aside.text and room > 0 else ""
        lines.append(
            Content.assemble((name, tone_markup(app, row.name.tone)), (aside, tone_markup(app, row.aside.tone)))
        )
        parts, left = [], width
        for text, cell, wide in zip(figures, row.figures, rooms, strict=True):
            left -= 2
            if left > 0:
                shown_text = cut(text, left)
                pad = " " * (min(wide, left) - width_of(shown_text))
                parts += [("  ", ""), (shown_text, tone_markup(app, cell.tone)), (pad, "")]
            left -= wide
        lines.append(Content.assemble(*parts))
    return lines


def _bars(app: App[object], block: Bars, width: int) -> list[Content]:
    label = max(len(bar.label) for bar in block.bars)
    counts = max(len(number(bar.count)) for bar in block.bars)
    shares = max(len(percent(bar.count, bar.whole)) for bar in block.bars)
    room = max(width - label - counts - shares - 6, 4)
    lines = []
    for bar in block.bars:
        filled = round(room * bar.count / bar.whole) if bar.whole else 0
        filled = max(filled, 1) if bar.count else 0
        lines.append(
            Content.assemble(
                (bar.label.ljust(label), tone_markup(app, bar.tone)),
                f"  {number(bar.count).rjust(counts)}  {percent(bar.count, bar.whole).rjust(shares)}  ",
                (charts.GLYPHS[bar.role] * filled, role_markup(app, bar.role)),
            )
        )
    return lines


def _days(app: App[object], block: Days, width: int) -> list[Content]:
    if not block.chart.total:
        return [shown("No messages in these days.", "dim")]
    drawing = charts.draw(block.chart, width, _DAY_ROWS)
    roles = [one.role for one in drawing.chart.series]
    lines = []
    for row in drawing.rows:
        parts: list[tuple[str, str]] = []
        for character in row.rstrip():
            place = charts.series_of(character)
            style = "dim" if place is None else role_markup(app, roles[place])
            glyph = character if place is None else charts.GLYPHS[roles[place]]
            if parts and parts[-1][1] == style:
                parts[-1] = (parts[-1][0] + glyph, style)
            else:
                parts.append((glyph, style))
        lines.append(Content.assemble(*parts))
    legend = [
        Content.assemble((charts.GLYPHS[one.role], role_markup(app, one.role)), f" {cut(safe(one.name), 24)}")
        for one in block.chart.series
    ]
    return [*lines, packed(legend, width)]
