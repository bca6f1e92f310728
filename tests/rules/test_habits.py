"""Rules on how accounts send: hours, transport, authentication, sender addresses, silence."""

from datetime import timedelta
from pathlib import Path

from tests.rules.company import Company, at, day, found, looking, said, staff


async def test_messages_at_night(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("person0@contoso.example", [2], messages=8, hour=3)
    company.works("backup@contoso.example", range(100), messages=8, hour=3)
    assert await said(company.store(tmp_path), "hours") == [
        (
            "person0@contoso.example",
            day(2),
            "8 messages at 03:00–03:59 on Sat 21 Nov; it sends between 08:00 and 08:59",
        )
    ]


async def test_who_sends_at_all_hours_and_who_is_not_known_yet(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for hour in (1, 23):
        company.works("always@contoso.example", range(100), hour=hour)
    company.works("always@contoso.example", [2], messages=8, hour=12)
    company.works("young@contoso.example", range(20), hour=9)
    company.works("young@contoso.example", [2], messages=8, hour=3)
    assert await said(company.store(tmp_path), "hours") == []


async def test_a_fall_back_to_an_old_version(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("person0@contoso.example", range(4), tls="TLSv1", hour=15)
    company.works("plain@contoso.example", range(4, 100), tls="TLSv1.2")
    company.works("plain@contoso.example", range(4), tls=None)
    (first, second) = await found(company.store(tmp_path), "transport")
    assert (first.unit, first.since, first.until) == ("person0@contoso.example", day(3), day(3))
    assert first.reason == "TLS 1.0 (2 messages) on Fri 20 Nov; TLS 1.3 before"
    assert (second.unit, second.reason) == (
        "plain@contoso.example",
        "No TLS (2 messages) on Fri 20 Nov; TLS 1.2 before",
    )


async def test_a_new_account_without_tls(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("new.scanner@contoso.example", range(3), tls=None)
    company.works("old.scanner@contoso.example", range(100), tls=None)
    assert await said(company.store(tmp_path), "transport") == [
        ("new.scanner@contoso.example", day(2), "a new account sends by No TLS (2 messages) on Sat 21 Nov")
    ]


async def test_a_migration_to_newer_versions_is_silent(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(8):
        since = 5 + 10 * one
        company.works(f"client{one}@contoso.example", range(since, 100), tls="TLSv1")
        company.works(f"client{one}@contoso.example", range(since), tls="TLSv1.3")
    db = company.store(tmp_path)
    assert await said(db, "transport", days=80) == []


async def test_a_version_that_is_not_known_is_not_none(tmp_path: Path) -> None:
    """A log without TLS lines: not one message is known to be without TLS, and the rule says so."""
    company = Company()
    for ago in range(60):
        for one in range(12):
            company.sends(f"person{one}@contoso.example", at(ago, 9, one), tls=None)
    db = company.store(tmp_path)
    told = await looking(db, "transport")
    assert told.missing["U13"] == "TLS versions; the log has none" or told.findings["U13"] == []


async def test_a_password_after_tokens(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("modern@contoso.example", range(3, 60), mechanism="XOAUTH2")
    company.works("modern@contoso.example", range(3), mechanism="PLAIN")
    company.works("both@contoso.example", range(60), mechanism="XOAUTH2")
    company.works("both@contoso.example", range(0, 60, 4), mechanism="LOGIN", hour=15)
    assert await said(company.store(tmp_path), "authentication") == [
        ("modern@contoso.example", day(2), "Basic again on Sat 21 Nov (2 messages); OAuth before")
    ]


async def test_sending_as_somebody_else(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("scanner@contoso.example", range(100))
    company.sends("scanner@contoso.example", at(2), sender="ceo@contoso.example")
    company.sends("person0@contoso.example", at(1), sender="billing@bank.example")
    company.works("office@contoso.example", range(100), sender="sales@contoso.example")
    company.sends("person1@contoso.example", at(1), sender="")
    found_ = await found(company.store(tmp_path), "envelope")
    assert [(one.unit, one.severity.value, one.reason) for one in found_] == [
        (
            "scanner@contoso.example",
            "notice",
            "signed in as scanner@contoso.example, sent as ceo@contoso.example (1 message) on Sat 21 Nov",
        ),
        (
            "person0@contoso.example",
            "high",
            "signed in as person0@contoso.example, sent as billing@bank.example (1 message) on Sun 22 Nov; "
            "nobody here sent from bank.example before",
        ),
        (
            "person1@contoso.example",
            "notice",
            "signed in as person1@contoso.example, sent as <> (1 message) on Sun 22 Nov",
        ),
    ]


async def test_who_is_missed(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("daily@contoso.example", range(4, 100))
    company.works("weekdays@contoso.example", [ago for ago in range(3, 100) if day(ago).weekday() < 5])
    company.works("seldom@contoso.example", range(4, 100, 3))
    (finding,) = await found(company.store(tmp_path), "silence")
    assert (finding.unit, finding.since, finding.until) == ("daily@contoso.example", day(1), day(1))
    assert finding.reason == "nothing since Thu 19 Nov; it sent on 56 days of the 8 weeks before"


async def test_on_a_holiday_nobody_is_missed(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(6, 100), number=8)
    company.works("monitoring@contoso.example", range(100), hour=4)
    assert await said(company.store(tmp_path), "silence") == []


async def test_a_day_without_any_message(tmp_path: Path) -> None:
    company = Company()
    staff(company, [ago for ago in range(100) if ago != 1])
    assert await said(company.store(tmp_path), "silence") == [
        ("everywhere", day(1), "no message of anybody on Sun 22 Nov")
    ]


async def test_the_day_that_is_not_over_is_not_silent(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(1, 100))
    assert await said(company.store(tmp_path, until=at(0, 1)), "silence", now=at(0, 1) + timedelta(hours=2)) == []
