"""The store's file: who may read it, and which files are refused."""

import json
import os
import resource
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from smtpauth_tui.errors import NoStoreError, StoreError, UsageError
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.schema import APPLICATION_ID, statements, steps
from smtpauth_tui.store.writer import Writer, zone_name_of
from tests.logs import asked, command_line, surroundings, write
from tests.store.facts import fill, sent


def test_store_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from tests.logs import mail_log

    log = write(tmp_path / "mail.log", mail_log(datetime(2026, 11, 16, tzinfo=UTC), 3))
    db = tmp_path / "new" / "store.db"
    done = subprocess.run(
        ["sh", "-c", 'umask 000; exec "$@"', "sh", *command_line("import", log, db=db)],
        env=surroundings(db),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert db.stat().st_mode & 0o777 == 0o600
    assert db.parent.stat().st_mode & 0o777 == 0o700


def test_files_beside_an_open_store_are_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        writer = Writer(tmp_path / "store.db", "UTC")
        writer.begin()
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("store.db*")} == {0o600}
        writer.close()
    finally:
        os.umask(before)


def test_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(StoreError, match="link to a file that does not exist"):
        Writer(tmp_path / "store.db", "UTC")
    assert not (tmp_path / "elsewhere.db").exists()


async def test_no_store_yet(tmp_path: Path) -> None:
    with pytest.raises(NoStoreError, match="no store yet"):
        await Store.open(tmp_path / "none.db")
    assert zone_name_of(tmp_path / "none.db") is None


async def test_empty_file_is_no_store_yet_and_an_import_makes_it_one(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    db.touch()
    assert zone_name_of(db) is None
    with pytest.raises(NoStoreError, match="empty"):
        await Store.open(db)
    fill(db, [sent("A1")])
    assert asked(db, "SELECT count(*) FROM submission") == [(1,)]


async def test_store_whose_making_was_cut_off_is_empty_and_an_import_mends_it(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    Writer(db, "UTC").close()
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("DELETE FROM setting")
    assert zone_name_of(db) is None
    with pytest.raises(NoStoreError, match="empty"):
        await Store.open(db)
    fill(db, [sent("A1")], zone="Europe/Berlin")
    assert zone_name_of(db) == "Europe/Berlin"


def other_database(db: Path) -> None:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("CREATE TABLE recipe (name)")


def newer_store(db: Path) -> None:
    Writer(db, "UTC").close()
    with closing(sqlite3.connect(db)) as connection:
        connection.execute(f"PRAGMA user_version = {len(steps()) + 1}")


def damaged_store(db: Path) -> None:
    fill(db, [sent(f"A{number}", account=f"a{number}@shop.example") for number in range(2000)])
    data = bytearray(db.read_bytes())
    data[100:4096] = os.urandom(3996)
    db.write_bytes(data)


def cut_store(db: Path) -> None:
    fill(db, [sent(f"A{number}", account=f"a{number}@shop.example") for number in range(2000)])
    db.write_bytes(db.read_bytes()[:6000])


def text_file(db: Path) -> None:
    db.write_text("This is no database. " * 100)


def folder(db: Path) -> None:
    db.mkdir()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (other_database, "is not a store of smtpauth-tui"),
        (newer_store, "made by a newer smtpauth-tui"),
        (text_file, "is damaged"),
        (damaged_store, "is damaged"),
        (cut_store, "is damaged"),
        (folder, "is not a file"),
    ],
)
async def test_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, make: object, said: str) -> None:
    db = tmp_path / "store.db"
    make(db)  # type: ignore[operator]
    before = db.read_bytes() if db.is_file() else b""
    with pytest.raises(StoreError, match=said) as told:
        async with await Store.open(db) as store:
            await store.domains(await _any_period())
    assert told.value.hint
    with pytest.raises(StoreError):
        zone_name_of(db)
        fill(db, [sent("A1")])
    assert (db.read_bytes() if db.is_file() else b"") == before


async def _any_period() -> object:
    from datetime import date

    from smtpauth_tui.query import Period

    return Period(first=date(2026, 1, 1), last=date(2026, 12, 31))


def test_schema_steps_are_numbered_and_split_into_statements() -> None:
    for sql in steps():
        found = list(statements(sql))
        assert "".join(found).strip() == sql.strip()
        assert all(sqlite3.complete_statement(one) for one in found)


def test_store_says_what_it_is(tmp_path: Path) -> None:
    Writer(tmp_path / "store.db", "UTC").close()
    assert asked(tmp_path / "store.db", "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert asked(tmp_path / "store.db", "PRAGMA user_version") == [(len(steps()),)]
    assert asked(tmp_path / "store.db", "PRAGMA journal_mode") == [("wal",)]


def test_zone_that_no_one_knows_is_refused(tmp_path: Path) -> None:
    Writer(tmp_path / "store.db", "UTC").close()
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        connection.execute("UPDATE setting SET value = 'Mars/Olympus'")
    with pytest.raises(UsageError, match="no time zone called 'Mars/Olympus'"):
        Writer(tmp_path / "store.db", "UTC")


def test_store_is_read_where_nothing_can_be_written_beside_it(tmp_path: Path) -> None:
    """As on a full disk: SQLite finds no room for what readers share."""
    db = tmp_path / "store.db"
    fill(db, [sent("A1")])
    done = subprocess.run(
        command_line("show", "summary", "--start", "2026-11-01", "--json", db=db),
        env=surroundings(db),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["rows"][0]["messages"] == 1
