"""What an import says it did: the contract of --json, and the sentences for people."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.importer.outcome import Outcome, summary_lines
from smtpauth_tui.importer.run import Progress
from tests.logs import NOW, bring_in, command, counted, failure, iso_line, line, mail_log, session, write

DAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LOG = mail_log(DAY, 20)
KEYS = [
    "schema",
    "files",
    "lines",
    "bytes",
    "submissions",
    "auth_failures",
    "already_known",
    "incomplete",
    "not_understood",
    "formats",
    "seconds",
    "warnings",
]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_json_has_exactly_the_keys_of_the_contract(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", [*LOG, "Nov 99 09:00:00 mx1 postfix/smtpd[1]: x", *session(DAY, "FF")[:3]])
    done = command("import", "--json", log, db=db)
    found = json.loads(done.stdout)
    assert list(found) == KEYS
    assert {key: found[key] for key in KEYS[:10]} == {
        "schema": 1,
        "files": 1,
        "lines": len(LOG) + 4,
        "bytes": log.stat().st_size,
        "submissions": 20,
        "auth_failures": 5,
        "already_known": 0,
        "incomplete": 1,
        "not_understood": 1,
        "formats": {"postfix": 1},
    }
    assert isinstance(found["seconds"], float)
    assert all(isinstance(text, str) for text in found["warnings"])
    again = json.loads(command("import", "--json", log, db=db).stdout)
    assert (again["submissions"], again["auth_failures"], again["already_known"]) == (0, 0, 25)


def test_json_is_printed_also_when_a_file_is_missing(db: Path, tmp_path: Path) -> None:
    done = command("import", "--json", tmp_path / "none.log", db=db)
    assert done.returncode == 1
    assert json.loads(done.stdout)["files"] == 0
    assert "There is no file" in json.loads(done.stdout)["warnings"][0]
    assert not db.exists()


def test_dry_run_tells_the_same_and_makes_no_store(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    dry = bring_in(db, log, dry_run=True).as_json()
    assert not db.exists()
    wet = bring_in(db, log).as_json()
    assert {**dry, "seconds": 0} == {**wet, "seconds": 0}


def test_dry_run_leaves_an_existing_store_as_it_was(db: Path, tmp_path: Path) -> None:
    bring_in(db, write(tmp_path / "a.log", LOG[:60]))
    before = db.read_bytes()
    dry = bring_in(db, write(tmp_path / "b.log", LOG), dry_run=True)
    assert dry.submissions > 0
    assert dry.already_known > 0
    assert db.read_bytes() == before
    assert not list(tmp_path.glob("store.db-*"))


def test_new_and_known_are_told_apart_in_one_run(db: Path, tmp_path: Path) -> None:
    bring_in(db, write(tmp_path / "a.log", mail_log(DAY, 8)))
    outcome = bring_in(db, write(tmp_path / "b.log", mail_log(DAY, 20)))
    assert (outcome.submissions, outcome.auth_failures, outcome.already_known) == (12, 3, 10)


def test_year_that_was_assumed_is_told(db: Path, tmp_path: Path) -> None:
    outcome = bring_in(db, write(tmp_path / "mail.log", LOG))
    assert outcome.warnings == [
        f"{tmp_path}/mail.log: its stamps carry no year and no zone; read as 2026, UTC (--year and --tz say otherwise)."
    ]
    assert bring_in(tmp_path / "b.db", write(tmp_path / "iso.log", [iso_line(text) for text in LOG])).warnings == []


def test_summary_for_people() -> None:
    outcome = Outcome("UTC")
    outcome.files = outcome.lines = outcome.submissions = 1
    outcome.auth_failures, outcome.already_known, outcome.seconds = 2, 1234, 0.1
    outcome.first = outcome.last = int(DAY.timestamp())
    assert summary_lines(outcome) == [
        "Imported 1 submission and 2 failed sign-ins from 1 file (1 line) in 0.1 s.",
        "  Mail server lines from 2026-11-16 09:00 to 2026-11-16 09:00, UTC.",
        "  1,234 already known.",
    ]
    outcome.dry_run, outcome.seconds, outcome.lines = True, 2.0, 5_000_000
    assert summary_lines(outcome)[0].startswith("Would import 1 submission")
    assert summary_lines(outcome)[0].endswith("in 2.0 s, 2,500,000 lines/s.")


def test_progress_line() -> None:
    assert (
        Progress("/var/log/mail.log", 450, 1000, 1_234_567, 2.0).as_line().startswith("mail.log  45 %  1,234,567 lines")
    )
    assert Progress("-", 450, 0, 5, 0.0).as_line() == "-  5 lines"


# the years of a file


def first_day(db: Path) -> str:
    from tests.logs import asked

    return datetime.fromtimestamp(asked(db, "SELECT min(time) FROM submission")[0][0], UTC).strftime("%Y-%m-%d")


def sessions(first: datetime, days: int, step: int = 1) -> list[str]:
    return [
        text
        for number in range(0, days, step)
        for text in session(first + timedelta(days=number), f"{0xA00000 + number:X}")
    ]


@pytest.mark.parametrize("days", [100, 300, 360])
def test_quiet_servers_log_of_many_months_is_of_the_last_year(db: Path, tmp_path: Path, days: int) -> None:
    first = NOW - timedelta(days=days)
    bring_in(db, write(tmp_path / "mail.log", sessions(first, days, 2)))
    assert first_day(db) == f"{first:%Y-%m-%d}"


def test_long_log_that_turns_two_years(db: Path, tmp_path: Path) -> None:
    first = NOW - timedelta(days=800)
    lines = [text for start in sessions(first, 800) for text in (start, start.replace("postfix/", "other/"))]
    bring_in(db, write(tmp_path / "mail.log", lines))
    assert first_day(db) == f"{first:%Y-%m-%d}"


def test_log_of_new_year(db: Path, tmp_path: Path) -> None:
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    log = write(tmp_path / "mail.log", mail_log(new_year - timedelta(hours=1), 20), new_year + timedelta(hours=2))
    assert bring_in(db, log).submissions == 20
    assert first_day(db) == "2025-12-31"


def test_old_file_is_of_the_year_in_which_it_was_last_changed(db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG, datetime(2019, 11, 17, tzinfo=UTC))
    bring_in(db, log)
    assert first_day(db) == "2019-11-16"


def test_copy_that_is_newer_than_its_lines_has_the_last_year_that_is_not_in_the_future(
    db: Path, tmp_path: Path
) -> None:
    bring_in(db, write(tmp_path / "mail.log", mail_log(datetime(2025, 12, 5, tzinfo=UTC), 4)))
    assert first_day(db) == "2025-12-05"


def test_year_of_the_command_line_counts(db: Path, tmp_path: Path) -> None:
    bring_in(db, write(tmp_path / "mail.log", LOG), year=2021)
    assert first_day(db) == "2021-11-16"


def test_leap_day_settles_the_year(db: Path, tmp_path: Path) -> None:
    bring_in(db, write(tmp_path / "mail.log", mail_log(datetime(2024, 2, 29, 10, tzinfo=UTC), 4)))
    assert first_day(db) == "2024-02-29"


def test_long_queue_ids_settle_the_year_against_the_files_time(db: Path, tmp_path: Path) -> None:
    from tests.formats.test_stamps import long_id

    when = datetime(2017, 11, 16, 9, tzinfo=UTC)
    log = write(tmp_path / "mail.log", session(when, long_id(int(when.timestamp()) + 1)))
    bring_in(db, log)
    assert first_day(db) == "2017-11-16"


def test_long_id_that_no_clock_can_show_is_no_time(db: Path, tmp_path: Path) -> None:
    lines = [line(DAY, "smtpd[1]", f"{'z' * 39}z: x"), line(DAY, "smtpd[1]", f"{'y' * 38}z1: x"), *LOG]
    assert bring_in(db, write(tmp_path / "mail.log", lines)).submissions == 20


def test_hour_that_comes_twice(db: Path, tmp_path: Path) -> None:
    """Four sessions within two hours, which the log's stamps show as one."""
    night = datetime(2026, 10, 25, 2, 5, tzinfo=UTC)
    lines = [
        text
        for number, minutes in enumerate((0, 40, 0, 40))
        for text in session(night + timedelta(minutes=minutes), f"A{number}")
    ]
    bring_in(db, write(tmp_path / "mail.log", lines), zone="Europe/Berlin")
    from tests.logs import asked

    times = [row[0] - int(night.timestamp()) for row in asked(db, "SELECT time FROM submission ORDER BY queue_id")]
    assert times == [1 - 7200, 2401 - 7200, 1 - 3600, 2401 - 3600]


def test_zone_of_the_stamps_is_not_the_zone_of_the_days(db: Path, tmp_path: Path) -> None:
    late = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
    log = write(tmp_path / "mail.log", [*session(late, "A1"), failure(late)])
    bring_in(db, log, zone="Asia/Kolkata", stamps_zone="UTC")
    from tests.logs import asked

    assert asked(db, "SELECT day FROM daily") == asked(db, "SELECT day FROM daily_failure") == [(20774,)]
    assert counted(db) == (1, 1)
