"""Sign-ins and snapshots in the store: each counted once, in the days of its zone, and apart from messages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpauth_tui.model import SignIn, SignInOutcome, Snapshot, TlsVersion
from smtpauth_tui.query import Period, ReportQuery, SenderOrder
from smtpauth_tui.store import dictionaries
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import SignInTotal
from smtpauth_tui.store.writer import Writer
from tests.formats.reading_exports import decoded, read
from tests.logs import asked, contents
from tests.store.facts import DAY, NOON, bring_in_exports, signed_in, snapshot_of, source_of

EXPORTS = Path(__file__).parent.parent / "formats" / "exports" / "entra"
SAME_SIGN_INS = ["graph-page.json", "portal-list.json", "lines.json", "azure-monitor.json", "portal.csv"]
ALL = ReportQuery(period=Period(first=date(2026, 11, 16), last=date(2026, 11, 22)))
FAILED = SignInOutcome.FAILED


def rolled_up(db: Path) -> list[tuple[Any, ...]]:
    """The roll-up of the sign-ins, by words instead of numbers."""
    return asked(
        db,
        "SELECT day, tried_name.folded, client.address, country, sign_ins, failures, first, last FROM daily_sign_in "
        "JOIN tried_name ON tried_name.id = daily_sign_in.name JOIN client ON client.id = daily_sign_in.client "
        "ORDER BY 1, 2, 3, 4",
    )


@pytest.mark.parametrize("first", SAME_SIGN_INS)
def test_the_same_sign_ins_in_another_form_add_nothing(tmp_path: Path, first: str) -> None:
    db = tmp_path / "store.db"
    sign_ins = {name: read([decoded((EXPORTS / name).read_bytes())], "entra").facts.sign_ins for name in SAME_SIGN_INS}
    added = bring_in_exports(db, sign_ins[first])
    assert (added.sign_ins, added.auth_failures, added.already_known) == (4, 2, 0)
    before = contents(db), rolled_up(db)
    for name in SAME_SIGN_INS:
        added = bring_in_exports(db, sign_ins[name])
        assert (added.sign_ins, added.auth_failures, added.already_known) == (0, 0, 4), name
    assert (contents(db), rolled_up(db)) == before
    assert asked(db, "SELECT count(*), sum(failures) FROM daily_failure") == [(2, 2)]
    assert asked(db, "SELECT (SELECT count(*) FROM submission), (SELECT count(*) FROM daily)") == [(0, 0)]
    assert asked(db, "SELECT sum(auth_failures), sum(submissions) FROM source") == [(2, 0)]


def test_an_id_tells_sign_ins_apart_in_any_case_and_in_one_batch(tmp_path: Path) -> None:
    added = bring_in_exports(tmp_path / "store.db", [signed_in("AB"), signed_in("ab"), signed_in("c"), signed_in("c")])
    assert (added.sign_ins, added.already_known) == (2, 2)


def test_without_ids_equal_sign_ins_of_an_export_stay_apart(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    equal = [signed_in("", outcome=FAILED), signed_in("", outcome=FAILED, ordinal=1)]
    assert bring_in_exports(db, equal).sign_ins == 2
    again = bring_in_exports(db, [*equal, signed_in("", outcome=FAILED, ordinal=2), signed_in("", NOON + 1)])
    assert (again.sign_ins, again.already_known) == (2, 2)
    assert asked(db, "SELECT sum(sign_ins), sum(failures) FROM daily_sign_in") == [(4, 3)]
    assert asked(db, "SELECT sum(failures) FROM daily_failure") == [(3,)]


@st.composite
def many_sign_ins(draw: Callable[..., Any]) -> list[SignIn]:
    return [
        signed_in(
            draw(st.sampled_from(["", f"id{number}"])),
            NOON + draw(st.integers(-2 * DAY, 2 * DAY)),
            account=draw(st.sampled_from(["ana@shop.example", "ANA@shop.example", "", "ß"])),
            client=draw(st.sampled_from(["192.0.2.1", "2001:db8::1", ""])),
            country=draw(st.sampled_from(["DE", "AU", ""])),
            outcome=draw(st.sampled_from(SignInOutcome)),
            ordinal=number,
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@settings(max_examples=40, deadline=None)
@given(many_sign_ins(), st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns"]), st.integers(0, 12))
def test_rollup_of_sign_ins_is_the_facts_counted(
    tmp_path_factory: pytest.TempPathFactory, sign_ins: list[SignIn], zone: str, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("sign-ins")
    bring_in_exports(folder / "one.db", sign_ins, zone=zone)
    bring_in_exports(folder / "many.db", sign_ins[cut:], zone="UTC")
    bring_in_exports(folder / "many.db", sign_ins)
    writer = Writer(folder / "many.db", "UTC")
    writer.rezone(zone)
    writer.close()
    assert rolled_up(folder / "many.db") == rolled_up(folder / "one.db")
    counts = [row[4:6] for row in rolled_up(folder / "one.db")]
    assert sum(total for total, _ in counts) == len(sign_ins)
    assert sum(failures for _, failures in counts) == sum(one.outcome is FAILED for one in sign_ins)


def test_names_that_attackers_made_up_are_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "MOST_TRIED_NAMES", 3)
    db = tmp_path / "store.db"
    tried = [signed_in("", account=f"x{number}", outcome=FAILED) for number in range(9)]
    for _ in range(2):
        bring_in_exports(db, tried)
        assert asked(db, "SELECT count(*) FROM tried_name") == [(4,)]
        assert asked(db, "SELECT sum(sign_ins), sum(failures) FROM daily_sign_in") == [(9, 9)]
        assert asked(db, "SELECT sum(failures) FROM daily_failure") == [(9,)]


def test_what_was_undone_is_brought_in_again(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    writer = Writer(db, "UTC")
    for keep in (False, True):
        writer.begin()
        source = source_of(writer)
        assert writer.add_sign_ins([signed_in("1", outcome=FAILED)], source).sign_ins == 1
        assert writer.add_snapshot(snapshot_of("a@shop.example"), source).snapshots == 1
        writer.commit(keep=keep)
    writer.close()
    assert asked(db, "SELECT sum(sign_ins) FROM daily_sign_in") == [(1,)]
    assert asked(db, "SELECT text FROM tried_name") == [("ana@shop.example",)]


async def test_questions_about_sign_ins(tmp_path: Path) -> None:
    bring_in_exports(
        tmp_path / "store.db",
        [
            signed_in("1"),
            signed_in("2", NOON + 1, account="ANA@shop.example", outcome=FAILED),
            signed_in("3", NOON + DAY, country="AU"),
            signed_in("4", NOON + DAY, account="bo@other.example", client="2001:db8::1", country=""),
            signed_in("5", NOON - 10 * DAY),
        ],
    )
    async with await Store.open(tmp_path / "store.db") as store:
        assert await store.sign_ins(ALL) == [
            SignInTotal("ana@shop.example", "203.0.113.24", "DE", 2, 1, NOON, NOON + 1),
            SignInTotal("ana@shop.example", "203.0.113.24", "AU", 1, 0, NOON + DAY, NOON + DAY),
            SignInTotal("bo@other.example", "2001:db8::1", "", 1, 0, NOON + DAY, NOON + DAY),
        ]

        async def found(**changes: Any) -> list[str | None]:
            return [row.account for row in await store.sign_ins(replace(ALL, **changes))]

        assert await found(domain="Other.example") == ["bo@other.example"]
        assert await found(search="2001:") == await found(search="BO@") == ["bo@other.example"]
        assert await found(search="%") == []
        assert (await found(order=SenderOrder.NAME))[0] == "bo@other.example"
        assert (await found(order=SenderOrder.CLIENT, descending=True))[0] == "ana@shop.example"
        for order in SenderOrder:
            assert len(await found(order=order)) == 3
        assert len(await store.sign_ins(ALL, limit=1)) == 1


# snapshots


async def senders_of(db: Path) -> list[list[str]]:
    async with await Store.open(db) as store:
        return [
            [row.sender for row in await store.snapshot_senders(one.number, ALL)] for one in await store.snapshots()
        ]


async def test_the_same_snapshot_again_adds_nothing(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    one = snapshot_of("b@shop.example", "a@shop.example")
    turned = Snapshot(None, None, tuple(reversed(one.senders)))
    added = bring_in_exports(db, (), one, turned, snapshot_of("a@shop.example"))
    assert (added.snapshots, added.already_known) == (2, 1)
    assert sorted(await senders_of(db)) == [["a@shop.example"], ["a@shop.example", "b@shop.example"]]
    assert bring_in_exports(db, (), one).already_known == 1


async def test_another_snapshot_in_the_same_file_takes_its_place(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    bring_in_exports(db, (), snapshot_of("a@shop.example", "b@shop.example"))
    bring_in_exports(db, (), snapshot_of("c@shop.example"))
    assert await senders_of(db) == [["c@shop.example"]]
    assert asked(db, "SELECT count(*) FROM snapshot_sender") == [(1,)]


async def test_snapshot_keeps_what_its_export_says(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    first, last = date(2026, 11, 1), date(2026, 11, 7)
    reader = read([decoded((EXPORTS.parent / "eac" / "counts.csv").read_bytes())], "eac")
    (snapshot,) = reader.facts.snapshots
    bring_in_exports(db, (), replace(snapshot, first=first, last=last))
    async with await Store.open(db) as store:
        (row,) = await store.snapshots()
        assert (row.path, row.first, row.last, row.senders, row.messages) == (
            "/exports/smtp-auth-0.csv",
            first,
            last,
            4,
            1602,
        )
        senders = await store.snapshot_senders(row.number, ALL)
        assert [one.messages for one in senders] == [1472, 100, 20, 10]
        assert senders[1].tls[TlsVersion.V1_0] == 53
        assert senders[3].tls[TlsVersion.UNKNOWN] == 6
        assert await store.span() is None
