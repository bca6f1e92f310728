"""Filtered reports are the rows of the unfiltered ones of which the filter holds, judged row by row in Python."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.conditions import Filter
from smtpauth_tui.export import json_lines
from smtpauth_tui.filters import parse
from smtpauth_tui.model import SignInOutcome, TlsVersion
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
from tests.store.written_filters import Known, Written, filters, refused_columns, sender_columns, shifted

T = TypeVar("T")
TODAY = day_of(NOON // DAY)
STORES = 60 if os.environ.get("LONG_RUNS") else 6
EXAMPLES = 4000 if os.environ.get("LONG_RUNS") else 100
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
    """A store of made-up facts of a hundred days, some days before NOON, in one of the zones."""
    dice = Random(seed)
    path = folder / f"{seed}.db"
    names = dice.sample(NAMES, dice.randint(3, len(NAMES)))

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
        for number in range(dice.randint(1, 120))
    ]
    refusals = [
        refused(dice.choice([*names, None]), moment(), client=dice.choice(CLIENTS), ordinal=number)
        for number in range(dice.randint(0, 60))
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
        for number in range(dice.randint(0, 60))
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


seeds = st.integers(0, STORES - 1)
spans = st.sampled_from([(0, 7), (0, 30), (0, 90), (1, 30), (3, 60), (0, 200), (20, 1), (-5, 12), (300, 9)])


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Windows and others; the newest day of a store may be later than TODAY by its zone."""
    ago, days = draw(spans)
    return Period.ending(TODAY - timedelta(days=ago - draw(st.integers(0, 1))), days)


def filtered(report: Report, by: Grouping, written: Written) -> Filter:
    """The program's reading of what was written."""
    assert report.filters
    return parse(written.text, report.filters(by), TODAY)


def columns_of(report: Report, by: Grouping, seed: int) -> list[Known]:
    """What a filter of a report may name."""
    zone = ZoneInfo(ZONES[seed % 3])
    if report is SENDERS:
        return sender_columns(by.value, zone, NAMES, DAYS)
    columns = refused_columns(zone, NAMES, CLIENTS, DAYS)
    if report is SIGNINS:
        columns.append(Known("country", "text", lambda row: row["country"] or "", COUNTRIES))
        columns.append(Known("sign_ins", "count", lambda row: row["sign_ins"], range(6)))
    return columns


@st.composite
def questions(draw: st.DrawFn, report: Report) -> tuple[int, ReportQuery, Written]:
    """A store, what is asked of it without a filter, and a filter."""
    seed, by = draw(seeds), draw(st.sampled_from(Grouping))
    query = ReportQuery(
        period=draw(periods()),
        by=by,
        order=draw(st.sampled_from(SenderOrder)),
        descending=draw(st.booleans()),
        search=draw(st.sampled_from(["", "", "", "a"])),
        domain=draw(st.sampled_from([None, None, None, "shop.example"])),
    )
    return seed, query, draw(filters(columns_of(report, by, seed), TODAY))


@pytest.mark.parametrize("report", [SENDERS, FAILURES, SIGNINS], ids=lambda report: report.name)
def test_filtered_report_has_the_rows_of_which_the_filter_holds(report: Report, folder: Path) -> None:
    @settings(max_examples=EXAMPLES)
    @given(questions(report))
    def judge(question: tuple[int, ReportQuery, Written]) -> None:
        seed, query, written = question
        where = filtered(report, query.by, written)

        async def both(store: Store) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
            return await rows_of(store, report, query), await rows_of(store, report, replace(query, where=where))

        rows, left = ask(store_of(seed, folder), both)
        assert left == [row for row in rows if written.holds(row)]

    judge()


@settings(max_examples=2 * EXAMPLES)
@given(questions(SENDERS), st.data(), st.sampled_from([0, 300, LOOKED_UP]))
def judge_listing(
    folder: Path, question: tuple[int, ReportQuery, Written], data: st.DataObject, looked_up: int
) -> None:
    seed, query, written = question
    where = filtered(SENDERS, query.by, written)

    async def judge(store: Store) -> None:
        rows = [row for row in await rows_of(store, SENDERS, query) if written.holds(row)]
        names = [row[query.by.value] for row in rows]
        listing = await store.listing(replace(query, where=where))
        assert listing.count == len(rows)
        size = data.draw(st.integers(1, 9))
        starts = data.draw(st.permutations(range(0, len(rows) + size, size)))
        for start in starts:
            page = await listing.page(start, size)
            assert [row.name or NULL_NAME[query.by] for row in page] == names[start : start + size]
            assert [row.messages for row in page] == [row["messages"] for row in rows[start : start + size]]
        for place, row in enumerate(rows[:5]):
            name = row[query.by.value] if row[query.by.value] != "<>" else ""
            assert await listing.place_of(name) == place
        await listing.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smtpauth_tui.store.narrowing.LOOKED_UP", looked_up)
        ask(store_of(seed, folder), judge)


NULL_NAME = {Grouping.SENDER: "<>", Grouping.ACCOUNT: ""}


def test_pages_of_a_filtered_listing_are_the_rows_of_which_the_filter_holds(folder: Path) -> None:
    """In every order, of windows and other periods, however many senders the window around it leaves."""
    judge_listing(folder)


@settings(max_examples=EXAMPLES // 2)
@given(seeds, periods(), st.data())
def judge_rearranged(folder: Path, seed: int, period: Period, data: st.DataObject) -> None:
    async def judge(store: Store) -> None:
        listing = await store.listing(ReportQuery(period=period))
        whole = await rows_of(store, SENDERS, ReportQuery(period=period))
        for _ in range(4):
            written = data.draw(st.none() | filters(columns_of(SENDERS, Grouping.SENDER, seed), TODAY))
            query = ReportQuery(
                period=period,
                order=data.draw(st.sampled_from(SenderOrder)),
                search=data.draw(st.sampled_from(["", "bo"])),
                where=filtered(SENDERS, Grouping.SENDER, written) if written else None,
            )
            await listing.arrange(query)
            page = await listing.page(0, 100)
            names = {row["sender"] for row in whole if written is None or written.holds(row)}
            assert {row.name or "<>" for row in page} == {name for name in names if query.search in name.casefold()}
            assert listing.count == len(page)

    ask(store_of(seed, folder), judge)


def test_listing_takes_one_filter_after_another(folder: Path) -> None:
    """As when somebody changes a filter while the table is shown."""
    judge_rearranged(folder)


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


@settings(max_examples=EXAMPLES)
@given(filters(sender_columns("sender", ZoneInfo("UTC"), ['~~~"%`'], DAYS), TODAY))
def test_no_text_of_a_filter_is_in_the_sql(written: Written) -> None:
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
