"""Filtered reports are the rows of the unfiltered ones of which the filter holds, judged row by row in Python."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.conditions import Filter
from smtpauth_tui.errors import UsageError
from smtpauth_tui.export import json_lines
from smtpauth_tui.filters import parse
from smtpauth_tui.matching import predicate
from smtpauth_tui.model import SignInOutcome, TlsVersion
from smtpauth_tui.places import Places
from smtpauth_tui.query import Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.reports.failures import FAILURES
from smtpauth_tui.reports.senders import SENDERS
from smtpauth_tui.reports.signins import SIGNINS
from smtpauth_tui.reports.values import Report
from smtpauth_tui.store.asking import LOOKED_UP, where_of
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.writer import Writer
from tests.store.facts import DAY, NOON, each, refused, sent, signed_in, source_of
from tests.store.written_filters import (
    Known,
    Row,
    Written,
    condition,
    refused_columns,
    sender_columns,
    shifted,
    ways_of,
    written_filter,
)

T = TypeVar("T")
TODAY = day_of(NOON // DAY)
STORES = 60 if os.environ.get("LONG_RUNS") else 6
EXAMPLES = 1500 if os.environ.get("LONG_RUNS") else 200
TIMES = 8 if os.environ.get("LONG_RUNS") else 2
ORDERS = [order for order in SenderOrder if order is not SenderOrder.STATE]
"""Those that the reports here have."""
ZONES = ("UTC", "Pacific/Auckland", "America/St_Johns")
NAMES = [
    "Ana@shop.example",
    "ana@shop.example",
    "bo@shop.example",
    "BO@other.example",
    "straße@other.example",
    "STRASSE@other.example",
    "100%_@shop.example",
    "o'brien@shop.example",
    '"a b"@other.example',
    "back\\slash",
    "nul\0in@shop.example",
    "éa@ünder.example",
    "",
    "bare",
    "and",
    "<@>",
]
CLIENTS = [
    "192.0.2.7",
    "192.0.2.8",
    "192.0.2.255",
    "::ffff:192.0.2.7",
    "10.1.2.3",
    "2001:DB8::1",
    "2001:db8:0:0::1",
    "fe80::1%eth0",
    "unknown",
    "",
    "Straße",
    "999.0.2.7",
]
COUNTRIES = ["DE", "de", "FR", "", "Ä"]
DAYS = shifted(TODAY, 0, 0, -1, -2, -6, -7, -8, -29, -30, -89, -90, 1, -400)


@cache
def store_of(seed: int, folder: Path) -> Path:
    """A store of made-up facts of a hundred days, some days before NOON, in one of the zones; -1 is a large one."""
    dice = Random(seed)
    path = folder / f"{seed}.db"
    names = NAMES if seed < 0 else dice.sample(NAMES, dice.randint(3, len(NAMES)))
    most = 60 if seed >= 0 else 300

    def moment() -> int:
        return NOON - int(dice.random() ** 2 * 100) * DAY + dice.randrange(-43_000, 43_000)

    facts = [
        sent(
            f"Q{number}",
            moment(),
            sender=dice.choice(names),
            account=dice.choice(names),
            tls=dice.choice(list(TlsVersion)),
            mechanism=dice.choice(["PLAIN", "XOAUTH2", "XCLIENT"]),
            recipients=dice.randint(1, 3),
        )
        for number in range(dice.randint(1, 2 * most) if seed >= 0 else 2 * most)
    ]
    refusals = [
        refused(dice.choice([*names, None]), moment(), client=dice.choice(CLIENTS), ordinal=number)
        for number in range(dice.randint(0, most) if seed >= 0 else most)
    ]
    sign_ins = [
        signed_in(
            str(number),
            moment(),
            account=dice.choice(names),
            client=dice.choice(CLIENTS),
            country=dice.choice(COUNTRIES),
            outcome=dice.choice(list(SignInOutcome)),
        )
        for number in range(dice.randint(0, most) if seed >= 0 else most)
    ]
    with closing(Writer(path, ZONES[seed % 3])) as writer:
        writer.begin()
        writer.add(facts, refusals, source_of(writer))
        writer.add_sign_ins(sign_ins, source_of(writer))
        if seed % 6 != 5:  # in the sixth of them the import is still running: nothing is counted ahead
            writer.finish()
        writer.commit()
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filtering")


def ask(path: Path, question: Callable[[Store], Awaitable[T]]) -> T:
    """What a question is answered in a store."""

    async def asked() -> T:
        async with await Store.open(path) as store:
            return await question(store)

    return asyncio.run(asked())


async def rows_of(store: Store, report: Report, query: ReportQuery) -> list[dict[str, Any]]:
    """The rows of ``show REPORT --json``."""
    parts = [part async for part in json_lines(report, report.records(store, query, None), query, store.zone.key, None)]
    rows: list[dict[str, Any]] = json.loads("".join(parts))["rows"]
    return rows


SPANS = [(0, 7), (0, 30), (0, 90), (1, 30), (3, 60), (0, 200), (20, 1), (-5, 12), (300, 9)]


def period_of(dice: Random) -> Period:
    """Windows and others; the newest day of a store may be later than TODAY by its zone."""
    ago, days = dice.choice(SPANS)
    return Period.ending(TODAY - timedelta(days=ago - dice.randint(0, 1)), days)


def filtered(report: Report, by: Grouping, written: Written) -> Filter:
    """The program's reading of what was written."""
    assert report.filters
    return parse(written.text, report.filters(by), TODAY)


