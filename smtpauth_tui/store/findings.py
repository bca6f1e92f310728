"""Findings of the rules in the notes: what was found and told, what is acknowledged, what no rule looks at."""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from smtpauth_tui.store.days import SHOWN_DAYS as _SHOWN_DAYS
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.notes import Notes

KEPT_DAYS: Final = 400
"""Findings that ended longer ago than this are forgotten."""
MOST_ROWS: Final = 20
"""Rows of a kind in a finding's evidence."""
SHOWN_DAYS: Final = _SHOWN_DAYS
"""Findings that ended longer ago than this are shown where they are asked for."""


class FindingRow(NamedTuple):
    """A finding as it is kept. Names in it are raw; times are UTC seconds."""

    key: str
    """Rule, unit and first day."""
    rule: str
    severity: str
    unit: str
    since: date
    until: date
    reason: str
    evidence: str
    """JSON."""
    found_at: int
    told_at: int | None
    """When somebody was told of it; None where nobody was."""


class Acknowledgement(NamedTuple):
    """What a person knows to be right, for a rule and a unit."""

    rule: str
    unit: str
    reason: str
    until: int | None
    """UTC seconds; None for ever."""
    at: int


class AllowedRow(NamedTuple):
    """What no rule looks at. *kind*: ``network``, ``account``, ``host``, ``as``."""

    kind: str
    value: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What a rule looked at so far."""

    settings: str
    """A digest of its limits and of what is allowed."""
    first: int
    """The number of the first day that it looked at."""
    marked: int
    """The number of the first day that has a mark."""
    marks: bytes
    """Four bytes a day: another day's totals make other ones."""


_FINDINGS: Final = """
    SELECT key, rule, severity, unit, since, until, reason, evidence, found_at, told_at FROM finding
    WHERE until >= ? ORDER BY since DESC, rule, unit
"""


def findings(notes: Notes, since: date | None = None) -> list[FindingRow]:
    """The findings that had not ended before a day, the newest first."""
    rows = notes._rows(_FINDINGS, number_of(since) if since else 0)
    return [_row(row) for row in rows]


def _row(row: tuple[Any, ...]) -> FindingRow:
    return FindingRow._make((*row[:4], day_of(row[4]), day_of(row[5]), *row[6:]))


def looked(notes: Notes) -> dict[str, Looked]:
    """What each rule looked at so far."""
    return {rule: Looked(*row) for rule, *row in notes._rows("SELECT * FROM looked")}


_TOUCHING: Final = """
    SELECT key, rule, severity, unit, since, until, reason, evidence, found_at, told_at FROM finding
    WHERE rule = ? AND since < ? AND until >= ? - 1
"""


def touching(notes: Notes, rule: str, day: date) -> list[FindingRow]:
    """A rule's findings that began before a day, and had not ended on the day before it."""
    return [_row(row) for row in notes._rows(_TOUCHING, rule, number_of(day), number_of(day))]


_CUT: Final = "UPDATE finding SET until = ? - 1 WHERE rule = ? AND since < ? AND until >= ?"
_KEEP: Final = """
    INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET
        severity = excluded.severity, until = excluded.until, reason = excluded.reason, evidence = excluded.evidence
"""


@dataclass(frozen=True, slots=True)
class ToKeep:
    """What a rule found from a day on: that, and no more."""

    rule: str
    first: date
    found: Sequence[FindingRow]
    looked: Looked | None
    """What the rule has looked at so far; None where that may change at once."""


def keep(notes: Notes, all_: Sequence[ToKeep]) -> None:
    """Keep what rules found. What began before their first day ends there, unless it is among what was found."""
    if not all_:
        return
    with notes._writing() as run:
        for one in all_:
            _keep(run, one)


def _keep(run: Callable[..., sqlite3.Cursor], one: ToKeep) -> None:
    rule, day, note = one.rule, number_of(one.first), one.looked
    keys = {row.key for row in one.found}
    run(_CUT, (day, rule, day, day))
    for (key,) in run("SELECT key FROM finding WHERE rule = ? AND since >= ?", (rule, day)).fetchall():
        if key not in keys:
            run("DELETE FROM finding WHERE key = ?", (key,))
    for row in one.found:
        run(_KEEP, (*row[:4], number_of(row.since), number_of(row.until), *row[6:9]))
    run("DELETE FROM finding WHERE rule = ? AND until < ?", (rule, day - KEPT_DAYS))
    run("DELETE FROM looked WHERE rule = ?", (rule,))
    if note:
        run("INSERT INTO looked VALUES (?, ?, ?, ?, ?)", (rule, note.settings, note.first, note.marked, note.marks))


