"""New, returned and silent accounts: by a log's own days, and as the rules judge them."""

import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.account_flyout import one_account
from smtpauth_tui.reports.accounts import ACCOUNTS, in_order, lacks, load, rows, status
from smtpauth_tui.reports.card_flyouts import _SILENT_DAYS, smtp_auth_clients
from smtpauth_tui.reports.flyouts import Paragraph, Preformatted
from smtpauth_tui.reports.insights import Moment, overview
from smtpauth_tui.reports.presence import SILENT_DAYS, Presence, Roll, State, rhythm, rhythm_of
from smtpauth_tui.store.activity import Days
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.reader import Store
from tests.logs import NOW, command
from tests.rules.company import TODAY, Company, day, found, staff


def company() -> Company:
    """Who is new, returned, silent or neither, in the last 7 days."""
    one = Company()
    staff(one, range(150))
    one.works("new.hire@contoso.example", range(4))
    one.works("asleep@contoso.example", [60, 61, 2])
    one.works("season@contoso.example", [120, 3])
    one.works("holiday@contoso.example", [*range(20, 90), 1])
    one.works("gone@contoso.example", range(4, 100))
    one.works("weekdays@contoso.example", [ago for ago in range(3, 100) if day(ago).weekday() < 5])
    one.works("backup@contoso.example", [ago for ago in range(100) if day(ago).weekday() == 6], messages=3)
    one.works("left@contoso.example", range(60, 100))
    for branch in range(3):
        one.works(f"branch{branch}@fabrikam.example", range(3), host="mx2")
    return one


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company().store(tmp_path_factory.mktemp("accounts"))


def asked(days: int = 7, last: date = TODAY, today: date = TODAY, domain: str | None = None) -> ReportQuery:
    return ReportQuery(Period.ending(last, days), domain, today=today)


class Found(NamedTuple):
    """What the report says."""

    roll: Roll
    rows: list[Presence]


async def found_in(db: Path, query: ReportQuery) -> Found:
    async with await Store.open(db) as store:
        roll = await load(store, query)
        return Found(roll, await rows(store, roll))


def named(there: Found, *states: State) -> set[str]:
    return {row.name.partition("@")[0] for row in there.rows if row.state in states}


async def test_each_account_has_its_state(db: Path) -> None:
    there = await found_in(db, asked())
    assert named(there, State.NEW) == {"new.hire"}
    assert named(there, State.RETURNED) == {"asleep", "season"}
    assert named(there, State.SILENT) == {"gone"}
    people = {f"person{n}" for n in range(5)}
    assert named(there, State.ACTIVE) == {*people, "holiday", "weekdays", "backup", "branch0", "branch1", "branch2"}
    assert status(there.roll) == "1 new, 2 returned, 1 expected but not seen, 11 active as ever"
    by_name = {row.name.partition("@")[0]: row for row in there.rows}
    assert (by_name["asleep"].silent, by_name["season"].silent, by_name["gone"].silent) == (57, 116, 3)
    assert (by_name["gone"].messages, by_name["gone"].before) == (6, 14)
    assert (by_name["new.hire"].messages, by_name["new.hire"].before) == (8, 0)
    assert (by_name["asleep"].first_seen, by_name["asleep"].last_seen) == (day(61), day(2))
    assert {name: rhythm(row)[2] for name, row in by_name.items()}.items() >= {
        ("person0", "28 of 28 days"),
        ("backup", "4 of 4 Sundays"),
        ("weekdays", "20 of 20 working days"),
        ("new.hire", "4 of 4 days"),
    }


@pytest.mark.parametrize("back", [0, 1, 2, 30])
@pytest.mark.parametrize("days", [1, 7, 14])
async def test_report_and_rules_agree(db: Path, days: int, back: int) -> None:
    """Who is new is what U1 finds among those never seen before; who is silent at the end, what U17 finds then."""
    last = TODAY - timedelta(days=back)
    there = await found_in(db, asked(days, last))
    since = last - timedelta(days=days - 1)
    new = [
        one
        for one in await found(db, "new", days=days + back)
        if since <= one.since <= last and "never sent by SMTP AUTH before" in one.reason
    ]
    assert {row.name for row in there.rows if row.state is State.NEW} == {one.unit for one in new}
    judged = min(last, TODAY - timedelta(days=1))
    silent = [one for one in await found(db, "silence", days=days + back) if one.since <= judged <= one.until]
    assert {row.name for row in there.rows if row.state is State.SILENT} == {
        one.unit for one in silent if judged >= since
    }


async def test_a_store_that_does_not_reach_back_says_so(tmp_path: Path) -> None:
    one = Company()
    staff(one, range(10))
    one.works("new.hire@contoso.example", range(2))
    there = await found_in(one.store(tmp_path), asked())
    assert named(there, State.NEW, State.RETURNED, State.SILENT) == set()
    assert lacks(there.roll) == (
        "The store begins on 14 Nov 2026: of 17–23 Nov 2026 it cannot tell from the first day on who is new.",
    )
    assert {row.before for row in there.rows if row.name.startswith("new")} == {None}


