"""The dashboard without a terminal: its cards and the charts of the report, as lines of text."""

from smtpauth_tui.clock import Clock
from smtpauth_tui.export import chart_lines
from smtpauth_tui.reports.figures import short_period
from smtpauth_tui.reports.insights import CARDS, Moment, overview
from smtpauth_tui.reports.unusual import open_findings
from smtpauth_tui.reports.views import VIEWS
from smtpauth_tui.safe import safe
from smtpauth_tui.store.reader import Store

_WIDTH = 80
_ROWS = 14


async def dashboard_lines(store: Store, clock: Clock, *, colour: bool, ascii_only: bool) -> list[str]:
    """Each card in some lines, then each view's chart of the same week, all of one moment of the store."""
    async with store.snapshot() as seen:
        return await _lines(seen, clock, colour=colour, ascii_only=ascii_only)


async def _lines(store: Store, clock: Clock, *, colour: bool, ascii_only: bool) -> list[str]:
    moment = Moment(clock.now(), clock.today(store.zone))
    figures = await overview(store, moment, open_findings(store.path, moment, store.places))
    lines = []
    for card in CARDS:
        insight = card.say(figures, moment)
        lines += [
            safe(f"{card.title}: {insight.figure} {insight.unit}".rstrip()),
            *(safe(f"  {line}") for line in insight.lines),
            f"  {insight.period}",
            "",
        ]
    for view in VIEWS:
        chart = await view.chart(store, moment.query)
        lines.append(f"{view.title}, {short_period(moment.period)}")
        if chart.total:
            lines += chart_lines(chart, _WIDTH, _ROWS, colour=colour, ascii_only=ascii_only)
        else:
            span = await store.span()
            lines.append(
                f"  No submissions in these days; the store has some from {span.first} to {span.last}."
                if span
                else "  No submissions yet. Bring in a log: smtpauth-tui import /var/log/mail.log"
            )
        lines.append("")
    return lines[:-1]