def tell(notes: Notes, keys: Collection[str], now: int) -> None:
    """Note that somebody was told of findings."""
    if not keys:
        return
    with notes._writing() as run:
        for key in keys:
            run("UPDATE finding SET told_at = ? WHERE key = ? AND told_at IS NULL", (now, key))


def set_severity(notes: Notes, changes: Collection[tuple[str, str, str]]) -> None:
    """Give findings, by their keys, another severity and evidence."""
    if changes:
        with notes._writing() as run:
            for key, severity, evidence in changes:
                run("UPDATE finding SET severity = ?, evidence = ? WHERE key = ?", (severity, evidence, key))


# -- what people say of it


def acknowledgements(notes: Notes) -> list[Acknowledgement]:
    """What is acknowledged, also where that has run out, the newest first."""
    rows = notes._rows("SELECT rule, unit, reason, until, at FROM acknowledgement ORDER BY at DESC, rule, unit")
    return [Acknowledgement(*row) for row in rows]


def acknowledge(notes: Notes, one: Acknowledgement) -> None:
    """Note an acknowledgement, in place of an earlier one of the same rule and unit."""
    with notes._writing() as run:
        run("INSERT OR REPLACE INTO acknowledgement VALUES (?, ?, ?, ?, ?)", tuple(one))


def forget_acknowledgement(notes: Notes, rule: str, unit: str) -> bool:
    """Take an acknowledgement back; whether there was one."""
    with notes._writing() as run:
        return run("DELETE FROM acknowledgement WHERE rule = ? AND unit = ?", (rule, unit)).rowcount > 0


def allowed(notes: Notes) -> list[AllowedRow]:
    """What no rule looks at, by kind and value."""
    return [AllowedRow(*row) for row in notes._rows("SELECT kind, value, reason, at FROM allowed ORDER BY 1, 2")]


def allow(notes: Notes, one: AllowedRow) -> None:
    """Have no rule look at something."""
    with notes._writing() as run:
        run("INSERT OR REPLACE INTO allowed VALUES (?, ?, ?, ?)", tuple(one))


def forget_allowed(notes: Notes, kind: str, value: str) -> bool:
    """Have the rules look at something again; whether they did not."""
    with notes._writing() as run:
        return run("DELETE FROM allowed WHERE kind = ? AND value = ?", (kind, value)).rowcount > 0


# -- the last look, and what came of it in a few figures


@dataclass(frozen=True, slots=True)
class Checked:
    """The last look of all rules. *at*: UTC seconds."""

    at: int
    first: date | None
    """The first day that was looked at; None in a store without submissions."""
    last: date | None
    on: tuple[str, ...]
    """The rules that alert, by their ids; what the others find is a preview."""
    missing: Mapping[str, str]
    """What rules lacked that could not look, in words, by their ids."""
    partly: Mapping[str, str]
    """What rules lacked that looked at a part of what they could."""


def note_check(notes: Notes, one: Checked) -> None:
    """Note a look of all rules, in place of the one before."""
    rules = [
        {"rule": id, "on": id in one.on, "missing": one.missing.get(id, ""), "partly": one.partly.get(id, "")}
        for id in dict.fromkeys((*one.on, *one.missing))
    ]
    days = [None if day is None else number_of(day) for day in (one.first, one.last)]
    with notes._writing() as run:
        run("INSERT OR REPLACE INTO checked VALUES (1, ?, ?, ?, ?)", (one.at, *days, json.dumps(rules)))


def last_check(notes: Notes) -> Checked | None:
    """The last look of all rules; None where there was none."""
    rows = notes._rows(_CHECKED)
    return _checked(rows[0]) if rows else None


def shown_since(now: int, days: int = SHOWN_DAYS) -> date:
    """The first of so many days. *now*: UTC seconds."""
    return day_of(now // 86_400 - days + 1)


_CHECKED: Final = "SELECT at, first, last, rules FROM checked"


def _checked(row: tuple[Any, ...]) -> Checked:
    at, first, last, rules = row
    said = json.loads(rules)
    return Checked(
        at,
        None if first is None else day_of(first),
        None if last is None else day_of(last),
        tuple(one["rule"] for one in said if one["on"]),
        {one["rule"]: one["missing"] for one in said if one["missing"]},
        {one["rule"]: one["partly"] for one in said if one["partly"]},
    )
