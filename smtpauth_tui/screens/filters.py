"""Filters: the first and the last day of the report."""

from datetime import date
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from smtpauth_tui.errors import UsageError
from smtpauth_tui.query import Period, make_period, parse_day
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.widgets.notice import Link
from smtpauth_tui.widgets.palette import shown

PRESETS = {"7": 7, "3": 30, "9": 90}
"""Days by the key that chooses them."""
_BEGINS_A_DATE = "0123456789-"


class FiltersScreen(Dialog[Period]):
    """The answer is the period, or None when nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"preset({days})", f"{days} days", tooltip=f"The last {days} days", id=f"filters.last-{days}")
        for key, days in PRESETS.items()
    ]
    DEFAULT_CSS = """
    FiltersScreen { align: center middle; }
    FiltersScreen > Vertical {
        width: 60; height: auto; border: round $accent; background: $surface; padding: 1 2;
        Horizontal { height: 1; width: 100%; }
        .presets { margin-bottom: 1; }
        Link { margin-right: 1; }
        Label { width: 14; }
        Input { border: none; height: 1; width: 1fr; padding: 0 1; background: $panel; }
        Input:focus { background: $accent 40%; }
        .problem { color: $text-error; height: auto; min-height: 1; }
        .hint { color: $text-muted; height: auto; }
    }
    FiltersScreen:ansi Input:focus { background: ansi_default; text-style: reverse; }
    """

    def __init__(self, period: Period, today: date) -> None:
        super().__init__()
        self._period = period
        self._today = today

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Filters"
            panel.border_subtitle = "Tab · Enter applies · Esc"
            with Horizontal(classes="presets"):
                for key, days in PRESETS.items():
                    yield Link(f"{key}  last {days} days", id=f"last-{days}")
            with Horizontal():
                yield Label("Start date")
                yield Input(self._period.first.isoformat(), id="start", compact=True)
            yield Static("", classes="problem", id="start-problem")
            with Horizontal():
                yield Label("End date")
                yield Input(self._period.last.isoformat(), id="end", compact=True)
            yield Static("", classes="problem", id="end-problem")
            yield Static("A date is 2026-11-17, today, yesterday, -7d or -1y (before today).", classes="hint")

    def on_mount(self) -> None:
        chosen = f"last-{self._period.days}"
        presets = list(self.query(Link))
        at_end = self._period.last == self._today
        next((link for link in presets if at_end and link.id == chosen), presets[0]).focus()

    def on_key(self, event: events.Key) -> None:
        """What begins like a date, and is no preset, is the start date."""
        sign = event.character or ""
        if isinstance(self.focused, Input) or not sign or sign in PRESETS or sign not in _BEGINS_A_DATE:
            return
        event.stop()
        start = self.query_one("#start", Input)
        start.select_on_focus = False  # the next sign would take the place of this one
        start.value, start.cursor_position = sign, 1
        start.focus()

    def action_preset(self, days: int) -> None:
        """The last so many days."""
        self.dismiss(Period.ending(self._today, days))

    @on(Link.Followed)
    def take_preset(self, event: Link.Followed) -> None:
        """A preset was chosen."""
        self.action_preset(int((event.link.id or "last-7").rpartition("-")[2]))

    @on(Input.Changed)
    def check(self) -> None:
        """Say at once what is wrong with a date."""
        self._read()

    @on(Input.Submitted)
    def apply(self) -> None:
        """Take both dates, if they are dates."""
        period = self._read()
        if period:
            self.dismiss(period)

    def _read(self) -> Period | None:
        """The period of both fields; None, and what is wrong beside the field, where it is none."""
        words = {}
        for name in ("start", "end"):
            text = self.query_one(f"#{name}", Input).value
            problem = ""
            try:
                parse_day(text, self._today)
                words[name] = text
            except UsageError as error:
                problem = str(error)
            self.query_one(f"#{name}-problem", Static).update(shown(problem))
        if len(words) < 2:
            return None
        try:
            return make_period(self._today, words["start"], words["end"])
        except UsageError as error:
            self.query_one("#end-problem", Static).update(shown(str(error)))
            return None
