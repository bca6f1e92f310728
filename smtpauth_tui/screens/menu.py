"""The menu: what one can do on the screen in view, made from its keys."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from smtpauth_tui.export import cut
from smtpauth_tui.screens.base import MENU, OUTBOX, REQUEST, Dialog
from smtpauth_tui.screens.help import key_names

_MOVES: Final = frozenset(
    "left right up down home end pageup pagedown tab shift+tab enter space backspace escape h j k l g G".split()
)
"""Keys that move, open or leave: they do nothing that a menu could name."""
_ROOM: Final = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that one can do, by a key or here."""

    name: str
    about: str
    """More than the name, or empty."""
    key: str
    applies: bool
    """Whether it can be done now; if not, choosing it says why."""
    run: Callable[[], Awaitable[object]]


def entries_of(screen: Screen[Any]) -> list[Entry]:
    """All that keys do on a screen besides moving, each once: mails, what only this screen can, what all can."""
    found: dict[str, tuple[int, Entry]] = {}
    for key, (node, binding, enabled, _) in screen.active_bindings.items():
        action = binding.action.removeprefix("app.")
        if not binding.tooltip or key in _MOVES or action in found or binding.id == MENU.id:
            continue
        shared = (binding.id or "").startswith("screen.") or node is screen.app
        place = 0 if binding.id in (REQUEST.id, OUTBOX.id) else 2 if shared else 1
        name, _, about = binding.tooltip.partition(": ")
        run = partial(screen.app.run_action, binding.action, node)
        found[action] = (place, Entry(name, about, key, enabled, run))
    return [entry for _, entry in sorted(found.values(), key=lambda one: one[0])]


class MenuScreen(Dialog[Entry]):
    """The answer is what was chosen. A key does here what it does on the screen; other letters jump."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, tooltip="The line below", id="menu.down"),
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="The line above", id="menu.up"),
        Binding("enter", "choose", "Do it", show=False, tooltip="Do what the line says", id="menu.choose"),
        Binding("m", "close", "Close", show=False),
    ]
    DEFAULT_CSS = """
    MenuScreen { align: center middle; }
    MenuScreen > Vertical {
        width: 66; height: auto; max-height: 95%; border: round $accent; background: $surface; padding: 0 1;
        OptionList {
            height: auto; max-height: 100%; padding: 0; background: $surface; scrollbar-size-vertical: 1;
            &, &:focus { border: none; }
        }
    }
    MenuScreen:ansi > Vertical OptionList > .option-list--option-highlighted { text-style: reverse; }
    """

    def __init__(self, of: Screen[Any]) -> None:
        super().__init__()
        self._entries = entries_of(of)

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Menu"
            panel.border_subtitle = "↑↓ · Enter · a key or first letter · Esc"
            yield OptionList(*map(Option, self._lines()), markup=False)

    def on_mount(self) -> None:
        self._list.highlighted = 0

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _lines(self) -> list[Content]:
        keys = max(len(key_names(entry.key)) for entry in self._entries)
        names = max(len(entry.name) for entry in self._entries if entry.about)
        lines = []
        for entry in self._entries:
            name = entry.name.ljust(names) if entry.about else entry.name
            about = cut(entry.about, _ROOM - keys - len(name) - 4)
            lines.append(
                Content.assemble(
                    (f"{key_names(entry.key).rjust(keys)}  ", "bold" if entry.applies else "dim"),
                    (name, "" if entry.applies else "dim"),
                    (f"  {about}", "dim"),
                )
            )
        return lines

    def on_key(self, event: events.Key) -> None:
        """A key of the screen, or the first letter of a line."""
        chosen = next((entry for entry in self._entries if entry.key == event.key), None)
        if chosen:
            event.stop()
            self.dismiss(chosen)
        elif event.character and event.is_printable and event.key not in self._bindings.key_to_bindings:
            event.stop()
            self._jump(event.character.casefold())

    def _jump(self, letter: str) -> None:
        """To the next line that begins with a letter."""
        at, count = self._list.highlighted or 0, len(self._entries)
        for place in ((at + step) % count for step in range(1, count + 1)):
            if self._entries[place].name.casefold().startswith(letter):
                self._list.highlighted = place
                return

    def action_move(self, by: int) -> None:
        """To another line."""
        self._list.highlighted = ((self._list.highlighted or 0) + by) % len(self._entries)

    def action_choose(self) -> None:
        """Do what the line says."""
        self.dismiss(self._entries[self._list.highlighted or 0])

    @on(OptionList.OptionSelected)
    def choose_line(self, event: OptionList.OptionSelected) -> None:
        """A line was chosen, by Enter or the mouse."""
        self.dismiss(self._entries[event.option_index])
