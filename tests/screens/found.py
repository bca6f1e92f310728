"""Some findings of the rules, as the notes of a store have them."""

from datetime import timedelta
from pathlib import Path

from smtpauth_tui.rules.look import row_of
from smtpauth_tui.rules.values import Finding, Severity
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.findings import Checked, Looked, ToKeep, keep, note_check
from smtpauth_tui.store.notes import Notes
from tests.screens.conftest import NOON

_FOUND = (
    ("U11", Severity.HIGH, "ada@contoso.example", 3, "logged in from 203.0.113.9 after 212 failures from there"),
    ("U9", Severity.MEDIUM, "bob@contoso.example", 26, "212 refused attempts within an hour from 3 addresses"),
    ("U1", Severity.NOTICE, "plotter@fabrikam.example", 49, "first seen on Sat 21 Nov; it never sent before"),
    ("U13", Severity.NOTICE, "scan-2@contoso.example", 74, "sent without TLS for the first time in 90 days"),
)


def some_findings(store: Path) -> None:
    """Note findings, as `check` does, that began so many hours before noon."""
    now = int(NOON.timestamp())
    with Notes(store) as notes:
        for rule, severity, unit, hours, reason in _FOUND:
            began = NOON - timedelta(hours=hours)
            day = began.date()
            found = Finding(rule, severity, unit, day, day, int(began.timestamp()), reason, "", "")
            looked = Looked("", number_of(day), number_of(NOON.date()), b"1234")
            keep(notes, [ToKeep(rule, day, [row_of(found, now)], looked)])
        note_check(notes, Checked(now, None, NOON.date(), tuple(rule for rule, *_ in _FOUND), {}, {}))
