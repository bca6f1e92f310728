"""The filters that were given a name, in a list below the line in which one is typed."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from smtpauth_tui.export import cut, width_of
from smtpauth_tui.safe import safe

AS_TYPED = ""
"""The name of what was typed."""
_MOST_NAME = 24


class SavedList(OptionList):
    """Names and texts, and first what was typed; what is below the cursor is shown at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "cursor_up", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("e,right", "edit", "Edit", tooltip="Take the filter into the line", id="row-filter.edit"),
        Binding("x,delete", "forget", "Forget", tooltip="Forget the filter", id="row-filter.forget"),
    ]

    class Left(Message):
        """The cursor went up, out of the list."""

    class Edited(Message):
        """The filter below the cursor is wanted in the line."""

    class Forgotten(Message):
        """The filter below the cursor is not wanted any more."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.filters: list[tuple[str, str]] = []
        """Names and texts, `AS_TYPED` with what was typed."""

    @property
    def chosen(self) -> tuple[str, str] | None:
        """The one below the cursor."""
        return None if self.highlighted is None else self.filters[self.highlighted]

    def show(self, filters: Sequence[tuple[str, str]], width: int) -> None:
        """Show filters in lines of a width."""
        self.filters = list(filters)
        names = [safe(name) if name else "(as typed)" for name, _ in filters]
        room = min(max(map(width_of, names), default=0), _MOST_NAME)
        self.clear_options()
        for name, (_, text) in zip(names, filters, strict=True):
            label = cut(name, room)
            blanks = " " * (room - width_of(label))
            shown = cut(safe(" ".join(text.split())), max(width - room - 2, 8))
            self.add_option(Option(Content.assemble((label, "bold"), blanks, "  ", (shown, "dim"))))

    def action_cursor_up(self) -> None:
        if self.highlighted:
            self.highlighted -= 1
        else:
            self.post_message(self.Left())

    def action_cursor_down(self) -> None:
        if self.highlighted is not None:
            self.highlighted = min(self.highlighted + 1, self.option_count - 1)

    def action_edit(self) -> None:
        """Take it into the line."""
        self.post_message(self.Edited())

    def action_forget(self) -> None:
        """Forget it."""
        self.post_message(self.Forgotten())
