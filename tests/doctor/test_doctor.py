"""The doctor finds what is wrong, keeps quiet where nothing is, and says what to do."""

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.doctor import CHECKS, examine
from smtpauth_tui.doctor.findings import Finding, Patient, Severity, Terminal
from smtpauth_tui.doctor.gaps import gaps_of
from smtpauth_tui.doctor.machine import bug_of
from smtpauth_tui.model import Submission, TlsVersion
from smtpauth_tui.query import Period
from smtpauth_tui.store.sources import SourceRow
from smtpauth_tui.store.writer import Writer
from tests.store.facts import DAY, NOON, fill, sent, source_row

NOW = Clock(lambda: datetime.fromtimestamp(NOON + DAY + 3600, UTC))
GOOD = Terminal(80, 24, "utf-8", {"TERM": "xterm-256color"})


async def findings(
    db: Path,
    *,
    clock: Clock = NOW,
    terminal: Terminal | None = None,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Finding]:
    return [found async for found in examine(Patient(db, clock, config, terminal, environment or {}))]


def of(found: Sequence[Finding], check: str) -> list[Finding]:
    return [one for one in found if one.check == check]


async def the_one(db: Path, check: str, **about: object) -> Finding:
    (found,) = of(await findings(db, **about), check)  # type: ignore[arg-type]
    return found


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    tmp_path.chmod(0o700)
    return tmp_path / "store.db"


async def test_a_store_in_good_health(db: Path) -> None:
    fill(db, [sent(f"A{n}", NOON - n * 60) for n in range(20)])
    found = await findings(db, terminal=GOOD)
    assert {one.check for one in found} == {check.name for check in CHECKS}
    assert {one.severity for one in found if one.check != "sqlite"} == {Severity.OK}
    assert all(one.todo for one in found if one.severity is not Severity.OK)


async def test_no_store_is_no_failure(db: Path) -> None:
    found = await the_one(db, "store")
    assert found.severity is Severity.NOTICE
    assert "smtpauth-tui import" in found.todo


async def test_what_is_no_store_is_told(db: Path) -> None:
    db.write_bytes(b"no store" * 1000)
    db.chmod(0o600)
    found = of(await findings(db), "store")
    assert found[-1].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("instance", "advice"),
    [
        ("postfix", "postconf -e smtpd_tls_loglevel=1 && postfix reload"),
        ("postfix-out", "postconf -e smtpd_tls_loglevel=1"),
        ("dovecot", "%k where %c stands"),
        ("exim", "+tls_cipher"),
        ("sendmail", "confLOG_LEVEL"),
        ("opensmtpd", "always logs it"),
        ("exchange", "-ProtocolLoggingLevel Verbose"),
        ("other", "Switch on the logging of TLS"),
    ],
)
async def test_tls_that_is_not_logged(db: Path, instance: str, advice: str) -> None:
    facts = [sent(f"A{n}", NOON - n, tls=TlsVersion.UNKNOWN if n < 8 else TlsVersion.V1_3) for n in range(10)]
    fill(db, [one._replace(instance=instance) for one in facts])
    found = await the_one(db, "tls")
    assert found.severity is Severity.WARNING
    assert f"mx1 ({instance})" in found.what
    assert "80.00 % of the newest 10 messages" in found.what
    assert advice in found.todo


async def test_tls_that_is_logged_by_now_is_well(db: Path) -> None:
    fill(db, [sent(f"A{n}", NOON - 20 * DAY - n, tls=TlsVersion.UNKNOWN) for n in range(50)])
    fill(db, [sent(f"B{n}", NOON - n) for n in range(50)])
    assert (await the_one(db, "tls")).severity is Severity.OK


def busy(first: date, days: int, count: int = 20) -> dict[date, int]:
    return {first + timedelta(days=n): count for n in range(days)}


MONDAY = date(2026, 9, 7)


