"""The help of a screen: its keys, and its words explained."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from smtpauth_tui.screens.base import BaseScreen, Dialog

_KEY_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "home": "Home",
    "end": "End",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "space": "Space",
    "backspace": "Backspace",
    "f1": "F1",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
}


def key_names(keys: str) -> str:
    """``question_mark,f1`` as ``? F1``."""
    return " ".join(_KEY_NAMES.get(key.strip(), key.strip()) for key in keys.split(","))


def keys_of(screen: BaseScreen) -> list[tuple[str, str]]:
    """The keys of a screen and of the parts in it, each with what it does, in the order of their classes."""
    found: dict[str, tuple[list[str], str]] = {}
    for node in [*screen.query("*"), screen]:
        for key, binding in node._bindings:
            if binding.id and binding.tooltip:
                keys, _ = found.setdefault(binding.id, ([], binding.tooltip))
                if key not in keys:
                    keys.append(key)
    return [(key_names(",".join(keys)), tooltip) for keys, tooltip in found.values()]


class HelpScreen(Dialog[None]):
    """The keys of the screen below, and its words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "close", "Close", show=False),
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 74; height: auto; max-height: 90%; border: round $accent; background: $surface; padding: 0 1;
    }
    """

    def __init__(self, of: BaseScreen) -> None:
        super().__init__()
        self._of = of

    def compose(self) -> ComposeResult:
        keys = keys_of(self._of)
        wide = max(len(key) for key, _ in keys)
        lines = [Content.styled("Keys", "bold")]
        lines += [Content.assemble((f"  {key.ljust(wide)}  ", "bold"), what) for key, what in keys]
        lines += [Content(f"  {'Tab'.ljust(wide)}  The next card, control or link")]
        if self._of.WORDS:
            lines += [Content(""), Content.styled("Words", "bold")]
            for word, meaning in self._of.WORDS:
                lines.append(Content.assemble("  ", (word, "bold"), f": {meaning}"))
        with VerticalScroll() as panel:
            panel.border_title = f"Help: {self._of.TITLE_TEXT}"
            panel.border_subtitle = "Esc closes"
            yield Static(Content("\n").join(lines))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_scroll_down(self) -> None:
        """A line down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """A line up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
