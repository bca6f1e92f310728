"""Acknowledge: why a finding is right, and until when it alerts nobody."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from smtpauth_tui.errors import UsageError
from smtpauth_tui.rules import deciding
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.widgets.palette import shown

FORM_CSS = """
    NAME { align: center middle; }
    NAME > Vertical {
        width: 74; height: auto; max-height: 100%; border: round $accent; background: $surface; padding: 1 2;
        Horizontal { height: 1; width: 100%; }
        Label { width: 9; }
        Input { border: none; height: 1; width: 1fr; padding: 0 1; background: $panel; }
        Input:focus { background: $accent 40%; }
        .about { height: auto; max-height: 6; margin-bottom: 1; }
        .problem { color: $text-error; height: auto; min-height: 1; padding-left: 9; }
        .hint { color: $text-muted; height: auto; }
    }
    NAME:ansi Input:focus { background: ansi_default; text-style: reverse; }
"""
"""The look of a dialog with fields; NAME is its class."""


class AcknowledgeScreen(Dialog[tuple[str, int | None]]):
    """The answer is the reason, and the first UTC second after it; None in it is for good."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", show=False, tooltip="The next field", id="acknowledge.next"),
        Binding("up", "app.focus_previous", "Before", show=False, tooltip="The field before", id="acknowledge.before"),
    ]
    DEFAULT_CSS = FORM_CSS.replace("NAME", "AcknowledgeScreen")

    def __init__(self, one: Standing, zone: ZoneInfo, now: datetime) -> None:
        super().__init__()
        self._one = one
        self._zone = zone
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Acknowledge"
            panel.border_subtitle = "Tab · Enter applies · Esc"
            about = f"{self._one.rule.title} of {self._one.finding.unit} is right: it alerts nobody."
            yield Static(shown(about), classes="about")
            with Horizontal():
                yield Label("Reason")
                yield Input(placeholder="new scanner on the 2nd floor", id="reason", compact=True)
            yield Static("", classes="problem", id="reason-problem")
            with Horizontal():
                yield Label("Until")
                yield Input(deciding.USUAL_SPAN, id="until", compact=True, select_on_focus=True)
            yield Static("", classes="problem", id="until-problem")
            yield Static("90d is so many days; or a day as 2027-01-31; or: for good", classes="hint")

    def on_mount(self) -> None:
        self.query_one("#reason", Input).focus()
        self.check()

    @on(Input.Changed)
    def check(self) -> None:
        """Say at once until when it is, or what is wrong with it."""
        self._end()

    @on(Input.Changed, "#reason")
    def forget_problem(self) -> None:
        """What was wrong with the reason may be right by now."""
        self.query_one("#reason-problem", Static).update("")

    @on(Input.Submitted, "#reason")
    def go_on(self) -> None:
        """To the next field, or where that was seen, apply."""
        self.apply()

    @on(Input.Submitted, "#until")
    def apply(self) -> None:
        """Take reason and end, if both can be."""
        try:
            reason = deciding.text_of(self.query_one("#reason", Input).value, "reason")
        except UsageError as error:
            self.query_one("#reason-problem", Static).update(shown(str(error)))
            self.query_one("#reason", Input).focus()
            return
        self.query_one("#reason-problem", Static).update("")
        if end := self._end():
            self.dismiss((reason, *end))

    def _end(self) -> tuple[int | None] | None:
        """The end, in a tuple; None, and what is wrong, where it is none."""
        said = self.query_one("#until-problem", Static)
        try:
            end = deciding.end_in_words(self.query_one("#until", Input).value, self._zone, self._now)
        except UsageError as error:
            said.update(shown(f"{error.message} {error.hint}"))
            return None
        said.update(shown(deciding.how_long(end, self._zone), "$text-muted"))
        return (end,)