async def test_while_an_import_runs_it_is_the_same(db: Path, tmp_path: Path) -> None:
    before = await found_in(db, asked())
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(db)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("DELETE FROM setting WHERE name = 'window_end'")
        target.execute("DELETE FROM seen")
        target.commit()
    now = await found_in(copy, asked())

    def said(there: Found) -> set[tuple[object, ...]]:
        return {(*row[:4], row.days.first, row.last, *row[6:]) for row in there.rows}

    assert said(now) == said(before)


async def test_of_one_domain(db: Path) -> None:
    assert named(await found_in(db, asked(domain="fabrikam.example")), *State) == {"branch0", "branch1", "branch2"}


async def test_of_days_before_the_first_there_is_nobody(db: Path) -> None:
    assert not (await found_in(db, asked(last=date(2020, 1, 7)))).rows
    assert not (await found_in(db, asked(last=date(1, 1, 8), days=2))).rows


async def test_orders_states_and_search(db: Path) -> None:
    there = await found_in(db, asked())

    def names(**changes: object) -> list[str]:
        query = ReportQuery(asked().period, **{"order": SenderOrder.STATE, **changes})  # type: ignore[arg-type]
        return [row.name.partition("@")[0] for row in in_order(there.rows, query)]

    assert names()[:4] == ["new.hire", "asleep", "season", "gone"]
    assert names(search="ANCH", order=SenderOrder.NAME, descending=False) == ["branch0", "branch1", "branch2"]
    assert names(order=SenderOrder.FIRST_SEEN)[0] in ("branch0", "branch1", "branch2")


def test_the_command(db: Path) -> None:
    def shown(*words: str) -> str:
        done = command("show", "accounts", "--end", "2026-11-22", *words, db=db)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    whole = json.loads(shown("--json"))
    assert whole["counts"] == {"new": 1, "returned": 2, "silent": 1, "active": 11}
    assert whole["before"] == {"start": "2026-11-09", "end": "2026-11-15"}
    (gone,) = (row for row in whole["rows"] if row["state"] == "silent")
    assert gone == {
        "account": "gone@contoso.example",
        "domain": "contoso.example",
        "state": "silent",
        "first_day": day(99).isoformat(),
        "last_day": day(4).isoformat(),
        "messages": 8,
        "messages_before": 14,
        "days_seen": 28,
        "days_of": 28,
        "rhythm": "28 of 28 days",
        "days_silent": 3,
    }
    text = shown("--state", "new")
    assert "1 new, 2 returned, 1 expected but not seen, 11 active as ever." in text
    assert "new.hire@contoso.example" in text
    assert "person0" not in text
    table = shown("--state", "returned", "--format", "csv").splitlines()
    assert table[0] == ",".join(ACCOUNTS.names(asked()))
    assert len(table) == 3
    assert command("show", "senders", "--sort", "state", db=db).returncode == 2
    refused = command("show", "senders", "--state", "new", db=db)
    assert refused.returncode == 2
    assert b"show accounts" in refused.stderr


async def test_the_flyout_shows_the_days(db: Path) -> None:
    async with await Store.open(db) as store:
        roll = await load(store, asked())
        row = next(row for row in await rows(store, roll) if row.name.startswith("weekdays"))
        flyout = await one_account(store, row, roll)
    (weeks,) = (block for block in flyout.blocks if isinstance(block, Preformatted))
    assert weeks.lines[0].split() == ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    assert weeks.lines[-2] == "16 Nov   ■  ■  ■  ■  ■  ·  ·"
    assert weeks.lines[-1] == "23 Nov   ·"
    assert Paragraph("Active as ever.") in flyout.blocks


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (range(28), "28 of 28 days"),
        ([n for n in range(28) if day(n).weekday() < 5], "20 of 20 working days"),
        ([0, 7, 14, 21], "4 of 4 Mondays"),
        ([0, 14], "2 of 4 Mondays"),
        ([0], "1 of 20 working days"),
        ([1, 2], "2 of 28 days"),
    ],
)
def test_a_rhythm_in_words(ago: list[int], words: str) -> None:
    days = sorted(number_of(day(n)) for n in ago)
    own = Days(days[0], sum(1 << one - days[0] for one in days))
    assert rhythm_of(own, number_of(TODAY) - 27, number_of(TODAY))[2] == words


async def test_the_flyout_of_the_card_counts_them_ahead(db: Path) -> None:
    """By days alone: those of a server whose log is new are among them."""
    assert _SILENT_DAYS == SILENT_DAYS
    async with await Store.open(db) as store:
        moment = Moment(NOW, TODAY)
        flyout = await smtp_auth_clients(store, moment, await overview(store, moment))
        roll = await load(store, asked())
    said = [block.text for block in flyout.blocks if isinstance(block, Paragraph)]
    branches = 3
    assert f"{roll.counts[State.NEW] + branches} accounts seen for the first time; 2 again after 30" in said[-1]
    assert flyout.also == ("Accounts: new, returned, silent", "accounts")
