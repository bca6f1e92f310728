"""Filters of the findings: from which severity on, and of how many days."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Label

from smtpauth_tui.reports.findings import Wanted
from smtpauth_tui.rules.values import Severity
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.widgets.choice import Stepper
from smtpauth_tui.widgets.notice import Link

DAYS: Final[tuple[int | None, ...]] = (7, 30, 90, None)
_SEVERITIES: Final = {
    Severity.NOTICE: "all",
    Severity.MEDIUM: "medium and high",
    Severity.HIGH: "high",
}


class FindingFiltersScreen(Dialog[Wanted]):
    """The answer is which findings are wanted, or None when nothing was changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("7", "days(0)", "7 days", tooltip="Of the last 7 days", id="finding-filters.last-7"),
        Binding("3", "days(1)", "30 days", tooltip="Of the last 30 days", id="finding-filters.last-30"),
        Binding("9", "days(2)", "90 days", tooltip="Of the last 90 days", id="finding-filters.last-90"),
        Binding("0", "days(3)", "All days", tooltip="Of all days", id="finding-filters.all-days"),
        Binding("down", "app.focus_next", "Next", show=False, tooltip="The next line", id="finding-filters.next"),
        Binding(
            "up", "app.focus_previous", "Before", show=False, tooltip="The line before", id="finding-filters.before"
        ),
    ]
    DEFAULT_CSS = """
    FindingFiltersScreen { align: center middle; }
    FindingFiltersScreen > Vertical {
        width: 50; height: auto; border: round $accent; background: $surface; padding: 1 2;
        Horizontal { height: 1; width: 100%; margin-bottom: 1; }
        Label { width: 12; }
    }
    """

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self._days = DAYS.index(wanted.days)
        self._severity = list(_SEVERITIES).index(wanted.severity)

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Filters"
            panel.border_subtitle = "←→ · 7 3 9 0 days · Enter · Esc"
            with Horizontal():
                yield Label("Severity")
                yield Stepper("", id="severity")
            with Horizontal():
                yield Label("Since")
                yield Stepper("", id="days")
            yield Link("Apply")

    def on_mount(self) -> None:
        self._show()
        self.query_one("#severity").focus()

    def _show(self) -> None:
        days = DAYS[self._days]
        self.query_one("#severity", Stepper).value = list(_SEVERITIES.values())[self._severity]
        self.query_one("#days", Stepper).value = f"the last {days} days" if days else "all days"

    def action_days(self, place: int) -> None:
        """So many days, and apply."""
        self._days = place
        self.apply()

    @on(Stepper.Stepped)
    def step(self, event: Stepper.Stepped) -> None:
        """Another value."""
        if event.choice.id == "severity":
            self._severity = (self._severity + event.by) % len(_SEVERITIES)
        else:
            self._days = (self._days + event.by) % len(DAYS)
        self._show()

    @on(Link.Followed)
    def apply(self) -> None:
        """Take both."""
        self.dismiss(Wanted(DAYS[self._days], list(_SEVERITIES)[self._severity]))
