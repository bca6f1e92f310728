"""Looks at seven days and at thirty take turns; what is allowed by now is listed as open nowhere, however old."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from smtpauth_tui.query import Period
from smtpauth_tui.rules.look import Looking, check, period_of
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.rules.standing import Standing, raise_pairs, standings
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.findings import AllowedRow
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.open_findings import noted
from smtpauth_tui.store.reader import Store
from tests.logs import NOW
from tests.rules.company import Company, at, day, staff
from tests.rules.test_check_command import check as command
from tests.rules.test_check_command import findings, run

PERSON = "person0@contoso.example"
OTHER = "person1@contoso.example"
STAMP = int(NOW.timestamp())


def burst(company: Company, account: str, ago: int, *, client: str = "10.0.0.5") -> None:
    for second in range(60):
        company.sends(account, at(ago, 10, 0, second), client=client)


async def look(db: Path, days: int, *, now: datetime = NOW, sets: Sequence[str] = ()) -> Looking:
    """As the command does."""
    rules = chosen_rules(Settings(), sets)
    async with await Store.open(db) as opened, opened.snapshot() as store:
        with Notes(db) as notes:
            activity = Activity(store, now.date(), Allowed(kept.allowed(notes)))
            period = await period_of(activity, days=days)
            assert isinstance(period, Period)
            told = await check(activity, notes, rules, period, STAMP)
            raise_pairs(notes, rules, period.first, STAMP)
            return told


def listed(db: Path) -> list[Standing]:
    with Notes(db) as notes:
        return standings(notes, chosen_rules(Settings()), day(400), STAMP)


def stood(db: Path) -> list[tuple[str, str, int, str]]:
    return sorted(
        (one.finding.rule, one.finding.unit, (day(0) - one.finding.since).days, one.finding.severity.value)
        for one in listed(db)
    )


async def test_few_days_and_many_take_turns_and_look_at_nothing_twice(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    burst(company, PERSON, 12)
    burst(company, OTHER, 2)
    db = company.store(tmp_path)
    assert (await look(db, 7)).since == day(6)
    assert ("U3", PERSON, 12, "medium") not in stood(db)
    told = await look(db, 30)
    assert told.findings and told.since == day(29)
    found = stood(db)
    assert ("U3", PERSON, 12, "medium") in found and ("U3", OTHER, 2, "medium") in found
    for days in (7, 30, 7, 30):
        told = await look(db, days)
        assert told.findings == {} and told.since == day(29)
        assert stood(db) == found


async def test_a_look_at_few_days_keeps_what_a_look_at_many_has_seen(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    burst(company, PERSON, 12)
    burst(company, OTHER, 1)
    db = company.store(tmp_path, until=at(2, 23))
    await look(db, 30, now=at(2, 23))
    company.store(tmp_path)
    told = await look(db, 7)
    assert [one.since for one in told.findings["U4"]] == [day(1)]
    assert ("U3", PERSON, 12, "medium") in stood(db)
    assert (await look(db, 30)).findings == {}  # the other one has looked at what is new


async def test_an_earlier_day_that_changes_is_seen_by_the_look_at_many(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    db = company.store(tmp_path)
    await look(db, 30)
    burst(company, PERSON, 12)
    again = tmp_path / "again"
    again.mkdir()
    db.write_bytes(company.store(again).read_bytes())
    assert (await look(db, 7)).since == day(6)
    assert ("U3", PERSON, 12, "medium") not in stood(db)
    assert (await look(db, 30)).since == day(29)
    assert ("U3", PERSON, 12, "medium") in stood(db)


async def test_a_pair_stays_high_when_its_older_half_ended_before_the_days_looked_at(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(200):
        company.refused(PERSON, at(7, 20) + timedelta(seconds=4 * one), f"203.0.{one % 40}.7")
    for second in range(60):
        company.sends(PERSON, at(6, 10, 0, second), client="10.0.0.10", recipients=30)
    db = company.store(tmp_path)
    await look(db, 30)
    before = stood(db)
    assert {one for one in before if one[3] == "high"} == {("U5", PERSON, 6, "high"), ("U9", PERSON, 7, "high")}
    await look(db, 7)
    assert stood(db) == before


@pytest.mark.parametrize(
    ("kind", "value"),
    [("account", "@contoso.example"), ("network", "198.51.100.0/24"), ("host", ".spam.example")],
)
def test_what_is_allowed_is_open_nowhere_however_old(tmp_path: Path, kind: str, value: str) -> None:
    company = Company()
    staff(company)
    night = "night@contoso.example"
    company.works(night, range(51, 100), client="198.51.100.4", name="a.spam.example")
    for second in range(60):
        company.sends(night, at(50, 10, 0, second), client="198.51.100.4", name="a.spam.example")
    for one in (60, 40):
        company.works("hire@fabrikam.example", [one], client="10.0.0.5")
    db = company.store(tmp_path)
    run(command, db, "--quiet", "--since", "60d")
    assert [rule for rule, unit, *_ in stood(db) if unit == night]
    others = [one for one in stood(db) if one[1] != night]
    with Notes(db) as notes:
        kept.allow(notes, AllowedRow(kind, value, "ours", STAMP))
    assert night not in [one[1] for one in stood(db)]
    assert [one for one in stood(db) if one[1] != night] == others
    said = json.loads(run(findings, db, "list", "--json").stdout)["findings"]
    assert night not in [one["unit"] for one in said]
    assert night not in [one.unit for one in noted(db, day(60), STAMP).findings]
    with Notes(db) as notes:
        kept.forget_allowed(notes, kind, value)
    assert night in [one.unit for one in noted(db, day(60), STAMP).findings]


def test_a_network_is_allowed_with_a_larger_one(tmp_path: Path) -> None:
    company = Company()
    staff(company, number=30)
    for one in range(30):
        company.refused(f"person{one}@contoso.example", at(20, 20, 0, one), "203.0.113.9")
    db = company.store(tmp_path)
    run(command, db, "--quiet", "--shown")
    assert ("U10", "203.0.113.0/24", 20) in [one[:3] for one in stood(db)]
    run(findings, db, "allow", "network", "203.0.0.0/16", "--reason", "our scanner")
    assert "U10" not in [one[0] for one in stood(db)]
    assert "U10" not in [one.rule for one in noted(db, day(30), STAMP).findings]


def test_addresses_beyond_those_that_are_kept_count(tmp_path: Path) -> None:
    """Twenty of an allowed network do not hide those of another."""
    company = Company()
    staff(company)
    for one in range(84):
        client = f"198.51.100.{one % 26}" if one < 78 else f"203.0.113.{one}"
        company.sends(PERSON, at(2, 20, 0) + timedelta(seconds=2 * one), client=client)
    db = company.store(tmp_path)
    run(findings, db, "allow", "network", "198.51.100.0/24", "--reason", "ours")
    run(findings, db, "allow", "network", "10.0.0.0/8", "--reason", "ours")
    run(command, db, "--quiet", "--shown")
    assert ("U3", PERSON, 2) in [one[:3] for one in stood(db)]
    run(findings, db, "allow", "network", "203.0.113.0/24", "--reason", "ours, too")
    run(command, db, "--quiet", "--shown")
    assert PERSON not in [one[1] for one in stood(db)]


def test_check_says_what_is_open_of_older_days(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("hire@contoso.example", [12], client="10.0.0.5")
    db = company.store(tmp_path)
    assert run(command, db).stdout.splitlines()[0] == "0 new findings, 0 open from 2026-11-17 to 2026-11-23."
    run(command, db, "--quiet", "--shown")
    second = run(command, db)
    assert second.exit_code == 0
    said = second.stdout.splitlines()
    assert said[0] == "0 new findings, 0 open from 2026-11-17 to 2026-11-23."
    assert said[-1] == "1 older finding of 30 days is open: smtpauth-tui findings list --state open --since 30d"
