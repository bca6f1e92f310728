"""Exceptions: what is acknowledged and what is allowed, each with its reason, to be taken back."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.reports.figures import local, plural
from smtpauth_tui.reports.flyouts import Flyout, Heading, Pairs, Paragraph
from smtpauth_tui.reports.values import Cell, Column, Tone
from smtpauth_tui.rules.deciding import last_day
from smtpauth_tui.safe import safe
from smtpauth_tui.screens.desk import Desk
from smtpauth_tui.screens.flyout import FlyoutScreen
from smtpauth_tui.screens.noting import noted
from smtpauth_tui.screens.rows_screen import Rows, RowsScreen
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.findings import Acknowledgement, AllowedRow
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store

Known = Acknowledgement | AllowedRow
KINDS: Final = {"as": "AS"}
"""What people call a kind of what is allowed, where that is not its name."""
_COLUMNS: Final = (
    Column("kind", "Kind"),
    Column("what", "What"),
    Column("until", "Until"),
    Column("reason", "Reason"),
    Column("at", "Noted"),
)


class KnownScreen(RowsScreen[Known]):
    """The newest first; x takes one back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "take_back", "Take back", tooltip="Take back: the rules look at it again", id="known.take-back"),
    ]
    TITLE_TEXT = "Exceptions"
    WORDS = (
        ("Acknowledged", "what a rule says of an account is right, until that day; it stays in the list of findings"),
        ("Allowed", "no rule looks at it: a network, an account or a host as the log names it"),
    )
    ORDER = ("at", True)
    ASCENDING = frozenset({"kind", "what", "until", "reason"})
    FLEXIBLE = 3
    SEARCHED = "part of a name or a reason"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._titles: dict[str, str] = {}

    async def fetch(self, store: Store) -> Rows[Known]:
        self._now = int(self._desk.clock.now().timestamp())
        board = await self._desk.watch.board(self._desk.today(store))
        self._titles = {one.rule.id: one.rule.title for one in board.rules}
        known: list[Known] = [*board.acknowledgements, *board.allowed]
        return Rows(
            known,
            f"{plural(len(board.acknowledgements), 'acknowledgement')} · {len(board.allowed):,} allowed",
            ("Nothing is acknowledged or allowed.", "In the list of findings: a acknowledges, A allows."),
        )

    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS

    def cells(self, record: Known) -> Sequence[Cell]:
        noted = Cell(local(record.at, self.zone))
        if isinstance(record, AllowedRow):
            kind = Cell(f"allowed {record.kind}")
            return kind, Cell(record.value), Cell("for good", Tone.MUTED), Cell(record.reason), noted
        over = record.until is not None and record.until <= self._now
        until = Cell(last_day(record.until, self.zone) or "for good", Tone.MUTED)
        return (
            Cell(f"right for {record.rule}{', over' if over else ''}", Tone.MUTED if over else Tone.PLAIN),
            Cell(record.unit),
            until,
            Cell(record.reason),
            noted,
        )

    def flyout(self, record: Known) -> FlyoutScreen:
        async def load() -> Flyout:
            return self._all_of(record)

        return FlyoutScreen(self._kind(record), load)

    def _kind(self, record: Known) -> str:
        if isinstance(record, AllowedRow):
            return f"Allowed {KINDS.get(record.kind, record.kind)}"
        return f"Right for {record.rule} {self._titles.get(record.rule, '')}".rstrip()

    def _all_of(self, record: Known) -> Flyout:
        """All that is kept of it, in full."""
        if isinstance(record, AllowedRow):
            what, until, means = record.value, "for good", "No rule looks at it."
        else:
            over = record.until is not None and record.until <= self._now
            what = record.unit
            until = f"{last_day(record.until, self.zone) or 'for good'}{', which is over' if over else ''}"
            means = "It alerts again." if over else "The finding stays in the list, and alerts nobody."
        facts = (
            (Cell("Kind"), Cell(self._kind(record))),
            (Cell("Until"), Cell(until)),
            (Cell("Noted"), Cell(local(record.at, self.zone))),
        )
        blocks = (
            Paragraph(what),
            Pairs(facts),
            Heading("Reason"),
            Paragraph(record.reason),
            Heading("What it means"),
            Paragraph(f"{means} In the list of exceptions x takes it back."),
        )
        return Flyout(self._kind(record), blocks)

    def identity(self, record: Known) -> tuple[str, ...]:
        return ("allowed", *record[:2]) if isinstance(record, AllowedRow) else ("acknowledged", *record[:2])

    def value(self, record: Known, key: str) -> Any:
        return record.at if key == "at" else super().value(record, key)

    def searched(self, record: Known) -> str:
        return f"{self.identity(record)[-1]} {record.reason}"

    def findings_changed(self) -> None:
        if self._today is not None:
            self.load()

    def why_not(self, action: str) -> str:
        if action == "take_back" and self.record is None:
            return "There is nothing to take back."
        return super().why_not(action)

    def action_take_back(self) -> None:
        """The rules look at what is under the cursor again."""
        if record := self.record:
            self._take_back(record)

    @work(exclusive=False, group="note")
    async def _take_back(self, record: Known) -> None:
        def forget(notes: Notes) -> bool:
            if isinstance(record, AllowedRow):
                return kept.forget_allowed(notes, record.kind, record.value)
            return kept.forget_acknowledgement(notes, record.rule, record.unit)

        try:
            await noted(self._desk.path, forget)
        except SmtpAuthTuiError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return
        self.notify(safe(f"Taken back: {self.identity(record)[-1]}"), markup=False)
        if isinstance(record, AllowedRow):
            self._desk.watch.ask()
        self.load()
