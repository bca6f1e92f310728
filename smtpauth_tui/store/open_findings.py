"""What the notes say of unusual activity, read at a glance: for the dashboard, before the rules are loaded.

Nothing is made or changed: the file is opened for reading only.
"""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from smtpauth_tui.store import files
from smtpauth_tui.store.days import day_of, number_of

_PATIENCE: Final = 0.05
"""Seconds that a process which writes the notes is waited for."""


class OpenFinding(NamedTuple):
    """A finding that nobody has acknowledged, of a rule that is on. Names in it are raw."""

    rule: str
    severity: str
    unit: str
    since: date
    until: date
    reason: str
    moment: int | None
    """When it was first seen, as UTC seconds; None where only the day is known."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What the rules found."""

    checked: date | None = None
    """The newest day that any rule has looked at; None where none has looked at all."""
    findings: tuple[OpenFinding, ...] = ()
    """The newest first."""
    readable: bool = True


_LOOKED: Final = "SELECT max(marked + length(marks) / 4 - 1) FROM looked"
_FOUND: Final = "SELECT max(until) FROM finding"
_OPEN: Final = """
    SELECT rule, severity, unit, since, until, reason, json_extract(evidence, '$.moment') FROM finding
    WHERE until >= ? AND rule IN ({rules}) ORDER BY since DESC, 7 DESC, rule, unit
"""
_ACKNOWLEDGED: Final = "SELECT rule, unit FROM acknowledgement WHERE until IS NULL OR until > ?"


def noted(store: Path, rules: Collection[str], since: date, now: int) -> Noted:
    """The open findings of some *rules* (their numbers: ``U3``) that had not ended before a day. *now*: UTC seconds."""
    path = store.with_name(f"{store.name}.notes")
    if not path.exists():
        return Noted()
    try:
        with closing(sqlite3.connect(files.address(path), uri=True, isolation_level=None, timeout=_PATIENCE)) as found:
            found.execute("PRAGMA trusted_schema = OFF")
            return _noted(found, sorted(rules), number_of(since), now)
    except sqlite3.Error:
        return Noted(readable=False)


def _noted(found: sqlite3.Connection, rules: list[str], since: int, now: int) -> Noted:
    if not found.execute("SELECT 1 FROM sqlite_schema WHERE name = 'looked'").fetchone():
        return Noted()
    ((looked,),) = found.execute(_LOOKED).fetchall()
    if looked is None:  # while an import runs what was looked at is not noted, only what was found
        ((looked,),) = found.execute(_FOUND).fetchall()
    if looked is None:
        return Noted()
    known = {(rule, unit.casefold()) for rule, unit in found.execute(_ACKNOWLEDGED, (now,))}
    sql = _OPEN.format(rules=", ".join("?" * len(rules)))
    rows = [
        OpenFinding(row[0], row[1], row[2], day_of(row[3]), day_of(row[4]), row[5], row[6])
        for row in found.execute(sql, (since, *rules))
        if (row[0], row[2].casefold()) not in known
    ]
    return Noted(day_of(looked), tuple(rows))
