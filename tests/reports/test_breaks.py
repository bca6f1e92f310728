"""Who breaks: counted again from made logs by other means, for any switches."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.arithmetic import equal_buckets, fitted
from smtpauth_tui.reports.breaks import load_chart, load_preface, records
from smtpauth_tui.reports.readout import readout
from smtpauth_tui.reports.values import Chart, Preface
from smtpauth_tui.reports.who_breaks import Row, load
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import mark
from smtpauth_tui.store.writer import Writer
from smtpauth_tui.switches import CAN_BE_OFF, Reason, Switches
from tests.logs import CIPHER, bring_in, write
from tests.store.facts import DAY, NOON, each, fill, sent

BERLIN = ZoneInfo("Europe/Berlin")
LAST = date(2026, 11, 16)
# the clocks change within the first of these days' weeks
FIRST_MOMENT = datetime(2026, 10, 23, 22, 30, tzinfo=UTC)
NETWORKS = ("10.0.0.0/8", "2001:db8:5::/48")


@dataclass(frozen=True)
class Message:
    """A message of a made log, as whoever sent it knows it. *tls* and *mechanism* None: the log does not tell.

    Where a proxy did the login, Postfix does not know the client's TLS either.
    """

    when: datetime
    login: str
    client: str
    tls: str | None
    mechanism: str | None

    def lines(self, number: int) -> Iterator[str]:
        """What Postfix says of it: without TLS no TLS line; where it is unknown, a service with TLS lost that line."""
        service = "smtps/smtpd" if self.tls is None else "submission/smtpd"
        client, queue_id, smtpd = f"pc.example[{self.client}]", f"{0xA00000 + number:X}", f"{service}[{number}]"
        method = self.mechanism or "XCLIENT"
        yield f"{smtpd}: connect from {client}"
        if self.tls:
            yield f"{smtpd}: Anonymous TLS connection established from {client}: {self.tls} {CIPHER}"
        yield f"{smtpd}: {queue_id}: client={client}, sasl_method={method}, sasl_username={self.login}"
        yield f"qmgr[7]: {queue_id}: from=<{self.login}>, size=1000, nrcpt=1 (queue active)"
        starttls = " starttls=1" if self.tls and service.startswith("sub") else ""
        yield f"{smtpd}: disconnect from {client} ehlo=2{starttls} auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"


def log_of(messages: list[Message]) -> list[str]:
    """The messages' lines; between them somebody sends with TLS, so that it is known to be logged."""
    lines: list[str] = []
    for number, message in enumerate(messages):
        for text in message.lines(number):
            lines.append(f"{message.when.isoformat()} mx1 postfix/{text}")
    return lines


def anchored(messages: list[Message]) -> list[Message]:
    """In order, with a message of the monitoring before and after each."""
    found: list[Message] = []
    for message in sorted(messages, key=lambda one: one.when):
        anchor = Message(message.when, "monitor@shop.example", "10.0.0.5", "TLSv1.3", "XOAUTH2")
        found += [anchor, message, anchor]
    return found


times = st.integers(0, 23 * 24 * 60).map(lambda minutes: FIRST_MOMENT + timedelta(minutes=minutes))
ways = st.one_of(
    st.just((None, None)),
    st.tuples(
        st.sampled_from([None, "", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]),
        st.sampled_from(["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"]),
    ),
)
messages_made = st.builds(
    lambda when, login, client, way: Message(when, login, client, *way),
    times,
    st.sampled_from(["ana@shop.example", "Ana@shop.example", "scan@shop.example", "ups"]),
    st.sampled_from(["10.0.0.7", "192.0.2.1", "2001:db8:5::9", "2001:db8:6::9"]),
    ways,
)
switches_made = st.builds(
    Switches,
    st.sets(st.sampled_from(CAN_BE_OFF)).map(lambda some: tuple(one for one in CAN_BE_OFF if one in some)),
    st.sampled_from([(), NETWORKS]),
)


