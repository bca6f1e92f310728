"""From where messages came: the facts of a period, by client address."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from smtpauth_tui.model import Submission, TlsVersion
from smtpauth_tui.query import Grouping, Period, ReportQuery
from smtpauth_tui.store.places import ClientUse, client_uses
from smtpauth_tui.store.reader import Store
from tests.store.facts import DAY, NOON, fill, sent

WEEK = ReportQuery(Period(date(2026, 11, 16), date(2026, 11, 22)))
FACTS = [
    sent("A1", account="scan", sender="a@shop.example", client="192.0.2.1"),
    sent("A2", NOON + 60, account="scan", sender="A@shop.example", client="192.0.2.1", mechanism="LOGIN"),
    sent("A3", NOON + 120, account="SCAN", sender="b@shop.example", client="192.0.2.1", tls=TlsVersion.V1_0),
    sent("A4", NOON + DAY, account="scan", sender="b@other.example", client="2001:db8::7"),
    sent("A5", NOON + DAY, account="ana", sender="a@shop.example", client="192.0.2.1"),
    sent("A6", NOON - 9 * DAY, account="scan", sender="a@shop.example", client="192.0.2.9"),
]


async def uses(db: Path, query: ReportQuery, within: str | None = None) -> list[ClientUse]:
    async with await Store.open(db) as store:
        return await client_uses(store, query, within)


def by_client(found: Sequence[ClientUse]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for use in found:
        counts[use.client] += use.messages
    return counts


async def test_all_that_came_from_an_address(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", FACTS)
    found = await uses(tmp_path / "store.db", WEEK)
    assert by_client(found) == {"192.0.2.1": 4, "2001:db8::7": 1}
    assert len({use.account for use in found}) == 2
    said = sorted((use.tls, use.mechanism, use.messages, use.first, use.last) for use in found if use.client[0] == "1")
    assert said == [
        (TlsVersion.V1_0, "PLAIN", 1, NOON + 120, NOON + 120),
        (TlsVersion.V1_3, "LOGIN", 1, NOON + 60, NOON + 60),
        (TlsVersion.V1_3, "PLAIN", 1, NOON, NOON),
        (TlsVersion.V1_3, "PLAIN", 1, NOON + DAY, NOON + DAY),
    ]


@pytest.mark.parametrize(
    ("by", "name", "messages"),
    [
        (Grouping.ACCOUNT, "Scan", {"192.0.2.1": 3, "2001:db8::7": 1}),
        (Grouping.ACCOUNT, "ana", {"192.0.2.1": 1}),
        (Grouping.SENDER, "a@SHOP.example", {"192.0.2.1": 3}),
        (Grouping.SENDER, "b@other.example", {"2001:db8::7": 1}),
        (Grouping.SENDER, "nobody", {}),
        (Grouping.ACCOUNT, "nobody", {}),
    ],
)
async def test_of_one_sender_or_account(by: Grouping, name: str, messages: dict[str, int], tmp_path: Path) -> None:
    fill(tmp_path / "store.db", FACTS)
    found = await uses(tmp_path / "store.db", ReportQuery(WEEK.period, sender=name, by=by))
    assert by_client(found) == messages


async def test_of_one_domain(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", FACTS)
    found = await uses(tmp_path / "store.db", ReportQuery(WEEK.period, domain="Other.example"))
    assert by_client(found) == {"2001:db8::7": 1}


async def test_a_sender_is_counted_apart_within_its_login(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", FACTS)
    of_login = ReportQuery(WEEK.period, sender="scan", by=Grouping.ACCOUNT)
    found = await uses(tmp_path / "store.db", of_login, within="A@shop.example")
    assert sum(use.messages for use in found) == 4
    assert sum(use.within for use in found) == 2


async def test_days_are_those_of_the_stores_zone(tmp_path: Path) -> None:
    """Also on the days on which clocks change: 23 and 25 hours."""
    zone = "Europe/Berlin"
    hours = range(30 * 24)
    first = int(datetime(2026, 10, 12, tzinfo=UTC).timestamp())
    fill(tmp_path / "store.db", [sent(f"A{n}", first + n * 3600) for n in hours], zone=zone)
    for day in (date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)):
        (use,) = await uses(tmp_path / "store.db", ReportQuery(Period(day, day)))
        there = [first + n * 3600 for n in hours]
        assert use.messages == sum(datetime.fromtimestamp(t, ZoneInfo(zone)).date() == day for t in there)


async def test_sums_are_those_of_the_roll_up(tmp_path: Path) -> None:
    dice = Random(5)
    people, clients = [f"u{n}@shop.example" for n in range(6)], [f"192.0.2.{n}" for n in range(5)]
    facts: list[Submission] = [
        sent(
            f"A{n}",
            NOON + dice.randrange(6 * DAY),
            account=dice.choice(people),
            sender=dice.choice(people),
            client=dice.choice(clients),
            tls=dice.choice(list(TlsVersion)),
        )
        for n in range(400)
    ]
    fill(tmp_path / "store.db", facts)
    async with await Store.open(tmp_path / "store.db") as store:
        for by in Grouping:
            for name in people:
                query = ReportQuery(WEEK.period, sender=name, by=by)
                found, days = await client_uses(store, query), await store.sender_days(query)
                assert sum(use.messages for use in found) == sum(day.messages for day in days)
                tls: Counter[TlsVersion] = Counter()
                for use in found:
                    tls[use.tls] += use.messages
                assert tls == +sum((Counter(day.tls) for day in days), Counter())
