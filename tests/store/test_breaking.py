"""The roll-up and the facts say the same of how accounts sent, and so do both ways of counting their days."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.store.breaking import Way, addresses, days_known, days_seen, is_known, names, origins, ways
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.writer import Writer
from tests.store.facts import DAY, NOON, fill, sent

TODAY = day_of(NOON // DAY)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Some accounts' messages of 120 days, in a store that is up to date."""
    dice = Random(11)
    path = tmp_path / "store.db"
    fill(
        path,
        [
            sent(
                f"Q{number}",
                NOON - int(dice.random() ** 2 * 120) * DAY + dice.randint(-43_000, 43_000),
                account=f"{dice.choice(('Ana', 'bo', 'ups'))}{int(dice.random() ** 3 * 9)}@d{number % 2}.example",
                sender=f"x@s{number % 3}.example",
                tls=dice.choice(list(TlsVersion)),
                mechanism=dice.choice(("PLAIN", "LOGIN", "XOAUTH2", "")),
                client=dice.choice(("192.0.2.1", "2001:db8::1", "unknown")),
            )
            for number in range(900)
        ],
        zone="Europe/Berlin",
    )
    finish(path)
    return path


def finish(path: Path) -> None:
    """Bring what is counted ahead up to date, as an import does at its end."""
    writer = Writer(path, "Europe/Berlin")
    writer.begin()
    writer.finish()
    writer.commit()
    writer.close()


def without_clients(found: list[Way]) -> dict[tuple[object, ...], tuple[int, int, int]]:
    """Ways with their clients put together."""
    out: dict[tuple[object, ...], tuple[int, int, int]] = {}
    for way in found:
        messages, last, spans = out.get(way[:3], (0, 0, 0))
        out[way[:3]] = messages + way.messages, max(last, way.last), spans | way.spans
    return out


@pytest.mark.parametrize("domain", [None, "s1.example"])
async def test_ways_of_the_roll_up_are_those_of_the_facts(db: Path, domain: str | None) -> None:
    spans = [Period.ending(TODAY - timedelta(days=10 * n), 10) for n in range(8, -1, -1)]
    query = ReportQuery(Period(spans[0].first, TODAY), domain=domain)
    async with await Store.open(db) as store:
        known = await ways(store, query, spans)
        by_client = await ways(store, query, spans, by_client=True)
        accounts = {way.account for way in known}
        found = await origins(store, query, accounts)
        clients = await addresses(store, {way.client or 0 for way in by_client})
        assert {name.partition("@")[2] for name, _ in (await names(store, accounts)).values()} == {
            "d0.example",
            "d1.example",
        }
    assert without_clients(known) == without_clients(by_client)
    assert {way.client for way in known} == {None}
    per_address = Counter[tuple[int, str]]()
    for way in by_client:
        per_address[way.account, clients[way.client or 0]] += way.messages
    for one in found:
        per_address[one.account, one.address] -= one.messages
    assert by_client and not any(per_address.values())


@pytest.mark.parametrize("ago", [-3, 0, 1, 60, 119, 300])
@pytest.mark.parametrize("days", [1, 90])
async def test_days_are_counted_alike_during_an_import_and_after_it(db: Path, ago: int, days: int) -> None:
    last = TODAY - timedelta(days=ago)
    async with await Store.open(db) as store:
        ahead = await days_seen(store, last, days)
        assert await store._ahead()
    fill(db, [sent("new", NOON - 400 * DAY, account="Ana0@d0.example")])  # an import that is not done
    async with await Store.open(db) as store:
        assert not await store._ahead()
        assert await days_seen(store, last, days) == ahead
    if days == 90:
        assert bool(ahead) is (ago < 200)


async def test_names_are_known_whatever_their_case(db: Path) -> None:
    async with await Store.open(db) as store:
        assert await is_known(store, "ANA0@D0.example")
        assert not await is_known(store, "nobody")


def test_days_known_are_those_within_the_period() -> None:
    period = Period.ending(TODAY, 90)
    assert days_known(None, None, period) == 0
    assert days_known(TODAY - timedelta(days=2), TODAY, period) == 3
    assert days_known(TODAY - timedelta(days=500), TODAY - timedelta(days=80), period) == 10
    assert days_known(TODAY - timedelta(days=500), TODAY - timedelta(days=100), period) == 0
