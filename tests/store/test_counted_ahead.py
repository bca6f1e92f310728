"""Each figure that is counted ahead is what a plain count of the roll-up gives, whatever was imported."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.model import AuthFailure, Submission, TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.insights import Moment, overview
from smtpauth_tui.reports.values import RANKS
from smtpauth_tui.reports.views import VIEWS
from smtpauth_tui.reports.volume import load_chart
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.sightings import FACTS
from smtpauth_tui.store.writer import Writer
from tests.store.facts import DAY, NOON, refused, sent, source_of

FIRST = date(2026, 11, 16)
NAMES = [f"user{number}@d{number % 6}.example" for number in range(9)]

submissions = st.builds(
    lambda number, day, account, sender, tls, mechanism, known: sent(
        f"Q{number}-{day}",
        NOON + day * DAY,
        account=account,
        sender=sender if known else "",
        tls=tls if known else TlsVersion.UNKNOWN,
        mechanism=mechanism if known else "XCLIENT",
    ),
    st.integers(0, 60),
    st.integers(0, 100),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(TlsVersion),
    st.sampled_from(["PLAIN", "XOAUTH2"]),
    st.booleans(),
)
failures = st.builds(
    lambda name, day, client, ordinal: refused(name, NOON + day * DAY, client=f"198.51.100.{client}", ordinal=ordinal),
    st.sampled_from([*NAMES[:4], None]),
    st.integers(0, 100),
    st.integers(1, 4),
    st.integers(0, 2),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(submissions, max_size=25), st.lists(failures, max_size=10)),
        st.tuples(st.just("withdraw"), st.lists(submissions, max_size=3), st.lists(failures, max_size=2)),
        st.tuples(st.just("learn"), st.just([]), st.just([])),
        st.tuples(st.just("prune"), st.just([]), st.just([])),
    ),
    min_size=1,
    max_size=5,
)


def learnt(one: Submission) -> Submission:
    """A message as a log has it that knows all of it."""
    return one._replace(sender=one.account, tls=TlsVersion.V1_0, mechanism="PLAIN", recipients=3)


def take(path: Path, what: str, sent_: Sequence[Submission], refused_: Sequence[AuthFailure], *, finish: bool) -> None:
    """One step of a store's life, in an import of its own."""
    with closing(Writer(path, "UTC")) as writer:
        if what == "prune":
            writer.prune(40, number_of(FIRST + timedelta(days=60)))
            return
        writer.begin()
        if what == "withdraw":
            writer.withdraw(sent_, refused_)
        else:
            writer.add(sent_, refused_, source_of(writer))
        if finish:
            writer.finish()
        writer.commit()


async def answers(path: Path, query: ReportQuery) -> dict[str, Any]:
    """All that is counted ahead, as the store answers it."""
    async with await Store.open(path) as store:
        listing = await store.listing(query)
        return {
            "totals": await store.totals(query),
            "parties": await store.parties(query),
            "outdated": await store.accounts_below_tls_1_2(query),
            "usage": await store.daily_usage(query),
            "volume": await store.daily_volume(query),
            "domains": await store.domains(query.period),
            "chart": await load_chart(store, query),
            "failures": await store.failure_summary(query),
            "failure days": await store.daily_failures(query),
            "listed": sorted((row.name, row.messages) for row in await listing.page(0, 100)),
            "listing": listing.count,
        }


def plain(path: Path, period: Period) -> dict[str, Any]:
    """The same figures by a GROUP BY over the facts' roll-up."""
    days = (number_of(period.first), number_of(period.last))
    with closing(sqlite3.connect(path)) as connection:

        def one(sql: str) -> tuple[Any, ...]:
            row = connection.execute(f"{sql} WHERE day BETWEEN ? AND ?", days).fetchone()
            return tuple(row)

        return {
            "messages": one("SELECT coalesce(sum(messages), 0), coalesce(sum(recipients), 0) FROM daily"),
            "parties": one("SELECT count(DISTINCT account), count(DISTINCT sender) FROM daily"),
            "outdated": one("SELECT count(DISTINCT iif(tls < 12, account, NULL)) FROM daily")[0],
            "failures": one(
                "SELECT coalesce(sum(failures), 0), count(DISTINCT nullif(tried_name.folded, '')), "
                "count(DISTINCT client), max(last) FROM daily_failure JOIN tried_name ON tried_name.id = name"
            ),
        }


