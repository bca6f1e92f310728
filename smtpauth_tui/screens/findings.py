"""Unusual activity: the findings of the rules, how each stands, and what a person says of it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from smtpauth_tui.conditions import Kind
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.reports import finding_flyout
from smtpauth_tui.reports import findings as report
from smtpauth_tui.reports.findings import Wanted
from smtpauth_tui.reports.flyouts import Flyout
from smtpauth_tui.reports.values import Cell, Column
from smtpauth_tui.rules import deciding
from smtpauth_tui.rules.board import Board
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.values import Severity
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.acknowledge import AcknowledgeScreen
from smtpauth_tui.screens.allow import AllowScreen
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.finding_filters import FindingFiltersScreen
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.known import KnownScreen
from smtpauth_tui.screens.noting import noted
from smtpauth_tui.screens.previews import PreviewsScreen
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.reader import Store
from smtpauth_tui.widgets.choice import Choice
from smtpauth_tui.widgets.palette import shown
from smtpauth_tui.widgets.row_table import RowTable

_NO_FINDING: Final = "There is no finding to do that with."


class FindingFlyout(FlyoutScreen):
    """A finding, with the keys of what one can do about it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "do('acknowledge')", "Ack", tooltip="Acknowledge: it is right", id="finding.acknowledge"),
        Binding("A", "do('allow')", "Allow", tooltip="Allow what it comes from", id="finding.allow"),
        Binding("p", "do('preview')", "Limits", tooltip="Limits: what others would have found", id="finding.preview"),
    ]

    def __init__(self, one: Standing, load: Callable[[], Any], do: Callable[[str, Standing], None]) -> None:
        super().__init__(f"{one.rule.title}: {one.finding.unit}", load, wide=True)
        self._one = one
        self._do = do

    def findings_changed(self) -> None:
        self.fill()

    def action_do(self, what: str) -> None:
        """Close this, and do something about the finding."""
        self.dismiss(None)
        self.app.call_later(self._do, what, self._one)


