"""Pages of a listing are the rows that a plain GROUP BY sorts, in whatever order they are fetched."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from smtpauth_tui.filters import parse
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import AUTH_ORDERS, Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.senders import filter_columns
from smtpauth_tui.store import listing as listing_module
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.listing import first_senders
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.writer import Writer
from tests.store.facts import DAY, NOON, sent, source_of

SENDERS = 90
TODAY = day_of(NOON // DAY)
Plain = list[tuple[str, int]]


def fill_at_random(path: Path) -> None:
    """Some senders' messages of 100 days: many with equal counts, some that come and go, one without a name."""
    dice = Random(5)
    names = [f"{word}{number}@d{number % 4}.example" for number in range(SENDERS // 3) for word in ("Ana", "bo_", "%")]
    facts = [
        sent(
            f"Q{number}",
            NOON - int(dice.random() ** 2 * 100) * DAY + number % 600,
            sender=dice.choice([*names[: 2 + number % len(names)], ""]),
            account=dice.choice(names),
            tls=dice.choice(list(TlsVersion)),
            mechanism=dice.choice(("PLAIN", "XOAUTH2", "")),
            recipients=dice.randint(1, 3),
        )
        for number in range(700)
    ]
    with closing(Writer(path, "UTC")) as writer:
        writer.begin()
        writer.add([*facts, sent("last")], [], source_of(writer))
        writer.finish()
        writer.commit()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("listing") / "store.db"
    fill_at_random(path)
    return path


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with await Store.open(path) as opened:
        yield opened


def plain(path: Path, query: ReportQuery, *, by_number: bool) -> Plain:
    """The rows by a GROUP BY, sorted here: ties by name, or by number and then turned with the rest."""
    columns = {
        SenderOrder.RECIPIENTS: "sum(recipients)",
        SenderOrder.FIRST_SEEN: "min(first)",
        SenderOrder.LAST_SEEN: "max(last)",
        **{SenderOrder(version.value): f"sum(iif(tls = {code}, messages, 0))" for version, code in TLS_CODES.items()},
        **{AUTH_ORDERS[kind]: f"sum(iif(auth = {code}, messages, 0))" for kind, code in AUTH_CODES.items()},
    }
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            f"SELECT text, folded, domain.name, address.id, sum(messages), {columns.get(query.order, 'sum(messages)')} "
            f"FROM daily JOIN address ON address.id = {query.by.value} JOIN domain ON domain.id = domain "
            "WHERE day BETWEEN ? AND ? GROUP BY address.id",
            (number_of(query.period.first), number_of(query.period.last)),
        ).fetchall()
    rows = [row for row in rows if query.search.casefold() in row[1] and query.domain in (None, row[2])]
    if query.order in (SenderOrder.NAME, SenderOrder.CLIENT, SenderOrder.STATE):
        rows.sort(key=lambda row: row[1], reverse=query.descending)
    else:
        rows.sort(key=lambda row: row[3] if by_number else row[1], reverse=by_number and not query.descending)
        rows.sort(key=lambda row: row[5], reverse=query.descending)
    return [(row[0], row[4]) for row in rows]


def questions() -> list[ReportQuery]:
    """Every order, both ways, for windows and other periods, with searches and domains."""
    last = TODAY
    periods = [
        Period.ending(last, 7),
        Period.ending(last, 90),
        Period.ending(last - timedelta(days=1), 30),
        Period.ending(last - timedelta(days=20), 45),
        Period.ending(last + timedelta(days=9), 400),
        Period.ending(last - timedelta(days=300), 7),
    ]
    filters: list[dict[str, Any]] = [{}, {"search": "NA1"}, {"search": "_"}, {"domain": "d2.example"}, {"domain": ""}]
    return [
        ReportQuery(period=period, order=order, descending=descending, **some)
        for period, order, descending, some in product(periods, SenderOrder, (True, False), filters)
    ]


async def test_pages_are_the_rows_that_a_plain_count_sorts(store: Store, path: Path) -> None:
    dice = Random(1)
    seen = 0
    for query in questions():
        own_order = (query.order, query.search, query.domain) == (SenderOrder.MESSAGES, "", None)
        rows = plain(path, query, by_number=own_order and await store.window_of(query))
        listing = await store.listing(query)
        assert listing.count == len(rows), query
        starts = list(range(0, len(rows) + 7, 7))
        dice.shuffle(starts)
        for start in starts:
            found = [(row.name, row.messages) for row in await listing.page(start, 7)]
            assert found == rows[start : start + 7], (query, start)
        for place, (name, _) in enumerate(rows[:20]):
            assert await listing.place_of(name.upper()) == place, query
        assert await listing.place_of("no@one.example") is None
        seen += len(rows)
        await listing.close()
    assert seen > 1000


async def test_listing_takes_any_order_after_another(store: Store, path: Path) -> None:
    """As when somebody sorts and searches in one table."""
    dice = Random(2)
    for period in (Period.ending(TODAY, 90), Period.ending(TODAY, 89)):
        listing = await store.listing(ReportQuery(period=period))
        for _ in range(40):
            query = ReportQuery(
                period=period,
                order=dice.choice(list(SenderOrder)),
                descending=dice.random() < 0.5,
                search=dice.choice(["", "", "a1", "zzz"]),
            )
            await listing.arrange(query)
            own_order = (query.order, query.search) == (SenderOrder.MESSAGES, "")
            rows = plain(path, query, by_number=own_order and await store.window_of(query))
            found = [(row.name, row.messages) for row in await listing.page(0, 1000)]
            assert found == rows, query
        await listing.close()


async def test_the_first_of_a_period_are_found_in_the_window_around_it(store: Store, path: Path) -> None:
    dice = Random(3)
    found = 0
    for _ in range(150):
        period = Period.ending(TODAY - timedelta(days=dice.randrange(60)), dice.randint(1, 95))
        most = dice.randint(1, 30)
        first = await first_senders(store, period, most)
        assert (first is None) == (number_of(TODAY) - number_of(period.first) >= 90)
        if first is not None:
            rows = plain(path, ReportQuery(period=period), by_number=False)[:most]
            with closing(sqlite3.connect(path)) as connection:
                names = [
                    connection.execute("SELECT text FROM address WHERE id = ?", (id_,)).fetchone()[0] for id_ in first
                ]
            assert names == [name for name, _ in rows]
            found += 1
    assert found > 50


async def test_first_rows_are_there_before_all_are_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "PAGE", 10)
    query = ReportQuery(period=Period.ending(TODAY - timedelta(days=1), 40))
    asked: list[str] = []
    ask = store._rows

    async def note(sql: str, values: Any = None) -> list[tuple[Any, ...]]:
        asked.append(sql)
        return await ask(sql, values)

    monkeypatch.setattr(store, "_rows", note)
    listing = await store.listing(query)
    first = await listing.page(0, 10)
    count = listing.count
    assert not [sql for sql in asked if "INSERT" in sql], "nothing was counted into a table"
    both = await asyncio.gather(listing.page(0, 10), listing.page(10, 10), listing.page(20, 10))
    assert len([sql for sql in asked if "INSERT" in sql]) == 2, "counted and ranked, once for all who ask"
    assert both[0] == first
    assert listing.count == count
    rows = [row.name for page in both for row in page]
    assert rows == [row.name async for row in store.senders(query, 30)]