def workdays(days: int, count: int = 20) -> dict[date, int]:
    return {day: number for day, number in busy(MONDAY, days, count).items() if day.weekday() < 5}


def periods(days: Mapping[date, int]) -> list[Period]:
    return [gap.period for gap in gaps_of(days)]


def test_a_day_without_anything_is_a_gap() -> None:
    days = busy(MONDAY, 28)
    del days[date(2026, 9, 16)]
    (gap,) = gaps_of(days)
    assert gap.period == Period(first=date(2026, 9, 16), last=date(2026, 9, 16))
    assert gap.usual == 20


def test_weekends_off_are_no_gaps_and_a_gap_reaches_over_them() -> None:
    days = workdays(42)
    assert periods(days) == []
    for day in (17, 18, 21):
        del days[date(2026, 9, day)]
    assert periods(days) == [Period(first=date(2026, 9, 17), last=date(2026, 9, 21))]


def test_a_weekend_that_is_silent_where_others_are_not_is_a_gap() -> None:
    days = busy(MONDAY, 42)
    for day in (19, 20):
        del days[date(2026, 9, day)]
    assert periods(days) == [Period(first=date(2026, 9, 19), last=date(2026, 9, 20))]


def test_a_server_with_few_messages_has_no_gaps() -> None:
    days = {day: 2 for number, day in enumerate(busy(MONDAY, 42)) if number % 3}
    assert periods(days) == []


@pytest.mark.parametrize("days", [{}, {MONDAY: 100}, {MONDAY: 100, MONDAY + timedelta(days=1): 100}])
def test_no_gap_where_there_is_nothing_between(days: dict[date, int]) -> None:
    assert periods(days) == []


def test_a_gap_in_the_first_week() -> None:
    days = busy(MONDAY, 5)
    del days[MONDAY + timedelta(days=2)]
    assert periods(days) == [Period(first=date(2026, 9, 9), last=date(2026, 9, 9))]


async def test_a_gap_is_told_in_the_days_of_the_stores_zone(db: Path) -> None:
    late = NOON + 11 * 3600 + 1800  # half past eleven at night, UTC
    facts = [sent(f"A{day}-{n}", late - day * DAY - n) for day in range(20) for n in range(10) if day != 6]
    fill(db, facts, zone="Asia/Kathmandu")
    found = await the_one(db, "gaps")
    assert found.severity is Severity.WARNING
    assert "mx1 (postfix): nothing on 11 Nov 2026, where such days usually have about 10" in found.what


async def test_lines_that_were_lost(db: Path) -> None:
    def read(path: str, **changes: Any) -> SourceRow:
        return replace(source_row(path), lines=1000, **changes)

    with closing(Writer(db, "UTC")) as writer:
        writer.begin()
        writer.sources.save(read("/var/log/a", damaged="cut off \x1b[2J"))
        writer.sources.save(read("/var/log/b", not_understood=90))
        writer.sources.save(read("/var/log/c", incomplete=40))
        writer.add([sent("A1")], [], writer.sources.save(read("/var/log/d")))
        writer.commit()
    found = of(await findings(db), "lost")
    assert [one.severity for one in found] == [Severity.WARNING] * 3
    assert found[0].what.startswith("/var/log/a is damaged")
    assert "90 lines of 4,000 could not be understood" in found[1].what
    assert "40 messages or sessions began in the logs and did not end" in found[2].what


def moved(facts: Sequence[Submission], seconds: int) -> list[Submission]:
    return [one._replace(time=one.time + seconds) for one in facts]


FACTS = [sent(f"D{n}", NOON - n * 61, size=1000 + n) for n in range(5)]


@pytest.mark.parametrize("seconds", [3600, -7200, 20_700, 26 * 3600, 3601])
async def test_a_log_that_was_read_in_two_zones(db: Path, seconds: int) -> None:
    fill(db, FACTS)
    fill(db, moved(FACTS, seconds))
    found = await the_one(db, "doubles")
    assert found.severity is Severity.WARNING
    assert "5 messages of mx1 (postfix) came in again" in found.what
    assert "/var/log/mail.log" in found.what
    assert "--tz ZONE" in found.todo


