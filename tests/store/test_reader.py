"""The questions that reports ask of the store, and what becomes of one that nobody waits for any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.insights import Moment, overview
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayUsage, DomainTotal, DomainVolume, FailureTotal, Span
from smtpauth_tui.store.writer import Writer
from tests.store.facts import DAY, NOON, each, fill, refused, sent

MONDAY = date(2026, 11, 16)
TUESDAY = date(2026, 11, 17)
WEEK = Period(first=MONDAY, last=date(2026, 11, 22))
ALL = ReportQuery(period=WEEK)

FACTS = [
    sent("A1", account="ana", sender="Ana@Shop.example", tls=TlsVersion.V1_3, recipients=2),
    sent("A2", account="ANA", sender="ana@shop.example", tls=TlsVersion.V1_0, mechanism="XOAUTH2"),
    sent("A3", NOON + DAY, account="ana", sender="", tls=TlsVersion.NONE),
    sent("A4", NOON + DAY, account="bo", sender="bo_1@other.example", tls=TlsVersion.SSL3),
    sent("A5", NOON + DAY, account="bo", sender="bo%1@other.example", tls=TlsVersion.UNKNOWN, mechanism="XCLIENT"),
    sent("A6", NOON - 10 * DAY, account="old", sender="old@shop.example"),
]
FAILURES = [
    refused("ana@shop.example"),
    refused("ana@shop.example", NOON + 1),
    refused("ana@shop.example", NOON + DAY, client="2001:db8::7"),
    refused(None, NOON + 2),
    refused("root", NOON - 10 * DAY),
]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    fill(tmp_path / "store.db", FACTS, FAILURES)
    async with await Store.open(tmp_path / "store.db") as opened:
        yield opened


def some(counts: object) -> dict[object, int]:
    return {key: count for key, count in dict(counts).items() if count}  # type: ignore[call-overload]


async def names(store: Store, query: ReportQuery, limit: int | None = None) -> list[str]:
    async with aclosing(store.senders(query, limit)) as rows:
        return [row.name async for row in rows]


async def test_totals_of_a_period(store: Store) -> None:
    totals = await store.totals(ALL)
    parties = await store.parties(ALL)
    assert (parties.accounts, parties.senders) == (2, 4)
    assert (totals.messages, totals.recipients) == (5, 6)
    assert some(totals.tls) == {
        version: 1 for version in TlsVersion if version not in (TlsVersion.V1_1, TlsVersion.V1_2)
    }
    assert totals.auth == {AuthKind.BASIC: 3, AuthKind.OAUTH: 1, AuthKind.UNKNOWN: 1}
    assert (totals.first, totals.last) == (NOON, NOON + DAY)
    assert await store.accounts_below_tls_1_2(ALL) == 2


async def test_totals_of_a_period_without_messages(store: Store) -> None:
    totals = await store.totals(ReportQuery(period=Period(first=date(2020, 1, 1), last=date(2020, 1, 2))))
    assert (totals.messages, totals.recipients, totals.first, set(totals.tls.values())) == (0, 0, None, {0})


async def test_days_and_domains(store: Store) -> None:
    assert await store.span() == Span(date(2026, 11, 6), TUESDAY)
    assert await store.domains(WEEK) == [
        DomainTotal("other.example", 2),
        DomainTotal("shop.example", 2),
        DomainTotal("", 1),
    ]
    assert await store.daily_volume(ALL) == [
        DomainVolume(MONDAY, "shop.example", 2),
        DomainVolume(TUESDAY, "other.example", 2),
        DomainVolume(TUESDAY, "", 1),
    ]
    assert [(row.day, row.messages, row.recipients) for row in await store.daily_usage(ALL)] == [
        (MONDAY, 2, 3),
        (TUESDAY, 3, 3),
    ]


async def test_domain_filter_takes_any_case_and_the_empty_domain(store: Store) -> None:
    assert (await store.totals(replace(ALL, domain="SHOP.example"))).messages == 2
    assert (await store.totals(replace(ALL, domain=""))).messages == 1
    assert (await store.totals(replace(ALL, domain="p.example"))).messages == 0
    assert (await store.failure_summary(replace(ALL, domain="Shop.example"))).failures == 3
    assert (await store.failure_summary(replace(ALL, domain="%"))).failures == 0


async def test_senders_are_grouped_without_regard_to_case_and_shown_as_they_first_came(store: Store) -> None:
    async with aclosing(store.senders(ALL)) as rows:
        found = [row async for row in rows]
    assert [(row.name, row.domain, row.messages, row.recipients) for row in found] == [
        ("Ana@Shop.example", "shop.example", 2, 3),
        ("", "", 1, 1),
        ("bo%1@other.example", "other.example", 1, 1),
        ("bo_1@other.example", "other.example", 1, 1),
    ]
    assert some(found[0].tls) == {TlsVersion.V1_0: 1, TlsVersion.V1_3: 1}
    assert some(found[0].auth) == {AuthKind.BASIC: 1, AuthKind.OAUTH: 1}
    assert (found[1].first, found[1].last) == (NOON + DAY, NOON + DAY)


async def test_accounts(store: Store) -> None:
    query = replace(ALL, by=Grouping.ACCOUNT)
    assert await names(store, query) == ["ana", "bo"]
    assert await names(store, query, 1) == ["ana"]
    assert await names(store, query, 0) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ANA@", ["Ana@Shop.example"]),
        ("%", ["bo%1@other.example"]),
        ("_", ["bo_1@other.example"]),
        ("\\", []),
        ("@", ["Ana@Shop.example", "bo%1@other.example", "bo_1@other.example"]),
        ("", ["Ana@Shop.example", "", "bo%1@other.example", "bo_1@other.example"]),
        ("'; DROP TABLE daily; --", []),
    ],
)
async def test_search_is_for_the_very_text(store: Store, search: str, found: list[str]) -> None:
    query = replace(ALL, search=search)
    assert await names(store, query) == found
    listing = await store.listing(query)
    await listing.arrange(query)
    assert [row.name for row in await listing.page(0)] == found
    assert listing.count == len(found)


async def test_one_senders_days_logins_and_first_sight(store: Store) -> None:
    query = replace(ALL, sender="ANA@shop.EXAMPLE")
    (row,) = await store.sender_days(query)
    assert isinstance(row, DayUsage)
    assert (row.day, row.messages, row.recipients) == (MONDAY, 2, 3)
    assert await store.sender_ever(query) == (NOON, NOON)
    assert [(usage.name, usage.messages) for usage in await store.sender_partners(query)] == [("ana", 2)]
    account = replace(ALL, sender="Ana", by=Grouping.ACCOUNT)
    assert [usage.name for usage in await store.sender_partners(account)] == ["Ana@Shop.example", ""]
    nobody = replace(ALL, sender="no@one.example")
    assert (await store.sender_days(nobody), await store.sender_ever(nobody)) == ([], None)
    null = replace(ALL, sender="")
    assert [row.messages for row in await store.sender_days(null)] == [1]


async def test_failures(store: Store) -> None:
    assert await each(store.failures(ALL)) == [
        FailureTotal("ana@shop.example", "198.51.100.7", 2, NOON, NOON + 1),
        FailureTotal(None, "198.51.100.7", 1, NOON + 2, NOON + 2),
        FailureTotal("ana@shop.example", "2001:db8::7", 1, NOON + DAY, NOON + DAY),
    ]
    summary = await store.failure_summary(ALL)
    assert (summary.failures, summary.names, summary.clients, summary.last) == (4, 1, 2, NOON + DAY)
    assert [(row.day, row.failures) for row in await store.daily_failures(ALL)] == [(MONDAY, 3), (TUESDAY, 1)]
    assert len(await each(store.failures(replace(ALL, search="2001:")))) == 1
    assert len(await each(store.failures(ALL, limit=2))) == 2
    for order in (SenderOrder.NAME, SenderOrder.CLIENT, SenderOrder.FIRST_SEEN, SenderOrder.LAST_SEEN):
        for descending in (False, True):
            asked_for = replace(ALL, order=order, descending=descending)
            assert len(await each(store.failures(asked_for))) == 3
    by_client = replace(ALL, order=SenderOrder.CLIENT, descending=False)
    clients = [row.client for row in await each(store.failures(by_client))]
    assert clients == sorted(clients)


async def test_sources_and_freshness(store: Store) -> None:
    (source,) = await store.sources()
    assert (source.path, source.submissions, source.auth_failures, source.imported_at) == (
        "/var/log/mail.log",
        6,
        5,
        NOON + DAY,
    )
    fresh = await store.freshness()
    assert (fresh.newest, fresh.imported_at, fresh.sources, fresh.damaged) == (NOON + DAY, NOON + DAY, 1, 0)


async def test_store_without_facts(tmp_path: Path) -> None:
    Writer(tmp_path / "store.db", "UTC").close()
    async with await Store.open(tmp_path / "store.db") as store:
        assert await store.span() is None
        assert (await store.freshness()).newest is None
        assert (await store.sources(), await each(store.failures(ALL)), await names(store, ALL)) == ([], [], [])
        listing = await store.listing(ALL)
        assert (listing.count, list(await listing.page(0))) == (0, [])


# the details table


@pytest.fixture
async def long_store(tmp_path: Path) -> AsyncIterator[Store]:
    facts = [
        sent(
            f"A{number}-{copy}",
            NOON + number,
            account=f"user{number:03}@d{number % 3}.example",
            recipients=number % 7,
            tls=list(TlsVersion)[number % 7],
        )
        for number in range(150)
        for copy in range(1 + number % 5)
    ]
    fill(tmp_path / "store.db", facts)
    async with await Store.open(tmp_path / "store.db") as opened:
        yield opened


@pytest.mark.parametrize("order", SenderOrder)
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_of_a_listing_are_the_senders_in_order(
    long_store: Store, order: SenderOrder, descending: bool
) -> None:
    query = ReportQuery(period=WEEK, order=order, descending=descending)
    listing = await long_store.listing(query)
    assert listing.count == 150
    paged = [row for first in range(0, 150, 40) for row in await listing.page(first, 40)]
    async with aclosing(long_store.senders(query)) as rows:
        assert paged == [row._replace(first=None, last=None) async for row in rows]
    assert list(await listing.page(150)) == []


async def test_listing_takes_another_order_and_search_and_gives_its_room_back(long_store: Store) -> None:
    listing = await long_store.listing(ReportQuery(period=WEEK))
    query = ReportQuery(period=WEEK, order=SenderOrder.NAME, descending=False, search="@D1.")
    await listing.arrange(query)
    assert listing.count == 50
    assert [row.name for row in await listing.page(48)] == ["user145@d1.example", "user148@d1.example"]
    other = await long_store.listing(ReportQuery(period=WEEK, domain="d2.example"))
    assert other.count == 50
    await listing.close()
    assert len(await other.page(0)) == 50


async def test_reading_does_not_stand_in_an_imports_way(long_store: Store, tmp_path: Path) -> None:
    before = (await long_store.totals(ALL)).messages
    listing = await long_store.listing(ALL)
    async with aclosing(long_store.senders(ALL)) as rows:
        await anext(rows)
        await asyncio.to_thread(fill, tmp_path / "store.db", [sent("new")])
    assert (await long_store.totals(ALL)).messages == before + 1
    assert len(await listing.page(0)) == 150


# questions that nobody waits for any more

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize("pause", [0, 0.001, 0.05])
async def test_question_that_is_cancelled_lets_the_next_one_run(store: Store, pause: float) -> None:
    for _ in range(3):
        slow = asyncio.create_task(store._rows(ENDLESS))
        await asyncio.sleep(pause)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert (await asyncio.wait_for(store.totals(ALL), 20)).messages == 5


async def test_store_that_is_closed_in_the_middle_of_a_question_closes(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", FACTS)
    store = await Store.open(tmp_path / "store.db")
    slow = asyncio.create_task(store._rows(ENDLESS))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(store.close(), 20)
    with pytest.raises(Exception, match=r"interrupted|closed|failed"):
        await slow


async def test_stream_that_is_left_half_read_lets_the_next_question_run(long_store: Store) -> None:
    async with aclosing(long_store.senders(ALL)) as rows:
        await anext(rows)
    assert (await asyncio.wait_for(long_store.parties(ALL), 20)).senders == 150


# figures side by side


def one_more(path: Path, queue_id: str) -> None:
    fill(path, [sent(queue_id, NOON + DAY, account="ana")])


async def test_a_snapshot_does_not_see_an_import_that_ends_meanwhile(store: Store) -> None:
    async with store.snapshot() as seen:
        before = (await seen.totals(ALL)).messages
        one_more(store.path, "B1")
        assert (await seen.totals(ALL)).messages == before
        assert sum(row.messages for row in await seen.daily_usage(ALL)) == before
    assert (await store.totals(ALL)).messages == before + 1


async def test_other_questions_wait_for_a_snapshot_and_see_the_store_as_it_is_then(store: Store) -> None:
    async with store.snapshot() as seen:
        before = (await seen.totals(ALL)).messages
        asked = asyncio.create_task(store.totals(ALL))
        await asyncio.sleep(0)
        one_more(store.path, "B1")
        async with seen.snapshot() as same:
            assert (await same.totals(ALL)).messages == before
        assert not asked.done()
    assert (await asked).messages == before + 1


async def test_what_fails_or_is_cancelled_in_a_snapshot_leaves_none_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.snapshot() as seen:
            await seen.totals(ALL)
            raise ZeroDivisionError
    begun = asyncio.Event()

    async def stay() -> None:
        async with store.snapshot() as seen:
            await seen.totals(ALL)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stay())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    before = (await store.totals(ALL)).messages
    one_more(store.path, "B1")
    assert (await store.totals(ALL)).messages == before + 1


async def test_a_listing_outlasts_the_snapshot_that_it_was_made_in(store: Store) -> None:
    async with store.snapshot() as seen:
        listing = await seen.listing(ALL)
        first = await listing.page(0)
    assert [row.name for row in await listing.page(0)] == [row.name for row in first]
    await listing.arrange(replace(ALL, search="ana"))
    assert listing.count == 1
    await listing.close()


async def test_the_version_is_another_one_after_somebody_wrote(store: Store) -> None:
    before = await store.version()
    assert await store.version() == before
    one_more(store.path, "B1")
    assert await store.version() != before


async def test_the_cards_are_of_one_moment(store: Store) -> None:
    """Figures that stand side by side add up, however often an import commits meanwhile."""

    def go_on() -> None:
        for number in range(40):
            one_more(store.path, f"C{number}")

    importing = asyncio.create_task(asyncio.to_thread(go_on))
    moment = Moment(datetime.fromtimestamp(NOON + DAY, UTC), date(2026, 11, 22))
    seen = set()
    while not importing.done():
        figures = await overview(store, moment)
        assert sum(day.messages for day in figures.days) == figures.totals.messages
        seen.add(figures.totals.messages)
    await importing
    assert len(seen) > 1
