"""The details table: as many rows as there are senders, of which it holds a few pages."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from textual import work

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.reports.senders import details_cells
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.store.listing import PAGE, SenderListing
from smtpauth_tui.store.rows import SenderTotal
from smtpauth_tui.widgets.row_table import RowTable

_PAGES_KEPT: Final = 20


class DetailsTable(RowTable):
    """Rows of a listing, paged from the store."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._listing: SenderListing | None = None
        self._pages: OrderedDict[int, Sequence[SenderTotal]] = OrderedDict()
        self._wanted: set[int] = set()

    @property
    def row_count(self) -> int:
        return self._listing.count if self._listing else 0

    def cells_of(self, record: SenderTotal) -> Sequence[Cell]:
        return details_cells(record, self._columns)

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
        self._listing = listing
        self._begin(columns, (listing.query.order.value, listing.query.descending))
        self._pages.clear()
        self._pages.update(pages or {})
        self._wanted.clear()
        self._measure([row for rows in self._pages.values() for row in rows])
        self._shown(0 if cursor is None else self._top_for(cursor), cursor or 0)

    def places_for(self, cursor: int) -> set[int]:
        """The numbers of the pages that are in view when the cursor is on a row."""
        top = self._top_for(cursor)
        return {row // PAGE for row in (top, cursor, top + max(self.size.height, 1))}

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

    def row_at(self, number: int) -> SenderTotal | None:
        """The row of a number, if its page is there; asks for it otherwise."""
        page, place = divmod(number, PAGE)
        rows = self._pages.get(page)
        if rows is None:
            self._fetch(page)
            return None
        self._pages.move_to_end(page)
        return rows[place] if place < len(rows) else None
