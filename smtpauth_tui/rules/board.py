"""What is known of findings at one moment: how each stands, what the rules lack, what people decided."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from smtpauth_tui.rules.standing import Standing, standings
from smtpauth_tui.rules.values import Severity
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.findings import Acknowledgement, AllowedRow, Checked
from smtpauth_tui.store.notes import Notes

if TYPE_CHECKING:
    from smtpauth_tui.places import Places
    from smtpauth_tui.rules.options import Chosen
    from smtpauth_tui.rules.values import Rule


@dataclass(frozen=True, slots=True)
class Board:
    """All that the notes have of findings, as far as it is asked for."""

    standings: tuple[Standing, ...] = ()
    """Those that had not ended before a day, the most severe first, then the newest."""
    checked: Checked | None = None
    """The last look of all rules; None where there was none."""
    rules: tuple["Chosen", ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    allowed: tuple[AllowedRow, ...] = ()

    @property
    def open(self) -> list[Standing]:
        """Those that somebody should look at."""
        return [one for one in self.standings if one.open]

    def lacking(self) -> list[tuple["Rule", str]]:
        """The rules that are on and could not look, with what they lack."""
        return self._lacking(on=True)

    def previews(self) -> list["Rule"]:
        """The rules that look but are not on: what they find alerts nobody."""
        missing = self.checked.missing if self.checked else {}
        return [one.rule for one in self.rules if not one.on and not missing.get(one.rule.id)]

    def previews_lacking(self) -> list[tuple["Rule", str]]:
        """The rules that are not on and could not look either, with what they lack."""
        return self._lacking(on=False)

    def partly(self) -> list[tuple["Rule", str]]:
        """The rules that are on and saw a part of what they could, with what they lack."""
        lacking = self.checked.partly if self.checked else {}
        return [(one.rule, lacking[one.rule.id]) for one in self.rules if one.on and lacking.get(one.rule.id)]

    def _lacking(self, *, on: bool) -> list[tuple["Rule", str]]:
        missing = self.checked.missing if self.checked else {}
        return [(one.rule, missing[one.rule.id]) for one in self.rules if one.on is on and missing.get(one.rule.id)]


def read_board(store: Path, rules: Sequence["Chosen"], since: date, now: int, places: "Places | None" = None) -> Board:
    """What the notes of a store have; no file is made. *now*: UTC seconds. StoreError where they cannot be read.

    *places*: what tells the AS of addresses.
    """
    notes = Notes.open_existing(store)
    if notes is None:
        return Board(rules=tuple(rules))
    with notes:
        return Board(
            tuple(standings(notes, rules, since, now, places)),
            kept.last_check(notes),
            tuple(rules),
            tuple(kept.acknowledgements(notes)),
            tuple(kept.allowed(notes)),
        )


def counted(found: Sequence[Standing]) -> str:
    """``2 high, 1 medium``: how many there are of each severity; empty where there are none."""
    counts = Counter(one.finding.severity for one in found)
    return ", ".join(f"{counts[one]:,} {one.value}" for one in reversed(Severity) if counts[one])
