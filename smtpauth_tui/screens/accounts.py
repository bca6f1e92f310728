"""Accounts: new, returned, silent and active ones; Enter shows on which days one sent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.query import DEFAULT_DAYS, Grouping, ReportQuery
from smtpauth_tui.reports.account_flyout import one_account
from smtpauth_tui.reports.accounts import (
    COLUMNS,
    STATES,
    cells,
    filter_columns,
    filter_values,
    lacks,
    load,
    rows,
    status,
)
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.flyouts import Flyout
from smtpauth_tui.reports.presence import RHYTHM_DAYS, SILENT_DAYS, Presence, State, rhythm, row_of
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.store.reader import Store

_CHANGED: Final = "changed"
_SHOWN: Final = {
    _CHANGED: (State.NEW, State.RETURNED, State.SILENT),
    "new": (State.NEW,),
    "returned": (State.RETURNED,),
    "silent": (State.SILENT,),
    "active": (State.ACTIVE,),
    "all": tuple(State),
}
_WEIGHT: Final = {state: place for place, state in enumerate(reversed(STATES))}


class AccountsScreen(RowsScreen[Presence]):
    """Who is new, who returned, and who is expected but not seen."""

    TITLE_TEXT = "Accounts"
    REPORT = "summary"
    DAYS = DEFAULT_DAYS
    VIEWS = (
        (_CHANGED, "New, returned, silent"),
        ("new", "New"),
        ("returned", "Returned"),
        ("silent", "Expected but not seen"),
        ("active", "Active as ever"),
        ("all", "All"),
    )
    WORDS = (
        ("New", "seen for the first time, in a store that reaches back far enough to tell"),
        ("Returned", f"seen again after {plural(SILENT_DAYS, 'day')} or more without a message"),
        ("Silence", "for how long a returned account was silent, or on how many days a silent one was missed"),
        ("Silent", "not seen on days on which it sent in nearly all of the last 8 weeks: expected but not seen"),
        ("Sent on", f"on how many days it sent, of the {RHYTHM_DAYS} up to its last one"),
        ("Before", "its messages in as many days before the period"),
    )
    ORDER = ("state", True)
    ASCENDING = frozenset({"account", "rhythm"})
    FLEXIBLE = len(COLUMNS) - 1
    RECORD = "account"
    SEARCHED = "part of an account's name"

    async def fetch(self, store: Store) -> Rows[Presence]:
        assert self.period
        roll = await load(store, ReportQuery(self.period, today=self._desk.today(store)))
        records = await rows(store, roll, _SHOWN[self.view])
        said = "\n".join((status(roll), *lacks(roll)))
        if not roll.states:
            return Rows(records, "", ("No account sent in these days.", "Press f to choose other ones."))
        return Rows(records, said, ("No such accounts in these days.", "Press v for the others, f for other days."))

    def columns(self) -> tuple[Column, ...]:
        return COLUMNS

    def cells(self, record: Presence) -> Sequence[Cell]:
        return cells(record)

    def identity(self, record: Presence) -> int:
        return record.account

    def value(self, record: Presence, key: str) -> Any:
        if key == "state":
            return _WEIGHT[record.state.value], record.messages
        if key == "rhythm":
            seen, of, _ = rhythm(record)
            return -seen / max(of, 1), -seen
        numbers = {
            "first_seen": record.first_seen,
            "last_seen": record.last_seen,
            "messages": record.messages,
            "before": -1 if record.before is None else record.before,
            "silence": record.silent,
        }
        return numbers.get(key) if key in numbers else super().value(record, key)

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        return filter_columns(Grouping.ACCOUNT)

    def filter_values(self) -> Mapping[str, Callable[[Presence], Any]]:
        return filter_values(self.zone)

    def flyout(self, record: Presence) -> FlyoutScreen:
        period = self.period
        assert period

        async def found() -> Flyout:
            async with (await self._desk.store()).snapshot() as store:
                roll = await load(store, ReportQuery(period, today=self._desk.today(store)))
                return await one_account(store, await row_of(store, roll, record.account) or record, roll)

        return FlyoutScreen(sender_label(record.name), found)
