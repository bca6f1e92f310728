"""What screens of rows share: a search, a filter, a period, the place of the cursor; beside some, a chart."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import ContentSwitcher, Input, Static

from smtpauth_tui.clock import zone_named
from smtpauth_tui.conditions import Filter, FilterColumn
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.query import LONGEST_TEXT, Period
from smtpauth_tui.reports.figures import ago, number, plural
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.base import BaseScreen, TitleBar
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.filters import FiltersScreen
from smtpauth_tui.screens.row_filter import Filtered, RowFilterScreen, Typed
from smtpauth_tui.store.reader import Store
from smtpauth_tui.widgets.chart_panel import ChartPanel
from smtpauth_tui.widgets.chart_view import ChartView
from smtpauth_tui.widgets.choice import Choice
from smtpauth_tui.widgets.filter_line import SearchLine
from smtpauth_tui.widgets.notice import Link, Notice
from smtpauth_tui.widgets.row_table import RowTable

_ONLY_IN_TABLE: Final = {"search": "Search", "sort_rows": "Sorting", "row_filter": "A filter of rows"}


class Asked(NamedTuple):
    """What the person has asked for."""

    period: Period | None
    search: str
    where: Filter | None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the table has."""

    count: int
    of: int | None
    """How many rows there were without search and filter; None where that is not known yet."""
    search: str
    where: Filter | None

    def place(self, row: int, record: str) -> str:
        """``row 1 of 12 · search: shop · filter: old: tls1.0 > 0``, safe for the terminal."""
        parts = [f"row {number(row + 1)} of {number(self.count)}" if self.count else f"No {record} like that"]
        parts += [f"search: {safe(self.search)}"] if self.search else []
        parts += [f"filter: {safe(self.where.called)}"] if self.where else []
        return " · ".join(parts)

    def found(self, record: str) -> str:
        """``3 of 12 senders with shop``, safe for the terminal."""
        search = f" with {safe(self.search)}" if self.search else ""
        if self.of is None or not (self.search or self.where):
            return plural(self.count, record) + search
        return f"{number(self.count)} of {plural(self.of, record)}{search}"


