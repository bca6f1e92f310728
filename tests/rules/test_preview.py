"""A preview says what `check` would have said: random events, looked at twice a day, and then all at once."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import pytest

from smtpauth_tui.query import Period
from smtpauth_tui.rules.look import check, finding_of, period_of
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.rules.standing import raise_pairs
from smtpauth_tui.rules.values import Finding, Severity
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.activity import Activity
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from tests.rules.company import Company, at, day, looking, staff

SEEDS: Final = range(40 if os.environ.get("LONG_RUNS") else 3)
DAYS: Final = 9
"""The days on which somebody looks."""
Said = set[tuple[str, str, str, str]]


def made_up(dice: Random) -> Company:
    """A company of eight, to which many things happen."""
    company = Company()
    staff(company, range(70), number=8)
    company.works("modern@contoso.example", range(70), mechanism="XOAUTH2")
    events: list[Callable[[str, int], None]] = [
        lambda who, ago: company.works(f"new{ago}@contoso.example", range(ago), client="10.0.1.7"),
        lambda who, ago: company.works(who, [ago], messages=40, hour=15),
        lambda who, ago: company.works(who, [ago, ago - 1], messages=90, hour=dice.randrange(22)),
        lambda who, ago: company.works(who, [ago], messages=7, hour=3),
        lambda who, ago: company.works(who, [ago, ago - 2], tls=dice.choice(["TLSv1", None]), hour=16),
        lambda who, ago: company.works("modern@contoso.example", [ago], mechanism="PLAIN", hour=16),
        lambda who, ago: company.sends(who, at(ago, 17), recipients=dice.choice([30, 60, 9000])),
        lambda who, ago: company.sends(
            who, at(ago, 18), sender=dice.choice(["boss@contoso.example", "x@bank.example"])
        ),
        lambda who, ago: company.sends(who, at(ago, 19), client=f"192.0.2.{dice.randrange(1, 200)}"),
        lambda who, ago: guesses(company, who, ago, dice),
        lambda who, ago: spray(company, ago, dice),
        lambda who, ago: burst(company, who, ago, dice),
        lambda who, ago: roams(company, who, ago, dice),
    ]
    for _ in range(28):
        dice.choice(events)(f"person{dice.randrange(8)}@contoso.example", dice.randrange(1, DAYS + 8))
    return company


def guesses(company: Company, who: str, ago: int, dice: Random) -> None:
    start, apart, addresses = at(ago, dice.randrange(24)), dice.choice([3, 60, 900]), dice.choice([1, 3, 30])
    for one in range(70):
        company.refused(who, start + timedelta(seconds=apart * one), f"203.0.{one % addresses}.7")
    if dice.random() < 0.6:
        company.sends(who, start + timedelta(hours=dice.randrange(1, 30)), client=f"203.0.{dice.randrange(4)}.9")


def spray(company: Company, ago: int, dice: Random) -> None:
    start = at(ago, 23, 45)
    for one in range(30):
        account = f"person{one % 8}@contoso.example" if one % 3 else f"new{one}@contoso.example"
        company.refused(account, start + timedelta(seconds=50 * one), f"198.51.100.{one}")
    if dice.random() < 0.5:
        company.sends("person3@contoso.example", start + timedelta(minutes=26), client="198.51.100.77")


def burst(company: Company, who: str, ago: int, dice: Random) -> None:
    start = at(ago, 23, 59, 20)
    for one in range(dice.choice([40, 90])):
        company.sends(who, start + timedelta(seconds=one))


def roams(company: Company, who: str, ago: int, dice: Random) -> None:
    for one in range(9):
        company.sends(who, at(ago, 23, 20) + timedelta(minutes=7 * one), client=f"203.9.{dice.randrange(40)}.9")


def words(finding: Finding) -> tuple[str, str, str, str]:
    severity = Severity.MEDIUM if finding.raised else finding.severity
    return finding.key, str(finding.until), severity.value, finding.reason


async def look_once(db: Path, now: datetime) -> None:
    rules = chosen_rules(Settings())
    async with await Store.open(db) as opened, opened.snapshot() as store:
        with Notes(db) as notes:
            activity = Activity(store, now.date())
            period = await period_of(activity)
            assert isinstance(period, Period)
            await check(activity, notes, rules, period, int(now.timestamp()))
            raise_pairs(notes, rules, period.first, int(now.timestamp()))


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_preview_is_what_was_said_day_by_day(tmp_path: Path, seed: int) -> None:
    company = made_up(Random(seed))
    for ago in range(DAYS - 1, -1, -1):
        for now in (at(ago, 11, 30), at(ago, 23, 59, 59)):
            await look_once(company.store(tmp_path, until=now), now)
    now = at(-1, 0, 5)
    db = company.store(tmp_path, until=now)
    await look_once(db, now)
    first = day(DAYS - 1 + 6)
    with Notes(db) as notes:
        in_turn: Said = {words(finding_of(row)) for row in kept.findings(notes)}
    told = await looking(db, since=first, now=now)
    at_once: Said = {words(one) for some in told.findings.values() for one in some}
    assert in_turn == at_once
    assert len({key.partition(":")[0] for key, *_ in at_once}) >= 6
