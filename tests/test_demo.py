"""The demo: its log is the same for the same day, and its store tells the stories that the reports should show."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.clock import Clock
from smtpauth_tui.demo import DAYS, TAKEN_OVER, demo_log, demo_store
from smtpauth_tui.errors import StoreError, UsageError
from smtpauth_tui.importer.run import Progress
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Grouping, Period, ReportQuery
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SenderTotal

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOON.date()
CLOCK = Clock(lambda: NOON)


@pytest.fixture(scope="session")
def lines() -> list[str]:
    return list(demo_log(NOON, BERLIN))


@pytest.fixture(scope="session")
def path() -> Iterator[Path]:
    with demo_store(CLOCK, BERLIN.key, lambda _: None) as path:
        yield path


def last(days: int, **asked: Any) -> ReportQuery:
    return ReportQuery(period=Period.ending(TODAY, days), **asked)


async def accounts(path: Path, days: int) -> dict[str, SenderTotal]:
    async with await Store.open(path) as store:
        return {row.name: row async for row in store.senders(last(days, by=Grouping.ACCOUNT))}


def stamp(line: str) -> datetime:
    return datetime.fromisoformat(line.partition(" ")[0])


# the log


def test_the_same_clock_gives_the_same_log(lines: list[str]) -> None:
    assert lines == list(demo_log(NOON, BERLIN))


def test_the_time_of_day_only_moves_the_end(lines: list[str]) -> None:
    """The last lines are the monitoring's, which come just before the present."""
    earlier = list(demo_log(NOON - timedelta(hours=5), BERLIN))
    assert len(earlier) < len(lines)
    assert set(earlier[:-6]) < set(lines)


def test_another_day_shifts_all(lines: list[str]) -> None:
    tomorrow = list(demo_log(NOON + timedelta(days=1), BERLIN))
    assert stamp(tomorrow[0]).date() == stamp(lines[0]).date() + timedelta(days=1)
    assert stamp(tomorrow[-1]).date() == TODAY + timedelta(days=1)
    assert not set(tomorrow) & set(lines)


@pytest.mark.parametrize("now", [NOON, datetime(2027, 5, 3, 12, tzinfo=UTC), datetime(2024, 2, 29, 23, tzinfo=UTC)])
def test_the_lines_are_in_order_and_end_before_now(now: datetime) -> None:
    """The 90 days before November and May hold a night in which the clocks are changed."""
    stamps = [stamp(line) for line in demo_log(now, BERLIN)]
    assert stamps == sorted(stamps)
    assert stamps[0].date() == now.astimezone(BERLIN).date() - timedelta(days=DAYS - 1)
    assert timedelta(minutes=2) < now - stamps[-1] < timedelta(minutes=5)


def test_all_that_begins_ends(lines: list[str]) -> None:
    assert sum(": connect from " in line for line in lines) == sum(": disconnect from " in line for line in lines)
    assert sum(": client=" in line for line in lines) == sum("(queue active)" in line for line in lines)


# the store


async def test_all_of_the_log_is_understood(path: Path, lines: list[str]) -> None:
    async with await Store.open(path) as store:
        fresh = await store.freshness()
        (source,) = await store.sources()
        totals = await store.totals(last(DAYS))
    assert (fresh.not_understood, fresh.incomplete, fresh.damaged) == (0, 0, 0)
    assert source.lines == len(lines)
    assert source.submissions == totals.messages == sum(": client=" in line for line in lines)
    assert source.auth_failures == sum("authentication failed" in line for line in lines)


async def test_each_of_the_90_days_has_messages(path: Path) -> None:
    async with await Store.open(path) as store:
        days = await store.daily_usage(last(DAYS))
        totals = await store.totals(last(DAYS))
        parties = await store.parties(last(DAYS))
    assert [usage.day for usage in days] == list(Period.ending(TODAY, DAYS).each())
    assert 15_000 < totals.messages < 30_000
    assert parties.accounts > 60


async def test_people_rest_at_weekends(path: Path) -> None:
    async with await Store.open(path) as store:
        days = await store.daily_usage(last(DAYS, domain="tailspin.example"))
    weekend = sum(usage.messages for usage in days if usage.day.weekday() > 4)
    assert 0 < sum(usage.messages for usage in days) / 10 > weekend


