"""Rules on failed sign-ins: guessing, spraying, and a success after them."""

from datetime import timedelta
from pathlib import Path

from tests.rules.company import Company, at, day, found, looking, said, staff


def guesses(
    company: Company, account: str, ago: int, number: int, *, hour: int = 20, apart: int = 4, addresses: int = 40
) -> None:
    for one in range(number):
        when = at(ago, hour) + timedelta(seconds=apart * one)
        company.refused(account, when, f"203.0.{one % addresses}.7")


async def test_an_account_whose_password_is_guessed(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    guesses(company, "Person0@Contoso.example", 2, 200)
    guesses(company, "nobody@contoso.example", 2, 200)
    guesses(company, "person1@contoso.example", 3, 14)
    (finding,) = await found(company.store(tmp_path), "guessing")
    assert (finding.unit, finding.since, finding.severity.value) == ("person0@contoso.example", day(2), "medium")
    assert finding.reason == "200 failures from 40 addresses on Sat 21 Nov"
    assert finding.crossed == "15 failures in a minute"
    assert finding.evidence.addresses[0] == ("203.0.0.7", "", 0, 5)
    assert len(finding.evidence.addresses) == 20


async def test_slow_guessing_is_seen_by_the_day(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    guesses(company, "person0@contoso.example", 2, 60, hour=1, apart=1200)
    guesses(company, "person1@contoso.example", 2, 49, hour=1, apart=1500)
    assert await said(company.store(tmp_path), "guessing") == [
        ("person0@contoso.example", day(2), "60 failures from 40 addresses on Sat 21 Nov")
    ]


async def test_failures_of_one_address_where_it_never_signed_in(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(6):
        company.refused("person0@contoso.example", at(2, 3, one), "198.51.100.9")
        company.refused("person1@contoso.example", at(2, 3, one), "10.0.0.99")
    assert await said(company.store(tmp_path), "guessing") == [
        (
            "person0@contoso.example",
            day(2),
            "6 failures in 10 minutes from 198.51.100.9 on Sat 21 Nov, where it never signed in",
        )
    ]


async def test_a_device_with_an_old_password_is_named_as_such(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("scanner@contoso.example", range(5, 100), client="10.3.0.20")
    for ago in range(5):
        for one in range(144):
            company.refused("scanner@contoso.example", at(ago) + timedelta(minutes=10 * one - 540), "10.3.0.20")
    (finding,) = await found(company.store(tmp_path), "guessing")
    assert (finding.unit, finding.severity.value, finding.since) == ("scanner@contoso.example", "notice", day(4))
    assert finding.reason.startswith("73 failures from 10.3.0.20 on Mon 23 Nov: an old password in a device, it seems")
    assert finding.reason.endswith("the account signed in from there before")


async def test_one_address_for_days_is_a_device_even_where_it_never_signed_in(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in range(6):
        for one in range(100):
            company.refused("person0@contoso.example", at(ago, 1) + timedelta(minutes=5 * one), "198.51.100.9")
    (finding,) = await found(company.store(tmp_path), "guessing", days=3)
    assert finding.reason == (
        "100 failures from 198.51.100.9 on Mon 23 Nov: an old password in a device, it seems; "
        "for 3 days, and nobody else tried"
    )


async def test_a_person_who_mistypes_is_left_alone(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(8):
        company.refused("person0@contoso.example", at(2, 8, one), "10.0.0.10")
    company.sends("person0@contoso.example", at(2, 8, 9), client="10.0.0.10")
    db = company.store(tmp_path)
    assert await said(db, "guessing") == []
    assert await said(db, "success") == []


async def test_one_network_that_tries_many_accounts(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=30)
    for one in range(30):
        company.refused(f"person{one}@contoso.example", at(2, 15) + timedelta(seconds=90 * one), f"198.51.100.{one}")
        company.refused(f"made-up{one}@contoso.example", at(2, 15) + timedelta(seconds=90 * one), "192.0.2.4")
    (finding,) = await found(company.store(tmp_path), "spraying")
    assert (finding.unit, finding.since) == ("198.51.100.0/24", day(2))
    assert finding.reason == "198.51.100.0/24 tried 30 accounts in an hour on Sat 21 Nov"
    assert len(finding.evidence.addresses) == 20
    assert ("person7@contoso.example", 1) in finding.evidence.names


async def test_many_networks_that_try_many_accounts(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=30)
    for one in range(20):
        company.refused(f"person{one}@contoso.example", at(2, 15) + timedelta(seconds=60 * one), f"203.0.{one}.9")
    assert await said(company.store(tmp_path), "spraying") == [
        (
            "everywhere",
            day(2),
            "20 accounts tried in 30 minutes from 20 networks on Sat 21 Nov; on a usual day it is 0 in all",
        )
    ]


async def test_a_directory_that_is_down_is_no_spray(tmp_path: Path) -> None:
    """Everybody fails, but from where they always sign in."""
    company = Company()
    staff(company, number=30)
    for one in range(30):
        company.refused(f"person{one}@contoso.example", at(2, 15, one), f"10.0.0.{10 + one}")
    assert await said(company.store(tmp_path), "spraying") == []


async def test_where_many_fail_each_day_as_many_are_no_spray(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=30)
    for ago in range(1, 20):
        for one in range(25):
            company.refused(f"person{one}@contoso.example", at(ago, 15, one), f"203.0.{one}.{100 + ago}")
    assert await said(company.store(tmp_path), "spraying") == []


async def test_a_sign_in_where_others_had_failed(tmp_path: Path) -> None:
    """A spray that succeeds once."""
    company = Company()
    staff(company, number=30)
    for one in range(30):
        company.refused(f"person{one}@contoso.example", at(2, 15) + timedelta(seconds=90 * one), f"198.51.100.{one}")
    company.sends("person17@contoso.example", at(2, 15, 46), client="198.51.100.200")
    (finding,) = await found(company.store(tmp_path), "success")
    assert (finding.unit, finding.severity.value, finding.since) == ("person17@contoso.example", "high", day(2))
    assert finding.reason == (
        "signed in from 198.51.100.200 at 15:46 of Sat 21 Nov, where it never had before, after 30 failures from "
        "198.51.100.0/24 in the hour before"
    )
    assert finding.evidence.messages[0][4] == "198.51.100.200"


async def test_a_sign_in_of_a_guessed_account_from_elsewhere(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    guesses(company, "person0@contoso.example", 2, 200)
    company.sends("person0@contoso.example", at(1, 4), client="192.0.2.200")
    company.sends("person0@contoso.example", at(1, 5), client="203.0.5.200")
    guesses(company, "person1@contoso.example", 2, 200)
    company.sends("person1@contoso.example", at(1, 5), client="192.0.2.200")
    guesses(company, "person2@contoso.example", 4, 200)
    company.sends("person2@contoso.example", at(1, 5), client="192.0.2.200")
    found_ = await found(company.store(tmp_path), "success")
    assert [(one.unit, one.severity.value, one.reason) for one in found_] == [
        (
            "person0@contoso.example",
            "high",
            "signed in from 203.0.5.200 at 05:00 of Sun 22 Nov, where it never had before, after 200 failures from "
            "the same network",
        ),
        (
            "person1@contoso.example",
            "medium",
            "signed in from 192.0.2.200 at 05:00 of Sun 22 Nov, where it never had before, after 200 failures from "
            "other networks",
        ),
    ]


async def test_a_colleague_who_visits_the_office_is_no_success_after_failures(tmp_path: Path) -> None:
    """Others mistype there as ever, and sign in there as ever."""
    company = Company()
    staff(company)
    company.works("branch@contoso.example", range(3, 100), client="10.7.0.4")
    for one in range(8):
        company.refused("persn0@contoso.example", at(1, 9, one), "10.0.0.10")
    company.sends("branch@contoso.example", at(1, 9, 30), client="10.0.0.77")
    assert await said(company.store(tmp_path), "success") == []


async def test_failures_without_names_are_said_to_be_missing(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(60):
        company.refused(None, at(2, 15, one), "198.51.100.7")
    company.sends("person0@contoso.example", at(2, 16), client="198.51.100.7")
    db = company.store(tmp_path)
    told = await looking(db, "guessing", "spraying")
    assert set(told.missing.values()) == {"the names that were tried; the log has none on failed sign-ins"}
    assert [unit for unit, *_ in await said(db, "success")] == ["person0@contoso.example"]
