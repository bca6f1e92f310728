"""Rules on who sends and how much: each fires where it should, and is silent where it should not."""

from datetime import timedelta
from pathlib import Path

from tests.rules.company import Company, at, day, found, looking, said, staff


async def test_a_new_account_is_told_once(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("new.hire@contoso.example", range(4))
    assert await said(company.store(tmp_path), "new") == [
        ("new.hire@contoso.example", day(3), "first seen on Fri 20 Nov; it never sent by SMTP AUTH before")
    ]


async def test_right_after_the_first_import_nobody_is_new(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(10))
    told = await looking(company.store(tmp_path), "new")
    assert told.missing == {"U1": "14 days with messages to know who is not new; the store has 9"}
    assert told.findings == {}


async def test_too_many_messages_in_a_minute(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for number in range(33):
        company.sends("app@contoso.example", at(2, 14, 7, number))
    for number in range(60):
        company.sends("slow@contoso.example", at(2, 14) + timedelta(seconds=4 * number))
    (finding,) = await found(company.store(tmp_path), "rate")
    assert (finding.unit, finding.since) == ("app@contoso.example", day(2))
    assert finding.reason == "33 messages in the minute 14:07 of Sat 21 Nov"
    assert finding.evidence.addresses == (("10.0.0.5", "unknown", 33, 0),)
    assert finding.evidence.hours[14] == 33
    assert finding.evidence.servers == ("postfix",)


async def test_a_steady_rate_just_below(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for minute in range(6):
        for number in range(26):
            company.sends("app@contoso.example", at(1, 14, minute, 2 * number))
    db = company.store(tmp_path)
    assert [reason for *_, reason in await said(db, "rate")] == [
        "25 messages a minute or more for 5 minutes from 14:00 of Sun 22 Nov"
    ]
    assert await said(db, "rate", sets=("rate.minutes=7",)) == []
