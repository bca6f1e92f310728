"""What is kept of findings: told once, one finding an episode, acknowledged, allowed, taken back, looked at anew."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from smtpauth_tui.query import Period
from smtpauth_tui.rules.look import Looking, check, period_of
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.rules.standing import Standing, raise_pairs, standings
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.findings import Acknowledgement, AllowedRow
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from tests.logs import NOW
from tests.rules.company import Company, at, day, staff

PERSON = "person0@contoso.example"


async def look(db: Path, *, now: datetime = NOW, sets: Sequence[str] = ()) -> tuple[Looking, list[Standing]]:
    """As the command does: look at what has changed, and tell what is new."""
    rules = chosen_rules(Settings(), sets)
    moment = int(now.timestamp())
    async with await Store.open(db) as opened, opened.snapshot() as store:
        with Notes(db) as notes:
            activity = Activity(store, now.date(), Allowed(kept.allowed(notes)))
            period = await period_of(activity)
            assert isinstance(period, Period)
            looking = await check(activity, notes, rules, period, moment)
            raise_pairs(notes, rules, period.first, moment)
            new = [one for one in standings(notes, rules, period.first, moment) if one.new]
            kept.tell(notes, [one.key for one in new], moment)
            return looking, new


def with_a_burst(company: Company, ago: int, minute: int = 0) -> None:
    for second in range(60):
        company.sends(PERSON, at(ago, 10, minute, second))


async def test_what_was_told_is_not_new_again(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    with_a_burst(company, 2)
    db = company.store(tmp_path)
    assert [(one.finding.rule, one.finding.unit) for one in (await look(db))[1]] == [("U4", PERSON)]
    assert (await look(db))[1] == []


async def test_an_episode_goes_on_and_stays_one_finding(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in (3, 2, 0):
        with_a_burst(company, ago)
    for ago in (3, 2, 1, 0):
        db = company.store(tmp_path, until=at(ago, 11))
        _, new = await look(db, now=at(ago, 11))
        assert [one.finding.since for one in new] == ([day(ago)] if ago in (3, 0) else [])
    with Notes(db) as notes:
        rates = [(one.since, one.until) for one in kept.findings(notes) if one.rule == "U4"]
    assert rates == [(day(0), day(0)), (day(3), day(2))]


async def test_days_that_did_not_change_are_not_looked_at_again(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    with_a_burst(company, 2)
    db = company.store(tmp_path, until=at(0, 8, 30))
    first, _ = await look(db)
    again, _ = await look(db)
    assert "U4" in first.findings
    assert again.findings == {}
    company.store(tmp_path)
    later, _ = await look(db)
    assert later.findings["U4"] == []  # it looked at today alone
    everything, _ = await look(db, sets=["rate.messages=50"])
    assert [one.since for one in everything.findings["U4"]] == [day(2)]


async def test_an_older_log_that_comes_later_takes_back_what_was_said(tmp_path: Path) -> None:
    """The account is not new: the log of the month before just was not there yet."""
    company = Company()
    staff(company)
    company.works("returning@contoso.example", [2, 1])
    db = company.store(tmp_path)
    assert [one.finding.rule for one in (await look(db))[1]] == ["U1"]
    older = Company()
    older._number = 500_000
    older.works("returning@contoso.example", [40], host="mx1")
    older.store(tmp_path / "older")
    from tests.logs import bring_in

    bring_in(db, tmp_path / "older" / "mail.log", now=NOW)
    assert (await look(db))[1] == []
    with Notes(db) as notes:
        assert kept.findings(notes) == []


async def test_an_acknowledgement_holds_until_its_day(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    with_a_burst(company, 2)
    with_a_burst(company, 0)
    end = int(at(1, 0).timestamp())
    db = company.store(tmp_path, until=at(2, 11))
    with Notes(db) as notes:
        kept.acknowledge(notes, Acknowledgement("U4", PERSON.upper(), "moving house", end, 0))
    assert (await look(db, now=at(2, 11)))[1] == []
    company.store(tmp_path)
    _, new = await look(db)
    assert [one.finding.since for one in new] == [day(0), day(2)]


async def test_what_is_allowed_is_taken_back(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    with_a_burst(company, 2)
    db = company.store(tmp_path)
    assert len((await look(db))[1]) == 1
    with Notes(db) as notes:
        kept.allow(notes, AllowedRow("account", PERSON, "a load test", 0))
    await look(db)
    with Notes(db) as notes:
        assert kept.findings(notes) == []
        assert kept.forget_allowed(notes, "account", PERSON)
        assert not kept.forget_allowed(notes, "account", PERSON)


async def test_two_of_medium_weight_within_a_day_are_high(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(100):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    for one in range(9):
        company.sends(PERSON, at(1, 7, 5 * one), client=f"192.0.{one}.9")
    db = company.store(tmp_path)
    _, new = await look(db, sets=["success.hours=1"])
    told = {one.finding.rule: (one.finding.severity.value, one.finding.raised) for one in new}
    assert told == {
        "U7": ("high", "with Guessing (U9) within 24 hours"),
        "U9": ("high", "with Many places (U7) within 24 hours"),
    }
    with Notes(db) as notes:
        kept.acknowledge(notes, Acknowledgement("U7", PERSON, "a journey", None, 0))
    await look(db, sets=["success.hours=1"])
    with Notes(db) as notes:
        assert {row.rule: row.severity for row in kept.findings(notes)}["U9"] == "medium"


async def test_far_apart_they_are_not(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(100):
        company.refused(PERSON, at(5, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    for one in range(9):
        company.sends(PERSON, at(1, 7, 5 * one), client=f"192.0.{one}.9")
    _, new = await look(company.store(tmp_path))
    assert {one.finding.rule: one.finding.severity.value for one in new} == {"U7": "medium", "U9": "medium"}


async def test_previews_are_kept_but_alert_nobody(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works(PERSON, [1], messages=90, hour=14)
    db = company.store(tmp_path)
    looking, new = await look(db)
    assert [one.unit for one in looking.findings["U3"]] == [PERSON]
    assert new == []


async def test_a_look_while_an_import_runs_says_the_same_and_is_repeated(tmp_path: Path) -> None:
    """What is counted ahead is not up to date then."""
    import sqlite3
    from contextlib import closing

    company = Company()
    staff(company)
    company.works("hire@contoso.example", [2, 1])
    for one in range(100):
        company.refused(PERSON, at(2, 20) + timedelta(seconds=4 * one), f"203.0.{one}.7")
    company.works("plain@contoso.example", [1], tls=None)
    db = company.store(tmp_path)
    before, _ = await look(db)
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("DELETE FROM setting WHERE name = 'window_end'")
    during, new = await look(db)
    assert during.findings == before.findings
    assert new == []
    assert {"U1", "U9", "U13"} <= {rule for rule, some in during.findings.items() if some}
