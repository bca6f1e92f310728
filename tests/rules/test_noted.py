"""What the dashboard says of what stands open: without a look nothing, and after it the same as the findings."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.findings import findings
from smtpauth_tui.errors import StoreError
from smtpauth_tui.store.findings import Checked, last_check, note_check
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.open_findings import Noted, noted
from tests.logs import NOW
from tests.rules.company import Company, at, day, staff
from tests.rules.test_check_command import run

PERSON = "person0@contoso.example"
NOW_SECONDS = int(NOW.timestamp())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    company = Company()
    staff(company)
    company.works("Hire@contoso.example", [1])
    company.works(PERSON, [1], messages=90, hour=14)
    for one in range(100):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    return company.store(tmp_path_factory.mktemp("summary"))


@pytest.fixture
def db(store: Path, tmp_path: Path) -> Path:
    (tmp_path / "store.db").write_bytes(store.read_bytes())
    return tmp_path / "store.db"


def told(db: Path, since: date | None = None, now: int = NOW_SECONDS) -> list[tuple[str, str, str]]:
    """Rule, severity and account of what the dashboard has, the newest first."""
    found = noted(db, since or day(30), now).findings
    return [(one.rule, one.severity, one.unit.casefold()) for one in found]


HIRED = ("U1", "notice", "hire@contoso.example")
GUESSED = ("U9", "medium", PERSON)


def test_none_where_nobody_has_looked_and_no_file_is_made(db: Path) -> None:
    assert noted(db, day(30), NOW_SECONDS) == Noted()
    assert not Notes.path_of(db).exists()
    run(check, db, "--quiet", "--rule", "new")
    assert noted(db, day(30), NOW_SECONDS) == Noted()  # one rule is not all


def test_what_is_open_and_what_was_looked_at(db: Path) -> None:
    run(check, db, "--quiet")
    assert told(db) == [HIRED, GUESSED]
    assert told(db, since=day(1)) == [HIRED]
    assert noted(db, day(30), NOW_SECONDS).checked == day(0)
    with Notes(db) as notes:
        checked = last_check(notes)
    assert checked and (checked.at, checked.first, checked.last) == (NOW_SECONDS, day(6), day(0))
    assert "U9" in checked.on and "U3" not in checked.on
    assert "U8" in checked.missing and "U9" not in checked.missing


def test_what_is_acknowledged_does_not_count(db: Path) -> None:
    run(check, db, "--quiet")
    run(findings, db, "ack", "new", "hire@CONTOSO.example", "--reason", "a colleague", "--for", "7d")
    assert told(db) == [GUESSED]
    assert told(db, now=NOW_SECONDS + 8 * 86_400) == [HIRED, GUESSED]


def test_rules_that_were_switched_on_count(db: Path) -> None:
    run(check, db, "--quiet", rules={"volume": {"on": True}, "new": {"on": False}})
    assert {severity for _, severity, _ in told(db)} == {"high"}  # guessed, then sent: together high


def test_notes_of_the_first_version_are_brought_up_to_date(db: Path) -> None:
    run(findings, db, "allow", "account", "scanner@contoso.example", "--reason", "shared")
    path = Notes.path_of(db)
    with closing(sqlite3.connect(path)) as notes, notes:
        notes.execute("DROP TABLE checked")
        notes.execute("PRAGMA user_version = 1")
    assert noted(db, day(30), NOW_SECONDS) == Noted()
    assert "scanner@contoso.example" in run(findings, db, "list").stdout
    run(check, db, "--quiet")
    assert told(db) == [HIRED, GUESSED]


def test_a_file_that_is_none_is_said(db: Path) -> None:
    Notes.path_of(db).write_bytes(b"no database" * 100)
    assert not noted(db, day(30), NOW_SECONDS).readable
    Notes.path_of(db).unlink()
    Notes(db).close()
    with closing(sqlite3.connect(Notes.path_of(db))) as notes:
        notes.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer"):
        Notes(db)


def test_a_store_without_submissions_was_looked_at(db: Path) -> None:
    with Notes(db) as notes:
        note_check(notes, Checked(NOW_SECONDS, None, None, ("U1",), {}, {}))
        assert last_check(notes) == Checked(NOW_SECONDS, None, None, ("U1",), {}, {})
    assert noted(db, day(30), NOW_SECONDS) == Noted(day(0))
