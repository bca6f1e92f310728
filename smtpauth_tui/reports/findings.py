"""Unusual activity as a table: findings with their severity, rule, unit, day and reason, and what is said below it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.query import Period
from smtpauth_tui.reports.figures import ago, local, plural, short_period
from smtpauth_tui.reports.values import Cell, Column, Tone
from smtpauth_tui.rules.board import Board, counted
from smtpauth_tui.rules.standing import Standing
from smtpauth_tui.rules.values import Rule, Severity
from smtpauth_tui.store.findings import SHOWN_DAYS, Checked

TONES: Final = {Severity.HIGH: Tone.BAD, Severity.MEDIUM: Tone.WARN, Severity.NOTICE: Tone.PLAIN}
COLUMNS: Final = (
    Column("severity", "Severity"),
    Column("rule", "Rule"),
    Column("account", "Account"),
    Column("since", "Since"),
    Column("reason", "Reason"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are shown."""

    days: int | None = SHOWN_DAYS
    """Those that had not ended before so many days; None for all that are kept."""
    severity: Severity = Severity.NOTICE
    """Those of at least that severity."""
    all: bool = False
    """Also those that are acknowledged, or of a preview."""

    def takes(self, one: Standing) -> bool:
        """Whether a finding of those days is shown."""
        return (self.all or one.open) and one.finding.severity.rank >= self.severity.rank


def cells(one: Standing, zone: ZoneInfo) -> tuple[Cell, ...]:
    """A finding for people, a cell for each of `COLUMNS`. Names are raw."""
    finding = one.finding
    severity = finding.severity.value
    return (
        Cell(severity, TONES[finding.severity]) if one.open else Cell(f"{severity} {one.state}", Tone.MUTED),
        Cell(one.rule.title),
        Cell(finding.unit),
        Cell(since_words(one, zone)),
        Cell(finding.reason),
    )


def since_words(one: Standing, zone: ZoneInfo) -> str:
    """``2026-11-19 01:23``, or the day where only that is known."""
    moment = one.finding.moment
    return one.finding.since.isoformat() if moment is None else local(moment, zone)


ORDERS: Final[dict[str, Callable[[Standing], object]]] = {
    "severity": lambda one: (one.open, one.finding.severity.rank, one.finding.since, one.finding.moment or 0),
    "rule": lambda one: (int(one.rule.id[1:]), one.finding.unit.casefold()),
    "account": lambda one: (one.finding.unit.casefold(), one.finding.since),
    "since": lambda one: (one.finding.since, one.finding.moment or 0),
    "reason": lambda one: one.finding.reason,
}
"""What findings are sorted by, by the key of a column."""
DESCENDING: Final = frozenset({"severity", "since"})
"""The columns of which the highest comes first."""


def searched(one: Standing) -> str:
    """The text that a search looks in: rule, unit, reason, severity, id and addresses."""
    finding = one.finding
    said = (one.rule.id, one.rule.name, one.rule.title, finding.unit, finding.reason, finding.severity.value, one.id)
    rows = (text for address, name, *_ in finding.evidence.addresses for text in (address, name))
    return "\n".join((*said, *rows))


# -- what is said of them all


def days_words(wanted: Wanted) -> str:
    """``in 30 days``; how far back findings are shown."""
    return "of all days" if wanted.days is None else f"in {wanted.days} days"


def status(board: Board, shown: Sequence[Standing], wanted: Wanted, now: datetime) -> str:
    """``1 high, 2 medium open in 30 days · looked 5 min ago at 17–23 Nov 2026``."""
    if board.checked is None:
        return "Not looked for yet"
    words = counted(shown) or "nothing"
    what = "" if wanted.all else " open"
    least = "" if wanted.severity is Severity.NOTICE else f", {wanted.severity.value} or more"
    return f"{words}{what} {days_words(wanted)}{least} · {looked(board.checked, now)}"


def looked(checked: Checked | None, now: datetime) -> str:
    """``looked 5 min ago at 17–23 Nov 2026``."""
    if checked is None:
        return "not looked for yet"
    if checked.first is None or checked.last is None:
        return f"looked {ago(checked.at, now)}: the store has no submissions yet"
    return f"looked {ago(checked.at, now)} at {short_period(Period(checked.first, checked.last))}"


def lacking(board: Board) -> str:
    """Which rules that are on could not look, and why; empty where all could."""
    parts = [f"{rule.id} {rule.title} needs {missing}" for rule, missing in board.lacking()]
    return f"Not looked for: {'; '.join(parts)}." if parts else ""


def off(board: Board) -> str:
    """Which rules alert nobody, because they are previews or do not look; empty where all alert."""
    if board.checked is None:
        return ""
    parts = [
        f"{words}: {', '.join(rule.id for rule in rules)}"
        for words, rules in (
            ("Previews, which alert nobody", board.previews()),
            ("Not looked for", [rule for rule, _ in board.previews_lacking()]),
            ("In part", [rule for rule, _ in board.partly()]),
        )
        if rules
    ]
    return " · ".join([*parts, "p: all rules"] if parts else parts)


def nothing(board: Board, wanted: Wanted, now: datetime, *, looking: bool = False) -> tuple[str, str]:
    """What is said where no finding is shown, and what was looked at, or could not be: never that all is well."""
    checked = board.checked
    if checked is None:
        if looking:
            return "Looking for unusual activity …", "For the first time this takes a moment."
        return "Nobody has looked for unusual activity yet.", "Press R to look now; with each import it is done anew."
    if checked.first is None or checked.last is None:
        return "The store has no submissions yet.", "Press i to import a log."
    hidden = [one for one in board.standings if not wanted.takes(one)]
    kind = "finding" if wanted.all else "open finding"
    least = "" if wanted.severity is Severity.NOTICE else f" of {wanted.severity.value} severity or more"
    what = f"No {kind}{least} {days_words(wanted)}."
    could = [one for one in board.rules if one.on and one.rule.id not in checked.missing]
    sentences = [
        f"{plural(len(could), 'rule')} looked at {short_period(Period(checked.first, checked.last))}, "
        f"{ago(checked.at, now)}.",
        lacking(board),
        f"v and f show {plural(len(hidden), 'other')}." if hidden else "",
        "p: what the rules look for, and would have found.",
    ]
    return what, " ".join(filter(None, sentences))


def rule_state(rule: Rule, *, on: bool, missing: str) -> Cell:
    """How a rule stands: ``on``, ``preview``, or that it cannot look."""
    if rule.look is None:
        return Cell("off", Tone.MUTED)
    if missing:
        return Cell("cannot look", Tone.WARN if on else Tone.MUTED)
    return Cell("on", Tone.GOOD) if on else Cell("preview", Tone.MUTED)
