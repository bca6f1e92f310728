"""Whole stories through the real import: which rules speak of whom, and that no other does."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.demo import FELL_SILENT, MIGRATED, NEW_EMPLOYEE, SPRAYED, TAKEN_OVER, demo_store
from smtpauth_tui.query import Period
from smtpauth_tui.rules import RULES
from tests.rules.company import Company, at, day, looking, staff
from tests.rules.geography import everywhere

ON = {rule.id for rule in RULES if rule.on}
PERSON = "person0@contoso.example"
HOME_WORKER = "home.worker@contoso.example"


async def told(db: Path, *, on: bool = True, **how: object) -> set[tuple[str, str]]:
    """Rule and unit of all that is found, by the rules that are on, or by all."""
    looked = await looking(db, **how)  # type: ignore[arg-type]
    return {(rule, one.unit) for rule, some in looked.findings.items() for one in some if rule in ON or not on}


async def reasons(db: Path, *, preview: bool = True, **how: object) -> dict[tuple[str, str], str]:
    """By rule and unit why; by all rules, or by those that are on."""
    looked = await looking(db, **how)  # type: ignore[arg-type]
    return {
        (rule, one.unit): f"{one.severity.value}: {one.reason}"
        for rule, some in looked.findings.items()
        for one in some
        if preview or rule in ON
    }


async def test_a_quiet_week_has_nothing_to_tell(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=12)
    company.works("scanner@contoso.example", range(100), messages=6, hour=11)
    company.works("backup@contoso.example", range(100), messages=3, hour=1)
    assert await told(company.store(tmp_path), on=False) == set()


async def test_an_account_is_taken_over_at_night(tmp_path: Path) -> None:
    """Guessed from many networks in the evening, used from many others in the small hours."""
    company = Company()
    staff(company, number=6)
    for one in range(240):
        company.refused(PERSON, at(3, 20) + timedelta(seconds=7 * one), f"203.0.{one % 60}.7")
    for ago in (2, 1):
        for one in range(260):
            when = at(ago, 2) + timedelta(seconds=25 * one)
            company.sends(PERSON, when, client=f"203.0.{one % 30}.9", recipients=40, mechanism="LOGIN")
    db = company.store(tmp_path)
    assert await told(db) == {(rule, PERSON) for rule in ("U5", "U7", "U9", "U11")}
    assert await told(db, on=False) == {(rule, PERSON) for rule in ("U3", "U5", "U6", "U7", "U9", "U11", "U12")}
    (success,) = (await looking(db, "success")).findings["U11"]
    assert (success.severity.value, success.since, success.until) == ("high", day(2), day(2))
    assert "after 240 failures from the same network" in success.reason
    (flood,) = (await looking(db, "recipients")).findings["U5"]
    assert (flood.severity.value, flood.since, flood.until) == ("high", day(2), day(1))


async def test_an_account_is_taken_over_at_night_from_new_countries(tmp_path: Path) -> None:
    """With files of countries, AS and locations; it is used from home in Germany, and in the night from elsewhere."""
    company = Company()
    staff(company, number=6)
    company.works(HOME_WORKER, range(100), client="192.0.2.10", hour=9)
    company.works("neighbour@contoso.example", range(100), client="192.0.2.11", hour=10)
    for one in range(120):
        company.refused(HOME_WORKER, at(3, 21) + timedelta(seconds=20 * one), f"203.0.{one % 8}.7")
    for ago in (2, 1):
        for one in range(200):
            when = at(ago, 2) + timedelta(seconds=25 * one)
            company.sends(HOME_WORKER, when, client=f"203.0.{one % 8}.9", recipients=40, mechanism="LOGIN")
    db = company.store(tmp_path)
    told = await reasons(db, places=everywhere(tmp_path))
    assert told == {
        ("U3", HOME_WORKER): "medium: 202 messages on Sun 22 Nov; its Sundays are 2 ± 1",
        ("U5", HOME_WORKER): "high: 8,003 recipients in 24 hours, on Sun 22 Nov",
        ("U6", HOME_WORKER): "medium: from Brazil, China, United States (AS 64510 (Net 64510)) for the first time, "
        "on Sat 21 Nov",
        ("U7", HOME_WORKER): "medium: signed in from 8 networks in one hour on Sat 21 Nov, all of them new to it; "
        "in BR, CN, US, VN",
        ("U8", HOME_WORKER): told["U8", HOME_WORKER],
        ("U9", HOME_WORKER): "medium: 120 failures from 8 addresses on Fri 20 Nov",
        ("U11", HOME_WORKER): told["U11", HOME_WORKER],
        ("U12", HOME_WORKER): told["U12", HOME_WORKER],
    }
    assert told["U8", HOME_WORKER].startswith("high: signed in from 203.0.")
    assert told["U11", HOME_WORKER].startswith("high: signed in from 203.0.0.9 at 02:00 of Sat 21 Nov, where it never")
    assert " at 02:00–03:59 on " in told["U12", HOME_WORKER]
    on = await reasons(db, places=everywhere(tmp_path), preview=False)
    assert {rule for rule, _ in on} == {"U5", "U7", "U9", "U11"}


async def test_a_journey_is_no_take_over(tmp_path: Path) -> None:
    """A person flies to another country, works there, and comes back: a new place, and nothing else."""
    company = Company()
    staff(company)
    company.works(HOME_WORKER, [*range(7, 60), 0, 1, 2], client="192.0.2.10", hour=9)
    company.works(HOME_WORKER, [3, 4, 5], client="203.0.2.40", hour=16)
    told = await reasons(company.store(tmp_path), places=everywhere(tmp_path))
    assert told == {
        ("U6", HOME_WORKER): "medium: from United States (AS 64512 (Net 64512)) for the first time, on Wed 18 Nov"
    }


async def test_a_newsletter_is_told_of_twice_and_then_known(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in range(6, 100, 7):
        for one in range(90):
            company.sends("news@contoso.example", at(ago, 6) + timedelta(seconds=20 * one), recipients=45)
    db = company.store(tmp_path)
    assert await told(db, on=False, days=60) == set()
    looked = await looking(db, days=100)
    assert [(one.since, one.severity.value) for one in looked.findings["U5"]] == [
        (day(97), "medium"),
        (day(90), "medium"),
    ]
    assert {(one.unit, one.reason) for one in looked.findings["U5"]} == {
        ("news@contoso.example", f"4,050 recipients on {when}") for when in ("Tue 18 Aug", "Tue 25 Aug")
    }
    assert {rule for rule, some in looked.findings.items() if some and rule in ON} == {"U5"}


async def test_a_fleet_of_scanners_on_one_account(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in range(100):
        for site in range(14):
            client = f"10.{site}.0.20" if site < 8 else f"203.0.{site - 8}.20"
            company.sends("scanner@contoso.example", at(ago, 8, 4 * site), client=client, tls="TLSv1.2")
    db = company.store(tmp_path)
    assert await told(db, on=False) == set()
    assert await reasons(db, places=everywhere(tmp_path)) == {}  # sites in four countries, as ever


async def test_a_new_employee(tmp_path: Path) -> None:
    """Is new, mistypes the first password, works from the office and from home: one notice, no more."""
    company = Company()
    staff(company)
    for one in range(4):
        company.refused("hire@contoso.example", at(5, 9, one), "10.0.0.77")
    company.works("hire@contoso.example", [5, 4, 3], client="10.0.0.77", messages=6)
    company.works("hire@contoso.example", [3, 2, 1], client="192.0.2.50", messages=2, hour=18)
    assert await reasons(company.store(tmp_path), places=everywhere(tmp_path)) == {
        ("U1", "hire@contoso.example"): "notice: first seen on Wed 18 Nov; it never sent by SMTP AUTH before"
    }


async def test_a_migration_from_tls_1_0_to_1_3(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(12):
        since = 2 + 6 * one
        company.works(f"client{one}@contoso.example", range(since, 100), tls="TLSv1")
        company.works(f"client{one}@contoso.example", range(since), tls="TLSv1.3")
    assert await told(company.store(tmp_path), on=False, days=80) == set()


async def test_a_spray_that_succeeds_once(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=40)
    for one in range(40):
        when = at(2, 14) + timedelta(seconds=70 * one)
        company.refused(f"person{one}@contoso.example", when, f"198.51.100.{one + 1}")
    company.sends("person23@contoso.example", at(2, 14, 48), client="198.51.100.200")
    db = company.store(tmp_path)
    assert await reasons(db, preview=False) == {
        ("U10", "198.51.100.0/24"): "medium: 198.51.100.0/24 tried 40 accounts in an hour on Sat 21 Nov",
        ("U11", "person23@contoso.example"): "high: signed in from 198.51.100.200 at 14:48 of Sat 21 Nov, where it "
        "never had before, after 40 failures from 198.51.100.0/24 in the hour before",
    }
    assert await told(db, on=False) - await told(db) == {("U6", "person23@contoso.example")}


async def test_a_device_with_an_old_password(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("scanner@contoso.example", range(6, 100), client="10.3.0.20", messages=6)
    for one in range(6 * 144 - 72):
        company.refused("scanner@contoso.example", at(5, 0) + timedelta(minutes=10 * one), "10.3.0.20")
    db = company.store(tmp_path)
    assert await told(db) == {("U9", "scanner@contoso.example")}
    (finding,) = (await looking(db, "guessing")).findings["U9"]
    assert finding.severity.value == "notice"
    assert "an old password in a device" in finding.reason


# the demo: a company to which little happens, but for what it shows on purpose

NOONS = [datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2027, 3, 10, 12, tzinfo=UTC)]


@pytest.mark.parametrize("now", NOONS, ids=lambda now: f"{now:%Y-%m-%d}")
async def test_the_quiet_company_has_less_than_one_false_alarm_a_week(now: datetime) -> None:
    """Per 100 accounts, with the defaults, over 90 days; apart from the account that is taken over, and the sprays."""
    with demo_store(Clock(lambda: now), "Europe/Berlin", lambda _: None) as db:
        looked = await looking(db, days=90, now=now)
    on = {(one.unit, rule, one.since) for rule, some in looked.findings.items() if rule in ON for one in some}
    spray = "198.51.100.0/24"
    shown = {one for one in on if one[0] in (TAKEN_OVER, spray, SPRAYED, NEW_EMPLOYEE)}
    assert {rule for unit, rule, _ in shown if unit == TAKEN_OVER} >= {"U5", "U9", "U11"}
    assert {since for unit, _, since in shown if unit == spray} == {ago(now, 12), ago(now, 33)}
    assert {(rule, since) for unit, rule, since in shown if unit == SPRAYED} >= {("U11", ago(now, 12))}
    assert {rule for unit, rule, _ in shown if unit == NEW_EMPLOYEE} == {"U1"}
    assert [one.since for one in looked.findings["U17"] if one.unit == FELL_SILENT]
    assert MIGRATED not in {unit for unit, *_ in on}
    assert looked.period == Period.ending(now.date(), 90)
    weeks, accounts = 90 / 7, 75
    assert len(on - shown) / weeks / accounts * 100 < 1, sorted(on - shown)


def ago(now: datetime, days: int) -> date:
    return now.date() - timedelta(days)