def refusals(message: Message, switches: Switches) -> set[str]:
    """Why a server would refuse a message, written down once more."""
    why = set()
    if message.mechanism in ("PLAIN", "LOGIN"):
        why.add("basic")
    if message.tls is not None:
        why.add({"": "notls", "TLSv1": "tls1.0", "TLSv1.1": "tls1.1"}.get(message.tls, ""))
    wanted = {one.value for one in switches.off}
    found = why & wanted
    if switches.networks and message.client in ("192.0.2.1", "2001:db8:6::9"):
        found.add("network")
    return found


def unsure(message: Message, switches: Switches) -> bool:
    """Whether a server might refuse a message, and the log does not tell."""
    if refusals(message, switches):
        return False
    off = {one.value for one in switches.off}
    return (message.mechanism is None and "basic" in off) or (message.tls is None and bool(off - {"basic"}))


async def asked(db: Path, query: ReportQuery) -> tuple[list[Row], Preface, Chart]:
    async with await Store.open(db) as store:
        return await each(records(store, query, None)), await load_preface(store, query), await load_chart(store, query)


def day_of(message: Message) -> date:
    return message.when.astimezone(BERLIN).date()


@settings(max_examples=60)
@given(st.lists(messages_made, min_size=1, max_size=12), switches_made, st.sampled_from([5, 20, 26, 60]))
def test_everything_is_what_a_plain_count_of_the_log_says(made: list[Message], switches: Switches, days: int) -> None:
    messages = anchored(made)
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder, "store.db")
        bring_in(db, write(Path(folder, "mail.log"), log_of(messages)), zone="Europe/Berlin")
        query = ReportQuery(Period.ending(LAST, days), switches=switches)
        rows, preface, chart = asyncio.run(asked(db, query))
    there = [one for one in messages if query.period.first <= day_of(one) <= LAST]
    by_account: dict[str, list[Message]] = {}
    for one in there:
        by_account.setdefault(one.login.casefold(), []).append(one)
    broken = {name: own for name, own in by_account.items() if any(refusals(one, switches) for one in own)}
    assert {row.name.casefold() for row in rows} == set(broken)
    for row in rows:
        check_row(row, broken[row.name.casefold()], messages, switches)
    refused = [row.account.refused for row in rows]
    assert refused == sorted(refused, reverse=True)
    totals = preface.fields["totals"]
    assert totals["accounts"] == len(by_account)
    assert totals["breaking"] == len(broken)
    assert totals["messages"] == len(there)
    assert totals["refused"] == sum(bool(refusals(one, switches)) for one in there)
    assert totals["cannot_tell"] == sum(unsure(one, switches) for one in there)
    assert totals["cannot_tell_accounts"] == sum(
        any(unsure(one, switches) for one in own) for own in by_account.values()
    )
    counts = [entry["accounts"] for entry in preface.fields["burn_down"]]
    for bucket, count in zip(chart.buckets, counts, strict=True):
        assert count == len(
            {
                one.login.casefold()
                for one in there
                if bucket.first <= day_of(one) <= bucket.last and refusals(one, switches)
            }
        )
    assert list(chart.series[0].counts if chart.series else [0] * len(counts)) == counts


def check_row(row: Row, own: list[Message], everything: list[Message], switches: Switches) -> None:
    one = row.account
    refused = [message for message in own if refusals(message, switches)]
    assert (one.messages, one.refused) == (len(own), len(refused))
    reasons = Counter(reason for message in own for reason in refusals(message, switches))
    assert {reason.value: count for reason, count in one.refused_by.items() if count} == reasons
    assert one.cannot_tell == sum(unsure(message, switches) for message in own)
    assert one.last == max(int(message.when.timestamp()) for message in own)
    assert one.last_refused == max(int(message.when.timestamp()) for message in refused)
    ninety = {day_of(message) for message in everything if message.login.casefold() == row.name.casefold()}
    assert one.days_seen == len({day for day in ninety if day <= LAST})
    assert row.sources
    assert row.sources.addresses == len({message.client for message in own})
    newest = max(message.when for message in own)
    assert row.sources.newest in {message.client for message in own if message.when == newest}
    assert set(row.sources.mechanisms) == {message.mechanism or "XCLIENT" for message in own}
    assert sum(one.tls.values()) == sum(one.auth.values()) == len(own)


# by example


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


