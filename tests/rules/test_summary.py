"""The few figures of what stands open: without a look none, and after it the same as the findings themselves."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from smtpauth_tui.cli.checking import check
from smtpauth_tui.cli.findings import findings
from smtpauth_tui.errors import StoreError
from smtpauth_tui.store.findings import Checked, last_check, note_check, summary
from smtpauth_tui.store.notes import Notes
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


def test_none_where_nobody_has_looked_and_no_file_is_made(db: Path) -> None:
    assert summary(db, NOW_SECONDS) is None
    assert not Notes.path_of(db).exists()
    run(check, db, "--quiet", "--rule", "new")
    assert summary(db, NOW_SECONDS) is None  # one rule is not all


def test_counts_of_what_is_open_the_newest_and_what_was_looked_at(db: Path) -> None:
    run(check, db, "--quiet")
    told = summary(db, NOW_SECONDS)
    assert told and told.newest
    assert (told.high, told.medium, told.notice, told.open) == (0, 1, 1, 2)
    assert (told.newest.rule, told.newest.unit.lower(), told.newest.since) == ("U1", "hire@contoso.example", day(1))
    assert (told.checked.at, told.checked.first, told.checked.last) == (NOW_SECONDS, day(6), day(0))
    assert "U9" in told.checked.on and "U3" not in told.checked.on
    assert "U8" in told.checked.missing and "U9" not in told.checked.missing
    later = NOW_SECONDS + 40 * 86_400
    assert summary(db, later).open == 0  # type: ignore[union-attr]
    assert summary(db, later, day(6)).open == 2  # type: ignore[union-attr]


def test_what_is_acknowledged_does_not_count(db: Path) -> None:
    run(check, db, "--quiet")
    run(findings, db, "ack", "new", "hire@CONTOSO.example", "--reason", "a colleague", "--for", "7d")
    told = summary(db, NOW_SECONDS)
    assert told and told.newest
    assert (told.medium, told.notice, told.newest.rule) == (1, 0, "U9")
    assert summary(db, NOW_SECONDS + 8 * 86_400).notice == 1  # type: ignore[union-attr]


def test_rules_that_were_switched_on_count(db: Path) -> None:
    run(check, db, "--quiet", rules={"volume": {"on": True}, "new": {"on": False}})
    told = summary(db, NOW_SECONDS)
    assert told and (told.high, told.medium, told.notice) == (2, 0, 0)  # guessed, then sent: together high


def test_notes_of_the_first_version_are_brought_up_to_date(db: Path) -> None:
    run(findings, db, "allow", "account", "scanner@contoso.example", "--reason", "shared")
    path = Notes.path_of(db)
    with closing(sqlite3.connect(path)) as notes, notes:
        notes.execute("DROP TABLE checked")
        notes.execute("PRAGMA user_version = 1")
    assert summary(db, NOW_SECONDS) is None
    assert "scanner@contoso.example" in run(findings, db, "list").stdout
    run(check, db, "--quiet")
    assert summary(db, NOW_SECONDS).open == 2  # type: ignore[union-attr]


def test_a_file_that_is_none_is_said(db: Path) -> None:
    Notes.path_of(db).write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="cannot be read"):
        summary(db, NOW_SECONDS)
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
    told = summary(db, NOW_SECONDS)
    assert told and (told.open, told.newest, told.checked.first) == (0, None, None)
