"""A chart with the numbers of the day under its cursor above, and what its colours mean below."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from smtpauth_tui import charts
from smtpauth_tui.export import cut
from smtpauth_tui.reports.figures import number, percent
from smtpauth_tui.reports.readout import readout
from smtpauth_tui.reports.values import Chart, Role
from smtpauth_tui.safe import safe
from smtpauth_tui.widgets.chart_panel import ChartPanel
from smtpauth_tui.widgets.palette import packed, role_markup

_NAME_ROOM = 22


class ChartView(Vertical):
    """Shows a chart; the focus is the panel's."""

    DEFAULT_CSS = """
    ChartView {
        height: 1fr;
        #readout { height: 2; padding: 0 1; background: $boost; }
        #chart { height: 1fr; margin: 0 1; }
        #legend { height: auto; max-height: 3; padding: 0 1; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static("", id="readout")
        yield ChartPanel(id="chart")
        yield Static("", id="legend")

    def show(self, chart: Chart, *, day_stays: bool = False) -> None:
        """Draw a chart, with the cursor on its last day, or on the day that it is on."""
        self.query_one(ChartPanel).show(chart, day_stays=day_stays)
        parts = [
            Content.assemble(
                self._glyph(one.role),
                f" {cut(safe(one.name), _NAME_ROOM)}",
                "" if chart.distinct else f" {number(one.total)} ({percent(one.total, chart.total)})",
            )
            for one in chart.series
        ]
        self.query_one("#legend", Static).update(packed(parts, self.size.width - 2))

    def _glyph(self, role: Role) -> tuple[str, str]:
        return charts.GLYPHS[role], role_markup(self.app, role)

    @on(ChartPanel.DayChanged)
    def show_day(self, event: ChartPanel.DayChanged) -> None:
        """The cursor is on another day: its numbers."""
        if not event.chart.buckets or not event.chart.series:
            return
        said = readout(event.chart, event.bucket)
        parts = [Content.assemble((said.title, "bold"), "  ", said.messages)]
        for part in said.parts:
            parts.append(Content.assemble(self._glyph(part.role), f" {cut(safe(part.name), _NAME_ROOM)} {part.text}"))
        self.query_one("#readout", Static).update(packed(parts, self.size.width - 2), layout=False)
