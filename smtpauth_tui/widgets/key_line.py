"""The keys that do something here, in the last line."""

from collections.abc import Iterator

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

_MORE = "…"


class KeyLine(Widget):
    """As many of them as have room, whole; the menu has all. A click on one presses it.

    Textual's footer is a widget for each key, all of them made anew whenever the focus moves, a moment later than
    what they belong to.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-line--key", "key-line--word"}
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom; height: 1; width: 100%; background: $panel; color: $footer-description-foreground;
        .key-line--key { color: $footer-key-foreground; text-style: bold; }
        .key-line--word { color: $footer-description-foreground; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, str]] = []
        """From which column to which one each key stands."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._say_again)

    def _say_again(self, screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        """Keys and words, those that do not apply at present dimmed."""
        parts: list[Content] = []
        self._places, column, room = [], 0, self.size.width
        key_style, word_style = (self.get_visual_style(f"key-line--{part}") for part in ("key", "word"))
        for binding, enabled in self._keys():
            key, word = self.app.get_key_display(binding), binding.description
            part = Content.assemble((key, key_style), (f" {word} ", word_style))
            if column + part.cell_length - 1 > room:
                parts.append(Content.styled(_MORE if column < room else "", word_style))
                break
            parts.append(part if enabled else part.stylize("dim"))
            self._places.append((column, column + part.cell_length - 1, binding.key))
            column += part.cell_length
        return Content("").join(parts)

    def _keys(self) -> Iterator[tuple[Binding, bool]]:
        """The first key of each action that is to be shown, and whether it does something at present."""
        actions: set[str] = set()
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and binding.action not in actions:
                actions.add(binding.action)
                yield binding, enabled

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked on."""
        for first, after, key in self._places:
            if first <= event.x < after:
                self.app.simulate_key(key)
