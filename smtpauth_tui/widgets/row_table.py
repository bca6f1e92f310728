"""A table of rows of which only those in view are drawn, however many there are."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from smtpauth_tui.export import cut, width_of
from smtpauth_tui.reports.values import Cell, Column, Tone
from smtpauth_tui.safe import safe

_COMFORTABLE: Final = 32
"""Columns of the terminal that a long text has before titles are shortened for it."""
_NARROWEST: Final = 12
_READABLE: Final = 24
"""As narrow as a flexible column becomes: a name that comes first, or any other text."""
_WIDEST: Final = 40
"""As wide as a column becomes that does not take the rest."""
_MEASURED: Final = 2000
"""How many rows are looked at to find out how wide the columns are."""


class RowTable(ScrollView, can_focus=True):
    """The first line holds the titles; one column takes the room that the others leave.

    Where there is no room for all columns the first one stays, and the others are stepped through.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="The row above", id="table.up"),
        Binding("down,j", "move(1)", "Down", show=False, tooltip="The row below", id="table.down"),
        Binding("left,h", "columns(-1)", "Left", show=False, tooltip="The columns to the left", id="table.left"),
        Binding("right,l", "columns(1)", "Right", show=False, tooltip="The columns to the right", id="table.right"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="A page up", id="table.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="A page down", id="table.page-down"),
        Binding("home,g", "jump(0)", "First", show=False, tooltip="The first row", id="table.first"),
        Binding("end,G", "jump(-1)", "Last", show=False, tooltip="The last row", id="table.last"),
        Binding("enter", "choose", "Open", tooltip="Open the row's flyout", id="table.open"),
        Binding("s", "sort(1)", "Sort", tooltip="Sort by the next column", id="table.sort"),
        Binding("S", "turn", "Turn", show=False, tooltip="Turn the order round", id="table.turn"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-table--head",
        "row-table--cursor",
        "row-table--good",
        "row-table--warn",
        "row-table--bad",
        "row-table--muted",
    }
    DEFAULT_CSS = """
    RowTable {
        height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        .row-table--head { text-style: bold; background: $panel; color: $text; }
        .row-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        .row-table--good { color: $text-success; }
        .row-table--warn { color: $text-warning; }
        .row-table--bad { color: $text-error; }
        .row-table--muted { text-style: dim; }
        &:ansi .row-table--cursor { text-style: reverse; }
        &:ansi .row-table--head { text-style: bold underline; }
        &:ansi .row-table--good { color: ansi_green; }
        &:ansi .row-table--warn { color: ansi_yellow; }
        &:ansi .row-table--bad { color: ansi_red; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    """The number of the row that the cursor is on."""

    class Chosen(Message):
        """Somebody wants to see more of a row's record."""

        def __init__(self, table: "RowTable", record: Any) -> None:
            super().__init__()
            self.table = table
            self.record = record

    class Moved(Message):
        """Other rows are shown, or the cursor is on another one: *row* of *count*, from 0."""

        def __init__(self, row: int, count: int) -> None:
            super().__init__()
            self.row = row
            self.count = count

    class OrderAsked(Message):
        """Somebody wants the rows in another order: by *key*, or the present one turned round (None)."""

        def __init__(self, key: str | None) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: tuple[Column, ...] = ()
        self._flexible = 0
        self._order: tuple[str, bool] | None = None
        self._needed: list[int] = []
        self._widths: list[int] = []
        self._places: list[int] = []
        """The columns that are shown."""
        self._seen: list[int] = []
        self._gap = 2
        self._tight = False
        self._left = 0
        """How many columns after the first are to the left of what is shown."""
        self._style = Style()
        self._tones: dict[Tone, Style] = {}
        self._to_open = False
        """Enter was pressed before the row was there: it opens when it comes."""

    # what is shown: for the kinds of tables

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_at(self, number: int) -> Any:
        """The record of a row; None where it is not there (yet)."""
        raise NotImplementedError

    def cells_of(self, record: Any) -> Sequence[Cell]:
        """A record's cells, one for each column."""
        raise NotImplementedError

    def _begin(self, columns: tuple[Column, ...], order: tuple[str, bool] | None, flexible: int = 0) -> None:
        """Other rows, in other columns, sorted by a column (descending or not)."""
        self._left = self._left if columns == self._columns else 0
        self._columns, self._order, self._flexible = columns, order, flexible
        self._seen = [0] * len(columns)

    def _shown(self, top: int, cursor: int) -> None:
        """The rows are there: stand with *top* as the first of them."""
        self.virtual_size = Size(self.size.width, self.row_count + 1)
        to_open = self._to_open
        self.scroll_to(0, top, animate=False, force=True, immediate=True)
        self.cursor = cursor
        self.refresh()
        self._to_open = to_open
        if to_open and self.row_count and self.row_at(self.cursor) is not None:
            self.action_choose()
        self.post_message(self.Moved(self.cursor, self.row_count))

    def _top_for(self, cursor: int) -> int:
        """The row to stand at the top when the cursor goes with its record to another row."""
        top = self.scroll_offset.y
        if top == 0 and cursor < self.size.height - 1:
            return 0
        return max(cursor - (self.cursor - top), 0)

    # widths

    def _title(self, column: Column) -> str:
        title = column.short or column.title if self._tight else column.title
        if self._order and self._order[0] == column.key:
            return f"{title}{'▼' if self._order[1] else '▲'}"
        return title

    def _measure(self, records: Sequence[Any]) -> None:
        """Columns are as wide as what has been seen of them needs; the flexible one takes the rest."""
        for record in records:
            for place, cell in enumerate(self.cells_of(record)):
                self._seen[place] = max(self._seen[place], width_of(safe(cell.text)))
        flexible = self._flexible
        for self._tight in (False, True):
            self._gap = 1 if self._tight else 2
            titles = [width_of(self._title(column)) for column in self._columns]
            self._needed = [max(min(seen, _WIDEST), title) for seen, title in zip(self._seen, titles, strict=True)]
            long = max(self._seen[flexible], titles[flexible]) if self._columns else 0
            self._needed[flexible] = min(long, _COMFORTABLE)
            if sum(self._needed) + self._gap * (len(titles) - 1) + 2 <= self.size.width:
                break
        self._lay_out()

    def _lay_out(self) -> None:
        """Find out which columns are shown, and how wide.

        All if there is room, for which the flexible one may become narrow; else the first, and those from where one
        has stepped to, as many as are seen whole.
        """
        columns, flexible, widths = len(self._columns), self._flexible, list(self._needed)
        room = self.size.width - 2
        least = min(widths[flexible], _READABLE if flexible else _NARROWEST)
        if self._taken(range(columns)) - widths[flexible] + least <= room:
            self._left = 0
        else:
            room -= 2  # for the sign that there is more
        self._places = [place for place in range(columns) if not 0 < place <= self._left]
        while len(self._places) > 2 and self._taken(self._places) - widths[flexible] + least > room:
            self._places.pop()
        if flexible in self._places:
            widths[flexible] += max(room - self._taken(self._places), least - widths[flexible])
        self._widths = widths

    def _taken(self, places: Sequence[int]) -> int:
        """The room that columns need, with the gaps between them."""
        return sum(self._needed[place] for place in places) + self._gap * (len(places) - 1)

    def on_resize(self, event: events.Resize) -> None:
        if self._widths:
            self.virtual_size = Size(self.size.width, self.row_count + 1)
            self._measure(())
            self.refresh()

    @property
    def _overflows(self) -> bool:
        """Whether there are more columns at the right."""
        return bool(self._places) and self._places[-1] < len(self._columns) - 1

    # drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        # to find out the style takes longer than to draw a row
        self._style = self.rich_style
        self._tones = {
            tone: self.get_component_rich_style(f"row-table--{tone}", partial=True)
            for tone in (Tone.GOOD, Tone.WARN, Tone.BAD, Tone.MUTED)
        }
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self._widths:
            return Strip.blank(width, self._style)
        if y == 0:
            head = self.get_component_rich_style("row-table--head")
            strip = self._strip([Cell(self._title(column)) for column in self._columns], head, width, plain=True)
            return Strip([*strip.crop(0, width - 3), Segment(" › ", head)]) if self._overflows else strip
        number = y - 1 + self.scroll_offset.y
        if number >= self.row_count:
            return Strip.blank(width, self._style)
        record = self.row_at(number)
        on_cursor = number == self.cursor and self.has_focus
        style = self.get_component_rich_style("row-table--cursor") if on_cursor else self._style
        if record is None:
            return Strip([Segment(" …".ljust(width), style)])
        return self._strip(self.cells_of(record), style, width, plain=on_cursor)

    def _strip(self, cells: Sequence[Cell], style: Style, width: int, *, plain: bool) -> Strip:
        tones = self._tones
        segments: list[Segment] = []
        text = " "
        last = style
        for place in self._places:
            cell, column = cells[place], self._columns[place]
            room = self._widths[place]
            shown = cut(safe(cell.text), room)
            blanks = " " * (room - width_of(shown))
            cell_style = style if plain or cell.tone not in tones else style + tones[cell.tone]
            if cell_style != last:
                segments.append(Segment(text, last))
                text, last = "", cell_style
            text += (blanks + shown if column.numeric else shown + blanks) + " " * self._gap
        segments.append(Segment(text, last))
        return Strip(segments).adjust_cell_length(width, style)

    # moving

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        self._to_open = False
        if not self._widths:
            return
        room = max(self.size.height - 1, 1)
        top = self.scroll_offset.y
        if after < top:
            self.scroll_to(y=after, animate=False, force=True)
        elif after >= top + room:
            self.scroll_to(y=after - room + 1, animate=False, force=True)
        else:
            for row in (before, after):
                self.refresh(Region(0, row - top + 1, self.size.width, 1))
        self.post_message(self.Moved(after, self.row_count))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.cursor += by * max(self.size.height - 2, 1)

    def action_jump(self, to: int) -> None:
        """Move to the first (0) or the last (-1) row."""
        self.cursor = 0 if to == 0 else self.row_count - 1

    def action_columns(self, by: int) -> None:
        """Show the columns to the left or to the right."""
        if self._widths and (by < 0 < self._left or (by > 0 and self._overflows)):
            self._left += by
            self._lay_out()
            self.refresh()

    def action_choose(self) -> None:
        """Open the flyout of the row under the cursor."""
        record = self.row_at(self.cursor) if self.row_count else None
        self._to_open = record is None
        if record is not None:
            self.post_message(self.Chosen(self, record))

    def action_sort(self, by: int) -> None:
        """Sort by the next column."""
        if self._columns:
            keys = [column.key for column in self._columns]
            place = keys.index(self._order[0]) if self._order and self._order[0] in keys else len(keys) - 1
            self.post_message(self.OrderAsked(keys[(place + by) % len(keys)]))

    def action_turn(self) -> None:
        """Turn the order round."""
        self.post_message(self.OrderAsked(None))

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            x = 1
            for place in self._places:
                x += self._widths[place] + self._gap
                if event.x < x:
                    self.post_message(self.OrderAsked(self._columns[place].key))
                    return
        else:
            number = event.y - 1 + self.scroll_offset.y
            if number < self.row_count:
                again = number == self.cursor
                self.cursor = number
                if again:
                    self.action_choose()


class ListTable(RowTable):
    """Rows of records that are all there."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._records: Sequence[Any] = ()
        self._cells: Callable[[Any], Sequence[Cell]] = lambda _: ()

    @property
    def row_count(self) -> int:
        return len(self._records)

    def row_at(self, number: int) -> Any:
        return self._records[number] if number < len(self._records) else None

    def cells_of(self, record: Any) -> Sequence[Cell]:
        return self._cells(record)

    def show(
        self,
        records: Sequence[Any],
        columns: tuple[Column, ...],
        cells: Callable[[Any], Sequence[Cell]],
        *,
        order: tuple[str, bool] | None = None,
        flexible: int = 0,
        cursor: int | None = None,
    ) -> None:
        """Show records in the order in which they come; the column at the place *flexible* takes the rest.

        From the first row on; with a *cursor*, that row stays where on the screen the cursor is.
        """
        top = 0 if cursor is None else self._top_for(cursor)
        self._records, self._cells = records, cells
        self._begin(columns, order, flexible)
        self._measure(records[:: len(records) // _MEASURED + 1])
        self._shown(top, cursor or 0)
