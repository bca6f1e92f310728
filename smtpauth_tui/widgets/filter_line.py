"""Lines to type in what rows are wanted: a search that leads on to a filter, and a filter that completes its words."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from smtpauth_tui.completing import Completion, completed, completion
from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.filters import LONGEST_FILTER


class SearchLine(Input):
    """A search; ``/`` in it, where nothing is typed yet, asks for a filter."""

    class FilterAsked(Message):
        """Somebody wants to filter instead."""

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        if event.key == "slash" and not self.value:
            event.stop()
            event.prevent_default()
            self.post_message(self.FilterAsked())


class _Offered(NamedTuple):
    """Words that were put into the line one after the other."""

    text: str
    """The line with the last of them in it, up to the cursor."""
    before: str
    """The line before that."""
    found: Completion
    place: int
    """Which of the words it is."""


class FilterLine(Input):
    """A filter, whose words Tab completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", "Complete", tooltip="Complete the word, or the next one", id="row-filter.next"),
        Binding(
            "shift+tab",
            "complete(-1)",
            "Complete back",
            show=False,
            tooltip="The completion before",
            id="row-filter.previous",
        ),
    ]

    class Offers(Message):
        """What could stand at the cursor is another: *words*, of which one may be *chosen*."""

        def __init__(self, words: Sequence[str], chosen: int | None) -> None:
            super().__init__()
            self.words = words
            self.chosen = chosen

    def __init__(self, columns: Sequence[FilterColumn], today: date, text: str, *, id: str) -> None:
        super().__init__(text, id=id, compact=True, select_on_focus=False, max_length=LONGEST_FILTER)
        self._columns = columns
        self._today = today
        self._offered: _Offered | None = None

    def offer(self) -> None:
        """Tell what could stand at the cursor."""
        typed = self.value[: self.cursor_position]
        if self._offered and self._offered.text == typed:
            self.post_message(self.Offers(self._offered.found.words, self._offered.place))
        else:
            self._offered = None
            self.post_message(self.Offers(completion(typed, self._columns, self._today).words, None))

    def action_complete(self, by: int) -> None:
        """Complete the word at the cursor; again, take the next one that could stand there."""
        typed, rest = self.value[: self.cursor_position], self.value[self.cursor_position :]
        last = self._offered
        if last and last.text == typed and len(last.found.words) > 1:
            before, found, place = last.before, last.found, (last.place + by) % len(last.found.words)
        else:
            before, found = typed, completion(typed, self._columns, self._today)
            place = 0 if by > 0 else len(found.words) - 1
        if not found.words:
            return
        text = completed(before, found.start, found.words[place])
        self._offered = _Offered(text, before, found, place)
        self.value = text + rest.lstrip(" ")
        self.cursor_position = len(text)
        self.offer()
