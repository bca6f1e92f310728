"""The details table: as many rows as there are senders, of which it holds a few pages."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut, width_of
from smtpauth_tui.reports.senders import details_cells
from smtpauth_tui.reports.values import Cell, Column, Tone
from smtpauth_tui.safe import safe
from smtpauth_tui.store.listing import PAGE, SenderListing
from smtpauth_tui.store.rows import SenderTotal

_PAGES_KEPT: Final = 20
_COMFORTABLE_NAME: Final = 32
_NARROWEST_NAME: Final = 12


class DetailsTable(ScrollView, can_focus=True):
    """Rows of a listing, paged from the store; the first line holds the titles."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="The row above", id="table.up"),
        Binding("down,j", "move(1)", "Down", show=False, tooltip="The row below", id="table.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="A page up", id="table.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="A page down", id="table.page-down"),
        Binding("home,g", "jump(0)", "First", show=False, tooltip="The first row", id="table.first"),
        Binding("end,G", "jump(-1)", "Last", show=False, tooltip="The last row", id="table.last"),
        Binding("enter", "choose", "Open", tooltip="Open the sender's flyout", id="table.open"),
        Binding("s", "sort(1)", "Sort", tooltip="Sort by the next column", id="table.sort"),
        Binding("S", "turn", "Turn", show=False, tooltip="Turn the order round", id="table.turn"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "details-table--head",
        "details-table--cursor",
        "details-table--bad",
        "details-table--muted",
    }
    DEFAULT_CSS = """
    DetailsTable {
        height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        .details-table--head { text-style: bold; background: $panel; color: $text; }
        .details-table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        .details-table--bad { color: $text-error; }
        .details-table--muted { text-style: dim; }
        &:ansi .details-table--cursor { text-style: reverse; }
        &:ansi .details-table--head { text-style: bold underline; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    """The number of the row that the cursor is on."""

    class SenderChosen(Message):
        """Somebody wants to see more of a sender."""

        def __init__(self, sender: SenderTotal) -> None:
            super().__init__()
            self.sender = sender

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
        self._listing: SenderListing | None = None
        self._columns: tuple[Column, ...] = ()
        self._pages: OrderedDict[int, Sequence[SenderTotal]] = OrderedDict()
        self._widths: list[int] = []
        self._seen: list[int] = []
        self._tight = False
        self._gap = 2
        self._wanted: set[int] = set()
        self._style = Style()
        self._tones: dict[Tone, Style] = {}
        self._to_open = False
        """Enter was pressed before the row was there: it opens when it comes."""

    def show(
        self,
        listing: SenderListing,
        columns: tuple[Column, ...],
        pages: Mapping[int, Sequence[SenderTotal]] | None = None,
        *,
        cursor: int | None = None,
    ) -> None:
        """Show a listing that was prepared, and the *pages* of it that are there already.

        From its first row on; with a *cursor*, that row stays where on the screen the cursor is, but the first rows
        stay in view where they are.
        """
        self._listing, self._columns = listing, columns
        self._pages.clear()
        self._pages.update(pages or {})
        self._wanted.clear()
        self._seen = [0] * len(columns)
        self._measure([row for rows in self._pages.values() for row in rows])
        self.virtual_size = Size(self.size.width, listing.count + 1)
        to_open = self._to_open
        top = 0 if cursor is None else self._top_for(cursor)
        self.scroll_to(0, top, animate=False, force=True, immediate=True)
        self.cursor = cursor or 0
        self.refresh()
        self._to_open = to_open
        if self.row_at(self.cursor) and to_open:
            self.action_choose()
        self.post_message(self.Moved(self.cursor, listing.count))

    def places_for(self, cursor: int) -> set[int]:
        """The numbers of the pages that are in view when the cursor is on a row."""
        top = self._top_for(cursor)
        return {row // PAGE for row in (top, cursor, top + max(self.size.height, 1))}

    def _top_for(self, cursor: int) -> int:
        """The row to stand at the top when the cursor goes with its sender to another row."""
        top = self.scroll_offset.y
        if top == 0 and cursor < self.size.height - 1:
            return 0
        return max(cursor - (self.cursor - top), 0)

    def _title(self, column: Column) -> str:
        query = self._listing.query if self._listing else None
        title = column.short or column.title if self._tight else column.title
        if query and query.order == column.key:
            return f"{title}{'▼' if query.descending else '▲'}"
        return title

    # pages

    def _fetch(self, page: int) -> None:
        if page not in self._wanted and page not in self._pages:
            self._wanted.add(page)
            self._load(self._listing, page)

    @work(exclusive=False, group="details-pages")
    async def _load(self, listing: SenderListing | None, page: int) -> None:
        if listing is None:
            return
        try:
            rows = await listing.page(page * PAGE)
        except SmtpAuthTuiError:  # the store was closed or replaced; the screen loads again and says so
            return
        if listing is not self._listing:
            return
        self._wanted.discard(page)
        self._pages[page] = rows
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        self._measure(rows)
        self.refresh()
        if self._to_open and self.row_at(self.cursor):
            self.action_choose()

    def _measure(self, rows: Sequence[SenderTotal]) -> None:
        """Columns are as wide as what has been seen of them needs; the first one takes the rest."""
        for row in rows:
            for place, cell in enumerate(details_cells(row, self._columns)):
                self._seen[place] = max(self._seen[place], width_of(safe(cell.text)))
        for self._tight in (False, True):
            self._gap = 1 if self._tight else 2
            titles = [width_of(self._title(column)) for column in self._columns]
            self._widths = [max(seen, title) for seen, title in zip(self._seen, titles, strict=True)]
            rest = sum(width + self._gap for width in self._widths[1:])
            self._widths[0] = self.size.width - rest - 2
            if self._widths[0] >= min(max(self._seen[0], titles[0]), _COMFORTABLE_NAME):
                return
        self._widths[0] = max(self._widths[0], _NARROWEST_NAME)

    def on_resize(self, event: events.Resize) -> None:
        if self._listing and self._widths:
            self.virtual_size = Size(self.size.width, self._listing.count + 1)
            self._measure(())
            self.refresh()

    def row_at(self, number: int) -> SenderTotal | None:
        """The row of a number, if its page is there; asks for it otherwise."""
        page, place = divmod(number, PAGE)
        rows = self._pages.get(page)
        if rows is None:
            self._fetch(page)
            return None
        self._pages.move_to_end(page)
        return rows[place] if place < len(rows) else None

    # drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        # to find out the style takes longer than to draw a row
        self._style = self.rich_style
        self._tones = {
            Tone.BAD: self.get_component_rich_style("details-table--bad", partial=True),
            Tone.MUTED: self.get_component_rich_style("details-table--muted", partial=True),
        }
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self._listing or not self._widths:
            return Strip.blank(width, self._style)
        if y == 0:
            head = self.get_component_rich_style("details-table--head")
            return self._strip([Cell(self._title(column)) for column in self._columns], head, width, plain=True)
        number = y - 1 + self.scroll_offset.y
        if number >= self._listing.count:
            return Strip.blank(width, self._style)
        row = self.row_at(number)
        on_cursor = number == self.cursor and self.has_focus
        style = self.get_component_rich_style("details-table--cursor") if on_cursor else self._style
        if row is None:
            return Strip([Segment(" …".ljust(width), style)])
        return self._strip(details_cells(row, self._columns), style, width, plain=on_cursor)

    def _strip(self, cells: Sequence[Cell], style: Style, width: int, *, plain: bool) -> Strip:
        tones = self._tones
        segments: list[Segment] = []
        text = " "
        last = style
        for place, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
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
        return max(0, min(cursor, self._listing.count - 1)) if self._listing and self._listing.count else 0

    def watch_cursor(self, before: int, after: int) -> None:
        self._to_open = False
        if not self._listing:
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
        self.post_message(self.Moved(after, self._listing.count))

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
        if self._listing:
            self.cursor = 0 if to == 0 else self._listing.count - 1

    def action_choose(self) -> None:
        """Open the flyout of the row under the cursor."""
        row = self.row_at(self.cursor) if self._listing else None
        self._to_open = row is None
        if row:
            self.post_message(self.SenderChosen(row))

    def action_sort(self, by: int) -> None:
        """Sort by the next column."""
        if self._listing:
            keys = [column.key for column in self._columns]
            order = self._listing.query.order.value
            place = keys.index(order) if order in keys else len(keys) - 1
            self.post_message(self.OrderAsked(keys[(place + by) % len(keys)]))

    def action_turn(self) -> None:
        """Turn the order round."""
        self.post_message(self.OrderAsked(None))

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            x = 1
            for place, column in enumerate(self._columns):
                x += self._widths[place] + self._gap
                if event.x < x:
                    self.post_message(self.OrderAsked(column.key))
                    return
        elif self._listing:
            number = event.y - 1 + self.scroll_offset.y
            if number < self._listing.count:
                again = number == self.cursor
                self.cursor = number
                if again:
                    self.action_choose()
