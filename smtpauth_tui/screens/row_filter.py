"""The filter of a table: typed, completed, taken from those that were saved; the table follows while one types."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Label, OptionList, Static

from smtpauth_tui.clock import Clock
from smtpauth_tui.completing import completion
from smtpauth_tui.conditions import Filter, FilterColumn, Kind
from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.export import width_of
from smtpauth_tui.filters import FilterError, parse
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.screens.base import Dialog
from smtpauth_tui.screens.noting import noted
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.saved_filters import SavedFilter, forget_filter, load_filters, name_of, save_filter
from smtpauth_tui.widgets.filter_line import FilterLine
from smtpauth_tui.widgets.palette import shown
from smtpauth_tui.widgets.saved_list import AS_TYPED, SavedList

_MOST_KEPT: Final = 5
_PAUSE: Final = 0.2
"""Seconds without a key after which the table follows what was typed."""
_KEYS: Final = "Tab completes · ↓ saved · ctrl+s save · Enter · Esc"
_KEYS_OF_LIST: Final = "↑↓ · Enter shows · e edits · x forgets · Esc back"
_KEYS_OF_NAME: Final = "Enter saves · Esc back"


@dataclass(slots=True)
class Typed:
    """What was typed and is not shown, so that it is there when the filter is opened again."""

    draft: str = ""
    """Stands in the line then."""
    earlier: list[str] = field(default_factory=list)
    """Stand in the list, the newest first."""

    def keep(self, text: str, saved: Sequence[str]) -> None:
        """Keep a text that stood in the line."""
        text = text.strip()
        if text and text not in saved:
            self.earlier = [text, *(one for one in self.earlier if one != text)][:_MOST_KEPT]


class Filtered(NamedTuple):
    """The table below, as this screen needs it."""

    columns: tuple[FilterColumn, ...]
    """What a filter may name."""
    rows: str
    """What a row stands for, in the singular."""
    where: Filter | None
    """What it shows."""
    found: str
    """How many rows those are, in words."""
    check: Callable[[Filter], None]
    """Refuses a filter that asks for more than may be shown: UsageError."""
    show: Callable[[Filter | None], None]
    """Shows a filter's rows; `RowFilterScreen.found` is told when they are there."""