@pytest.mark.parametrize("by", Grouping)
async def test_figures_of_a_page_are_those_of_the_whole_report(store: Store, by: Grouping) -> None:
    for days in (7, 12, 30, 90, 100):
        query = ReportQuery(period=Period.ending(TODAY, days), by=by)
        listing = await store.listing(query)
        page = {row.name: row for row in await listing.page(0, 1000)}
        whole = {row.name: row._replace(first=None, last=None) async for row in store.senders(query)}
        assert page == whole


async def plans(store: Store, query: ReportQuery) -> list[str]:
    """How SQLite goes about each statement of a listing's first and second page."""
    said: list[str] = []
    ask = store._rows

    async def note(sql: str, values: Any = None) -> list[tuple[Any, ...]]:
        if not sql.lstrip().startswith(("CREATE", "DROP", "DELETE")):
            said.extend(str(row[3]) for row in await ask(f"EXPLAIN QUERY PLAN {sql}", values))
        return await ask(sql, values)

    store._rows = note  # type: ignore[method-assign]
    listing = await store.listing(query)
    await listing.page(0)
    await listing.page(listing.count // 2, 5)
    await listing.page(max(listing.count - 5, 0), 5)
    store._rows = ask  # type: ignore[method-assign]
    return said


@pytest.mark.parametrize("days", [7, 30, 90])
async def test_page_of_a_window_scans_and_sorts_nothing(store: Store, days: int) -> None:
    said = await plans(store, ReportQuery(period=Period.ending(TODAY, days)))
    assert said
    assert not [step for step in said if (step.startswith("SCAN") and "window" in step) or "daily" in step]
    assert not [step for step in said if "TEMP B-TREE" in step]


@pytest.mark.parametrize("text", ["messages > 1 and tls1.0% > 5", "sender contains a", "last_seen < -3d or none = 0"])
async def test_filter_of_a_window_reads_no_days(store: Store, text: str) -> None:
    where = parse(text, filter_columns(Grouping.SENDER), TODAY)
    said = await plans(store, ReportQuery(period=Period.ending(TODAY, 30), where=where))
    assert [step for step in said if "window" in step]
    assert not [step for step in said if "daily" in step]


async def test_filter_of_any_period_counts_those_whom_the_window_around_it_leaves(store: Store) -> None:
    where = parse("not (messages < 2 or tls1.0 = 0)", filter_columns(Grouping.SENDER), TODAY)
    said = await plans(store, ReportQuery(period=Period.ending(TODAY, 40), where=where))
    assert "SEARCH daily USING PRIMARY KEY (day=? AND sender=?)" in said
    assert not [step for step in said if step.startswith("SCAN daily") or "daily USING PRIMARY KEY (day>? AND" in step]


async def test_page_of_any_period_looks_up_its_rows_by_key(store: Store) -> None:
    said = await plans(store, ReportQuery(period=Period.ending(TODAY, 40)))
    assert "SEARCH daily USING PRIMARY KEY (day=? AND sender=?)" in said
    assert not [step for step in said if step.startswith("SCAN daily")]
