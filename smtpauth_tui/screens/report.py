"""The SMTP Auth clients report: a chart, and the details table behind it."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut
from smtpauth_tui.query import DEFAULT_DAYS, Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.compared import Change, messages_changed
from smtpauth_tui.reports.figures import plural, short_period
from smtpauth_tui.reports.flyouts import Flyout, one_sender
from smtpauth_tui.reports.senders import filter_columns, sender_label
from smtpauth_tui.reports.values import Chart
from smtpauth_tui.reports.views import VIEWS, View
from smtpauth_tui.reports.volume import domain_label
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.domains import ALL, DomainScreen
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.row_filter import named_again
from smtpauth_tui.screens.table_screen import Asked, Listed, TableScreen
from smtpauth_tui.store.listing import PAGE, SenderListing
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DomainTotal, Parties, SenderTotal, Totals
from smtpauth_tui.widgets.chart_panel import ChartPanel
from smtpauth_tui.widgets.chart_view import ChartView
from smtpauth_tui.widgets.choice import Choice
from smtpauth_tui.widgets.details_table import DetailsTable
from smtpauth_tui.widgets.notice import Link

_Pages = Mapping[int, Sequence[SenderTotal]]
_Listed = tuple[SenderListing, _Pages, int | None]


class ReportScreen(TableScreen):
    """What is asked (`query_shown`, `view`) decides what is loaded; what is loaded decides what is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "next_view", "View", tooltip="View data by: the next view", id="report.next-view"),
        Binding("d", "domain", "Domain", tooltip="Show data for: a sender domain", id="report.domain"),
        Binding("f", "filters", "Filters", tooltip="Filters: start and end date", id="report.filters"),
        Binding("t", "details", "Table", tooltip="View details table, or view report", id="report.details"),
        Binding("slash", "search", "Search", key_display="/", tooltip="Search the senders", id="report.search"),
        Binding(
            "ctrl+f",
            "row_filter",
            "Filter rows",
            show=False,
            tooltip="Filter the senders: by any column (also / twice)",
            id="report.row-filter",
        ),
        Binding("s,S", "sort_rows", "Sort", show=False, id="report.sort"),
    ]
    DEFAULT_CSS = """
    ReportScreen #status { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    TITLE_TEXT = "SMTP Auth clients report"
    WORDS = (
        ("Sending volume", "messages per day, stacked by the domain of the sender address"),
        ("TLS usage", "per cent of the messages per day, by the TLS version under which they were handed in"),
        ("Authentication", "per cent of the messages per day, by login with a password (Basic) or a token (OAuth)"),
        ("No TLS", "the login and the message went over the network unencrypted"),
        ("Unknown", "the log does not say which version, or which kind of login, it was"),
        (
            "Filter",
            "conditions on any column of the details table, such as messages > 100 and tls1.0 > 0; / twice types one, "
            "Tab completes it, and Esc takes it away. Totals and the chart are of all senders",
        ),
        ("Message count", "messages that the server accepted; one message to many recipients counts once"),
    )

    CHARTED = True
    RECORD = "sender"
    SEARCHED = "part of a sender address"

    query_shown: reactive[ReportQuery | None] = reactive(None, init=False)
    """What is asked."""
    view: reactive[View] = reactive(VIEWS[0], init=False)
    """By what the data is viewed."""

    def __init__(self, desk: Desk, view: View) -> None:
        super().__init__(desk)
        self._totals: Totals | None = None
        self._parties: tuple[object, Parties] | None = None
        self._changed: tuple[object, Change] | None = None
        """What became of the messages, and of which period and domain."""
        self._complete = False
        """Whether all that is asked is shown."""
        self._listing: SenderListing | None = None
        self._left_over: list[SenderListing] = []
        """Listings that are not shown any more; their room is given back after the next load."""
        self.set_reactive(ReportScreen.view, view)

    def compose_choices(self) -> ComposeResult:
        yield Choice("View data by", id="view")
        yield Choice("Show data for", id="domain")
        yield Choice("Filters", id="filters")

    def compose_table(self) -> ComposeResult:
        yield DetailsTable(id="table")

    @work(exclusive=True, group="report")
    async def begin(self) -> None:  # type: ignore[override]
        """Ask for the last 7 days."""
        try:
            store = await self._desk.store()
        except SmtpAuthTuiError as error:
            self._say_error(error)
            return
        self._today, self.zone = self._desk.today(store), store.zone
        self.query_shown = ReportQuery(period=Period.ending(self._today, DEFAULT_DAYS))

    # what is asked

    @property
    def asked(self) -> Asked:
        query = self.query_shown
        return Asked(query.period, query.search, query.where) if query else Asked(None, "", None)

    def ask(self, **changes: Any) -> None:
        if self.query_shown and self.is_attached:
            self.query_shown = replace(self.query_shown, **changes)

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        return filter_columns(Grouping.SENDER)

    def watch_query_shown(self, before: ReportQuery | None, query: ReportQuery) -> None:
        self._show_choices()
        if before and self._same_senders(before, query) and self._listing:
            self.rearrange(query)
        else:
            self.load(query)

    def _same_senders(self, before: ReportQuery, after: ReportQuery) -> bool:
        free = {name: getattr(after, name) for name in ("search", "where", "order", "descending")}
        return replace(before, **free) == after

    def watch_view(self) -> None:
        self._show_choices()
        if self.query_shown:
            self.load(self.query_shown)

    def _show_choices(self) -> None:
        query = self.query_shown
        self.query_one("#view", Choice).value = self.view.title
        self.query_one("#domain", Choice).value = (
            ALL if query is None or query.domain is None else cut(domain_label(query.domain), self.app.size.width - 62)
        )

    # loading

    @work(exclusive=True, group="report")
    async def load(self, query: ReportQuery, *, again: bool = False) -> None:
        """Fetch the view's chart and, where it is in view, the details table, all from one snapshot of the store.

        What is asked for the first time shows part by part as it comes. *Again*, for a store that has changed, what
        is shown stays until all is there, with the cursors where they are.
        """
        if not again:
            self._complete = False
            self._drop_listing()
        try:
            async with (await self._desk.store()).snapshot() as store:
                totals = await store.totals(query)
                asked = (query.period, query.domain, self._desk.openings, await store.version())
                await self.freshen(store)
                known = self._parties[1] if self._parties and self._parties[0] == asked else None
                if not again or not totals.messages:
                    self._totals = totals
                    self._show_status(known)
                if not totals.messages:
                    await self._say_empty(store, query)
                    return
                listed = await self._list(store, query, again=again) if self.details else None
                if listed and not again:
                    self._show_rows(*listed)
                    self._show_content()
                    await asyncio.sleep(0)  # the rows show before the chart is asked for
                chart = await self.view.chart(store, query)
                if not again:
                    self._show_chart(chart)
                # of all that the screen shows, counting the accounts takes longest
                self._parties = (asked, known or await store.parties(query))
                self._changed = (asked[:2], await messages_changed(store, query, totals.messages))
                if listed:
                    await listed[0].complete()
            self._totals = totals
            if again:
                if listed:
                    self._drop_listing()
                    self._show_rows(*listed)
                self._show_chart(chart, day_stays=True)
            self._show_status(self._parties[1])
            self._complete = True
            await self._tidy(query)
        except SmtpAuthTuiError as error:
            self._say_error(error)

    def _drop_listing(self) -> None:
        if self._listing:
            self._left_over.append(self._listing)
            self.workers.cancel_group(self.query_one(DetailsTable), "details-pages")
        self._listing = None

    async def _tidy(self, query: ReportQuery) -> None:
        """Give back the room of listings; take what was typed into the search while the rows were listed."""
        while self._left_over:
            with contextlib.suppress(SmtpAuthTuiError):  # its store was closed: nothing is left of it
                await self._left_over[0].close()
            self._left_over.pop(0)
        if self._listing and self.query_shown and self.query_shown != query:
            self.rearrange(self.query_shown)

    async def _list(self, store: Store, query: ReportQuery, *, again: bool) -> _Listed:
        """The details table's listing, the pages of it that are in view, and the row of the cursor."""
        table = self.query_one(DetailsTable)
        on = table.row_at(table.cursor) if again else None
        listing = await store.listing(query)
        cursor = None
        if again:
            place = await listing.place_of(on.name) if on else None
            cursor = min(table.cursor, max(listing.count - 1, 0)) if place is None else place
        places = table.places_for(cursor) if cursor is not None else {0}
        pages = {place: await listing.page(place * PAGE) for place in sorted(places) if place * PAGE < listing.count}
        return listing, pages, cursor

    def _show_rows(self, listing: SenderListing, pages: _Pages, cursor: int | None) -> None:
        self._listing = listing
        if self._totals:
            self.query_one(DetailsTable).show(listing, self.view.columns(self._totals), pages, cursor=cursor)

    def _show_chart(self, chart: Chart, *, day_stays: bool = False) -> None:
        self.query_one(ChartView).show(chart, day_stays=day_stays)
        self._show_content()

    def load_again(self) -> None:
        if self.query_shown:
            self.load(self.query_shown, again=self._complete)

    def new_day(self, period: Period) -> None:
        assert self._today
        self.ask(period=period, where=named_again(self.asked.where, self.filter_columns(), self._today))

    @work(exclusive=True, group="arrange")
    async def rearrange(self, query: ReportQuery) -> None:
        """Other order or search of the senders that are listed already."""
        listing = self._listing
        if listing is None or self._totals is None:
            return
        try:
            await listing.arrange(query)
        except SmtpAuthTuiError as error:
            self._say_error(error)
            return
        if listing is self._listing:
            self.query_one(DetailsTable).show(listing, self.view.columns(self._totals))

    # showing

    def _show_status(self, parties: Parties | None) -> None:
        query, totals = self.query_shown, self._totals
        if query is None or totals is None:
            return
        changed = self._changed[1] if self._changed and self._changed[0] == (query.period, query.domain) else None
        domain = "all sender domains" if query.domain is None else domain_label(query.domain)
        self.query_one("#status", Static).update(
            Content.assemble(
                (short_period(query.period), "bold"),
                f" · {safe(cut(domain, 30))} · ",
                "chart without the filter · " if query.where and not self.details else "",
                (plural(totals.messages, "message"), "bold"),
                f" {changed.arrow}" if changed and changed.arrow else "",
                f" · {plural(parties.accounts, 'account')}" if parties else "",
            ),
            layout=False,
        )
        self._show_title()

    @property
    def listed(self) -> Listed | None:
        if self._listing is None:
            return None
        query, parties = self._listing.query, self._parties
        return Listed(self._listing.count, parties[1].senders if parties else None, query.search, query.where)

    async def _say_empty(self, store: Store, query: ReportQuery) -> None:
        """No submissions in the period: say so, and offer the newest week that has some."""
        span = await store.span()
        if span is None:
            self._say(
                "The store has no submissions yet.",
                "Press i to bring in a log, or:  smtpauth-tui import /var/log/mail.log*",
            )
            return
        where = "" if query.domain is None else f" from {safe(domain_label(query.domain))}"
        newest = Period.ending(span.last, DEFAULT_DAYS)
        self._newest = newest
        self._say(
            f"No submissions{where} in {short_period(query.period)}.",
            f"The store has some from {span.first} to {span.last}.",
            f"Show the newest week, {short_period(newest)}",
        )

    _newest: Period | None = None

    @on(Link.Followed)
    def show_newest(self) -> None:
        """The newest week was asked for."""
        if self._newest:
            self.ask(period=self._newest, domain=None)
            self.query_one(ChartPanel).focus()

    # keys

    def report_shown(self) -> tuple[str, ReportQuery | None]:
        query = self.query_shown
        if query is None or not self.details:
            return self.view.id, ReportQuery(query.period, query.domain) if query else None
        return "senders", ReportQuery(query.period, query.domain, where=query.where)

    def action_next_view(self) -> None:
        """View data by the next view."""
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]

    def watch_details(self) -> None:
        super().watch_details()  # at once, so that keys typed ahead find the table; its rows follow
        if self.query_shown:
            self.load(self.query_shown)

    def action_domain(self) -> None:
        """Choose a sender domain."""
        query = self.query_shown
        if query is None:
            return
        period = query.period

        async def load() -> list[DomainTotal]:
            return await (await self._desk.store()).domains(period)

        self.app.push_screen(DomainScreen(load, query.domain), self._take_domain)

    def _take_domain(self, answer: tuple[str | None] | None) -> None:
        if answer is not None:
            self.ask(domain=answer[0])

    @on(Choice.Asked)
    def change(self, event: Choice.Asked) -> None:
        """A control was pressed."""
        match event.choice.id:
            case "domain":
                self.action_domain()
            case "filters":
                self.action_filters()
            case _:
                self.action_next_view()

    @on(DetailsTable.OrderAsked)
    def order(self, event: DetailsTable.OrderAsked) -> None:
        """Other order: the next column, or the present one turned round."""
        if self.query_shown is None:
            return
        if event.key is None or event.key == self.query_shown.order:
            self.ask(descending=not self.query_shown.descending)
        else:
            order = SenderOrder(event.key)
            self.ask(order=order, descending=order is not SenderOrder.NAME)

    @on(DetailsTable.Chosen)
    def open_sender(self, event: DetailsTable.Chosen) -> None:
        """A row was opened: the sender's flyout."""
        query = self.query_shown
        if query is None:
            return
        asked = replace(query, sender=event.record.name, domain=None)

        async def load() -> Flyout:
            async with (await self._desk.store()).snapshot() as store:
                return await one_sender(store, asked)

        self.app.push_screen(FlyoutScreen(sender_label(event.record.name), load))

    def action_reload(self) -> None:  # type: ignore[override]
        """Open the store anew and load again."""
        self._listing = None
        self._left_over.clear()
        super().action_reload()