@pytest.mark.parametrize("seconds", [700, 3700, 27 * 3600])
async def test_a_queue_id_that_was_used_again_is_no_double(db: Path, seconds: int) -> None:
    fill(db, FACTS)
    fill(db, moved(FACTS, seconds))
    assert (await the_one(db, "doubles")).severity is Severity.OK


async def test_a_message_of_another_size_or_sender_is_no_double(db: Path) -> None:
    fill(db, FACTS)
    fill(db, [one._replace(size=one.size + 1) for one in moved(FACTS, 3600)])
    fill(db, [one._replace(sender="x@y.example") for one in moved(FACTS, 7200)])
    assert (await the_one(db, "doubles")).severity is Severity.OK


async def test_one_server_under_two_names(db: Path) -> None:
    fill(db, FACTS)
    fill(db, [one._replace(host="smtp") for one in moved(FACTS, 1)])
    found = await the_one(db, "doubles")
    assert "5 messages of mx1 (postfix) came in again as smtp (postfix)'s" in found.what
    assert "import only those of one name" in found.todo


@pytest.mark.parametrize(
    ("version", "bug"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.0", True),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.54.1", False),
    ],
)
def test_versions_of_sqlite(version: str, bug: bool) -> None:
    major, minor, patch = map(int, version.split("."))
    assert bug_of((major, minor, patch)) is bug


@pytest.mark.parametrize(
    ("terminal", "severity", "said"),
    [
        (GOOD, Severity.OK, "80 columns and 24 rows"),
        (Terminal(79, 24, "utf-8", GOOD.environment), Severity.WARNING, "79 columns"),
        (Terminal(80, 24, "ascii", GOOD.environment), Severity.NOTICE, "encoding is ascii"),
        (Terminal(80, 24, "utf-8", {"TERM": "screen"}), Severity.NOTICE, "16 colours"),
        (Terminal(80, 24, "utf-8", {"TERM": "dumb"}), Severity.WARNING, "TERM is dumb"),
        (Terminal(80, 24, "utf-8", {}), Severity.WARNING, "TERM is not set"),
    ],
)
async def test_terminals(db: Path, terminal: Terminal, severity: Severity, said: str) -> None:
    found = await the_one(db, "terminal", terminal=terminal)
    assert found.severity is severity
    assert said in found.what


async def test_a_store_that_others_can_read_or_replace(db: Path) -> None:
    fill(db, [sent("A1")])
    db.chmod(0o644)
    db.parent.chmod(0o777)
    found = of(await findings(db), "store")
    assert [one.severity for one in found] == [Severity.WARNING] * 2
    assert found[0].todo == f"chmod 600 {db}"
    assert found[1].todo == f"chmod go-w {db.parent}"


async def test_a_configuration_that_is_wrong(db: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("animations = 'perhaps'")
    found = await the_one(db, "configuration", config=config)
    assert found.severity is Severity.WARNING
    assert "animations" in found.what
    found = await the_one(db, "configuration", config=tmp_path / "none.toml")
    assert "There is no configuration file" in found.what


async def test_an_import_long_ago(db: Path) -> None:
    fill(db, [sent("A1")])
    later = Clock(lambda: datetime.fromtimestamp(NOON + 4 * DAY, UTC))
    found = await the_one(db, "newest", clock=later)
    assert found.severity is Severity.WARNING
    assert "3 days ago" in found.what


async def test_a_damaged_file(db: Path) -> None:
    fill(db, [sent(f"A{n}", NOON - n) for n in range(3000)])
    with db.open("r+b") as file:
        file.seek(4096 * 12)
        file.write(os.urandom(4096 * 6))
    found = await findings(db)
    assert any(one.severity is Severity.WARNING and "damaged" in one.what for one in found)