class RowFilterScreen(Dialog[tuple[Filter | None]]):
    """A panel below the table, whose rows follow its line. The answer is the filter, None in it for all rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", tooltip="Save the filter under a name", id="row-filter.save"),
        Binding("down", "saved", "Saved", tooltip="To the saved filters", id="row-filter.saved"),
        Binding("ctrl+f", "close", show=False),
        Binding("tab,shift+tab", "stay", show=False),
    ]
    AUTO_FOCUS = "#line"
    DEFAULT_CSS = """
    RowFilterScreen { align: center bottom; }
    RowFilterScreen > Vertical {
        width: 100%; height: auto; max-height: 60%; border: round $accent; background: $surface; padding: 0 1;
        Input { border: none; height: 1; padding: 0; background: $panel; }
        #caret { height: 1; color: $text-error; text-wrap: nowrap; }
        #said { height: 3; }
        #words { height: 2; color: $text-muted; }
        Horizontal { height: 2; display: none; }
        Label { width: 9; }
        #name { width: 1fr; }
        SavedList {
            height: auto; max-height: 4; padding: 0; background: $surface; scrollbar-size-vertical: 1;
            &, &:focus { border: none; }
        }
        #others { height: 1; color: $text-muted; display: none; }
    }
    RowFilterScreen.-naming #words { display: none; }
    RowFilterScreen.-naming Horizontal { display: block; }
    RowFilterScreen:ansi SavedList:focus > .option-list--option-highlighted { text-style: reverse; }
    """

    def __init__(self, store: Path, clock: Clock, today: date, table: Filtered, typed: Typed) -> None:
        super().__init__()
        self._store = store
        self._clock = clock
        self._today = today
        self._table = table
        self._kept = typed
        self._typed = typed.draft or (_on_one_line(table.where.text) if table.where else "")
        """What was typed in the line, also while a saved filter stands in it."""
        self._saved: list[SavedFilter] = []
        self._others = 0
        """How many are saved that name other columns."""
        self._shown = table.where
        self._found = table.found
        self._error: FilterError | None = None
        self._timer: Timer | None = None
        self._news = ""
        """What has become of a saved filter."""
        self._sure_of = ""
        """The name that is forgotten, or given to another filter, when the same key is pressed again."""

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            panel.border_title = "Filter"
            panel.border_subtitle = _KEYS
            yield FilterLine(self._table.columns, self._today, self._typed, id="line")
            yield Static("", id="caret")
            yield Static("", id="said")
            yield Static("", id="words")
            with Horizontal():
                yield Label("Save as")
                yield Input(id="name", compact=True, placeholder="a name")
            yield SavedList(id="saved")
            yield Static("", id="others")

    def on_mount(self) -> None:
        line = self.query_one(FilterLine)
        line.cursor_position = len(line.value)
        self._read()
        line.offer()
        self.fill()

    @property
    def _line(self) -> FilterLine:
        return self.query_one(FilterLine)

    # what stands in the line

    @on(Input.Changed, "#line")
    def follow(self) -> None:
        """Look at what was typed; the table follows a moment later."""
        self._sure_of = self._news = ""
        if self._line.has_focus:
            self._typed = self._line.value
        self._line.offer()
        self._read()

    def _read(self, *, complete: bool = False) -> Filter | None:
        """What the line says; None for nothing, and what is wrong below it where it cannot be taken.

        Where it is not *complete*, nothing is called wrong that could still become right.
        """
        text = self._line.value
        where, self._error = None, None
        if text.strip():
            try:
                where = self._named(parse(text, self._table.columns, self._today))
                self._refuse(where)
            except FilterError as error:
                self._error = error
                self._say_wrong(error, unfinished=not complete and self._unfinished(error))
                return None
        self._point_at(None)
        self._show_soon(where)
        return where

    def _refuse(self, where: Filter) -> None:
        try:
            self._table.check(where)
        except UsageError as error:
            raise FilterError(error.message, error.hint, 0) from None

    def _named(self, where: Filter) -> Filter:
        name = next((one.name for one in self._saved if one.text.strip() == where.text), "")
        return where._replace(name=name)

    def _unfinished(self, error: FilterError) -> bool:
        text = self._line.value
        if not (self._line.has_focus and self._line.cursor_at_end):
            return False
        return error.place >= completion(text, self._table.columns, self._today).start or "not end" in error.message

    def _say_wrong(self, error: FilterError, *, unfinished: bool) -> None:
        if unfinished and error.words:  # what could stand there is said below
            self._point_at(None)
            self._say(self._found, "The table follows when the filter is complete." if self._line.value.strip() else "")
            return
        what = error.message.removeprefix("In the filter, ")
        what = what[:1].upper() + what[1:]
        self._say(what, error.hint, wrong=not unfinished)
        self._point_at(None if unfinished else error.place)

    def _say(self, what: str, hint: str = "", *, wrong: bool = False) -> None:
        text = Content.assemble(shown(what, "$text-error" if wrong else "bold"), "\n", shown(hint, "$text-muted"))
        self.query_one("#said", Static).update(text, layout=False)

    def _point_at(self, place: int | None) -> None:
        self.call_after_refresh(self._draw_caret, place)

    def _draw_caret(self, place: int | None) -> None:
        """An arrow below a place of the line, as far as it is scrolled."""
        text = ""
        if place is not None:
            column = width_of(self._line.value[:place]) - self._line.scroll_offset.x
            text = "◂" if column < 0 else " " * min(column, self._line.size.width - 1) + "▴"
        for caret in self.query("#caret").results(Static):  # none any more where the panel was left meanwhile
            caret.update(Content(text), layout=False)

    @on(FilterLine.Offers)
    def show_words(self, event: FilterLine.Offers) -> None:
        """What Tab would put in."""
        words = list(event.words) if self._line.has_focus else []
        first = event.chosen or 0
        room = 2 * (self.app.size.width - 4) - 12
        if sum(len(word) + 2 for word in words[: first + 1]) > room:
            words, first = words[first:], 0
        parts: list[Content] = [Content("Tab:")] if words else []
        for place, word in enumerate(words):
            room -= len(word) + 2
            if room < 0:
                parts.append(Content("…"))
                break
            parts.append(Content.styled(word, "bold reverse" if event.chosen is not None and place == first else ""))
        self.query_one("#words", Static).update(Content("  ").join(parts), layout=False)

    # what the table shows

    def _show_soon(self, where: Filter | None) -> None:
        if self._timer:
            self._timer.stop()
            self._timer = None
        if where == self._shown:
            self.say_found()
            return
        self._say("looking …")
        self._timer = self.set_timer(_PAUSE, lambda: self._show(where))

    def _show(self, where: Filter | None) -> None:
        self._timer = None
        self._shown = where
        self._found = ""
        self._table.show(where)

    def found(self, where: Filter | None, words: str) -> None:
        """What the table says of a filter's rows, in words."""
        if where == self._shown:
            self._found = words
            if self._timer is None and self._error is None and not self._sure_of:
                self.say_found()

    def say_found(self) -> None:
        """How many rows there are."""
        if self._shown is None:
            numbers = [column.name for column in self._table.columns if column.kind is Kind.NUMBER]
            example = f"Type a filter, such as  {numbers[0]} > 100" if numbers else "Type a filter."
            self._say(self._found, self._news or example)
        else:
            name = self._shown.name
            self._say(self._found or "looking …", f"Saved as {name}." if name else self._news)

    @on(Input.Submitted, "#line")
    def take(self) -> None:
        """Show the filter, if it is one."""
        where = self._read(complete=True)
        if self._error is None:
            self._kept.draft = ""
            if self._line.value != self._typed:
                self._keep_typed()
            self._leave(where)
            self.dismiss((where,))

    def _leave(self, where: Filter | None) -> None:
        if self._timer:
            self._timer.stop()
        if where != self._shown:
            self._table.show(where)

    def action_close(self) -> None:
        """Back from the list or the name to the line; else close, with the table as it was, and what was typed kept."""
        if self.has_class("-naming") or self.query_one(SavedList).has_focus:
            self._to_line()
            return
        before = self._table.where
        typed = self._line.value.strip()
        self._kept.draft = typed if typed != (_on_one_line(before.text) if before else "") else ""
        self._leave(before)
        self.dismiss(None)

    def action_stay(self) -> None:
        """Tab is for words."""

    def _keep_typed(self) -> None:
        self._kept.keep(self._typed, [one.text.strip() for one in self._saved])

    def _to_line(self, text: str | None = None) -> None:
        self.remove_class("-naming")
        self._sure_of = ""
        if text is not None and text != self._typed:
            self._keep_typed()
            self._typed = text
        self._line.value = self._typed
        self._line.cursor_position = len(self._line.value)
        self._line.focus()
        self._keys(_KEYS)
        self._show_saved()
        self.query_one(SavedList).highlighted = None
        self._line.offer()
        self._read()

    def _keys(self, words: str) -> None:
        self.query_one(Vertical).border_subtitle = words

    # saved filters

    @work(exclusive=True, group="saved")
    async def fill(self) -> None:
        """Load the saved filters."""
        try:
            every = await asyncio.to_thread(load_filters, self._store)
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint, wrong=True)
            return
        self._saved = [one for one in every if self._fits(one)]
        self._others = len(every) - len(self._saved)
        self._show_saved()
        others = self.query_one("#others", Static)
        more = f"{plural(self._others, 'saved filter')} with columns that are not here"
        others.update(more if self._others else "")
        others.display = bool(self._others)
        if self._line.has_focus and self._error is None:
            self._read()

    def _fits(self, saved: SavedFilter) -> bool:
        """Whether the table has its columns, and the line can show it."""
        try:
            parse(saved.text, self._table.columns, self._today)
        except FilterError:
            return False
        return _on_one_line(saved.text).isprintable()

    def _show_saved(self) -> None:
        filters = [(one.name, one.text) for one in self._saved] + [(AS_TYPED, text) for text in self._kept.earlier]
        listed = self.query_one(SavedList)
        if listed.filters != filters:
            listed.show(filters, self.app.size.width - 6)
        listed.display = bool(filters)

    def action_saved(self) -> None:
        """To the list of saved filters."""
        listed = self.query_one(SavedList)
        if self.has_class("-naming"):
            return
        if not listed.filters:
            self._say("No filter is saved yet.", "ctrl+s saves the one in the line.")
            return
        listed.highlighted = None
        listed.focus()
        listed.highlighted = 0
        self._keys(_KEYS_OF_LIST)

    @on(OptionList.OptionHighlighted)
    def show_saved(self) -> None:
        """The filter below the cursor stands in the line, and the table shows it."""
        listed = self.query_one(SavedList)
        if listed.has_focus and listed.chosen:
            self._line.value = _on_one_line(listed.chosen[1])

    @on(SavedList.Left)
    def leave_list(self) -> None:
        """Up again: the line has what was typed."""
        self._to_line()

    @on(SavedList.Edited)
    def edit_saved(self) -> None:
        """The filter goes into the line, to be changed."""
        chosen = self.query_one(SavedList).chosen
        if chosen:
            self._to_line(_on_one_line(chosen[1]))

    @on(OptionList.OptionSelected)
    def take_saved(self) -> None:
        """Enter in the list shows the filter."""
        chosen = self.query_one(SavedList).chosen
        if chosen:
            self._line.value = _on_one_line(chosen[1])
            self.take()

    @on(SavedList.Forgotten)
    def forget(self) -> None:
        """Forget a saved filter when it is asked for twice."""
        listed = self.query_one(SavedList)
        if not listed.chosen:
            return
        name, text = listed.chosen
        if name == AS_TYPED:
            self._kept.earlier.remove(text)
            self._to_line()
            return
        if self._sure_of != name:
            self._sure_of = name
            self._say(f"Forget {name}?", "x again forgets it.")
            return
        self._kept.keep(_on_one_line(text), ())
        self._note(lambda notes: forget_filter(notes, name), f"Forgot {name}.")
        self._to_line()

    # saving

    def action_save(self) -> None:
        """Ask for a name."""
        if self.query_one(SavedList).has_focus:
            self.edit_saved()
        where = self._read(complete=True)
        if self._error:
            return
        if where is None:
            self._say("There is nothing to save yet.", "Type a filter first.")
            return
        self.add_class("-naming")
        self._keys(_KEYS_OF_NAME)
        field = self.query_one("#name", Input)
        field.value = where.name
        field.focus()

    @on(Input.Changed, "#name")
    def change_name(self) -> None:
        """Another name: nothing is sure any more."""
        self._sure_of = ""

    @on(Input.Submitted, "#name")
    def save_as(self) -> None:
        """Save the filter under the name; over another one of that name when it is said twice."""
        text = self._line.value.strip()
        try:
            name = name_of(self.query_one("#name", Input).value)
        except UsageError as error:
            self._say(error.message, error.hint, wrong=True)
            return
        there = next((one for one in self._saved if one.name == name), None)
        if there and there.text.strip() != text and self._sure_of != name:
            self._sure_of = name
            self._say(f"There is a filter {name}.", "Enter again puts this one in its place.")
            return
        new = SavedFilter(name, text, int(self._clock.now().timestamp()))
        self._note(lambda notes: save_filter(notes, new), f"Saved {name}.")
        self._to_line(text)

    @work(exclusive=False, group="noted")
    async def _note(self, write: Callable[[Notes], object], said: str) -> None:
        """Write down what was changed, and say it."""
        try:
            await noted(self._store, write)
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint, wrong=True)
            return
        self._news = said
        self.fill()


def _on_one_line(text: str) -> str:
    return "".join(" " if sign in "\n\r\t" else sign for sign in text).strip()


def named_again(where: Filter | None, columns: Sequence[FilterColumn], today: date) -> Filter | None:
    """The same filter on another day: ``-7d`` is another day then."""
    return parse(where.text, columns, today)._replace(name=where.name) if where else None
