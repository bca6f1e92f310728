"""A chart with the numbers of the day under its cursor above, and what its colours mean below."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

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
from smtpauth_tui.widgets.palette import fitted, role_markup

_NAME_ROOM: Final = 22
_NAME_LEAST: Final = 15
"""The room of an IPv4 address: names are cut to it before counts go."""
_NAMES: Final = range(_NAME_ROOM, _NAME_LEAST - 1, -1)
_LEGEND_ROWS: Final = 3
_READOUT_ROWS: Final = 2


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

    _chart = Chart("")

    def compose(self) -> ComposeResult:
        yield Static("", id="readout")
        yield ChartPanel(id="chart")
        yield Static("", id="legend")

    def show(self, chart: Chart, *, day_stays: bool = False) -> None:
        """Draw a chart, with the cursor on its last day, or on the day that it is on."""
        self._chart = chart
        self.query_one(ChartPanel).show(chart, day_stays=day_stays)
        self._show_legend()

    def on_resize(self) -> None:
        self._show_legend()

    def _show_legend(self) -> None:
        """What the colours mean, as far as there is room; what stands for all the rest is always said."""
        chart = self._chart
        counts = [("", "")] * len(chart.series)
        if not chart.distinct:
            counts = [(f" {number(one.total)}", f" ({percent(one.total, chart.total)})") for one in chart.series]
        forms = (
            [
                Content.assemble(self._glyph(one.role), f" {cut(safe(one.name), room)}", *count[:detail])
                for one, count in zip(chart.series, counts, strict=True)
            ]
            for detail, room in product((2, 1, 0), _NAMES)
        )
        self._update("#legend", forms, _LEGEND_ROWS, rest=bool(chart.series) and chart.series[-1].role is Role.REST)

    def _update(self, name: str, forms: Iterable[Sequence[Content]], rows: int, *, rest: bool) -> None:
        said = fitted(forms, self.size.width - 2, rows, ends=rest)
        self.query_one(name, Static).update(said, layout=name == "#legend")

    def _glyph(self, role: Role) -> tuple[str, str]:
        return charts.GLYPHS[role], role_markup(self.app, role)

    @on(ChartPanel.DayChanged)
    def show_day(self, event: ChartPanel.DayChanged) -> None:
        """The cursor is on another day: its numbers."""
        if not event.chart.buckets or not event.chart.series:
            return
        said = readout(event.chart, event.bucket)
        title = Content.assemble((said.title, "bold"), "  ", said.messages)
        forms = (
            [
                title,
                *(
                    Content.assemble(self._glyph(part.role), f" {cut(safe(part.name), room)} {text}")
                    for part in said.parts
                    for text in [part.text if whole else part.text.partition(" ")[0]]
                ),
            ]
            for whole, room in product((True, False), _NAMES)
        )
        rest = bool(said.parts) and said.parts[-1].role is Role.REST
        self._update("#readout", forms, _READOUT_ROWS, rest=rest)
