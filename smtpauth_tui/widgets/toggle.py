"""Something that is wanted or not."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Toggle(Widget, can_focus=True):
    """One line with a mark: Space sets it and takes it away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "turn", "Mark", key_display="Space", tooltip="Want it, or not", id="toggle.turn"),
    ]
    DEFAULT_CSS = """
    Toggle {
        width: auto; height: 1; margin-right: 2;
        &:focus { background: $accent; color: $text; text-style: bold; }
        &:ansi:focus { background: ansi_default; color: ansi_default; text-style: reverse; }
    }
    """

    on: reactive[bool] = reactive(bool, init=False)
    """Whether it is wanted."""

    class Turned(Message):
        """It is wanted now, or not any more."""

        def __init__(self, toggle: "Toggle") -> None:
            super().__init__()
            self.toggle = toggle

        @property
        def control(self) -> "Toggle":
            """The toggle."""
            return self.toggle

    def __init__(self, label: str, *, on: bool, id: str) -> None:
        super().__init__(id=id)
        self._label = label
        self.set_reactive(Toggle.on, on)

    def render(self) -> Content:
        return Content(f" [{'x' if self.on else ' '}] {self._label} ")

    def action_turn(self) -> None:
        """Turn it round."""
        self.on = not self.on
        self.post_message(self.Turned(self))

    def on_click(self) -> None:
        self.action_turn()