async def test_tls_moves_from_1_2_to_1_3(path: Path) -> None:
    async with await Store.open(path) as store:
        days = await store.daily_usage(last(DAYS, domain="contoso.example"))
        totals = await store.totals(last(DAYS))

    def share_of_1_3(part: slice) -> float:
        new = sum(usage.tls[TlsVersion.V1_3] for usage in days[part])
        return new / (new + sum(usage.tls[TlsVersion.V1_2] for usage in days[part]))

    assert share_of_1_3(slice(0, 20)) < share_of_1_3(slice(35, 55)) < share_of_1_3(slice(65, 85))
    versions = (TlsVersion.NONE, TlsVersion.V1_0, TlsVersion.V1_1, TlsVersion.V1_2, TlsVersion.V1_3)
    assert all(totals.tls[version] > 500 for version in versions)
    assert totals.tls[TlsVersion.UNKNOWN] == 0


async def test_some_sign_in_with_a_token(path: Path) -> None:
    async with await Store.open(path) as store:
        totals = await store.totals(last(7))
    assert totals.auth[AuthKind.OAUTH] > 50
    assert totals.auth[AuthKind.BASIC] > totals.auth[AuthKind.OAUTH]
    assert totals.auth[AuthKind.UNKNOWN] == 0


async def test_the_erp_came_to_tls_1_2_three_weeks_ago(path: Path) -> None:
    recent = (await accounts(path, 21))["erp@adatum.example"]
    whole = (await accounts(path, DAYS))["erp@adatum.example"]
    assert recent.tls[TlsVersion.V1_1] == 0 < recent.tls[TlsVersion.V1_2]
    assert whole.tls[TlsVersion.V1_1] > 500


async def test_the_account_that_was_taken_over_stands_out_in_the_last_five_days(path: Path) -> None:
    async with await Store.open(path) as store:
        days = await store.sender_days(last(DAYS, by=Grouping.ACCOUNT, sender=TAKEN_OVER))
        refused = await store.failure_summary(last(6, search=TAKEN_OVER))
    first = TODAY - timedelta(days=4)
    assert max(usage.messages for usage in days if usage.day < first) < 20
    assert min(usage.messages for usage in days if usage.day >= first) > 200
    assert refused.failures > 100
    by_messages = sorted((await accounts(path, 7)).values(), key=lambda row: row.messages)
    assert by_messages[-1].name == TAKEN_OVER
    assert by_messages[-1].recipients > 10_000


async def test_password_guessing_goes_on_and_was_worse_on_two_days(path: Path) -> None:
    async with await Store.open(path) as store:
        days = await store.daily_failures(last(DAYS))
        spray = await store.failure_summary(
            ReportQuery(period=Period.ending(TODAY - timedelta(days=12), 1), search="198.51.100.")
        )
    assert len(days) == DAYS
    worst = sorted(days, key=lambda row: row.failures)[-3:]
    assert {(TODAY - row.day).days for row in worst} == {5, 12, 33}
    assert spray.names > 50


async def test_one_account_was_seen_once_in_30_days(path: Path) -> None:
    assert (await accounts(path, 30))["alarm-panel@contoso.example"].messages == 1


async def test_logins_and_senders_that_differ(path: Path) -> None:
    async with await Store.open(path) as store:
        office = await store.sender_partners(last(30, by=Grouping.ACCOUNT, sender="office@fabrikam.example"))
        null = await store.sender_partners(last(30, sender=""))
        domains = await store.domains(Period.ending(TODAY, 30))
    assert {usage.name for usage in office} == {f"{who}@fabrikam.example" for who in ("office", "sales", "orders")}
    assert [usage.name for usage in null] == ["no-reply@shop.contoso.example"]
    assert (await accounts(path, 30))["forklift"].domain == ""
    assert len([row for row in domains if row.domain]) == 8


# the place


def test_nothing_is_left_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told: list[Progress | None] = []
    with pytest.raises(RuntimeError), demo_store(CLOCK, "UTC", told.append) as path:
        assert sorted(place.name for place in path.parent.iterdir()) == [path.name, f"{path.name}.lock"]
        assert path.parent.parent == tmp_path
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert told[-1] is None
        assert all(told[:-1])
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_no_room_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(StoreError, match="TMPDIR"), demo_store(CLOCK, "UTC", lambda _: None):
        pass


def test_a_zone_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="Nowhere"), demo_store(CLOCK, "Nowhere/Land", lambda _: None):
        pass
