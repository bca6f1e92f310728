"""Edit: who changes an account, and a note."""

from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from smtpauth_tui.export import cut
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.widgets.palette import shown

_LONGEST: Final = 500
"""Characters of each, as the command takes them."""


class ToDoEntry(NamedTuple):
    """What is to be noted; an empty text takes away what was."""

    owner: str
    note: str


class ToDoScreen(Dialog[ToDoEntry]):
    """The answer is what is to be noted, or None when it was closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", show=False, tooltip="The next field", id="to-do.next"),
        Binding("up", "app.focus_previous", "Before", show=False, tooltip="The field before", id="to-do.before"),
    ]
    DEFAULT_CSS = """
    ToDoScreen { align: center middle; }
    ToDoScreen > Vertical {
        width: 70; height: auto; border: round $accent; background: $surface; padding: 1 2;
        Horizontal { height: 1; width: 100%; margin-bottom: 1; }
        #account { margin-bottom: 1; }
        Label { width: 8; }
        Input { border: none; height: 1; width: 1fr; padding: 0 1; background: $panel; }
        Input:focus { background: $accent 40%; }
        .hint { color: $text-muted; height: auto; }
    }
    ToDoScreen:ansi Input:focus { background: ansi_default; text-style: reverse; }
    """

    def __init__(self, account: str, entry: ToDoEntry) -> None:
        super().__init__()
        self._account = account
        self._entry = entry

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "To do"
            panel.border_subtitle = "Tab · Enter saves · Esc"
            yield Static(shown(cut(self._account, 64), "bold"), id="account")
            for name, text in (("owner", self._entry.owner), ("note", self._entry.note)):
                with Horizontal():
                    yield Label(name.capitalize())
                    yield Input(text, id=name, max_length=_LONGEST, compact=True, select_on_focus=False)
            yield Static("Who changes it, and how; an empty line takes away what was noted.", classes="hint")

    @on(Input.Submitted)
    def apply(self) -> None:
        """Take both."""
        owner, note = (" ".join(self.query_one(f"#{name}", Input).value.split()) for name in ("owner", "note"))
        self.dismiss(ToDoEntry(owner, note))
