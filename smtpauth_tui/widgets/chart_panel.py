"""The report's chart: drawn by plotext once, with a day cursor that only marks the axis."""

import re
from datetime import date
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from smtpauth_tui import charts
from smtpauth_tui.reports.values import Chart
from smtpauth_tui.widgets.palette import role_style


class ChartPanel(Widget, can_focus=True):
    """Shows a chart and a cursor on one of its days (or weeks, where the days do not fit)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Day", key_display="←→", tooltip="The day before", id="chart.previous-day"),
        Binding("right,l", "step(1)", "Next day", show=False, tooltip="The day after", id="chart.next-day"),
        Binding("home,g", "jump(0)", "First day", show=False, tooltip="The first day", id="chart.first-day"),
        Binding("end,G", "jump(-1)", "Last day", show=False, tooltip="The last day", id="chart.last-day"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"chart-panel--axis", "chart-panel--cursor"}
    DEFAULT_CSS = """
    ChartPanel {
        height: 1fr; width: 1fr;
        .chart-panel--axis { color: $text-muted; }
        .chart-panel--cursor { color: $text; text-style: reverse bold; }
    }
    """

    chart: reactive[Chart] = reactive(Chart(""), repaint=False)
    """What is drawn."""
    cursor: reactive[int] = reactive(0, repaint=False)
    """The bucket that the cursor is on, counted in the drawing."""

    class DayChanged(Message):
        """The cursor is on another day; *chart* is the one drawn, *bucket* a place in it."""

        def __init__(self, panel: "ChartPanel", chart: Chart, bucket: int) -> None:
            super().__init__()
            self.panel = panel
            self.chart = chart
            self.bucket = bucket

        @property
        def control(self) -> "ChartPanel":
            """The panel."""
            return self.panel

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawing: charts.Drawing | None = None
        self._strips: dict[int, Strip] = {}
        self._day_stays = False

    def show(self, chart: Chart, *, day_stays: bool = False) -> None:
        """Draw a chart, with the cursor on its last day, or on the day that it is on."""
        self._day_stays = day_stays
        self.chart = chart

    def watch_chart(self) -> None:
        self._draw_anew(self._day() if self._day_stays else date.max)

    def on_resize(self) -> None:
        self._draw_anew(self._day())

    def _day(self) -> date:
        """The day that the cursor is on."""
        drawing = self._drawing
        return drawing.chart.buckets[self.cursor].last if drawing and drawing.chart.buckets else date.max

    def _draw_anew(self, day: date) -> None:
        self._draw()
        if self._drawing:
            buckets = self._drawing.chart.buckets
            self._place(next((n for n, bucket in enumerate(buckets) if bucket.last >= day), len(buckets) - 1))

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def _draw(self) -> None:
        """Draw anew, for another chart, size or theme."""
        self._strips.clear()
        self._drawing = None
        if self.chart.buckets and self.size.width > 12 and self.size.height > 4:
            self._drawing = charts.draw(self.chart, self.size.width, self.size.height)
        self.refresh()

    def _place(self, bucket: int) -> None:
        """Put the cursor on a bucket, also on the one that it is on: the chart under it may be another."""
        self.cursor = bucket
        self.refresh()
        if self._drawing:
            self.post_message(self.DayChanged(self, self._drawing.chart, bucket))

    def validate_cursor(self, cursor: int) -> int:
        last = len(self._drawing.chart.buckets) - 1 if self._drawing else 0
        return max(0, min(cursor, last))

    def action_step(self, by: int) -> None:
        """Move the cursor by some days."""
        self._move(self.cursor + by)

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first (0) or the last (-1) day."""
        if self._drawing:
            self._move(to % len(self._drawing.chart.buckets))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        bucket = self._drawing.bucket_at(event.x) if self._drawing else None
        if bucket is not None:
            self._move(bucket)

    def _move(self, to: int) -> None:
        before = self.cursor
        self.cursor = to
        if self.cursor == before or not self._drawing:
            return
        top = len(self._drawing.rows) - 2
        for row in (top, top + 1):
            self._strips.pop(row, None)
        self.refresh(Region(0, top, self.size.width, 2))
        self.post_message(self.DayChanged(self, self._drawing.chart, self.cursor))

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self._strip(y)
        return strip

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        drawing = self._drawing
        if drawing is None or y >= len(drawing.rows):
            return Strip.blank(width, self.rich_style)
        row = drawing.rows[y]
        roles = [one.role for one in drawing.chart.series]
        axis = self.get_component_rich_style("chart-panel--axis")
        segments: list[Segment] = []
        start = 0
        series = charts.series_of(row[0]) if row else None
        for place in range(1, len(row) + 1):
            after = charts.series_of(row[place]) if place < len(row) else -1
            if after == series and place < len(row):
                continue
            text = row[start:place]
            if series is None:
                segments.append(Segment(text, axis))
            else:
                glyph = charts.GLYPHS[roles[series]]
                segments.append(Segment(glyph * len(text), self.rich_style + role_style(self.app, roles[series])))
            start, series = place, after
        strip = Strip(segments).adjust_cell_length(width, self.rich_style)
        below = y - (len(drawing.rows) - 2)
        return self._marked(strip, label=below == 1) if below >= 0 else strip

    def _marked(self, strip: Strip, *, label: bool) -> Strip:
        """An axis row with the cursor's columns in reverse, and below them the label of its bucket."""
        drawing = self._drawing
        if not drawing or not drawing.chart.buckets:
            return strip
        start, end = drawing.columns_of(self.cursor)
        if drawing.per >= 3:
            end -= 1
        text = ""
        if label:
            text = drawing.chart.buckets[self.cursor].label
            middle = (start + end) // 2
            start = max(min(start, middle - len(text) // 2), 0)
            start = min(start, max(strip.cell_length - len(text), 0))
            end = max(end, start + len(text))
            strip = self._without_labels(strip, start, end)
        before, marked, after = strip.divide([start, end, strip.cell_length])
        cursor: Style = self.get_component_rich_style("chart-panel--cursor")
        shown = text.center(end - start) if label else "".join(part.text for part in marked)
        return Strip.join([before, Strip([Segment(shown, cursor)]), after])

    @staticmethod
    def _without_labels(strip: Strip, start: int, end: int) -> Strip:
        """The row of labels without those that the cursor's label would cut."""
        row = strip.text
        for label in re.finditer(r"\S+ \S+", row):
            if label.start() <= end and label.end() >= start:
                row = row[: label.start()] + " " * len(label[0]) + row[label.end() :]
        style = next((part.style for part in strip if part.style), None)
        return Strip([Segment(row, style)])
