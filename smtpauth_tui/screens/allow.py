"""Allow: what no rule is to look at any more, chosen from what a finding rests on, and why."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from smtpauth_tui.errors import UsageError
from smtpauth_tui.export import cut, width_of
from smtpauth_tui.rules import deciding
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.acknowledge import FORM_CSS
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.widgets.palette import shown

_VALUE: Final = 30
"""Columns of what can be chosen."""


class AllowScreen(Dialog[tuple[str, str, str]]):
    """The answer is a kind, a value of it, and the reason."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False, tooltip="The line below", id="allow.down", priority=True),
        Binding("up", "move(-1)", "Up", show=False, tooltip="The line above", id="allow.up", priority=True),
    ]
    DEFAULT_CSS = (
        FORM_CSS.replace("NAME", "AllowScreen")
        + """
    AllowScreen > Vertical OptionList {
        height: auto; max-height: 8; padding: 0; background: $surface; margin-bottom: 1;
        &, &:focus { border: none; }
    }
    AllowScreen:ansi > Vertical OptionList > .option-list--option-highlighted { text-style: reverse; }
    """
    )

    def __init__(self, found: Sequence[deciding.Suggestion]) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Allow"
            panel.border_subtitle = "↑↓ · Enter applies · Esc"
            if not self._found:
                yield Static("The finding names nothing that could be allowed.", classes="about")
                return
            yield Static("No rule looks at it any more, whoever sends:", classes="about")
            options = OptionList(*(Option(_line(one)) for one in self._found), markup=False)
            options.can_focus = False
            yield options
            with Horizontal():
                yield Label("Reason")
                yield Input(placeholder="our own network", id="reason", compact=True)
            yield Static("", classes="problem")
            hint = "For another value: smtpauth-tui findings allow network 10.0.0.0/8 --reason '…'"
            yield Static(hint, classes="hint")

    def on_mount(self) -> None:
        if self._found:
            self.query_one(OptionList).highlighted = 0
            self.query_one(Input).focus()

    def action_move(self, by: int) -> None:
        """Choose another line."""
        if self._found:
            options = self.query_one(OptionList)
            options.highlighted = max(0, min((options.highlighted or 0) + by, len(self._found) - 1))

    @on(Input.Changed)
    def forget_problem(self) -> None:
        """What was wrong with the reason may be right by now."""
        self.query_one(".problem", Static).update("")

    @on(Input.Submitted)
    def apply(self) -> None:
        """Take what is chosen, if there is a reason."""
        try:
            reason = deciding.text_of(self.query_one(Input).value, "reason")
        except UsageError as error:
            self.query_one(".problem", Static).update(shown(str(error)))
            return
        chosen = self._found[self.query_one(OptionList).highlighted or 0]
        self.dismiss((chosen.kind, chosen.value, reason))


def _line(one: deciding.Suggestion) -> Content:
    value = cut(safe(one.value), _VALUE)
    return Content.assemble(
        f"{one.kind:<8} {value}", " " * max(_VALUE - width_of(value) + 1, 1), (cut(one.about, 25), "dim")
    )
