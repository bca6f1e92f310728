"""Failed sign-ins beside successes: by account, by name that is no account, by source; each with its pattern."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports import failure_flyout, tried, trying
from smtpauth_tui.reports.failure_charts import load_chart, sources_chart
from smtpauth_tui.reports.figures import local, plural, short_period
from smtpauth_tui.reports.flyouts import Flyout
from smtpauth_tui.reports.origins import By, source_label
from smtpauth_tui.reports.patterns import MEANING, PENDING, Pattern
from smtpauth_tui.reports.tried import AllTried, Tried
from smtpauth_tui.reports.tried_names import tried_label
from smtpauth_tui.reports.trying import Trying
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.store import tries
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.widgets.row_table import ListTable

ACCOUNT, NAME = "account", "name"
_NUMBERS: Final = frozenset(
    {"failures", "messages", "addresses", "networks", "days", "names", "accounts", "first_seen", "last_seen"}
)
_TIMES: Final = {"first_seen": "first", "last_seen": "last"}
_TITLES: Final = {"first_seen": "First seen", "last_seen": "Last seen"}
"""Beside flyouts, which have the store's zone, tables have it, too."""


class FailuresScreen(RowsScreen[Tried | Trying]):
    """The rows are there at once; what they amount to follows, since the rules are asked for that."""

    TITLE_TEXT = "Failed sign-ins"
    WORDS = (
        ("Account tried", "a name that has signed in or sent, ever; all other names stand apart"),
        (
            "Name that is no account",
            "nobody has signed in or sent by it, as far as the imported logs tell: an account that was never used is "
            "among them",
        ),
        ("Accepted", "messages that were accepted in these days, of the account or from the source"),
        *((str(pattern).capitalize(), MEANING[pattern]) for pattern in Pattern if MEANING[pattern]),
    )
    REPORT = "failures"
    DAYS = 7
    VIEWS = (
        (ACCOUNT, "Account tried"),
        (NAME, "Name that is no account"),
        (By.ADDRESS, "Source address"),
        (By.NETWORK, "Source network"),
    )
    ORDER = ("pattern", False)
    ASCENDING = frozenset({"account", "pattern", "address", "network", "host", "place"})
    CHARTED = True
    FLEXIBLE = 1
    SEARCHED = "part of a name, an address, a host or a pattern"

    _asked: object = None
    """What the rows in view were asked for."""
    _listed = ACCOUNT
    """The view of the rows in view: while other ones are loaded, it is not the one that was chosen."""

    _absent: frozenset[str] = frozenset()
    """Columns that none of the rows has anything for."""
    _from_top = False
    """Whether the cursor goes to the first row, whichever it is."""

    def show(self, rows: Rows[Tried | Trying]) -> None:
        self._listed = _view_of(rows.records[0]) if rows.records else self.view
        sources = [row for row in rows.records if isinstance(row, Trying)]
        self._absent = frozenset(key for key in ("host", "place") if not any(getattr(row, key) for row in sources))
        # in rows that are told without their patterns, the first one is nobody's choice
        pending = any(row.verdict is PENDING for row in self._shown)
        self._from_top = pending and self.query_one(ListTable).cursor == 0
        super().show(rows)
        self._from_top = False

    def put_in_order(self, *, from_top: bool = False) -> None:
        super().put_in_order(from_top=from_top or self._from_top)

    async def fetch(self, store: Store) -> Rows[Tried | Trying]:
        period = self.period
        assert period is not None
        query, asked = ReportQuery(period), (period, self.view)
        found = await tried.load(store, query, patterns=False)
        if found.signs is None:
            if self._asked != asked:  # else what is shown stays until all of the new is there
                self.show(await self._rows_of(store, query, found))
                self._asked = asked
                await asyncio.sleep(0)
            found = await tried.load(store, query)
        elif self.view in (By.ADDRESS, By.NETWORK) and self._asked != asked:
            self.show(await self._rows_of(store, query, found))
            await asyncio.sleep(0)
        rows = await self._rows_of(store, query, found, whole=True)
        self._asked = asked
        return rows

    async def _rows_of(
        self, store: Store, query: ReportQuery, found: AllTried, *, whole: bool = False
    ) -> Rows[Tried | Trying]:
        """*whole*: with what takes longer, the messages that were accepted from each source."""
        records: Sequence[Tried | Trying]
        if self.view in (ACCOUNT, NAME):
            records = found.accounts if self.view == ACCOUNT else found.names
            chart = await load_chart(store, query, found)
        else:
            sources = await trying.load(store, query, By(self.view), found, sent=whole)
            records, chart = sources, await sources_chart(store, query, sources)
        status = tried.status(found)
        if not whole:
            status += " · looking for patterns …"
        return Rows(records, status, await self._nothing(store, found, query.period), chart)

    async def _nothing(self, store: Store, found: AllTried, period: Period) -> tuple[str, str]:
        """What is said where there are no rows."""
        others = found.names if self.view == ACCOUNT else found.accounts
        if others:
            what = "No account was tried" if self.view == ACCOUNT else "No name was tried that is no account"
            failures = plural(sum(row.failures for row in others), "failure")
            where = "names that are no accounts" if self.view == ACCOUNT else "accounts"
            return f"{what} in {short_period(period)}.", f"There are {failures} of {where}: press v."
        newest = await tries.newest_day(store)
        hint = "" if newest is None else f"The newest is of {day_of(newest)}: press f to choose other days."
        return f"No sign-in failed in {short_period(period)}.", hint or "The store has none at all."

    def columns(self) -> tuple[Column, ...]:
        return tuple(
            replace(column, title=_TITLES.get(column.key, column.title))
            for column in self._all_columns()
            if column.key not in self._absent
        )

    def _all_columns(self) -> tuple[Column, ...]:
        if self._listed == ACCOUNT:
            return tried.ACCOUNT_COLUMNS
        return tried.NAME_COLUMNS if self._listed == NAME else trying.columns(By(self._listed))

    def cells(self, record: Tried | Trying) -> Sequence[Cell]:
        if isinstance(record, Trying):
            cells = trying.cells(record)
        else:
            cells = tried.account_cells(record) if record.is_account else tried.name_cells(record)
        shown = []
        for column, cell in zip(self._all_columns(), cells, strict=True):
            if column.key in _TIMES:
                cell = Cell(local(getattr(record, _TIMES[column.key]), self.zone), cell.tone)
            if column.key not in self._absent:
                shown.append(cell)
        return shown

    def identity(self, record: Tried | Trying) -> Hashable:
        return record.id if isinstance(record, Tried) else (record.by, record.key or record.clients[:1])

    def value(self, record: Tried | Trying, key: str) -> Any:
        if key == "pattern":
            return record.verdict.pattern.rank, -record.failures
        if key == "networks" and isinstance(record, Trying):
            return len(record.networks)
        if key in _NUMBERS:
            return getattr(record, _TIMES.get(key, key)) or 0
        return super().value(record, key)

    def searched(self, record: Tried | Trying) -> str:
        return tried.words(record) if isinstance(record, Tried) else trying.words(record)

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        return tried.filter_columns() if self.view in (ACCOUNT, NAME) else trying.filter_columns(By(self.view))

    def filter_values(self) -> Mapping[str, Callable[[Tried | Trying], Any]]:
        """As ``show failures --by`` compares them; what another view's rows lack holds of none of them."""
        names, sources = tried.filter_values(self.zone), trying.filter_values(self.zone)

        def of(key: str) -> Callable[[Tried | Trying], Any]:
            def compared(record: Tried | Trying) -> Any:
                if isinstance(record, Tried):
                    return names[key](record) if key in names else None
                return sources[key](record) if key in sources else None

            return compared

        return {key: of(key) for key in names.keys() | sources.keys()}

    def flyout(self, record: Tried | Trying) -> FlyoutScreen:
        query = ReportQuery(self.period) if self.period else None

        async def load() -> Flyout:
            assert query is not None
            async with (await self._desk.store()).snapshot() as store:
                if isinstance(record, Tried):
                    return await failure_flyout.of_tried(store, query, record.id)
                return await failure_flyout.of_source(store, query, record.by, record.key, record.clients)

        title = tried_label(record.account) if isinstance(record, Tried) else source_label(record)
        return FlyoutScreen(title, load)


def _view_of(record: Tried | Trying) -> str:
    if isinstance(record, Trying):
        return record.by
    return ACCOUNT if record.is_account else NAME