class TableScreen(BaseScreen):
    """Choices and totals above rows that are searched and filtered; where there is a chart, one sees it or the rows.

    A screen of this kind says what is asked (`asked`, `ask`), what the table has (`listed`), and loads it (`begin`,
    `load_again`).
    """

    DEFAULT_CSS = """
    TableScreen {
        #choices { height: 1; padding: 0 1; }
        #status { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
        ContentSwitcher { height: 1fr; }
        #details { height: 1fr; }
        #below { height: auto; }
        #search { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
        #rows { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """
    CHARTED: ClassVar[bool] = False
    """Whether there is a chart beside the table; it is what is seen first."""
    RECORD: ClassVar[str] = "row"
    """What a row stands for, in the singular."""
    SEARCHED: ClassVar[str] = "part of a name"
    """What can be typed into the search."""

    details: reactive[bool] = reactive(bool, init=False)
    """Whether the table is in view, instead of the chart."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._today: date | None = None
        self.zone = zone_named("UTC")
        """The store's, as soon as it was asked."""
        self._imported: tuple[int | None] | None = None
        """When something was imported last, in UTC seconds, if anything was; None as long as nobody asked."""
        self._typed = Typed()
        """Filters that were typed and not taken."""
        self.set_reactive(TableScreen.details, not self.CHARTED)

    # what a screen of this kind says

    @property
    def asked(self) -> Asked:
        """What the person has asked for."""
        raise NotImplementedError

    def ask(self, **changes: Any) -> None:
        """Ask for something else: another *period*, *search* or *where*."""
        raise NotImplementedError

    @property
    def listed(self) -> Listed | None:
        """What the table has; None before anything is there."""
        raise NotImplementedError

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        """What a filter may name."""
        raise NotImplementedError

    def compose_choices(self) -> ComposeResult:
        """The controls above."""
        yield from ()

    def compose_table(self) -> ComposeResult:
        """The table, a `RowTable`."""
        yield from ()

    def compose_below(self) -> ComposeResult:
        """What stands below the rows."""
        yield from ()

    def begin(self) -> None:
        """Ask for what is shown at first."""
        raise NotImplementedError

    def load_again(self) -> None:
        """Load what is asked."""
        raise NotImplementedError

    def new_day(self, period: Period) -> None:
        """It is another day: go on to the period, which may be the one that is shown, and read the filter anew."""
        raise NotImplementedError

    # the screen

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="choices"):
            yield from self.compose_choices()
        yield Static("loading …", id="status")
        with ContentSwitcher(initial=self._content):
            if self.CHARTED:
                yield ChartView(id="chart-view")
            with Vertical(id="details"):
                yield from self.compose_table()
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

    @property
    def _content(self) -> str:
        return "details" if self.details else "chart-view"

    @property
    def _table(self) -> RowTable:
        return self.query_one(RowTable)

    def on_mount(self) -> None:
        self.query_one(TitleBar).say(self.TITLE_TEXT)
        self.query_one("#choices").display = bool(self.query("#choices > *"))
        self.query_one(RowTable if self.details else ChartPanel).focus()
        self.begin()

    async def freshen(self, store: Store) -> None:
        """Learn when something was imported last, from a snapshot of the store."""
        self._imported = ((await store.freshness()).imported_at,)

    def store_changed(self) -> None:
        if self._today is None:
            self.begin()
        elif not self._turn_of_day():
            self.load_again()

    def minute_passed(self) -> None:
        if not self._turn_of_day():
            self._show_title()

    def _turn_of_day(self) -> bool:
        """A period that ends today goes on to the new day at midnight; whether that was now."""
        before, period = self._today, self.asked.period
        if before is None or period is None:
            return False
        self._today = self._desk.clock.today(self.zone)
        if self._today == before:
            return False
        goes_on = period.last == before
        self.new_day(Period.ending(self._today, period.days) if goes_on else period)
        return goes_on

    # showing

    def _show_title(self) -> None:
        if self._imported:
            imported = ago(self._imported[0], self._desk.clock.now())
            self.query_one(TitleBar).say(self.TITLE_TEXT, f"{self.zone.key}  ·  last import {imported}")

    def _show_content(self) -> None:
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != self._content:
            switcher.current = self._content
        if not isinstance(self.focused, Choice | Input):
            self.set_focus(self.query_one(RowTable if self.details else ChartPanel))
        self.refresh_bindings()

    def _say(self, what: str, hint: str = "", link: str = "", *, error: bool = False) -> None:
        if error:
            self.query_one("#status", Static).update("")
        notice = self.query_one(Notice)
        notice.say(what, hint, link, error=error)
        self.query_one(ContentSwitcher).current = "notice"
        if link:
            notice.query_one(Link).focus()
        self.refresh_bindings()

    def _say_error(self, error: SmtpAuthTuiError) -> None:
        self._say(error.message, error.hint, error=True)

    @on(RowTable.Moved)
    @on(events.DescendantFocus)
    def show_place(self) -> None:
        """Where the cursor is in the table, and in a search how to go on from it."""
        listed = self.listed
        if listed is None:
            return
        text = listed.place(self._table.cursor, self.RECORD)
        if self.query_one("#search").has_focus:
            text += " · Enter: to the rows · Esc: end the search"
        self.query_one("#rows", Static).update(Content(text), layout=False)
        if isinstance(self.app.screen, RowFilterScreen):
            self.app.screen.found(listed.where, listed.found(self.RECORD))

    # keys

    def why_not(self, action: str) -> str:
        if action in _ONLY_IN_TABLE and not self.details:
            return f"{_ONLY_IN_TABLE[action]} works in the details table: press t first."
        return super().why_not(action)

    def action_details(self) -> None:
        """The table, or the chart."""
        self.details = not self.details

    def watch_details(self) -> None:
        if self.query_one(ContentSwitcher).current == "notice":
            return
        if isinstance(self.focused, Input):
            self.set_focus(None)
        self._show_content()

    def action_filters(self) -> None:
        """Choose the period."""
        period = self.asked.period
        if period and self._today:
            self.app.push_screen(FiltersScreen(period, self._today), self._take_period)

    def _take_period(self, period: Period | None) -> None:
        if period:
            self.ask(period=period)

    def action_sort_rows(self) -> None:
        """Sort, when the focus is beside the table."""
        self._table.action_sort(1)

    def action_search(self) -> None:
        """Search the rows."""
        search = self.query_one(SearchLine)
        search.display = True
        search.focus()

    @on(Input.Changed, "#search")
    def search_typed(self, event: Input.Changed) -> None:
        """Search as somebody types."""
        self.ask(search=event.value[:LONGEST_TEXT])

    @on(Input.Submitted, "#search")
    def search_done(self) -> None:
        """Back to the rows that were found."""
        self._table.focus()

    @on(SearchLine.FilterAsked)
    def filter_instead(self) -> None:
        """A filter is wanted, and no search."""
        self._end_search()
        self.action_row_filter()

    def action_row_filter(self) -> None:
        """Filter the rows by any column."""
        listed, today = self.listed, self._today or self._desk.clock.now().date()
        if listed is None:
            return
        table = Filtered(
            self.filter_columns(),
            self.RECORD,
            self.asked.where,
            listed.found(self.RECORD),
            self._desk.places.check,
            lambda where: self.ask(where=where),
        )
        self.app.push_screen(RowFilterScreen(self._desk.path, self._desk.clock, today, table, self._typed))

    def action_back(self) -> None:
        """End the search, else the filter of the rows, else go back to the screen before this one."""
        if self.query_one(SearchLine).display:
            self._end_search()
        elif self.details and self.asked.where:
            self._end_filter()
        else:
            super().action_back()

    def _end_search(self) -> None:
        search = self.query_one(SearchLine)
        search.value = ""
        search.display = False
        self._table.focus()

    def _end_filter(self) -> None:
        where = self.asked.where
        if where:
            self._typed.keep(where.text, ())
        self.ask(where=None)

    @work(exclusive=True, group="reload")
    async def action_reload(self) -> None:  # type: ignore[override]
        """Open the store anew and load again."""
        await self._desk.forget()
        if self._today is None:
            self.begin()
        else:
            self.load_again()
