"""Where a sender comes from, as its flyout says it."""

from datetime import date
from pathlib import Path

from smtpauth_tui.model import Submission, TlsVersion
from smtpauth_tui.places import Places
from smtpauth_tui.query import Grouping, Period, ReportQuery
from smtpauth_tui.reports.flyouts import Entries, Flyout, Heading, Lines, Paragraph, one_sender, one_source
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.writer import Writer
from tests.mmdb import BRAZIL, GERMANY, write_mmdb
from tests.store.facts import DAY, NOON, fill, sent, source_of

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))
SCAN = "scan@shop.example"


async def flyout_of(
    db: Path, places: Places | None = None, sender: str = SCAN, by: Grouping = Grouping.SENDER
) -> Flyout:
    async with await Store.open(db, places or Places()) as store:
        return await one_sender(store, ReportQuery(WEEK, sender=sender, by=by))


def said(flyout: Flyout) -> list[str]:
    """The sentences of the part *Sources*."""
    begin = flyout.blocks.index(Heading("Sources"))
    end = flyout.blocks.index(Heading("Messages per day"))
    return [block.text for block in flyout.blocks[begin:end] if isinstance(block, Paragraph)]


def listed(flyout: Flyout) -> list[tuple[str, ...]]:
    """Address, host, and figures of each entry."""
    (entries,) = [block for block in flyout.blocks if isinstance(block, Entries)]
    return [(row.name.text, row.aside.text, *(cell.text for cell in row.figures)) for row in entries.rows]


def devices(count: int) -> list[Submission]:
    """As many devices with one login, the first with most messages."""
    return [
        sent(f"A{device}-{n}", NOON + n, account=SCAN, client=f"192.0.{device}.7")._replace(
            client_name=f"scan-{device}.shop.example"
        )
        for device in range(count)
        for n in range(count - device)
    ]


async def test_one_login_and_five_devices(tmp_path: Path) -> None:
    fill(
        tmp_path / "store.db",
        [*devices(5), sent("B", NOON + DAY, account=SCAN, client="192.0.4.9", tls=TlsVersion.V1_0)],
    )
    flyout = await flyout_of(tmp_path / "store.db")
    assert said(flyout) == [
        "One login, 6 addresses in 5 networks.",
        "No country or AS file is named ([places] databases).",
    ]
    rows = listed(flyout)
    assert rows[0] == ("192.0.0.7", "scan-0.shop.example", "31%(5)", "TLS 1.3", "2026-11-16 12:00", "")
    assert [row[0] for row in rows] == ["192.0.0.7", "192.0.1.7", "192.0.2.7", "192.0.3.7", "192.0.4.7", "192.0.4.9"]
    assert rows[-1][2:5] == ("6%(1)", "TLS 1.0", "2026-11-17 12:00")


async def test_many_addresses_are_cut_and_told(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", devices(12))
    flyout = await flyout_of(tmp_path / "store.db")
    assert len(listed(flyout)) == 8
    assert said(flyout)[1:3] == ["and 4 more", "All of them: smtpauth-tui show sources --account NAME"]


async def test_many_addresses_of_few_networks_are_shown_by_network(tmp_path: Path) -> None:
    moving = [sent(f"A{n}", NOON + n, account=SCAN, client=f"2001:db8:1::{n:x}") for n in range(20)]
    fill(tmp_path / "store.db", [*moving, sent("B", account=SCAN, client="192.0.2.1")])
    flyout = await flyout_of(tmp_path / "store.db")
    assert [row[:3] for row in listed(flyout)] == [
        ("2001:db8:1::/48", "20 addresses", "95%(20)"),
        ("192.0.2.0/24", "1 address", "5%(1)"),
    ]
    assert said(flyout)[:2] == [
        "One login, 21 addresses in 2 networks.",
        "All of them: smtpauth-tui show sources --account NAME",
    ]


async def test_a_login_that_serves_other_senders_is_shown_whole(tmp_path: Path) -> None:
    others = [sent(f"B{n}", account=SCAN, sender="ceo@shop.example", client="203.0.113.9") for n in range(3)]
    fill(tmp_path / "store.db", [sent("A", account=SCAN, client="192.0.2.7"), *others])
    flyout = await flyout_of(tmp_path / "store.db")
    assert [row[:3] for row in listed(flyout)] == [("203.0.113.9", "", "75%(3)"), ("192.0.2.7", "", "25%(1)")]
    assert said(flyout)[0] == (
        "One login, 2 addresses in 2 networks. Other senders' messages with the same login are among these: 3."
    )
    of_account = await flyout_of(tmp_path / "store.db", by=Grouping.ACCOUNT)
    assert said(of_account)[0] == "One login, 2 addresses in 2 networks."


async def test_a_sender_with_several_logins(tmp_path: Path) -> None:
    facts = [sent(login, account=login, sender=SCAN, client="192.0.2.7") for login in ("one", "two")]
    fill(tmp_path / "store.db", facts)
    assert said(await flyout_of(tmp_path / "store.db"))[0] == "2 logins, 1 address."


async def test_places(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", [*devices(2), sent("B", account=SCAN, client="10.0.0.1")])
    contoso = {"asn": "AS64500", "as_name": "Contoso"}
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.0.0/24": {**GERMANY, **contoso}, "192.0.1.0/24": BRAZIL})
    flyout = await flyout_of(tmp_path / "store.db", Places([str(path)]))
    assert [row[-1] for row in listed(flyout)] == ["DE, AS64500 Contoso", "private network", "BR"]
    assert said(flyout) == ["One login, 3 addresses in 3 networks and 2 countries."]


async def test_private_addresses_need_no_file(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", [sent("A", account=SCAN, client="10.0.0.1")])
    assert said(await flyout_of(tmp_path / "store.db")) == ["One login, 1 address."]


async def test_a_file_that_cannot_be_read_is_told_and_the_rest_shown(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", devices(1))
    flyout = await flyout_of(tmp_path / "store.db", Places(["/nowhere/x.mmdb"]))
    assert listed(flyout)
    assert "There is no file /nowhere/x.mmdb" in said(flyout)[-1]


async def test_truncated(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", [*devices(1), sent("B", account=SCAN, client="192.0.0.99")])
    flyout = await flyout_of(tmp_path / "store.db", Places(truncate=True))
    assert listed(flyout) == [("192.0.0.0/24", "*.shop.example", "100%(2)", "TLS 1.3", "2026-11-16 12:00", "")]
    assert said(flyout)[0] == "One login, 2 addresses in 1 network."


async def test_lines_of_a_log_may_hold_addresses(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "store.db", "UTC")
    writer.begin()
    source = source_of(writer)
    writer._connection.execute("INSERT INTO unread_line VALUES (?, 5, 'from 192.0.2.7')", (source,))
    writer.commit()
    writer.close()
    for truncate in (False, True):
        async with await Store.open(tmp_path / "store.db", Places(truncate=truncate)) as store:
            flyout = await one_source(store, source)
        assert any(isinstance(block, Lines) for block in flyout.blocks) is not truncate
        assert ("192.0.2.7" in str(flyout)) is not truncate


async def test_silence(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", [sent("A", NOON - 30 * DAY, account=SCAN)])
    flyout = await flyout_of(tmp_path / "store.db")
    assert Heading("Sources") not in flyout.blocks
