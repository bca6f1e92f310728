"""A control of the report: what is chosen, and the key that changes it."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from smtpauth_tui.safe import safe


class Choice(Widget, can_focus=True):
    """One line: a label and the present value. Enter asks for another one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "change", "Change", key_display="⏎", tooltip="Choose another value", id="choice.change"),
    ]
    DEFAULT_CSS = """
    Choice {
        width: auto; height: 1; margin-right: 2;
        &:focus { background: $accent; color: $text; text-style: bold; }
        &:ansi:focus { background: ansi_default; color: ansi_default; text-style: reverse; }
    }
    """

    value: reactive[str] = reactive("", layout=True)
    """What is chosen, as people read it."""

    class Asked(Message):
        """Somebody wants another value."""

        def __init__(self, choice: "Choice") -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> "Choice":
            """The control."""
            return self.choice

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(id=id)
        self._label = label

    def render(self) -> Content:
        value = f"{safe(self.value)} ▾" if self.value else "▾"
        return Content.assemble((f"{self._label} ", "dim" if self.value else "bold"), (value, "bold"))

    def action_change(self) -> None:
        """Ask for another value."""
        self.post_message(self.Asked(self))

    def on_click(self) -> None:
        self.action_change()


class Stepper(Choice):
    """A choice among a few values: the arrows take the one before or after."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Other", key_display="←→", tooltip="The value before", id="choice.previous"),
        Binding("right,l", "step(1)", "Next", show=False, tooltip="The value after", id="choice.next"),
    ]

    class Stepped(Message):
        """Somebody wants the value before (-1) or after (1)."""

        def __init__(self, choice: "Stepper", by: int) -> None:
            super().__init__()
            self.choice = choice
            self.by = by

        @property
        def control(self) -> "Stepper":
            """The control."""
            return self.choice

    def render(self) -> Content:
        return Content.assemble((f" ◂ {safe(self.value)} ▸", "bold"))

    def action_change(self) -> None:
        """The value after."""
        self.action_step(1)

    def action_step(self, by: int) -> None:
        """Another value."""
        self.post_message(self.Stepped(self, by))