def columns_of(report: Report, by: Grouping, zone: ZoneInfo) -> list[Known]:
    """What a filter of a report may name."""
    if report is SENDERS:
        return sender_columns(by.value, zone, NAMES, DAYS)
    columns = refused_columns(zone, NAMES, CLIENTS, DAYS)
    if report is SIGNINS:
        columns.append(Known("country", "text", lambda row: row["country"] or "", COUNTRIES))
        columns.append(Known("sign_ins", "count", lambda row: row["sign_ins"], range(6)))
    return columns


def query_of(dice: Random) -> ReportQuery:
    """What is asked without a filter."""
    return ReportQuery(
        period=period_of(dice),
        by=dice.choice(list(Grouping)),
        order=dice.choice(ORDERS),
        descending=dice.choice([True, False]),
        search=dice.choice(["", "", "", "a"]),
        domain=dice.choice([None, None, None, "shop.example"]),
    )


async def judge(store: Store, report: Report, query: ReportQuery, rows: Sequence[Row], written: Written) -> int:
    """Hold what a filter leaves of a report against the rows without it; how many there are."""
    wanted = [row for row in rows if written.holds(row)]
    asked = replace(query, where=filtered(report, query.by, written))
    assert await rows_of(store, report, asked) == wanted, (written.text, query)
    return len(wanted)


async def judge_listing(store: Store, query: ReportQuery, rows: Sequence[Row], written: Written, dice: Random) -> None:
    """The same for the pages of the details table, in whatever order they are fetched."""
    wanted = [(row[query.by.value] or "<>", row["messages"]) for row in rows if written.holds(row)]
    listing = await store.listing(replace(query, where=filtered(SENDERS, query.by, written)))
    assert listing.count == len(wanted), (written.text, query)
    size = dice.randint(1, 9)
    starts = list(range(0, len(wanted) + size, size))
    dice.shuffle(starts)
    for start in starts:
        page = [(row.name or "<>", row.messages) for row in await listing.page(start, size)]
        assert page == wanted[start : start + size], (written.text, query)
    if wanted:
        place = dice.randrange(len(wanted))
        assert await listing.place_of(wanted[place][0].replace("<>", "")) == place, (written.text, query)
    await listing.close()


@pytest.mark.parametrize("report", [SENDERS, FAILURES, SIGNINS], ids=lambda report: report.name)
async def test_every_comparison_of_every_column(report: Report, folder: Path) -> None:
    """In one large store, for each a few values, in a window and in another period."""
    dice = Random(7)
    periods = Period.ending(TODAY, 30), Period.ending(TODAY - timedelta(days=2), 40)
    groupings = list(Grouping) if report is SENDERS else [Grouping.SENDER]
    left: Counter[tuple[str, str]] = Counter()
    async with await Store.open(store_of(-1, folder)) as store:
        for query in [ReportQuery(period, by=by) for period in periods for by in groupings]:
            rows = await rows_of(store, report, query)
            for column in columns_of(report, query.by, store.zone):
                for way in ways_of(column):
                    for _ in range(TIMES):
                        written = condition(dice, column, way, TODAY)
                        number = await judge(store, report, query, rows, written)
                        left[column.name, way] += 0 < number < len(rows)
                        if report is SENDERS:
                            await judge_listing(store, query, rows, written, dice)
    assert sum(left.values()) > 0.5 * TIMES * len(left), "most of them leave some rows and take some away"


