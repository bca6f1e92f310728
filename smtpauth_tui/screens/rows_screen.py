"""A screen of rows that are all there: sorted, searched, each with a flyout; where there is one, with a chart."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Input, Static

from smtpauth_tui.conditions import Filter, FilterColumn, Kind
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.filters import FilterError
from smtpauth_tui.matching import predicate
from smtpauth_tui.query import LONGEST_TEXT, Period, ReportQuery
from smtpauth_tui.reports.figures import ago, number, plural, short_period
from smtpauth_tui.reports.values import Cell, Chart, Column
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.filters import FiltersScreen
from smtpauth_tui.screens.row_filter import Filtered, RowFilterScreen, Typed, named_again, row_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.widgets.chart_panel import ChartPanel
from smtpauth_tui.widgets.chart_view import ChartView
from smtpauth_tui.widgets.choice import Choice
from smtpauth_tui.widgets.filter_line import SearchLine
from smtpauth_tui.widgets.notice import Notice
from smtpauth_tui.widgets.row_table import ListTable, RowTable

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Record]):
    """What such a screen shows of the store."""

    records: Sequence[Record]
    status: str = ""
    """The totals, in a line or two above the rows."""
    empty: tuple[str, str] = ("There is nothing to list.", "")
    """What is said where there are no records, and a hint."""
    chart: Chart | None = None


class RowsScreen(BaseScreen, Generic[Record]):
    """What is asked (`period`, `view`) decides what is loaded; order and search what is shown of it.

    A screen of this kind says what its rows are: `fetch`, `columns`, `cells`, `identity`, `value`, `flyout`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_view", "View", tooltip="View data by: the next view", id="rows.next-view"),
        Binding("f", "filters", "Filters", tooltip="Filters: start and end date", id="rows.filters"),
        Binding("t", "details", "Table", tooltip="The table, or the chart", id="rows.details"),
        Binding("slash", "search", "Search", key_display="/", tooltip="Search the rows", id="rows.search"),
        Binding(
            "ctrl+f",
            "row_filter",
            "Filter rows",
            show=False,
            tooltip="Filter the rows: by any column (also / twice)",
            id="rows.row-filter",
        ),
        Binding("s,S", "sort_rows", "Sort", show=False, id="rows.sort"),
    ]
    DEFAULT_CSS = """
    RowsScreen {
        #choices { height: 1; padding: 0 1; }
        #status { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
        ContentSwitcher { height: 1fr; }
        #details { height: 1fr; }
        #below { height: auto; }
        #search { height: 1; border: none; padding: 0 1; background: $panel; }
        #rows { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    REPORT: ClassVar[str] = "volume"
    """The report that *Request report* offers."""
    DAYS: ClassVar[int] = 0
    """How many days are shown at first; 0 for a screen that has no period."""
    VIEWS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What the data can be viewed by, an id and a title each; none where there is one view."""
    ORDER: ClassVar[tuple[str, bool]]
    """The column by which the rows are sorted at first, and whether it descends."""
    ASCENDING: ClassVar[frozenset[str]] = frozenset()
    """Columns that begin with the lowest when somebody sorts by them."""
    FLEXIBLE: ClassVar[int] = 0
    """The place of the column that takes the room that the others leave."""
    CHARTED: ClassVar[bool] = False
    """Whether there is a chart beside the table; it is what is seen first."""
    KINDS: ClassVar[Mapping[str, Kind]] = {}
    """Columns that a filter compares otherwise than by their numbers and texts, by their keys.

    Of a day `value` gives the day or UTC seconds, of a share its part and the whole.
    """
    RECORD: ClassVar[str] = "row"
    """What a row stands for, in the singular."""
    SEARCHED: ClassVar[str] = "part of a name"
    """What can be typed into the search."""

    period: reactive[Period | None] = reactive(None, init=False)
    """The days that are shown."""
    view: reactive[str] = reactive("", init=False)
    """The id of the view."""
    details: reactive[bool] = reactive(bool, init=False)
    """Whether the table is in view, instead of the chart."""
    order: reactive[tuple[str, bool]] = reactive(("", False), init=False)
    """The column by which the rows are sorted, and whether it descends."""
    search: reactive[str] = reactive("", init=False)
    """What is searched for."""
    where: reactive[Filter | None] = reactive(None, init=False)
    """Only rows of which this holds."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._today: date | None = None
        self._about: tuple[ZoneInfo, int | None] | None = None
        self._rows: Rows[Record] | None = None
        self._shown: Sequence[Record] = ()
        self._typed = Typed()
        """Filters that were typed and not taken."""
        self.set_reactive(RowsScreen.order, self.ORDER)
        self.set_reactive(RowsScreen.view, self.VIEWS[0][0] if self.VIEWS else "")
        self.set_reactive(RowsScreen.details, not self.CHARTED)

    # what a screen of this kind says

    async def rows(self) -> Rows[Record]:
        """What there is to show: what `fetch` finds in a snapshot of the store."""
        async with (await self._desk.store()).snapshot() as store:
            rows = await self.fetch(store)
            self._about = store.zone, (await store.freshness()).imported_at
        return rows

    async def fetch(self, store: Store) -> Rows[Record]:
        """The records of the period and the view, from a snapshot of the store."""
        raise NotImplementedError

    def columns(self) -> tuple[Column, ...]:
        """The columns of the view."""
        raise NotImplementedError

    def cells(self, record: Record) -> Sequence[Cell]:
        """A record's cells, one for each column."""
        raise NotImplementedError

    def identity(self, record: Record) -> Hashable:
        """By what a record is known when it is loaded again."""
        raise NotImplementedError

    def value(self, record: Record, key: str) -> Any:
        """What a record is sorted by in a column; the text of its cell by default."""
        place = next(n for n, column in enumerate(self.columns()) if column.key == key)
        return self.cells(record)[place].text.casefold()

    def searched(self, record: Record) -> str:
        """The text that a search looks in; the first cell's by default."""
        return self.cells(record)[0].text

    def compared(self, record: Record, column: Column) -> Any:
        """What a filter compares in a column: see `matching.Values`."""
        kind = self.KINDS.get(column.key, Kind.NUMBER if column.numeric else Kind.TEXT)
        value = self.value(record, column.key) if kind not in (Kind.TEXT, Kind.ADDRESS) else None
        if kind is Kind.SHARE:
            return value
        first = value[0] if isinstance(value, tuple) else value
        if kind is Kind.DAY:
            zone = self._about[0] if self._about else UTC
            day = datetime.fromtimestamp(first, zone).date() if isinstance(first, int) and first else first
            return day if isinstance(day, date) else None
        if isinstance(first, int | float):
            return first
        place = next(n for n, one in enumerate(self.columns()) if one.key == column.key)
        text = self.cells(record)[place].text
        if kind is not Kind.NUMBER:
            return text
        digits = text.replace(",", "")
        return int(digits) if digits.isascii() and digits.isdigit() else None

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        """What a filter may name: the columns of the view, each by its key; or those of a report with such records."""
        return tuple(
            FilterColumn(f"{column.key}%" if kind is Kind.SHARE else column.key, kind, column.key)
            for column in self.columns()
            for kind in [self.KINDS.get(column.key, Kind.NUMBER if column.numeric else Kind.TEXT)]
        )

    def filter_values(self) -> Mapping[str, Callable[[Record], Any]]:
        """What it compares in a record: see `matching.Values`."""

        def of(column: Column) -> Callable[[Record], Any]:
            return lambda record: self.compared(record, column)

        shares = {key for key, kind in self.KINDS.items() if kind is Kind.SHARE}
        return {f"{one.key}%" if one.key in shares else one.key: of(one) for one in self.columns()}

    def flyout(self, record: Record) -> Screen[Any] | None:
        """What Enter opens."""
        return None

    def compose_choices(self) -> ComposeResult:
        """Controls beside those of view and period."""
        yield from ()

    def compose_below(self) -> ComposeResult:
        """What stands below the rows."""
        yield from ()

    # the screen

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="choices"):
            if self.VIEWS:
                yield Choice("View data by", id="view")
            yield from self.compose_choices()
            if self.DAYS:
                yield Choice("Filters", id="filters")
        yield Static("loading …", id="status")
        with ContentSwitcher(initial="details" if self.details else "chart-view"):
            if self.CHARTED:
                yield ChartView(id="chart-view")
            with Vertical(id="details"):
                yield ListTable(id="table")
                yield SearchLine(
                    placeholder=f"{self.SEARCHED};  / again: a filter by any column",
                    id="search",
                    select_on_focus=False,
                    compact=True,
                )
                yield Static("", id="rows")
            yield Notice(id="notice")
        with Vertical(id="below"):
            yield from self.compose_below()

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT)
        self.query_one("#search").display = False
        self.query_one("#choices").display = bool(self.query("#choices > *"))
        self._show_choices()
        self.query_one(ListTable if self.details else ChartPanel).focus()
        self.begin()

    @work(exclusive=True, group="rows")
    async def begin(self) -> None:
        """Ask for the period that is shown at first."""
        try:
            store = await self._desk.store()
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint, error=True)
            return
        self._today = self._desk.today(store)
        if self.DAYS:
            self.period = Period.ending(self._today, self.DAYS)  # which is watched
        else:
            self.load()

    # loading

    @work(exclusive=True, group="rows")
    async def load(self) -> None:
        """Fetch the rows; what is shown stays until they are there."""
        try:
            rows = await self.rows()
        except SmtpAuthTuiError as error:
            self._say(error.message, error.hint, error=True)
            return
        self.show(rows)

    def show(self, rows: Rows[Record]) -> None:
        """Show what was fetched; the cursors stay on their row and their day."""
        before, self._rows = self._rows, rows
        self._show_title()
        if rows == before and self.query_one(ContentSwitcher).current != "notice":
            return  # nothing is written to a terminal that shows it
        status = self.query_one("#status", Static)
        status.update(Content("\n".join(map(safe, rows.status.split("\n")))))
        status.display = bool(rows.status)
        if not rows.records:
            self._shown = ()
            self._say(*rows.empty)
            return
        if rows.chart:
            self.query_one(ChartView).show(rows.chart, day_stays=before is not None)
        self.put_in_order()
        self._show_content()

    def put_in_order(self, *, from_top: bool = False) -> None:
        """Sort and search what was fetched; the cursor stays on its record, unless the rows begin *from_top*."""
        if self._rows is None:
            return
        table = self.query_one(ListTable)
        on = self.identity(self._shown[table.cursor]) if table.cursor < len(self._shown) and not from_top else None
        sought = self.search.casefold()
        found = [one for one in self._rows.records if sought in self.searched(one).casefold()]
        if self.where:
            found = list(filter(predicate(self.where, self.filter_values()), found))
        key, descending = self.order
        if key in (column.key for column in self.columns()):
            found.sort(key=lambda one: self.value(one, key), reverse=descending)
        cursor = next((n for n, one in enumerate(found) if self.identity(one) == on), None) if on is not None else None
        self._shown = found
        table.show(found, self.columns(), self.cells, order=self.order, flexible=self.FLEXIBLE, cursor=cursor)

    def store_changed(self) -> None:
        if self._today is None:
            self.begin()
        elif not self._turn_of_day():
            self.load()

    def minute_passed(self) -> None:
        if not self._turn_of_day():
            self._show_title()

    def _turn_of_day(self) -> bool:
        """A period that ends today goes on to the new day at midnight; whether that was now."""
        before, period, about = self._today, self.period, self._about
        if before is None or period is None or about is None:
            return False
        self._today = self._desk.clock.today(about[0])
        if self._today == before:
            return False
        self._read_filter_again()
        if period.last != before:
            return False
        self.period = Period.ending(self._today, period.days)
        return True

    # showing

    def _show_title(self) -> None:
        if self._about:
            zone, imported = self._about
            self.query_one(TitleBar).say(
                self.TITLE_TEXT, f"{zone.key}  ·  last import {ago(imported, self._desk.clock.now())}"
            )

    def _show_choices(self) -> None:
        for choice in self.query(Choice):
            if choice.id == "view":
                choice.value = dict(self.VIEWS)[self.view]
            elif choice.id == "filters" and self.period:
                choice.value = short_period(self.period)

    def _show_content(self) -> None:
        switcher = self.query_one(ContentSwitcher)
        current = "details" if self.details else "chart-view"
        if switcher.current != current:
            switcher.current = current
        if not isinstance(self.focused, Choice | Input):
            self.set_focus(self.query_one(ListTable if self.details else ChartPanel))
        self.refresh_bindings()

    def _say(self, what: str, hint: str = "", *, error: bool = False) -> None:
        if error:
            self.query_one("#status", Static).update("")
        self.query_one(Notice).say(what, hint, error=error)
        self.query_one(ContentSwitcher).current = "notice"
        self.refresh_bindings()

    @on(RowTable.Moved)
    @on(events.DescendantFocus)
    def show_place(self) -> None:
        """Where the cursor is in the table, and in a search how to go on from it."""
        if self._rows is None:
            return
        cursor = self.query_one(ListTable).cursor
        text = row_of(cursor, len(self._shown), self.search, self.where)
        if self.query_one("#search").has_focus:
            text += " · Enter: to the rows · Esc: end the search"
        self.query_one("#rows", Static).update(Content(text), layout=False)
        if isinstance(self.app.screen, RowFilterScreen):
            self.app.screen.found(self.where, self._found())

    def _found(self) -> str:
        """How many rows there are, of how many."""
        of = plural(len(self._rows.records) if self._rows else 0, self.RECORD)
        search = f" with {safe(self.search)}" if self.search else ""
        return f"{number(len(self._shown))} of {of}{search}" if self.where or search else of

    # keys

    @property
    def record(self) -> Record | None:
        """The record under the cursor."""
        cursor = self.query_one(ListTable).cursor
        return self._shown[cursor] if self.details and cursor < len(self._shown) else None

    def report_shown(self) -> tuple[str, ReportQuery | None]:
        return self.REPORT, ReportQuery(self.period) if self.period else None

    def why_not(self, action: str) -> str:
        if action in ("search", "sort_rows", "row_filter") and not self.details:
            return "That works in the table: press t first."
        if action == "details" and not self.CHARTED:
            return "There is no chart here."
        if action == "next_view" and not self.VIEWS:
            return "There is one view of this."
        if action == "filters" and not self.DAYS:
            return "There is no period to choose here."
        return super().why_not(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        absent = {"details": not self.CHARTED, "next_view": not self.VIEWS, "filters": not self.DAYS}
        return False if absent.get(action) else super().check_action(action, parameters)

    def action_next_view(self) -> None:
        """View data by the next view."""
        ids = [id for id, _ in self.VIEWS]
        self.view = ids[(ids.index(self.view) + 1) % len(ids)]

    def watch_view(self) -> None:
        self._show_choices()
        self._read_filter_again()
        self.load()

    def watch_period(self) -> None:
        self._show_choices()
        self.load()

    def action_details(self) -> None:
        """The table, or the chart."""
        self.details = not self.details

    def watch_details(self) -> None:
        if self.query_one(ContentSwitcher).current != "notice":
            if isinstance(self.focused, Input):
                self.set_focus(None)
            self._show_content()

    def watch_order(self) -> None:
        self.put_in_order(from_top=True)

    def watch_search(self) -> None:
        self.put_in_order(from_top=True)

    def watch_where(self) -> None:
        self.put_in_order(from_top=True)

    def _read_filter_again(self) -> None:
        """On another day ``-7d`` is another day; in another view a column may not be there."""
        where = self.where
        if where is None or self._today is None:
            return
        try:
            self.where = named_again(where, self.filter_columns(), self._today)
        except FilterError:
            self._end_filter()
            self.notify(f"This view lacks a column of the filter {safe(where.called)}", markup=False)

    def _end_filter(self) -> None:
        if self.where:
            self._typed.keep(self.where.text, ())
        self.where = None

    def action_filters(self) -> None:
        """Choose the period."""
        if self.period and self._today:
            self.app.push_screen(FiltersScreen(self.period, self._today), self._take_period)

    def _take_period(self, period: Period | None) -> None:
        if period:
            self.period = period

    @on(Choice.Asked)
    def change(self, event: Choice.Asked) -> None:
        """A control was pressed."""
        if event.choice.id == "filters":
            self.action_filters()
        elif event.choice.id == "view":
            self.action_next_view()

    def action_sort_rows(self) -> None:
        """Sort, when the focus is beside the table."""
        self.query_one(ListTable).action_sort(1)

    @on(RowTable.OrderAsked)
    def sort(self, event: RowTable.OrderAsked) -> None:
        """Other order: the next column, or the present one turned round."""
        key, descending = self.order
        if event.key is None or event.key == key:
            self.order = key, not descending
        else:
            self.order = event.key, event.key not in self.ASCENDING

    def action_search(self) -> None:
        """Search the rows."""
        search = self.query_one("#search", Input)
        search.display = True
        search.focus()

    @on(SearchLine.FilterAsked)
    def filter_instead(self) -> None:
        """A filter is wanted, and no search."""
        self._end_search()
        self.action_row_filter()

    def action_row_filter(self) -> None:
        """Filter the rows by any column."""
        if self._rows is None:
            return
        today = self._today or self._desk.clock.now().date()

        def show(where: Filter | None) -> None:
            self.where = where

        table = Filtered(self.filter_columns(), self.RECORD, self.where, self._found(), self._desk.places.check, show)
        self.app.push_screen(RowFilterScreen(self._desk.path, self._desk.clock, today, table, self._typed))

    @on(Input.Changed, "#search")
    def search_typed(self, event: Input.Changed) -> None:
        """Search as somebody types."""
        self.search = event.value[:LONGEST_TEXT]

    @on(Input.Submitted, "#search")
    def search_done(self) -> None:
        """Back to the rows that were found."""
        self.query_one(ListTable).focus()

    @on(RowTable.Chosen)
    def open_row(self, event: RowTable.Chosen) -> None:
        """A row was opened: its flyout."""
        if flyout := self.flyout(event.record):
            self.app.push_screen(flyout)

    def action_back(self) -> None:
        """End the search, else the filter of the rows, else go back to the screen before this one."""
        if self.query_one("#search").display:
            self._end_search()
        elif self.details and self.where:
            self._end_filter()
        else:
            super().action_back()

    def _end_search(self) -> None:
        search = self.query_one("#search", Input)
        search.value = ""
        search.display = False
        self.query_one(ListTable).focus()

    @work(exclusive=True, group="reload")
    async def action_reload(self) -> None:  # type: ignore[override]
        """Open the store anew and load again."""
        await self._desk.forget()
        if self._today is None:
            self.begin()
        else:
            self.load()
