"""Runs the rules: over days that changed, for what is kept; over any days and with any limits, for a preview."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from smtpauth_tui import __version__
from smtpauth_tui.query import Period
from smtpauth_tui.rules.evidence import with_evidence
from smtpauth_tui.rules.values import Evidence, Finding, Severity, UnitKind, episodes
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.activity import BASELINE, Activity
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.findings import FindingRow, Looked, ToKeep
from smtpauth_tui.store.notes import Notes

if TYPE_CHECKING:
    from smtpauth_tui.rules.options import Chosen

DAYS: Final = 7
"""The days that are looked at where nothing else is said: so many up to the newest that has data."""


@dataclass(slots=True)
class Looking:
    """What came of a look."""

    period: Period | None
    """The days; None in a store without submissions."""
    missing: dict[str, str] = field(default_factory=dict)
    """By the id of a rule: what it lacks."""
    partly: dict[str, str] = field(default_factory=dict)
    """By the id of a rule that looks all the same: what it lacks to see all that it could."""
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    """By the id of a rule: what it found in the days that it looked at now."""
    since: date = date.max
    """The first day from which on all that is kept holds: of the period, or of an earlier look at more days."""


async def period_of(activity: Activity, since: date | None = None, days: int = DAYS) -> Period | None:
    """The days from *since* on, or so many up to the newest that has submissions, and those since then, at most a week.

    None in a store without submissions up to today.
    """
    store_days = await activity.store_days()
    newest = store_days.last_before(number_of(activity.today) + 1)
    if newest is None:
        return None
    last = min(activity.today, day_of(newest) + timedelta(DAYS))
    first = since or day_of(newest) - timedelta(days - 1)
    return Period(min(first, last), last)


async def find(activity: Activity, chosen: "Chosen", period: Period) -> list[Finding]:
    """What a rule finds in a period, without what is allowed; each with its evidence."""
    rule = chosen.rule
    if rule.look is None:
        return []
    signs = await rule.look(activity, period, chosen.limits)
    if rule.unit is UnitKind.ACCOUNT:
        signs = [sign for sign in signs if not activity.allowed.account(sign.unit)]
    return await with_evidence(activity, episodes(rule.id, signs))


async def look(activity: Activity, rules: Sequence["Chosen"], period: Period) -> Looking:
    """What rules find in a period; nothing is kept."""
    told = Looking(period)
    supply = await activity.supply(period.last)
    for chosen in rules:
        told.missing[chosen.rule.id] = missing = chosen.rule.lacks(supply, chosen.limits) if supply else _EMPTY
        if not missing:
            told.partly[chosen.rule.id] = chosen.rule.partly(supply, chosen.limits) if supply else ""
            told.findings[chosen.rule.id] = await find(activity, chosen, period)
    return told


_EMPTY: Final = "the store has no submissions yet"


async def check(
    activity: Activity, notes: Notes, rules: Sequence["Chosen"], period: Period, now: int, *, thorough: bool = True
) -> Looking:
    """What rules find in those days of a period that changed since they looked at them; it is kept in the notes.

    What they have seen of earlier days still holds, unless one of those has changed: looks at few days and looks at
    many take turns, and neither has to begin anew. *thorough*: also by previews that take long.
    """
    told = Looking(period, since=date.min)
    supply = await activity.supply(period.last)
    marked = number_of(period.first) - BASELINE
    marks = await activity.marks(Period(day_of(marked), period.last))
    known = kept.looked(notes)
    to_keep = []
    for chosen in rules:
        rule = chosen.rule
        missing = rule.lacks(supply, chosen.limits) if supply else _EMPTY
        if not missing and rule.slow and not chosen.on and not thorough:
            missing = f"to be asked for, since it takes longer: --all, or --rule {rule.name}"
        told.missing[rule.id] = missing
        if missing or rule.look is None:
            continue
        told.partly[rule.id] = rule.partly(supply, chosen.limits) if supply else ""
        digest = _digest(chosen, activity)
        begin, before_now = number_of(period.first), known.get(rule.id)
        first = first_to_look(before_now, digest, marked, marks, begin)
        if first is None or first > number_of(period.last):
            told.since = max(told.since, day_of(begin if before_now is None else before_now.first))
            continue
        found = await find(activity, chosen, Period(day_of(first), period.last))
        told.findings[rule.id] = found
        note = covered(before_now, Looked(digest, begin, marked, marks)) if marks is not None else None
        told.since = max(told.since, day_of(note.first) if note else period.first)
        before = {row.unit: finding_of(row) for row in kept.touching(notes, rule.id, day_of(first))}
        whole = [
            continued(before[one.unit], one) if one.unit in before and number_of(one.since) == first else one
            for one in found
        ]
        to_keep.append(ToKeep(rule.id, day_of(first), [row_of(one, now) for one in whole], note))
    kept.keep(notes, to_keep)
    told.since = period.first if told.since == date.min else told.since
    return told


def first_to_look(known: Looked | None, settings: str, marked: int, marks: bytes | None, first: int) -> int | None:
    """The first day that a rule has to look at, by number; None where nothing has changed since it looked.

    A day that has changed changes what is said of all days after it, whose baseline it is in.
    """
    if known is None or marks is None or known.settings != settings or first < known.first:
        return first
    changed = _changed(known, marked, marks)
    return None if changed is None else max(changed, first)


def _changed(known: Looked, marked: int, marks: bytes) -> int | None:
    """The first day whose mark is not what it was, by number. *marked*: the day of the first of the *marks*."""
    for day, place in enumerate(range(0, len(marks), 4), marked):
        there = 4 * (day - known.marked)
        if there < 0 or known.marks[there : there + 4] != marks[place : place + 4]:
            return day
    return None


def covered(known: Looked | None, now: Looked) -> Looked:
    """What has been looked at after a look: its own days, and those before them where what was seen there holds."""
    if known is None or known.settings != now.settings or known.first >= now.first or known.marked > now.marked:
        return now
    changed = _changed(known, now.marked, now.marks)
    if changed is not None and changed < now.first:
        return now
    first = max(known.first, now.first - kept.KEPT_DAYS)
    marked = first - (now.first - now.marked)
    if marked < known.marked:
        return now
    earlier = known.marks[4 * (marked - known.marked) : 4 * (now.marked - known.marked)]
    return Looked(now.settings, first, marked, earlier + now.marks)


def continued(before: Finding, finding: Finding) -> Finding:
    """A finding that goes on from one that there is; what was more severe, or else came later, speaks for both."""
    severity = Severity.MEDIUM if before.raised else before.severity
    if severity.rank > finding.severity.rank:
        return replace(before, severity=severity, raised="", until=finding.until)
    return replace(finding, since=before.since, moment=before.moment)


def _digest(chosen: "Chosen", activity: Activity) -> str:
    files = activity.files if chosen.rule.places or activity.allowed.systems else ()
    said = json.dumps([__version__, sorted(chosen.limits.items()), activity.allowed.values, files])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# -- findings as they are kept


def row_of(finding: Finding, now: int) -> FindingRow:
    """A finding as it is kept."""
    said = {
        "moment": finding.moment,
        "crossed": finding.crossed,
        "baseline": finding.baseline,
        "raised": finding.raised,
        **finding.evidence.as_json(),
    }
    return FindingRow(
        finding.key,
        finding.rule,
        finding.severity.value,
        finding.unit,
        finding.since,
        finding.until,
        finding.reason,
        json.dumps(said),
        now,
        None,
    )


def finding_of(row: FindingRow) -> Finding:
    """A finding that was kept."""
    said: dict[str, Any] = json.loads(row.evidence)
    return Finding(
        row.rule,
        Severity(row.severity),
        row.unit,
        row.since,
        row.until,
        said["moment"],
        row.reason,
        said["crossed"],
        said["baseline"],
        Evidence.of_json(said),
        said["raised"],
    )
