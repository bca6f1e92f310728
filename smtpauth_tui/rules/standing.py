"""How findings stand: which are open, new, acknowledged or of a preview, and which weigh more together."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from smtpauth_tui.rules.look import finding_of, row_of
from smtpauth_tui.rules.values import Finding, Severity, UnitKind
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.allowed import Allowed, AllowedByNow
from smtpauth_tui.store.findings import Acknowledgement
from smtpauth_tui.store.notes import Notes

if TYPE_CHECKING:
    from smtpauth_tui.places import Places
    from smtpauth_tui.rules.options import Chosen
    from smtpauth_tui.rules.values import Rule

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding, its rule, and what has become of it."""

    finding: Finding
    rule: "Rule"
    key: str
    """What the notes know it by."""
    found_at: int
    told_at: int | None
    preview: bool
    """Whether its rule is not on: it is shown, but nobody is alerted."""
    acknowledgement: Acknowledgement | None

    @property
    def id(self) -> str:
        """What people call it: eight hexadecimal digits."""
        return short_id(self.key)

    @property
    def open(self) -> bool:
        """Whether somebody should look at it."""
        return not self.preview and self.acknowledgement is None

    @property
    def state(self) -> str:
        """``open``, ``acknowledged``, or ``preview``."""
        return "preview" if self.preview else "acknowledged" if self.acknowledgement else "open"

    @property
    def new(self) -> bool:
        """Whether it is open and nobody was told of it."""
        return self.open and self.told_at is None


def short_id(key: str) -> str:
    """Eight hexadecimal digits for a finding's key."""
    return hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()[:8]


def standings(
    notes: Notes, rules: Sequence["Chosen"], since: date, now: int, places: "Places | None" = None
) -> list[Standing]:
    """The findings that had not ended before a day, the most severe first, then the newest. *now*: UTC seconds.

    Without those of which all that they come from is allowed by now, also of days at which no rule looks again.
    *places*: what tells the AS of addresses.
    """
    acknowledged = {
        (one.rule, one.unit.casefold()): one
        for one in kept.acknowledgements(notes)
        if one.until is None or one.until > now
    }
    chosen = {one.rule.id: one for one in rules}
    found = [
        Standing(
            finding_of(row),
            chosen[row.rule].rule,
            row.key,
            row.found_at,
            row.told_at,
            not chosen[row.rule].on,
            acknowledged.get((row.rule, row.unit.casefold())),
        )
        for row in kept.findings(notes, since)
        if row.rule in chosen
    ]
    by_now = AllowedByNow(Allowed(kept.allowed(notes)), places)
    if by_now.anything:
        found = [one for one in found if not _is_allowed(one, by_now)]
    return sorted(found, key=lambda one: (-one.finding.severity.rank, -one.finding.since.toordinal(), one.key))


def _is_allowed(one: Standing, by_now: AllowedByNow) -> bool:
    evidence = one.finding.evidence
    return by_now.finding(
        one.finding.unit,
        ((address, name) for address, name, *_ in evidence.addresses),
        network=one.rule.unit is UnitKind.NETWORK,
        whole=evidence.has_all_addresses,
    )


def raise_pairs(notes: Notes, rules: Sequence["Chosen"], since: date, now: int, places: "Places | None" = None) -> None:
    """Make findings high that are two of medium weight on one unit within a day, by different rules; and no others.

    Those that had ended before a day stay as they are; they count for others, whatever that day is.
    """
    by_unit: dict[str, list[Standing]] = defaultdict(list)
    found = standings(notes, rules, since, now, places)
    earliest = min((one.finding.since for one in found), default=since) - timedelta(1)
    for one in standings(notes, rules, min(earliest, since), now, places):
        if one.open:
            by_unit[one.finding.unit.casefold()].append(one)
    changes = []
    for some in by_unit.values():
        medium = [one for one in some if one.finding.severity is Severity.MEDIUM or one.finding.raised]
        for one in (one for one in medium if one.finding.until >= since):
            others = [
                other.rule for other in medium if other.rule is not one.rule and _near(one.finding, other.finding)
            ]
            raised = f"with {others[0].title} ({others[0].id}) within 24 hours" if others else ""
            if raised != one.finding.raised:
                severity = Severity.HIGH if raised else Severity.MEDIUM
                row = row_of(replace(one.finding, severity=severity, raised=raised), one.found_at)
                changes.append((one.key, row.severity, row.evidence))
    kept.set_severity(notes, changes)


def _near(one: Finding, other: Finding) -> bool:
    if one.moment is None or other.moment is None or one.since != one.until or other.since != other.until:
        return (max(one.since, other.since) - min(one.until, other.until)).days <= 1
    return abs(one.moment - other.moment) <= _DAY
