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


async def test_who_was_away_for_a_season_is_new_again_and_who_was_on_holiday_is_not(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(110))
    company.works("away@contoso.example", [105, 2])
    company.works("holiday@contoso.example", [*range(30, 60), 3, 2])
    assert await said(company.store(tmp_path), "new") == [
        ("away@contoso.example", day(2), "sent on Sat 21 Nov for the first time since Mon 10 Aug (103 days)")
    ]


async def test_the_accounts_of_a_server_whose_log_comes_in_for_the_first_time_are_not_new(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(3):
        company.works(f"branch{one}@contoso.example", range(3), host="mx2")
    company.works("new.hire@contoso.example", range(2))
    assert [unit for unit, *_ in await said(company.store(tmp_path), "new")] == ["new.hire@contoso.example"]


async def test_a_sender_wakes(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(110))
    company.works("asleep@contoso.example", [60])
    company.works("asleep@contoso.example", [1], messages=12)
    company.works("quarterly@contoso.example", [60, 1])
    assert await said(company.store(tmp_path), "wakes") == [
        (
            "asleep@contoso.example",
            day(1),
            "silent since Thu 24 Sep (59 days), then 12 messages on Sun 22 Nov",
        )
    ]


async def test_nobody_wakes_after_months_whose_logs_are_missing(tmp_path: Path) -> None:
    company = Company()
    staff(company, [*range(60, 100), 0, 1])
    company.works("person0@contoso.example", [1], messages=20, hour=15)
    assert await said(company.store(tmp_path), "wakes") == []


async def test_a_day_with_far_more_messages_than_its_like(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    mondays = [ago for ago in range(100) if day(ago).weekday() == 0]
    for ago in mondays:
        company.works("news@contoso.example", [ago], messages=80 + ago % 9)
    company.works("burst@contoso.example", range(1, 100), messages=5)
    company.works("burst@contoso.example", [2], messages=90, hour=11)
    assert await said(company.store(tmp_path), "volume") == [
        ("burst@contoso.example", day(2), "95 messages on Sat 21 Nov; its Saturdays are 5 ± 1")
    ]


async def test_a_sender_known_for_less_than_a_week_is_held_against_the_hour_alone(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("app@contoso.example", range(1, 4), messages=60)
    for number in range(120):
        company.sends("loop@contoso.example", at(1, 15) + timedelta(seconds=20 * number))
    assert await said(company.store(tmp_path), "volume") == [
        ("loop@contoso.example", day(1), "120 messages in the hour from 15:00 on Sun 22 Nov")
    ]


async def test_a_run_that_comes_each_month_is_usual_from_the_second_time_on(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("erp@contoso.example", range(100), messages=3)
    for ago in (1, 2, 31, 32, 61, 62):
        company.works("erp@contoso.example", [ago], messages=70, hour=11)
    db = company.store(tmp_path)
    assert await said(db, "volume") == []
    assert [since for _, since, _ in await said(db, "volume", days=90)] == [day(62)]


async def test_recipients_of_a_message_of_a_day_and_near_the_limit(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.sends("circular@contoso.example", at(3), recipients=60)
    company.sends("few@contoso.example", at(3), recipients=25)
    for number in range(100):
        company.sends("many@contoso.example", at(2) + timedelta(minutes=number), recipients=20)
        company.sends("limit@contoso.example", at(2, 20) + timedelta(minutes=5 * number), recipients=90)
    found_ = await found(company.store(tmp_path), "recipients")
    assert [(one.unit, one.since, one.severity.value, one.reason) for one in found_] == [
        (
            "circular@contoso.example",
            day(3),
            "notice",
            "a message with 60 recipients on Fri 20 Nov",
        ),
        ("limit@contoso.example", day(2), "high", "9,000 recipients in 24 hours, on Sun 22 Nov"),
        ("many@contoso.example", day(2), "medium", "2,000 recipients on Sat 21 Nov"),
    ]


async def test_a_newsletter_is_usual_after_two_times(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in (1, 8, 15, 22):
        for number in range(50):
            company.sends("news@contoso.example", at(ago) + timedelta(minutes=number), recipients=40)
    db = company.store(tmp_path)
    assert await said(db, "recipients") == []
    assert [since for _, since, _ in await said(db, "recipients", days=40)] == [day(22), day(15)]
