"""Who breaks: switches, the accounts that would stop sending, what is to be done about each, and the burn-down."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from smtpauth_tui.conditions import FilterColumn
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.export import cut
from smtpauth_tui.query import Grouping, Period, ReportQuery
from smtpauth_tui.reports.breaks import (
    DEADLINE,
    SCREEN_COLUMNS,
    deadline_line,
    filter_columns,
    filter_values,
    screen_cells,
    screen_value,
    totals,
)
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.reports.verdict import DAYS_LOOKED_AT, RARELY, Breaking, Evidence, burn_down, judge
from smtpauth_tui.reports.who_breaks import NOWHERE, Answer, Row, Sources, evidence_for, sources_for, todos_of
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.break_flyout import AccountFlyout
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.networks import NetworksScreen
from smtpauth_tui.screens.noting import noted
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.screens.to_do_entry import ToDoEntry, ToDoScreen
from smtpauth_tui.screens.write_file import WriteScreen
from smtpauth_tui.store import breaking
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import Todo, mark, note
from smtpauth_tui.switches import CAN_BE_OFF, Reason, Switches
from smtpauth_tui.widgets.choice import Choice
from smtpauth_tui.widgets.palette import shown, tone_markup
from smtpauth_tui.widgets.toggle import Toggle

_ALL_NETWORKS: Final = "anywhere"
_BESIDE: Final = 68
"""Columns that the choices beside the networks take; *shortest*: what these have at least."""
_SHORTEST: Final = 8
_MANY: Final = 5000
"""Accounts that take more than a moment to write."""


def _id(reason: Reason) -> str:
    return f"off-{CAN_BE_OFF.index(reason) + 1}"


@dataclass(slots=True)
class _Known:
    """What the store has answered: enough to judge any switches."""

    evidence: Evidence
    names: Mapping[int, tuple[str, str]]
    todos: Mapping[str, Todo]
    by_client: Evidence | None = None
    """The same with client addresses, where they were asked for."""
    sources: Mapping[int, Sources] | None = None
    """Of all accounts, when they are there."""


class BreaksScreen(RowsScreen[Breaking]):
    """The store is asked once; another switch is judged by what it has answered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                str(place),
                f"switch({place})",
                show=False,
                tooltip=f"Switch off, or on again: {reason.label}",
                id=f"breaks.switch-{place}",
            )
            for place, reason in enumerate(CAN_BE_OFF, 1)
        ),
        Binding("5", "networks", show=False, tooltip="Only some networks may send, or all", id="breaks.networks"),
        Binding("e", "edit", "Edit", tooltip="Edit: who changes the account, and a note", id="breaks.edit"),
        Binding("x", "done", "Done", tooltip="Done, or not: mark the account", id="breaks.done"),
        Binding("w", "write", "Write", tooltip="Write the list into a file: XLSX or CSV", id="breaks.write"),
    ]
    DEFAULT_CSS = """
    BreaksScreen {
        #switches { height: 1; padding: 0 1; }
        #switches Toggle { margin-right: 0; }
        #off { width: auto; color: $text-muted; }
        #deadline { height: auto; padding: 0 1; color: $text-warning; }
        &:ansi #deadline { color: ansi_yellow; }
    }
    """
    TITLE_TEXT = "Who breaks"
    WORDS = (
        ("Would break", "at least one of its messages would have been refused, had that been off in these days"),
        ("Cannot tell", "the log does not have what decides; such messages count as accepted"),
        ("Rarely", f"seen on at most {RARELY} of the last {DAYS_LOOKED_AT} days: a UPS, a backup; listed all the same"),
        ("Done, yet used since", "marked as done, and it sent as before after that"),
        ("Burn-down", "how many accounts would have broken, week by week: it ends at none"),
        ("Deadline", DEADLINE),
    )
    REPORT = "breaks"
    DAYS = DAYS_LOOKED_AT
    VIEWS = (("accounts", "Accounts"), ("burn-down", "Burn-down"))
    ORDER = ("refused", True)
    RECORD = "account"
    ASCENDING = frozenset({"account", "refused_by", "owner", "mechanisms", "tls", "note"})
    FLEXIBLE = next(place for place, column in enumerate(SCREEN_COLUMNS) if column.key == "note")
    CHARTED = True
    SEARCHED = "part of an account's name"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.set_reactive(RowsScreen.details, True)  # noqa: FBT003 - a reactive's value
        desk.switches = desk.switches or Switches()
        self._networks: tuple[str, ...] = desk.switches.networks
        self._known: _Known | None = None
        self._answer: Answer | None = None

    @property
    def switches(self) -> Switches:
        """What is off; it stays so while the interface runs."""
        return self._desk.switches or Switches()

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="switches"):
            yield Static("Switched off", id="off")
            for place, reason in enumerate(CAN_BE_OFF, 1):
                yield Toggle(f"{place} {reason.label}", on=reason in self.switches.off, id=_id(reason))
        yield from super().compose_body()

    def beside_choices(self) -> ComposeResult:
        yield Choice("5 From", id="networks")

    def compose_below(self) -> ComposeResult:
        yield Static("", id="deadline")

    def on_mount(self) -> None:
        for toggle in self.query(Toggle):
            self.watch(toggle, "on", self._switched, init=False)

    # asking

    @property
    def query_now(self) -> ReportQuery:
        """What is asked: the period and the switches."""
        period = self.period or Period.ending(self._today or self._desk.clock.now().date(), self.DAYS)
        return ReportQuery(period, switches=self.switches)

    @property
    def _query_of_rows(self) -> ReportQuery:
        return replace(self.query_now, where=self.where)

    async def fetch(self, store: Store) -> Rows[Breaking]:
        query = self.query_now
        evidence = await evidence_for(store, query, by_client=False)
        names = await breaking.names(store, {way.account for way in evidence.ways})
        todos = await asyncio.to_thread(todos_of, store.path)
        known = _Known(evidence, names, todos)
        if self.switches.networks:
            known.by_client = await evidence_for(store, query, by_client=True)
        answer = await self._judged(known, self.switches)
        self._known = known
        return self._rows_of(answer)

    async def _judged(self, known: _Known, switches: Switches) -> Answer:
        evidence = known.by_client if switches.networks and known.by_client else known.evidence
        verdict = await asyncio.to_thread(judge, evidence, switches)
        return Answer(verdict, known.names, known.todos)

    def _rows_of(self, answer: Answer) -> Rows[Breaking]:
        self._answer = answer
        verdict = answer.verdict
        empty = "No account would break.", "Nothing of what the log tells would be refused."
        if not verdict.accounts:
            empty = "No submissions in these days.", "Press f for other days."
        elif not verdict.switches.off and not verdict.switches.networks:
            empty = "Nothing is switched off.", "Press 1 to 5 to switch something off."
        status = " · ".join(cell.text for line in totals(answer) for cell in line)
        return Rows(verdict.breaking, status, empty, burn_down(verdict))

    def show(self, rows: Rows[Breaking]) -> None:
        super().show(rows)
        basic = self._today is not None and Reason.BASIC in self.switches.off
        self.query_one("#deadline", Static).update(deadline_line(self._today) if self._today and basic else "")
        self.query_one("#deadline").display = basic
        if self._answer and self._answer.verdict.switches != self.switches:
            self.judge_again()
        elif self._known and self._known.sources is None:
            self.load_sources(self._known)

    @work(exclusive=True, group="sources")
    async def load_sources(self, known: _Known) -> None:
        """Addresses and mechanisms are only in the messages themselves: they come after the rows."""
        try:
            async with (await self._desk.store()).snapshot() as store:
                known.sources = await sources_for(store, self.query_now)
        except SmtpAuthTuiError:  # the store was closed or replaced: the screen loads again and says so
            return
        if known is self._known:
            self.put_in_order()

    # switches

    def _switched(self) -> None:
        off = tuple(one for one in CAN_BE_OFF if self.query_one(f"#{_id(one)}", Toggle).on)
        self._switch(replace(self.switches, off=off))

    def _switch(self, switches: Switches) -> None:
        if switches != self.switches:
            self._desk.switches = switches
            self._show_choices()
            self.judge_again()

    def action_switch(self, place: int) -> None:
        """Switch something off, or on again."""
        self.query_one(f"#{_id(CAN_BE_OFF[place - 1])}", Toggle).action_turn()

    def action_networks(self) -> None:
        """Name the networks that may send; or all, where some were named."""
        self.app.push_screen(NetworksScreen(self.switches.networks or self._networks), self._take_networks)

    def _take_networks(self, networks: tuple[str, ...] | None) -> None:
        if networks is not None:
            self._networks = networks or self._networks
            self._switch(replace(self.switches, networks=networks))

    @work(exclusive=True, group="judge")
    async def judge_again(self) -> None:
        """Judge by other switches. The store is asked nothing but, once, for client addresses."""
        known, switches = self._known, self.switches
        if known is None:
            return
        if switches.networks and known.by_client is None:
            self.query_one("#status", Static).update("reading the client addresses …")
            try:
                async with (await self._desk.store()).snapshot() as store:
                    known.by_client = await evidence_for(store, self.query_now, by_client=True)
            except SmtpAuthTuiError as error:
                self._say(error.message, error.hint, error=True)
                return
        answer = await self._judged(known, switches)
        if known is self._known:
            self.show(self._rows_of(answer))

    # showing

    def status(self) -> Content:
        if self._answer is None:
            return super().status()
        lines = [
            Content(" · ").join(shown(cell.text, tone_markup(self.app, cell.tone)) for cell in line)
            for line in totals(self._answer)
        ]
        return Content("\n").join(lines)

    def _show_choices(self) -> None:
        super()._show_choices()
        networks = self.switches.networks
        more = f" +{len(networks) - 1}" if len(networks) > 1 else ""
        room = max(self.app.size.width - _BESIDE - len(more), _SHORTEST)
        self.query_one("#networks", Choice).value = f"{cut(networks[0], room)}{more}" if networks else _ALL_NETWORKS

    def _show_content(self) -> None:
        focused = self.focused
        super()._show_content()
        if isinstance(focused, Toggle):
            self.set_focus(focused)  # to turn several, one after the other

    def columns(self) -> tuple[Column, ...]:
        return SCREEN_COLUMNS

    def row(self, record: Breaking) -> Row | None:
        """An account with all that is known of it."""
        if self._answer is None or self._known is None:
            return None
        sources = self._known.sources
        return self._answer.row(record, None if sources is None else sources.get(record.number, NOWHERE))

    def cells(self, record: Breaking) -> Sequence[Cell]:
        row = self.row(record)
        return screen_cells(row) if row else ()

    def identity(self, record: Breaking) -> int:
        return record.number

    def value(self, record: Breaking, key: str) -> Any:
        row = self.row(record)
        return screen_value(row, key) if row else 0

    def filter_columns(self) -> tuple[FilterColumn, ...]:
        return filter_columns(Grouping.ACCOUNT)

    def filter_values(self) -> Mapping[str, Callable[[Breaking], Any]]:
        """As `show breaks` compares them, so that saved filters go with both."""
        values = filter_values(self.zone)
        return {key: self._of_row(value) for key, value in values.items()}

    def _of_row(self, value: Callable[[Row], Any]) -> Callable[[Breaking], Any]:
        def of(record: Breaking) -> Any:
            row = self.row(record)
            return value(row) if row else None

        return of

    def searched(self, record: Breaking) -> str:
        return self._known.names[record.number][0] if self._known else ""

    def watch_view(self) -> None:
        self._show_choices()
        self.details = self.view == "accounts"

    def watch_details(self) -> None:
        self.view = "accounts" if self.details else "burn-down"
        super().watch_details()

    def report_shown(self) -> tuple[str, ReportQuery | None]:
        return self.REPORT, self._query_of_rows if self.period else None

    @on(Choice.Asked, "#networks")
    def ask_networks(self) -> None:
        """The networks were pressed."""
        self.action_networks()

    # what is to be done

    def flyout(self, record: Breaking) -> AccountFlyout:
        return AccountFlyout(self._desk, self, record.number, sender_label(self.searched(record)))

    def why_not(self, action: str) -> str:
        if action in ("edit", "done") and self.record is None:
            return "There is no account under the cursor: that works in the table."
        if action == "write" and not self._shown:
            return "There is nothing to write."
        return super().why_not(action)

    def action_edit(self) -> None:
        """Note who changes the account under the cursor, and how."""
        if self.record:
            self.edit(self.record.number)

    def action_done(self) -> None:
        """Mark the account under the cursor as done, or as not done."""
        if self.record:
            self.turn_done(self.record.number)

    def row_of(self, number: int) -> Row | None:
        """An account that breaks, by its number; None for one that does not, or not any more."""
        found = self._answer.verdict.breaking if self._answer else ()
        record = next((one for one in found if one.number == number), None)
        return None if record is None else self.row(record)

    def edit(self, number: int, then: Callable[[], object] = lambda: None) -> None:
        """Ask for the owner and the note of an account; *then* is called when they are noted."""
        row = self.row_of(number)
        if row is None:
            return

        def take(entry: ToDoEntry | None) -> None:
            if entry:
                self.note_down(lambda notes, at: note(notes, row.name, owner=entry.owner, text=entry.note, at=at), then)

        self.app.push_screen(ToDoScreen(sender_label(row.name), ToDoEntry(row.todo.owner, row.todo.note)), take)

    def turn_done(self, number: int, then: Callable[[], object] = lambda: None) -> None:
        """Mark an account as done, or as not done; *then* is called when that is noted."""
        row = self.row_of(number)
        if row:
            done = row.todo.done_at is None
            self.note_down(lambda notes, at: mark(notes, row.name, done=done, at=at), then)

    def minute_passed(self) -> None:
        super().minute_passed()
        self.read_todos()

    @work(exclusive=True, group="todos")
    async def read_todos(self) -> None:
        """What somebody else has noted meanwhile, as by the command."""
        with contextlib.suppress(SmtpAuthTuiError):  # who notes something here is told
            todos = await asyncio.to_thread(todos_of, self._desk.path)
            if self._known and todos != self._known.todos:
                self._take_todos(todos)

    def _take_todos(self, todos: Mapping[str, Todo]) -> None:
        if self._known and self._answer:
            self._known.todos = todos
            self._answer = self._answer._replace(todos=todos)
            self._show_status()
            self.put_in_order()

    @work(exclusive=False, group="todo")
    async def note_down(self, how: Callable[[Notes, int], None], then: Callable[[], object]) -> None:
        """Note something of an account, and show all that is noted."""
        path, now = self._desk.path, int(self._desk.clock.now().timestamp())
        try:
            await noted(path, lambda notes: how(notes, now))
            todos = await asyncio.to_thread(todos_of, path)
        except SmtpAuthTuiError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return
        self._take_todos(todos)
        then()

    # files

    def action_write(self) -> None:
        """Write the rows that are shown into a file."""
        period = self.query_now.period
        self.app.push_screen(WriteScreen(f"who-breaks_{period.first}_{period.last}.xlsx"), self._write)

    def _write(self, path: Path | None) -> None:
        if path:
            self.write(path)

    @work(exclusive=True, group="write")
    async def write(self, path: Path) -> None:
        """Write the accounts into a file, in the order in which they are shown."""
        from smtpauth_tui.mailing.folder import write_private
        from smtpauth_tui.mailing.to_do import ToDo
        from smtpauth_tui.mailing.to_do_files import to_do_csv, to_do_workbook

        known, answer, records, query = self._known, self._answer, self._shown, self._query_of_rows
        if known is None or answer is None:
            return
        if len(records) > _MANY:
            self.notify(f"Writing {plural(len(records), 'account')} …", markup=False)
        try:
            store = await self._desk.store()
            sources = known.sources or await sources_for(store, query)
            rows = [answer.row(one, sources.get(one.number, NOWHERE)) for one in records]
            if path.suffix.lower() == ".csv":
                content = await to_do_csv(rows, query)
            else:
                content = await to_do_workbook(ToDo(query, answer, rows), store.zone)
            await asyncio.to_thread(write_private, path, content)
        except SmtpAuthTuiError as error:
            self.notify(safe(str(error)), severity="error", markup=False, timeout=10)
        except OSError as error:
            words = f"{path} cannot be written: {error.strerror}."
            self.notify(safe(words), severity="error", markup=False, timeout=10)
        else:
            self.notify(safe(f"{plural(len(rows), 'account')} written to {path}"), markup=False, timeout=10)
