"""Rules on where accounts sign in from."""

from datetime import timedelta
from pathlib import Path

import pytest

from smtpauth_tui.networks import network_of
from smtpauth_tui.store.findings import AllowedRow
from tests.rules.company import Company, at, day, found, looking, said, staff


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:5:77::25", "2001:db8:5::/48"),
        ("2001:db8::1", "2001:db8::/48"),
        ("::1", "::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", "unknown"),
        ("", ""),
        ("1.2.3.4.5", "1.2.3.4.5"),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def from_many(company: Company, account: str, ago: int, number: int, *, hour: int = 2, apart: int = 5) -> None:
    for one in range(number):
        company.sends(account, at(ago, hour) + timedelta(minutes=apart * one), client=f"203.0.{one}.9")


async def test_many_new_networks_in_an_hour_or_in_a_day(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    from_many(company, "person0@contoso.example", 2, 9)
    from_many(company, "person1@contoso.example", 1, 14, apart=60)
    from_many(company, "person2@contoso.example", 1, 5)
    assert await said(company.store(tmp_path), "places") == [
        (
            "person0@contoso.example",
            day(2),
            "signed in from 9 networks in one hour on Sat 21 Nov, all of them new to it",
        ),
        (
            "person1@contoso.example",
            day(1),
            "signed in from 14 networks in 24 hours on Sun 22 Nov, all of them new to it",
        ),
    ]


async def test_many_networks_around_midnight(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    from_many(company, "person0@contoso.example", 2, 9, hour=23, apart=8)
    (finding,) = await found(company.store(tmp_path), "places")
    assert (finding.since, finding.until) == (day(2), day(1))


async def test_a_scanner_fleet_on_one_account_is_at_home_after_its_first_day(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for ago in range(40):
        for site in range(9):
            company.sends("scanner@contoso.example", at(ago, 10, 5 * site), client=f"10.{site}.0.20")
    db = company.store(tmp_path)
    assert await said(db, "places", days=30) == []


async def test_right_after_the_first_import_no_network_is_new(tmp_path: Path) -> None:
    company = Company()
    staff(company, range(6))
    from_many(company, "person0@contoso.example", 1, 9)
    assert await said(company.store(tmp_path), "places") == []


async def test_addresses_of_one_network_are_one_place(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    for one in range(30):
        company.sends("person0@contoso.example", at(1, 2, one), client=f"2001:db8:7:{one:x}::{one:x}")
    assert await said(company.store(tmp_path), "places") == []


async def test_a_network_for_the_first_time(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.sends("person0@contoso.example", at(2, 13), client="198.51.100.4")
    company.sends("person1@contoso.example", at(40, 13), client="198.51.100.4")
    company.sends("person1@contoso.example", at(3, 13), client="198.51.100.99")
    company.sends("person2@contoso.example", at(20, 13), client="192.0.2.4")
    company.sends("person2@contoso.example", at(3, 13), client="192.0.2.5")
    company.works("new.hire@contoso.example", range(3), client="192.0.2.66")
    assert await said(company.store(tmp_path), "place") == [
        ("person1@contoso.example", day(3), "from 198.51.100.0/24 for the first time, on Fri 20 Nov"),
        ("person0@contoso.example", day(2), "from 198.51.100.0/24 for the first time, on Sat 21 Nov"),
    ]


@pytest.mark.parametrize(
    ("kind", "value"), [("network", "203.0.0.0/16"), ("host", ".vpn.example"), ("account", "@contoso.example")]
)
async def test_what_is_allowed_is_not_looked_at(tmp_path: Path, kind: str, value: str) -> None:
    company = Company()
    staff(company)
    for one in range(9):
        company.sends(
            "person0@contoso.example", at(2, 2, 5 * one), client=f"203.0.{one}.9", name=f"gw{one}.vpn.example"
        )
    db = company.store(tmp_path)
    assert len(await said(db, "places")) == 1
    assert await said(db, "places", allowed=(AllowedRow(kind, value, "ours", 0),)) == []


async def test_a_new_account_from_an_allowed_network_is_not_told(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    company.works("printer@contoso.example", range(3), client="10.9.0.4")
    company.works("new.hire@contoso.example", range(3), client="192.0.2.66")
    db = company.store(tmp_path)
    allowed = (AllowedRow("network", "10.0.0.0/8", "ours", 0),)
    assert [unit for unit, *_ in await said(db, "new", allowed=allowed)] == ["new.hire@contoso.example"]


async def test_a_log_without_clients_says_so(tmp_path: Path) -> None:
    company = Company()
    staff(company)
    db = company.store(tmp_path)
    told = await looking(db, "travel", "bounced")
    assert told.missing == {
        "U8": "a file that tells locations: no file is named in [places] databases",
        "U15": "what became of messages; the store keeps what was accepted, not what was delivered",
    }
    told = await looking(db, "guessing", "success", "spraying", "authentication")
    assert {told.missing[rule].partition(";")[0] for rule in ("U9", "U10", "U11")} == {"failed sign-ins"}
    assert told.missing["U14"].startswith("messages by OAuth")