@pytest.mark.parametrize("report", [SENDERS, FAILURES, SIGNINS], ids=lambda report: report.name)
def test_filtered_report_has_the_rows_of_which_the_filter_holds(report: Report, folder: Path) -> None:
    """Any filter, in stores of any content and zone, also while an import runs."""

    @settings(max_examples=EXAMPLES)
    @given(st.randoms(use_true_random=False), st.integers(0, STORES - 1))
    def judge_some(dice: Random, seed: int) -> None:
        async def judged(store: Store) -> None:
            query = query_of(dice)
            rows = await rows_of(store, report, query)
            for _ in range(5):
                written = written_filter(dice, columns_of(report, query.by, store.zone), TODAY)
                await judge(store, report, query, rows, written)

        ask(store_of(seed, folder), judged)

    judge_some()


@pytest.mark.parametrize("looked_up", [0, 300, LOOKED_UP])
def test_pages_of_a_filtered_listing_are_the_rows_of_which_the_filter_holds(
    folder: Path, looked_up: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every order, of windows and other periods, however many senders the window around it leaves."""
    monkeypatch.setattr("smtpauth_tui.store.narrowing.LOOKED_UP", looked_up)

    @settings(max_examples=EXAMPLES)
    @given(st.randoms(use_true_random=False), st.integers(0, STORES - 1))
    def judge_some(dice: Random, seed: int) -> None:
        async def judged(store: Store) -> None:
            query = query_of(dice)
            rows = await rows_of(store, SENDERS, query)
            columns = dice.sample(columns_of(SENDERS, query.by, store.zone), 4)
            for _ in range(5):
                await judge_listing(store, query, rows, written_filter(dice, columns, TODAY), dice)

        ask(store_of(seed, folder), judged)

    judge_some()


def test_listing_takes_one_filter_after_another(folder: Path) -> None:
    """As when somebody changes a filter while the table is shown."""

    @settings(max_examples=EXAMPLES // 2)
    @given(st.randoms(use_true_random=False), st.integers(0, STORES - 1))
    def judge_some(dice: Random, seed: int) -> None:
        async def judged(store: Store) -> None:
            query = ReportQuery(period_of(dice))
            whole = await rows_of(store, SENDERS, query)
            listing = await store.listing(query)
            columns = columns_of(SENDERS, Grouping.SENDER, store.zone)
            for _ in range(6):
                written = dice.choice([None, *[written_filter(dice, columns, TODAY)] * 4])
                query = replace(
                    query,
                    order=dice.choice(ORDERS),
                    search=dice.choice(["", "bo"]),
                    where=filtered(SENDERS, Grouping.SENDER, written) if written else None,
                )
                await listing.arrange(query)
                names = {row["sender"] for row in whole if written is None or written.holds(row)}
                page = {row.name or "<>" for row in await listing.page(0, 100)}
                assert page == {name for name in names if query.search in name.casefold()}
                assert listing.count == len(page)

        ask(store_of(seed, folder), judged)

    judge_some()


@pytest.mark.parametrize("report", [report for report in REPORTS if report.filters], ids=lambda report: report.name)
@pytest.mark.parametrize("by", Grouping)
async def test_every_column_that_a_report_declares_can_be_asked(report: Report, by: Grouping, folder: Path) -> None:
    assert report.filters
    examples = {"text": "x", "number": "1", "share": "1", "day": "today", "address": "192.0.2.7"}
    async with await Store.open(store_of(0, folder)) as store:
        for column in report.filters(by):
            where = parse(f"{column.name} >= {examples[column.kind]}", report.filters(by), TODAY)
            query = ReportQuery(Period.ending(TODAY, 90), by=by, where=where)
            assert all([report.fields(row) async for row in report.records(store, query, None)])
            if report is SENDERS:
                await (await store.listing(query)).close()


def test_no_text_of_a_filter_is_in_the_sql() -> None:
    dice = Random(3)
    columns = sender_columns("sender", ZoneInfo("UTC"), ['~~~"%`'], DAYS)
    for _ in range(500):
        written = written_filter(dice, columns, TODAY)
        query = ReportQuery(Period.ending(TODAY, 7), where=filtered(SENDERS, Grouping.SENDER, written))
        for question in ("sender", "window"):
            where = where_of(query, question)
            assert not set('~"%`') & set(where.rows + where.groups)


async def test_filter_of_many_conditions_is_answered(folder: Path) -> None:
    """SQLite takes no deep chain of conditions."""
    many = " or ".join(["messages=1"] * 600)
    deep = "not (" * 24 + "messages = 1" + ")" * 24
    async with await Store.open(store_of(0, folder)) as store:
        for text in (many, many.replace(" or ", " and "), deep, f"{deep} and ({deep})"):
            where = parse(text, SENDERS.filters(Grouping.SENDER) if SENDERS.filters else (), TODAY)
            found = await each(store.senders(ReportQuery(Period.ending(TODAY, 90), where=where)))
            assert all(row.messages == 1 for row in found)
            listing = await store.listing(ReportQuery(Period.ending(TODAY, 90), where=where))
            assert listing.count == len(found)


VALUES: dict[str, Callable[[Row], Any]] = {
    "account": lambda row: row["account"] or "",
    "client": lambda row: row["client"],
    "country": lambda row: row["country"] or "",
    "failures": lambda row: row["failures"],
    "sign_ins": lambda row: row["sign_ins"],
}
SHOWN_NETWORKS = ["192.0.2.0/24", "10.1.2.0/24", "10.0.0.0/8", "2001:db8::/48", "fe80::/10", "0.0.0.0/0", "::/0"]


@pytest.mark.parametrize("report", [FAILURES, SIGNINS], ids=lambda report: report.name)
def test_filters_of_clients_that_are_shown_as_networks(report: Report, folder: Path) -> None:
    """However they are mixed with counts: a filter is asked of the rows as they are shown, here and in memory."""

    @settings(max_examples=EXAMPLES)
    @given(st.randoms(use_true_random=False), st.integers(0, STORES - 1))
    def judge_some(dice: Random, seed: int) -> None:
        async def judged() -> None:
            async with await Store.open(store_of(seed, folder), Places(truncate=True)) as store:
                query = ReportQuery(period_of(dice))
                rows = await rows_of(store, report, query)
                columns = columns_of(report, query.by, store.zone)
                clients = Known("client", "address", lambda row: row["client"], ["unknown", *SHOWN_NETWORKS])
                columns = [clients if one.name == "client" else one for one in columns]
                values = VALUES | {
                    name: lambda row, name=name: datetime.fromisoformat(row[name]).astimezone(store.zone).date()
                    for name in ("first_seen", "last_seen")
                }
                for _ in range(5):
                    written = written_filter(dice, columns, TODAY)
                    where = filtered(report, query.by, written)
                    holds = predicate(where, values)
                    found = await rows_of(store, report, replace(query, where=where))
                    assert found == [row for row in rows if holds(row)], (written.text, query)

        asyncio.run(judged())

    judge_some()


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("client = 192.0.2.7", "192.0.2.0/24"),
        ("failures > 3 or not client in (10.0.0.0/8, 192.0.2.0/25)", "192.0.2.0/24"),
        ("client between 192.0.2.0 and 192.0.3.0", "192.0.2.0/24"),
        ("client < 2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("client = ::ffff:10.1.2.3", "10.1.2.0/24"),
    ],
)
async def test_a_part_of_a_network_that_is_shown_whole_cannot_be_asked_for(
    text: str, network: str, folder: Path
) -> None:
    async with await Store.open(store_of(0, folder), Places(truncate=True)) as store:
        where = parse(text, FAILURES.filters(Grouping.SENDER) if FAILURES.filters else (), TODAY)
        with pytest.raises(UsageError) as caught:
            await each(store.failures(ReportQuery(Period.ending(TODAY, 7), where=where)))
    assert "a filter cannot ask for a part of one" in caught.value.message
    assert network in caught.value.hint


async def test_loopback_addresses_are_shown_and_asked_for_whole(folder: Path) -> None:
    async with await Store.open(store_of(0, folder), Places(truncate=True)) as store:
        where = parse("client = 127.0.0.1 or client = ::1", FAILURES.filters(Grouping.SENDER) or (), TODAY)  # type: ignore[misc]
        assert await each(store.failures(ReportQuery(Period.ending(TODAY, 7), where=where))) == []
