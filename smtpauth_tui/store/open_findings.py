"""What the notes say of unusual activity, read at a glance: for the dashboard, before the rules are loaded.

Nothing is made or changed: the file is opened for reading only.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from smtpauth_tui.store import files
from smtpauth_tui.store.days import day_of, number_of

if TYPE_CHECKING:
    from smtpauth_tui.places import Places

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
    """The newest day that the rules have looked at; None where they never looked."""
    findings: tuple[OpenFinding, ...] = ()
    """The newest first."""
    readable: bool = True
    older: int = 0
    """How many more are open of days before those that were asked for."""


_OPEN: Final = """
    SELECT rule, severity, unit, since, until, reason, json_extract(evidence, '$.moment'), {columns} FROM finding
    WHERE until >= ? AND rule IN ({rules}) ORDER BY since DESC, 7 DESC, rule, unit
"""
_ACKNOWLEDGED: Final = "SELECT rule, unit FROM acknowledgement WHERE until IS NULL OR until > ?"
_FROM: Final = "json_extract(evidence, '$.addresses'), json_extract(evidence, '$.totals.addresses')"
_ALLOWED: Final = "SELECT kind, value, reason, at FROM allowed"
_TELLS_WHEN: Final = 2
"""The first version of the notes that say when all rules looked last."""


def noted(store: Path, since: date, now: int, places: "Places | None" = None) -> Noted:
    """The open findings that had not ended before a day, of the rules that were on at their last look.

    Without those of which all that they come from is allowed by now. *store*: its path; *now*: UTC seconds; *places*:
    what tells the AS of addresses.
    """
    path = store.with_name(f"{store.name}.notes")
    if not path.exists():
        return Noted()
    try:
        with closing(sqlite3.connect(files.address(path), uri=True, isolation_level=None, timeout=_PATIENCE)) as found:
            found.execute("PRAGMA trusted_schema = OFF")
            return _noted(found, number_of(since), now, places)
    except sqlite3.Error:
        return Noted(readable=False)


def _noted(found: sqlite3.Connection, since: int, now: int, places: "Places | None") -> Noted:
    if found.execute("PRAGMA user_version").fetchone()[0] < _TELLS_WHEN:
        return Noted()
    checked = found.execute("SELECT coalesce(last, at / 86400), rules FROM checked").fetchone()
    if checked is None:
        return Noted()
    on = [one["rule"] for one in json.loads(checked[1]) if one["on"]]
    known = {(rule, unit.casefold()) for rule, unit in found.execute(_ACKNOWLEDGED, (now,))}
    allowed = found.execute(_ALLOWED).fetchall()
    columns = _FROM if allowed else "NULL, NULL"
    rows = [
        row
        for row in found.execute(_OPEN.format(columns=columns, rules=", ".join("?" * len(on))), (since, *on))
        if (row[0], row[2].casefold()) not in known
    ]
    if allowed:
        rows = _not_allowed(rows, allowed, places)
    found_now = [OpenFinding(row[0], row[1], row[2], day_of(row[3]), day_of(row[4]), row[5], row[6]) for row in rows]
    return Noted(day_of(checked[0]), tuple(found_now))


def _not_allowed(
    rows: list[tuple[Any, ...]], allowed: list[tuple[Any, ...]], places: "Places | None"
) -> list[tuple[Any, ...]]:
    from smtpauth_tui.store.allowed import Allowed, AllowedByNow  # late: mostly nothing is allowed
    from smtpauth_tui.store.findings import MOST_ROWS, AllowedRow

    by_now = AllowedByNow(Allowed(AllowedRow(*row) for row in allowed), places)
    left = []
    for row in rows:
        clients = [(one["address"], one["name"]) for one in json.loads(row[7])]
        whole = len(clients) < MOST_ROWS if row[8] is None else len(clients) >= row[8]
        if not by_now.finding(row[2], clients, network="/" in row[2], whole=whole):
            left.append(row)
    return left