async def answer(db: Path, *off: Reason, networks: tuple[str, ...] = (), days: int = 90, **more: object) -> list[Row]:
    query = ReportQuery(Period.ending(LAST, days), switches=Switches(off, networks), **more)  # type: ignore[arg-type]
    async with await Store.open(db) as store:
        return await each(records(store, query, None))


async def said(db: Path, *off: Reason, networks: tuple[str, ...] = ()) -> str:
    async with await Store.open(db) as store:
        query = ReportQuery(Period.ending(LAST, 90), switches=Switches(off, networks))
        return " ".join((await load_preface(store, query)).sentences)


async def test_rare_senders_are_marked(db: Path) -> None:
    fill(
        db,
        [
            *[sent(f"A{n}", NOON - n * DAY, account="ups", tls=TlsVersion.V1_0) for n in (0, 80)],
            *[sent(f"B{n}", NOON - n * DAY, account="scan", tls=TlsVersion.V1_0) for n in range(3)],
            sent("C1", NOON - 89 * DAY, account="early", tls=TlsVersion.V1_0),
            sent("D1", NOON - 90 * DAY, account="earlier", tls=TlsVersion.V1_0),
        ],
    )
    rows = {row.name: row.account for row in await answer(db, Reason.TLS_1_0)}
    assert {name: (one.days_seen, one.rare) for name, one in rows.items()} == {
        "ups": (2, True),
        "scan": (3, False),
        "early": (1, True),
    }
    assert [row.account.days_seen for row in await answer(db, Reason.TLS_1_0, days=1)] == [3, 2]
    assert "2 of them send rarely: on at most 2 of the last 90 days." in await said(db, Reason.TLS_1_0)


async def test_a_young_store_says_how_little_it_knows(db: Path) -> None:
    fill(db, [sent("A1", NOON - DAY, tls=TlsVersion.NONE), sent("A2", tls=TlsVersion.V1_3)])
    (row,) = await answer(db, Reason.NO_TLS)
    assert (row.account.per_day, row.days_known) == (1.0, 2)
    assert "1 of them sends rarely: on at most 2 of the last 90 days, of which the store knows 2." in await said(
        db, Reason.NO_TLS
    )


async def test_what_one_cannot_tell_breaks_nobody_and_is_told(db: Path) -> None:
    fill(
        db,
        [
            sent("A1", account="old", tls=TlsVersion.UNKNOWN, mechanism="XCLIENT"),
            sent("B1", account="new", tls=TlsVersion.UNKNOWN, mechanism="XOAUTH2"),
            sent("B2", account="new", tls=TlsVersion.UNKNOWN, mechanism="LOGIN"),
        ],
    )
    (row,) = await answer(db, Reason.BASIC, Reason.NO_TLS)
    assert (row.name, row.account.refused, row.account.messages, row.account.cannot_tell) == ("new", 1, 2, 1)
    text = await said(db, Reason.BASIC, Reason.NO_TLS)
    assert "1 of 2 accounts would break; 33.33 % of the messages (1 of 3) would be refused." in text
    assert (
        "Cannot tell: 2 messages of 2 accounts, of which the log does not have the kind of login or the TLS version. "
        "They do not count as refused." in text
    )
    assert await answer(db, Reason.TLS_1_1) == []
    assert "Cannot tell" not in await said(db, networks=("192.0.2.0/24",))


async def test_a_client_without_an_address_may_come_from_anywhere(db: Path) -> None:
    fill(db, [sent("A1", client="unknown"), sent("A2", client="192.0.2.9"), sent("A3", client="198.51.100.1")])
    (row,) = await answer(db, networks=("192.0.2.0/24",))
    assert (row.account.refused, row.account.cannot_tell, row.sources.addresses) == (1, 1, 3)
    assert "the client's address" in await said(db, networks=("192.0.2.0/24",))


async def test_the_deadline_is_told_with_the_day_it_is_of(db: Path) -> None:
    fill(db, [sent("A1")])
    text = await said(db, Reason.BASIC)
    assert "at the end of December 2026" in text
    assert "MC786329 of 27 January 2026" in text
    assert "MC786329" not in await said(db, *CAN_BE_OFF[1:])