def forget_what_is_ahead(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM setting WHERE name = 'window_end'")
        connection.commit()


@settings(max_examples=60, deadline=None)
@given(
    steps, st.lists(st.booleans(), min_size=5, max_size=5), st.integers(-3, 100), st.sampled_from([1, 7, 30, 45, 90])
)
def test_figures_counted_ahead_are_those_counted_now(
    tmp_path_factory: pytest.TempPathFactory,
    life: list[tuple[str, list[Submission], list[AuthFailure]]],
    finished: list[bool],
    start: int,
    days: int,
) -> None:
    path = tmp_path_factory.mktemp("ahead") / "store.db"
    known: list[Submission] = []
    take(path, "add", [], [], finish=True)
    for place, (what, sent_, refused_) in enumerate(life):
        known += sent_
        take(
            path,
            "add" if what == "learn" else what,
            [learnt(one) for one in known] if what == "learn" else sent_,
            refused_,
            finish=finished[place] or place == len(life) - 1,
        )
    period = Period(first=FIRST + timedelta(days=start), last=FIRST + timedelta(days=start + days - 1))
    newest = asyncio.run(span_of(path))
    for asked in (period, Period.ending(newest, 7), Period.ending(newest, 30)):
        query = ReportQuery(period=asked)
        ahead = asyncio.run(answers(path, query))
        counted = plain(path, asked)
        assert (ahead["totals"].messages, ahead["totals"].recipients) == counted["messages"]
        assert (ahead["parties"].accounts, ahead["parties"].senders) == counted["parties"]
        assert ahead["outdated"] == counted["outdated"]
        summary = ahead["failures"]
        assert (summary.failures, summary.names, summary.clients, summary.last) == counted["failures"]
        assert ahead["listing"] == counted["parties"][1]
        assert sum(one.total for one in ahead["chart"].series) == counted["messages"][0]
    check_bits(path)
    forget_what_is_ahead(path)
    assert asyncio.run(answers(path, query)) == ahead


async def span_of(path: Path) -> date:
    async with await Store.open(path) as store:
        span = await store.span()
        return span.last if span else FIRST


def check_bits(path: Path) -> None:
    """The days of each party are those of the roll-up, bit by bit, and so is by how many each day was seen."""
    with closing(sqlite3.connect(path)) as connection:
        for party, (column, table, which) in FACTS.items():
            there = sorted(connection.execute(f"SELECT DISTINCT {column}, day FROM {table} WHERE {which}"))
            kept = connection.execute(
                "SELECT id, first, days FROM seen WHERE party = ? ORDER BY id", (party,)
            ).fetchall()
            bits = [(id_, first, int.from_bytes(days, "little")) for id_, first, days in kept]
            assert [(i, first + n) for i, first, b in bits for n in range(b.bit_length()) if b >> n & 1] == there
            again = Counter(
                (day, before if known else -1)
                for (known, before), day in (
                    ((other == id_, last), day) for (other, last), (id_, day) in pairwise([(-1, -1), *there])
                )
            )
            sql = "SELECT day, before, number FROM seen_again WHERE party = ?"
            assert {(day, before): number for day, before, number in connection.execute(sql, (party,))} == again


async def test_chart_of_many_domains_has_the_largest_and_the_others(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    counts = {"a": 3, "b": 9, "c": 3, "d": 5, "e": 3, "f": 1, "g": 3}
    facts = [
        sent(f"{domain}{number}", NOON + number % 3 * DAY, sender=f"x@{domain}.example")
        for domain, count in counts.items()
        for number in range(count)
    ]
    for finish in (False, True):
        take(path, "add", facts, [], finish=finish)
        async with await Store.open(path) as store:
            query = ReportQuery(period=Period(first=FIRST, last=FIRST + timedelta(days=2)))
            found = await store.largest_domains(query, len(RANKS))
            chart = await load_chart(store, query)
            one = await load_chart(store, replace(query, domain="c.example"))
        assert list(found.days) == ["b.example", "d.example", "a.example", "c.example"], "ties by name"
        assert (found.others, sum(found.rest.values())) == (3, 7)
        assert [series.name for series in chart.series] == [*found.days, "3 others"]
        assert [series.counts for series in one.series] == [(1, 1, 1)]


async def test_dashboard_reads_no_list_of_senders_nor_of_failures(tmp_path: Path) -> None:
    """What the cards and both charts ask is answered without a row of either roll-up."""
    path = tmp_path / "store.db"
    take(path, "add", [sent(f"Q{n}", sender=NAMES[n % 9]) for n in range(50)], [refused("x")], finish=True)
    read: Counter[str] = Counter()
    async with await Store.open(path) as store:

        def note(action: int, table: str | None, *_: object) -> int:
            read[table or ""] += action == sqlite3.SQLITE_READ
            return sqlite3.SQLITE_OK

        await store._connection._execute(store._connection._conn.set_authorizer, note)  # type: ignore[attr-defined]
        moment = Moment(datetime(2026, 11, 16, 12, tzinfo=UTC), FIRST)
        await overview(store, moment)
        for view in VIEWS:
            await view.chart(store, moment.query)
    assert read["seen_again"] and read["day_total"] and read["domain_total"] and read["failure_total"]
    assert not read["daily"] and not read["daily_failure"] and not read["daily_total"] and not read["address"]
