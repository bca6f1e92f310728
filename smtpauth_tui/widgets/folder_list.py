"""A folder's files and folders, to walk through and to mark."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from smtpauth_tui.export import cut, width_of
from smtpauth_tui.safe import safe

Row = tuple[Path, str, str, bool]
"""A path, its name as it is shown, what stands at the right, and whether it can be read."""


class FolderList(OptionList):
    """One row a file or folder. Enter opens it, Space marks it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Open", tooltip="Into the folder, or import this file", id="files.open"),
        Binding(
            "space", "mark", "Mark", key_display="Space", tooltip="Mark or unmark a file or folder", id="files.mark"
        ),
        Binding("up,k", "cursor_up", "Up", show=False, tooltip="The row above", id="files.up"),
        Binding("down,j", "cursor_down", "Down", show=False, tooltip="The row below", id="files.down"),
        Binding(
            "left,h,backspace", "leave", "Out", show=False, tooltip="The folder that this one is in", id="files.out"
        ),
        Binding("right,l", "enter", "Into", show=False, tooltip="Into the folder", id="files.into"),
        Binding("g,home", "first", "First", show=False, tooltip="The first row", id="files.first"),
        Binding("G,end", "last", "Last", show=False, tooltip="The last row", id="files.last"),
    ]
    DEFAULT_CSS = """
    FolderList { height: 1fr; border: none; padding: 0; background: $background; scrollbar-size-vertical: 1; }
    FolderList:focus { border: none; }
    FolderList:ansi { background: ansi_default; }
    FolderList:ansi > .option-list--option-highlighted { text-style: reverse; }
    """

    class Opened(Message):
        """Somebody wants into a folder, or to import a file."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class Left(Message):
        """Somebody wants to the folder above."""

    class Marked(Message):
        """Other rows are marked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.rows: Sequence[Row] = ()
        self.marked: set[Path] = set()
        """What is marked, in this folder and in others."""

    def show(self, rows: Iterable[Row], on: Path | None = None) -> None:
        """Show a folder, with the cursor on one of its rows."""
        self.rows = tuple(rows)
        self._draw()
        first = min(1, len(self.rows) - 1)
        place = next((n for n, row in enumerate(self.rows) if row[0] == on), first)
        self.highlighted = place if self.rows else None

    def _draw(self) -> None:
        self.clear_options()
        self.add_options([Option(self._line(row), disabled=False) for row in self.rows])

    def _line(self, row: Row) -> Content:
        path, name, about, readable = row
        width = max(self.size.width - 3, 40)
        room = width - width_of(about) - 5
        text = cut(safe(name), room)
        mark = "● " if path in self.marked else "  "
        return Content.assemble(
            (mark, "bold"),
            (text, "" if readable else "dim"),
            " " * (room - width_of(text) + 2),
            (about, "dim"),
        )

    def on_resize(self, event: events.Resize) -> None:
        at = self.highlighted
        self._draw()
        self.highlighted = at

    @property
    def row(self) -> Row | None:
        """The row that the cursor is on."""
        place = self.highlighted
        return self.rows[place] if place is not None and place < len(self.rows) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened(self.rows[event.option_index][0]))

    def action_mark(self) -> None:
        """Mark the row, or unmark it, and go on to the next one."""
        place, row = self.highlighted, self.row
        if place is None or row is None or row[1] == "..":
            return
        self.marked ^= {row[0]}
        self.replace_option_prompt_at_index(place, self._line(row))
        self.highlighted = min(place + 1, len(self.rows) - 1)
        self.post_message(self.Marked())

    def action_enter(self) -> None:
        """Into the folder; a file stays as it is."""
        if self.row and self.row[0].is_dir():
            self.post_message(self.Opened(self.row[0]))

    def action_leave(self) -> None:
        """To the folder above."""
        self.post_message(self.Left())