async def test_done_is_shown_and_so_is_what_came_after_it(db: Path) -> None:
    fill(db, [sent("A1", account="Done@shop.example"), sent("B1", NOON, account="used"), sent("C1", account="open")])
    with Notes(db) as notes:
        mark(notes, "done@shop.example", done=True, at=NOON)
        mark(notes, "used", done=True, at=NOON - 1)
    rows = {row.name: row for row in await answer(db, Reason.BASIC)}
    assert {name: (row.todo.done_at, row.broken_promise) for name, row in rows.items()} == {
        "Done@shop.example": (NOON, False),
        "used": (NOON - 1, True),
        "open": (None, False),
    }
    assert "2 of them are marked as done." in await said(db, Reason.BASIC)


async def test_domain_search_order_and_limit(db: Path) -> None:
    fill(
        db,
        [
            sent("A1", NOON - DAY, account="Zoe", sender="zoe@a.example"),
            sent("A2", NOON - DAY, account="Zoe", sender="zoe@b.example"),
            sent("B1", NOON, account="bo", sender="bo@a.example"),
        ],
    )

    async def names(**more: object) -> list[tuple[str, int]]:
        return [(row.name, row.account.messages) for row in await answer(db, Reason.BASIC, **more)]  # type: ignore[arg-type]

    assert await names() == [("Zoe", 2), ("bo", 1)]
    assert await names(domain="b.example") == [("Zoe", 1)]
    assert await names(domain="a.example", networks=("203.0.113.0/24",)) == [("bo", 1), ("Zoe", 1)]
    assert await names(search="ZO") == [("Zoe", 2)]
    assert await names(order=SenderOrder.NAME, descending=False) == [("bo", 1), ("Zoe", 2)]
    assert await names(order=SenderOrder.LAST_SEEN) == [("bo", 1), ("Zoe", 2)]
    async with await Store.open(db) as store:
        rows = await each(records(store, ReportQuery(Period.ending(LAST, 7)), 1))
    assert [row.name for row in rows] == ["Zoe"]


async def test_an_answer_is_not_kept_when_the_store_changes(db: Path) -> None:
    fill(db, [sent("A1", account="one")])
    query = ReportQuery(Period.ending(LAST, 7))
    async with await Store.open(db) as store:
        assert len((await load(store, query)).verdict.breaking) == 1
        fill(db, [sent("A2", account="two")])
        assert len((await load(store, query)).verdict.breaking) == 2


@pytest.mark.parametrize("by_client", [False, True])
async def test_days_are_those_of_the_store_s_zone(db: Path, by_client: bool) -> None:
    midnight = int(datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC).timestamp())  # the last second of 25 October there
    Writer(db, "Europe/Berlin").close()
    fill(db, [sent("A1", midnight, account="before"), sent("B1", midnight + 1, account="after")])
    day = Period(date(2026, 10, 25), date(2026, 10, 25))
    switches = Switches((Reason.BASIC,), ("203.0.113.0/24",) if by_client else ())
    async with await Store.open(db) as store:
        rows = await each(records(store, ReportQuery(day, switches=switches), None))
    assert [(row.name, row.sources.addresses) for row in rows] == [("before", 1)]


# the burn-down


@given(st.integers(1, 2000), st.integers(1, 40))
def test_buckets_cover_the_period_and_are_equal_but_the_first(days: int, most: int) -> None:
    period = Period.ending(LAST, days)
    buckets = equal_buckets(period, most)
    assert len(buckets) <= most
    assert (buckets[0].first, buckets[-1].last) == (period.first, period.last)
    assert all(a.last + timedelta(days=1) == b.first for a, b in pairwise(buckets))
    lengths = [(one.last - one.first).days + 1 for one in buckets]
    assert len(set(lengths[1:])) <= 1
    assert lengths[0] <= lengths[-1]
    assert days > most or lengths == [1] * days


async def test_accounts_of_several_weeks_are_no_sum(db: Path) -> None:
    fill(db, [sent(f"A{n}", NOON - n * DAY, account=f"a{n % 3}") for n in range(40)])
    async with await Store.open(db) as store:
        chart = await load_chart(store, ReportQuery(Period.ending(LAST, 40)))
    assert set(chart.series[0].counts) == {3}
    assert readout(chart, 2).messages == "3 accounts"
    assert fitted(chart, 2).series[0].counts == (3, 3)
