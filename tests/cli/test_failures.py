"""``show failures --by``: the contract's rows by default, and what failures amount to by name and by source."""

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.model import SignInOutcome
from tests.cli.conftest import Cli
from tests.mmdb import BRAZIL, GERMANY, write_mmdb
from tests.rules.company import Company, at, staff
from tests.store.facts import DAY, NOON, bring_in_exports, fill, refused, sent, signed_in

WEEK = ("--start", "2026-11-17", "--end", "2026-11-23")


@pytest.fixture
def attacked(db: Path, tmp_path: Path) -> Path:
    """A network that sprays and gets in once, and a name that is no account."""
    company = Company()
    staff(company, number=12)
    for one in range(12):
        company.refused(f"person{one}@contoso.example", at(2, 2, one), f"198.51.100.{one % 3 + 1}")
    company.sends("person0@contoso.example", at(2, 2, 30), client="198.51.100.9")
    for one in range(3):
        company.refused("=cmd|' /C calc'!A0", at(3, 5, one), "203.0.113.9", name="bad.example")
    made = company.store(tmp_path / "made")
    shutil.copy(made, db)
    return db


def rows(cli: Cli, *words: str) -> list[dict[str, Any]]:
    done = cli("show", "failures", *WEEK, "--json", *words)
    assert (done.status, done.err) == (0, "")
    found: list[dict[str, Any]] = done.json["rows"]
    return found


@pytest.mark.usefixtures("attacked")
def test_without_by_it_is_the_contract(cli: Cli) -> None:
    assert {tuple(row) for row in rows(cli)} == {("account", "client", "failures", "first_seen", "last_seen")}


@pytest.mark.usefixtures("attacked")
def test_by_account(cli: Cli) -> None:
    found = rows(cli, "--by", "account")
    assert found[0] == {
        "account": "person0@contoso.example",
        "kind": "account",
        "failures": 1,
        "messages": 15,
        "sign_ins": 0,
        "addresses": 1,
        "networks": 1,
        "days": 1,
        "pattern": "success after failures",
        "says": "signed in at 02:30 on Sat 21 Nov, where it never had before, after 12 failures from 198.51.100.0/24",
        "reasons": [],
        "first_seen": "2026-11-21T02:00:00Z",
        "last_seen": "2026-11-21T02:00:00Z",
    }
    assert {row["pattern"] for row in found[1:]} == {"password spraying"}
    text = cli("show", "failures", *WEEK, "--by", "account").out
    assert "Failed sign-ins by account · 17–23 Nov 2026" in text
    assert "3 failures of 1 name that is no account stand apart: --by name." in text
    assert len(rows(cli, "--by", "account", "--search", "person3")) == 1
    assert len(rows(cli, "--by", "account", "--search", "SPRAYING")) == 11
    assert rows(cli, "--by", "account", "--sort", "-account")[0]["account"] == "person9@contoso.example"


@pytest.mark.usefixtures("attacked")
def test_by_name_that_is_no_account(cli: Cli) -> None:
    (row,) = rows(cli, "--by", "name")
    assert (row["account"], row["kind"], row["failures"], row["networks"]) == ("=cmd|' /C calc'!A0", "name", 3, None)
    text = cli("show", "failures", *WEEK, "--by", "name").out
    assert "Nobody has signed in or sent by these names, as far as the imported logs tell." in text
    done = cli("show", "failures", *WEEK, "--by", "name", "--format", "csv")
    (cells,) = csv.DictReader(io.StringIO(done.out))
    assert cells["account"].startswith("'=")
    assert cells["pattern"] == "guessed names"


def test_by_source(cli: Cli, attacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_mmdb(tmp_path / "country.mmdb", {"198.51.100.0/24": BRAZIL, "203.0.113.0/24": GERMANY})
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_DATABASES", str(path))
    (network, other) = rows(cli, "--by", "network")
    assert (network["network"], network["failures"], network["names"], network["accounts"]) == (
        "198.51.100.0/24",
        12,
        12,
        12,
    )
    assert (network["messages"], network["pattern"], network["countries"]) == (1, "success after failures", ["BR"])
    assert (other["messages"], other["accounts"], other["pattern"]) == (0, 0, "few tries")
    assert [row["country"] for row in rows(cli, "--by", "country")] == ["BR", "DE"]
    assert [row["host"] for row in rows(cli, "--by", "host")] == [None, "bad.example"]
    address = rows(cli, "--by", "address", "--search", "203.0.113.9")[0]
    assert (address["address"], address["host"], address["country"]) == ("203.0.113.9", "bad.example", "DE")
    for by in ("address", "network", "host", "country"):
        header, *cells = csv.reader(io.StringIO(cli("show", "failures", *WEEK, "--by", by, "--format", "csv").out))
        assert header == list(rows(cli, "--by", by)[0])
        assert len(cells) == len(rows(cli, "--by", by))
        assert sum(row["failures"] for row in rows(cli, "--by", by)) == 15
    assert "No AS file is named" in cli("show", "failures", "--by", "as").err


@pytest.mark.usefixtures("attacked")
@pytest.mark.parametrize(
    ("by", "where", "wanted"),
    [
        ("account", "pattern starts with success", 1),
        ("account", "messages > 14 or last_seen = 2026-11-20", 1),
        ("account", "networks = 1 and not pattern contains spraying", 1),
        ("name", "kind = name and failures >= 3", 1),
        ("name", "networks > 0", 0),
        ("address", "network = 198.51.100.0/24", 3),
        ("address", "address in (203.0.113.9) and host = bad.example", 1),
        ("network", "network in 198.51.0.0/16 and accounts between 12 and 12 and messages = 1", 1),
        ("host", "failures < 12 and last_seen = 2026-11-20", 1),
    ],
)
def test_filters(cli: Cli, by: str, where: str, wanted: int) -> None:
    assert len(rows(cli, "--by", by, "--where", where)) == wanted


def test_what_exports_of_sign_ins_tell(cli: Cli, db: Path) -> None:
    fill(db, [sent("A1", account="ana@shop.example")], [refused("ana@shop.example", NOON + 5)])
    failed, interrupted = SignInOutcome.FAILED, SignInOutcome.INTERRUPTED
    bring_in_exports(
        db,
        [
            signed_in("1", account="cloud@shop.example"),
            signed_in("2", NOON + 5, account="cloud@shop.example", outcome=failed),
            signed_in("3", NOON + 9, account="cloud@shop.example", outcome=failed),
            signed_in("4", NOON + DAY, account="other@shop.example", outcome=interrupted),
        ],
    )
    done = cli("show", "failures", "--by", "account", "--start", "2026-11-16", "--end", "2026-11-18", "--json")
    found = {row["account"]: row for row in done.json["rows"]}
    assert set(found) == {"ana@shop.example", "cloud@shop.example"}  # an interrupt is no failure
    cloud = found["cloud@shop.example"]
    assert (cloud["kind"], cloud["failures"], cloud["sign_ins"], cloud["messages"]) == ("account", 2, 1, 0)
    assert cloud["reasons"] == ["50126: 2"]


@pytest.mark.usefixtures("attacked")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--by", "sender"), "failures cannot be had by sender."),
        (("--by", "account", "--where", "client = 10.0.0.0/8"), "there is no column 'client'"),
        (("--by", "network", "--sort", "tls"), "cannot be sorted by 'tls'"),
    ],
)
def test_what_cannot_be_asked(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("show", "failures", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