class FindingsScreen(RowsScreen[Standing]):
    """What is kept in the notes; looking for more is done by the command, in a process of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", "Ack", tooltip="Acknowledge: it is right", id="findings.acknowledge"),
        Binding("A", "allow", "Allow", tooltip="Allow: no rule looks at it any more", id="findings.allow"),
        Binding("p", "preview", "Limits", tooltip="Limits: what others would have found", id="findings.preview"),
        Binding("x", "take_back", "Take back", show=False, tooltip="Take back what was said", id="findings.take-back"),
        Binding("e", "known", "Exceptions", show=False, tooltip="Exceptions: what is right", id="findings.known"),
    ]
    DEFAULT_CSS = """
    FindingsScreen #finding { height: auto; max-height: 3; padding: 0 1; }
    FindingsScreen #lacking { height: auto; max-height: 3; padding: 0 1; }
    FindingsScreen #off { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    """
    TITLE_TEXT = "Unusual activity"
    WORDS = (
        ("Open", "somebody should look at it: its rule is on, and it is not acknowledged"),
        ("Acknowledged", "somebody said that it is right, until a day or for good; it alerts nobody"),
        ("Preview", "found by a rule that is not on: shown, but nobody is alerted"),
        ("Allowed", "a network, an account or a host that no rule looks at"),
        ("Severity", "high: look now · medium: look today · notice: good to know"),
    )
    VIEWS = (("open", "Open"), ("all", "All"))
    ORDER = ("severity", True)
    ASCENDING = frozenset(report.ORDERS) - report.DESCENDING
    FLEXIBLE = len(report.COLUMNS) - 1
    RECORD = "finding"
    KINDS = {"since": Kind.DAY}
    SEARCHED = "part of an account, a rule, a reason or an address"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted = Wanted()
        self._board = Board()

    # what is shown

    def beside_choices(self) -> ComposeResult:
        yield Choice("Severity and days", id="wanted")

    def compose_below(self) -> ComposeResult:
        yield Static("", id="finding")
        yield Static("", id="lacking")
        yield Static("", id="off")

    async def fetch(self, store: Store) -> Rows[Standing]:
        now = self._desk.clock.now()
        wanted = self._chosen
        since = kept.shown_since(int(now.timestamp()), wanted.days or kept.KEPT_DAYS)
        self._board = board = await self._desk.watch.board(since)
        found = [one for one in board.standings if wanted.takes(one)]
        looking = self._desk.watch.looking
        status = report.status(board, found, wanted, now) + (" · looking …" if looking else "")
        return Rows(found, status, report.nothing(board, wanted, now, looking=looking))

    @property
    def _chosen(self) -> Wanted:
        return Wanted(self._wanted.days, self._wanted.severity, self.view == "all")

    def show(self, rows: Rows[Standing]) -> None:
        super().show(rows)
        lacking = report.lacking(self._board)
        self.query_one("#lacking", Static).update(shown(lacking, "$text-warning"))
        self.query_one("#lacking", Static).display = bool(lacking)
        self.query_one("#off", Static).update(shown(report.off(self._board)))
        self.show_reason()

    def _show_choices(self) -> None:
        super()._show_choices()
        days, severity = self._wanted.days, self._wanted.severity
        least = "all" if severity is Severity.NOTICE else "high" if severity is Severity.HIGH else "medium, high"
        self.query_one("#wanted", Choice).value = f"{least} · {f'{days} days' if days else 'all days'}"

    def columns(self) -> tuple[Column, ...]:
        return report.COLUMNS

    def cells(self, record: Standing) -> Sequence[Cell]:
        return report.cells(record, self.zone)

    def identity(self, record: Standing) -> str:
        return record.key

    def value(self, record: Standing, key: str) -> Any:
        return report.ORDERS[key](record)

    def searched(self, record: Standing) -> str:
        return report.searched(record)

    @on(RowTable.Moved)
    def show_reason(self) -> None:
        """Below the table: why the finding under the cursor is one."""
        one = self.record
        said = shown(one.finding.reason) if one else Content("")
        self.query_one("#finding", Static).update(said)
        self.refresh_bindings()

    def flyout(self, record: Standing) -> FindingFlyout:
        async def load() -> Flyout:
            one = await self._as_it_is_now(record)
            async with (await self._desk.store()).snapshot() as store:
                return await finding_flyout.load(store, one)

        return FindingFlyout(record, load, self._do)

    async def _as_it_is_now(self, record: Standing) -> Standing:
        board = await self._desk.watch.board(record.finding.since)
        return next((one for one in board.standings if one.key == record.key), record)

    # what changes

    def findings_changed(self) -> None:
        if self._today is not None:
            self.load()

    def minute_passed(self) -> None:
        super().minute_passed()
        self.findings_changed()

    def action_reload(self) -> None:  # type: ignore[override]
        """Look again, and load again."""
        self._desk.watch.ask()
        super().action_reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return True if action == "filters" else super().check_action(action, parameters)

    def why_not(self, action: str) -> str:
        one = self.record
        if action in ("acknowledge", "allow") and one is None:
            return _NO_FINDING
        if action == "take_back" and not (one and one.acknowledgement):
            return "This finding is not acknowledged. Press e to see all that was said." if one else _NO_FINDING
        return super().why_not(action)

    def action_filters(self) -> None:
        """Choose severity and days."""
        self.app.push_screen(FindingFiltersScreen(self._wanted), self._take_wanted)

    @on(Choice.Asked, "#wanted")
    def ask_wanted(self) -> None:
        """The control was pressed."""
        self.action_filters()

    def _take_wanted(self, wanted: Wanted | None) -> None:
        if wanted:
            self._wanted = wanted
            self._show_choices()
            self.load()

    # what a person says of it

    def _do(self, what: str, one: Standing) -> None:
        {"acknowledge": self._acknowledge, "allow": self._allow, "preview": self._preview}[what](one)

    def action_acknowledge(self) -> None:
        """The finding under the cursor is right."""
        if one := self.record:
            self._acknowledge(one)

    def action_allow(self) -> None:
        """No rule is to look at what the finding under the cursor comes from."""
        if one := self.record:
            self._allow(one)

    def action_preview(self) -> None:
        """What the rules would have found with other limits."""
        self._preview(self.record)

    def action_known(self) -> None:
        """What is acknowledged and allowed."""
        self.app.push_screen(KnownScreen(self._desk))

    def action_take_back(self) -> None:
        """The finding under the cursor is not acknowledged any more."""
        one = self.record
        if one and one.acknowledgement:
            rule, unit = one.acknowledgement.rule, one.acknowledgement.unit
            said = f"{one.rule.title} of {one.finding.unit} is not acknowledged any more."
            self._note(lambda notes: kept.forget_acknowledgement(notes, rule, unit), said)

    def _acknowledge(self, one: Standing) -> None:
        zone = self.zone

        def take(answer: tuple[str, int | None] | None) -> None:
            if answer:
                reason, end = answer
                now = int(self._desk.clock.now().timestamp())
                rule, unit = one.rule.id, one.finding.unit
                until = deciding.how_long(end, zone)
                said = f"Acknowledged {until}: {one.rule.title} of {unit}. To take it back: e, then x."
                self._note(lambda notes: deciding.acknowledge(notes, rule, unit, reason, end, now), said)

        self.app.push_screen(AcknowledgeScreen(one, zone, self._desk.clock.now()), take)

    def _allow(self, one: Standing) -> None:
        def take(answer: tuple[str, str, str] | None) -> None:
            if answer:
                kind, value, reason = answer
                now = int(self._desk.clock.now().timestamp())
                said = f"No rule looks at the {kind} {value} any more. To take it back: e, then x."
                self._note(lambda notes: deciding.allow(notes, kind, value, reason, now), said, look=True)

        try:
            found = deciding.suggestions(one.finding, one.rule, self._desk.places)
        except SmtpAuthTuiError:  # a file of places is of no use: the doctor says which
            found = deciding.suggestions(one.finding, one.rule)
        self.app.push_screen(AllowScreen(found), take)

    def _preview(self, one: Standing | None) -> None:
        self.app.push_screen(PreviewsScreen(self._desk, one.rule.id if one else ""))

    @work(exclusive=False, group="note")
    async def _note(self, what: Callable[[Any], object], said: str, *, look: bool = False) -> None:
        """Write to the notes and say so; *look*: the rules have to look again."""
        try:
            await noted(self._desk.path, what)
        except SmtpAuthTuiError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return
        self.notify(safe(said), markup=False, timeout=8)
        if look:
            self._desk.watch.ask()
        self.load()
