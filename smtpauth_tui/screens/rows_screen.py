"""A screen of rows that are all there: sorted, searched, each with a flyout; where there is one, with a chart."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from smtpauth_tui.conditions import Filter, FilterColumn, Kind
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.filters import FilterError
from smtpauth_tui.matching import predicate
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.figures import short_period
from smtpauth_tui.reports.values import Cell, Chart, Column
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.row_filter import named_again
from smtpauth_tui.screens.table_screen import Asked, Listed, TableScreen
from smtpauth_tui.store.reader import Store
from smtpauth_tui.widgets.chart_view import ChartView
from smtpauth_tui.widgets.choice import Choice
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


class RowsScreen(TableScreen, Generic[Record]):
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
    KINDS: ClassVar[Mapping[str, Kind]] = {}
    """Columns that a filter compares otherwise than by their numbers and texts, by their keys.

    Of a day `value` gives the day or UTC seconds, of a share its part and the whole.
    """

    period: reactive[Period | None] = reactive(None, init=False)
    """The days that are shown."""
    view: reactive[str] = reactive("", init=False)
    """The id of the view."""
    order: reactive[tuple[str, bool]] = reactive(("", False), init=False)
    """The column by which the rows are sorted, and whether it descends."""
    search: reactive[str] = reactive("", init=False)
    """What is searched for."""
    where: reactive[Filter | None] = reactive(None, init=False)
    """Only rows of which this holds."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: Rows[Record] | None = None
        self._shown: Sequence[Record] = ()
        self.set_reactive(RowsScreen.order, self.ORDER)
        self.set_reactive(RowsScreen.view, self.VIEWS[0][0] if self.VIEWS else "")

    # what a screen of this kind says

    async def rows(self) -> Rows[Record]:
        """What there is to show: what `fetch` finds in a snapshot of the store."""
        async with (await self._desk.store()).snapshot() as store:
            self.zone = store.zone
            rows = await self.fetch(store)
            await self.freshen(store)
        return rows

    async def fetch(self, store: Store) -> Rows[Record]:
        """The records of the period and the view, from a snapshot of the store, whose zone is known."""
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
        return self._text(record, key).casefold()

    def _text(self, record: Record, key: str) -> str:
        place = [column.key for column in self.columns()].index(key)
        return self.cells(record)[place].text

    def searched(self, record: Record) -> str:
        """The text that a search looks in; the first cell's by default."""
        return self.cells(record)[0].text

    def compared(self, record: Record, column: Column) -> Any:
        """What a filter compares in a column: see `matching.Values`."""
        kind = self._kind_of(column)
        if kind in (Kind.TEXT, Kind.ADDRESS):
            return self._text(record, column.key)
        value = self.value(record, column.key)
        if kind is Kind.SHARE:
            return value
        first = value[0] if isinstance(value, tuple) else value
        if kind is Kind.DAY:
            day = datetime.fromtimestamp(first, self.zone).date() if isinstance(first, int) and first else first
            return day if isinstance(day, date) else None
        if isinstance(first, int | float):
            return first
        text = self._text(record, column.key)
        if kind is not Kind.NUMBER:
            return text
        digits = text.replace(",", "")
        return int(digits) if digits.isascii() and digits.isdigit() else None

    def _kind_of(self, column: Column) -> Kind:
        return self.KINDS.get(column.key, Kind.NUMBER if column.numeric else Kind.TEXT)

    @staticmethod
    def _filtered_as(column: Column, kind: Kind) -> str:
        return f"{column.key}%" if kind is Kind.SHARE else column.key

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        """What a filter may name: the columns of the view, each by its key; or those of a report with such records."""
        kinds = [(column, self._kind_of(column)) for column in self.columns()]
        return tuple(FilterColumn(self._filtered_as(column, kind), kind, column.key) for column, kind in kinds)

    def filter_values(self) -> Mapping[str, Callable[[Record], Any]]:
        """What it compares in a record: see `matching.Values`."""

        def of(column: Column) -> Callable[[Record], Any]:
            return lambda record: self.compared(record, column)

        return {self._filtered_as(column, self._kind_of(column)): of(column) for column in self.columns()}

    def flyout(self, record: Record) -> Screen[Any] | None:
        """What Enter opens."""
        return None

    def beside_choices(self) -> ComposeResult:
        """Controls between those of the view and the period."""
        yield from ()

    # the screen

    def compose_choices(self) -> ComposeResult:
        if self.VIEWS:
            yield Choice("View data by", id="view")
        yield from self.beside_choices()
        if self.DAYS:
            yield Choice("Filters", id="filters")

    def compose_table(self) -> ComposeResult:
        yield ListTable(id="table")

    def on_mount(self) -> None:
        self._show_choices()

    @work(exclusive=True, group="rows")
    async def begin(self) -> None:  # type: ignore[override]
        """Ask for the period that is shown at first."""
        try:
            store = await self._desk.store()
        except SmtpAuthTuiError as error:
            self._say_error(error)
            return
        self._today, self.zone = self._desk.today(store), store.zone
        if self.DAYS:
            self.period = Period.ending(self._today, self.DAYS)  # which is watched
        else:
            self.load()

    def load_again(self) -> None:
        self.load()

    # asking

    @property
    def asked(self) -> Asked:
        return Asked(self.period, self.search, self.where)

    def ask(self, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(self, name, value)  # which is watched

    @property
    def listed(self) -> Listed | None:
        if self._rows is None:
            return None
        return Listed(len(self._shown), len(self._rows.records), self.search, self.where)

    # loading

    @work(exclusive=True, group="rows")
    async def load(self) -> None:
        """Fetch the rows; what is shown stays until they are there."""
        try:
            rows = await self.rows()
        except SmtpAuthTuiError as error:
            self._say_error(error)
            return
        self.show(rows)

    def show(self, rows: Rows[Record]) -> None:
        """Show what was fetched; the cursors stay on their row and their day."""
        before, self._rows = self._rows, rows
        self._show_title()
        if rows == before and self.query_one(ContentSwitcher).current != "notice":
            return  # nothing is written to a terminal that shows it
        self._show_status()
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

    def new_day(self, period: Period) -> None:
        self._read_filter_again()
        self.period = period

    # showing

    def status(self) -> Content:
        """The totals above the rows."""
        return Content("\n".join(map(safe, self._rows.status.split("\n"))) if self._rows else "")

    def _show_status(self) -> None:
        said, status = self.status(), self.query_one("#status", Static)
        status.update(said)
        status.display = bool(said)

    def _show_choices(self) -> None:
        for choice in self.query(Choice):
            if choice.id == "view":
                choice.value = dict(self.VIEWS)[self.view]
            elif choice.id == "filters" and self.period:
                choice.value = short_period(self.period)

    # keys

    @property
    def record(self) -> Record | None:
        """The record under the cursor."""
        cursor = self.query_one(ListTable).cursor
        return self._shown[cursor] if self.details and cursor < len(self._shown) else None

    def report_shown(self) -> tuple[str, ReportQuery | None]:
        return self.REPORT, ReportQuery(self.period) if self.period else None

    def why_not(self, action: str) -> str:
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

    @on(Choice.Asked)
    def change(self, event: Choice.Asked) -> None:
        """A control was pressed."""
        if event.choice.id == "filters":
            self.action_filters()
        elif event.choice.id == "view":
            self.action_next_view()

    @on(RowTable.OrderAsked)
    def sort(self, event: RowTable.OrderAsked) -> None:
        """Other order: the next column, or the present one turned round."""
        key, descending = self.order
        if event.key is None or event.key == key:
            self.order = key, not descending
        else:
            self.order = event.key, event.key not in self.ASCENDING

    @on(RowTable.Chosen)
    def open_row(self, event: RowTable.Chosen) -> None:
        """A row was opened: its flyout."""
        if flyout := self.flyout(event.record):
            self.app.push_screen(flyout)
