"""``show sources``, and addresses that may not be shown whole."""

import csv
import io
import zipfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui.model import Submission, TlsVersion
from tests.cli.conftest import Cli
from tests.mmdb import BRAZIL, GERMANY, write_mmdb
from tests.store.facts import DAY, NOON, bring_in_exports, fill, refused, sent, signed_in

WEEK = ("--start", "2026-11-16", "--end", "2026-11-22")
HOSTILE = "\x1b]0;owned\x07\u202e=cmd.evil.example"


def from_host(queue_id: str, name: str, time: int = NOON, **about: Any) -> Submission:
    return sent(queue_id, time, **about)._replace(client_name=name)


@pytest.fixture
def filled(db: Path) -> Path:
    fill(
        db,
        [
            from_host("A1", "scan-1.shop.example", account="scan", sender="scan@shop.example", client="192.0.2.1"),
            from_host("A2", "scan-1.shop.example", NOON + 5, account="scan", client="::ffff:192.0.2.1"),
            from_host("A3", "Scan-2.shop.example", account="scan", client="192.0.2.2", tls=TlsVersion.V1_0),
            sent("A4", NOON + DAY, account="ana@other.example", client="2001:db8:1::7", mechanism="XOAUTH2"),
            sent("A5", account="ana@other.example", client="10.1.2.3"),
            sent("A6", account="web", sender="web@shop.example", client=""),
        ],
    )  # fmt: skip
    return db


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contoso = {"autonomous_system_number": 64500, "autonomous_system_organization": "Contoso, Ltd."}
    paths = [
        write_mmdb(tmp_path / "country.mmdb", {"192.0.2.0/24": GERMANY, "2001:db8::/32": BRAZIL}),
        write_mmdb(tmp_path / "asn.mmdb", {"192.0.2.0/31": contoso}),
    ]
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_DATABASES", ":".join(map(str, paths)))


def rows(cli: Cli, *words: str) -> list[dict[str, Any]]:
    done = cli("show", "sources", *WEEK, "--json", *words)
    assert (done.status, done.err) == (0, "")
    found: list[dict[str, Any]] = done.json["rows"]
    return found


@pytest.mark.usefixtures("filled", "files")
def test_by_address(cli: Cli) -> None:
    found = rows(cli)
    assert found[0] == {
        "address": "192.0.2.1",
        "host": "scan-1.shop.example",
        "network": "192.0.2.0/24",
        "kind": "public",
        "country": "DE",
        "asn": 64500,
        "as_name": "Contoso, Ltd.",
        "accounts": 1,
        "messages": 2,
        "tls": {"none": 0, "1.0": 0, "1.1": 0, "1.2": 0, "1.3": 2, "unknown": 0},
        "auth": {"basic": 2, "oauth": 0, "unknown": 0},
        "mechanisms": ["PLAIN"],
        "first_seen": "2026-11-16T12:00:00Z",
        "last_seen": "2026-11-16T12:00:05Z",
    }
    others = [(row["address"], row["kind"], row["country"], row["messages"]) for row in found[1:]]
    assert others == [
        (None, "no address", None, 1),
        ("10.1.2.3", "private network", None, 1),
        ("192.0.2.2", "public", "DE", 1),
        ("2001:db8:1::7", "public", "BR", 1),
    ]


@pytest.mark.usefixtures("filled", "files")
@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("network", {"192.0.2.0/24": 3, "10.1.2.0/24": 1, "2001:db8:1::/48": 1, None: 1}),
        ("host", {"scan-1.shop.example": 2, "scan-2.shop.example": 1, None: 3}),
        ("country", {"DE": 3, "BR": 1, None: 2}),
        ("as", {64500: 2, None: 4}),
    ],
)
def test_by_what_addresses_have_in_common(cli: Cli, by: str, wanted: dict[object, int]) -> None:
    found = rows(cli, "--by", by)
    key = "asn" if by == "as" else by
    sums: dict[object, int] = {}
    for row in found:
        sums[row[key]] = sums.get(row[key], 0) + row["messages"]
    assert sums == wanted
    whole = cli("show", "summary", *WEEK, "--json").json["rows"][0]["messages"]
    assert sum(sums.values()) == whole
    cells = list(csv.DictReader(io.StringIO(cli("show", "sources", *WEEK, "--by", by, "--format", "csv").out)))
    assert [int(row["messages"]) for row in cells] == [row["messages"] for row in found]
    text = cli("show", "sources", *WEEK, "--by", by).out
    assert ("(private network)" in text) is (by in ("country", "as"))


@pytest.mark.usefixtures("filled", "files")
def test_names_of_countries_and_as(cli: Cli) -> None:
    (germany,) = [row for row in rows(cli, "--by", "country") if row["country"] == "DE"]
    assert (germany["country_name"], germany["addresses"], germany["networks"]) == ("Germany", 2, 1)
    (contoso,) = [row for row in rows(cli, "--by", "as") if row["asn"]]
    assert (contoso["as_name"], contoso["countries"]) == ("Contoso, Ltd.", ["DE"])
    (office,) = [row for row in rows(cli, "--by", "network") if row["network"] == "192.0.2.0/24"]
    assert (office["addresses"], office["countries"], office["asns"]) == (2, ["DE"], ["AS64500"])
    assert "AS64500 Contoso, Ltd." in cli("show", "sources", *WEEK, "--by", "as").out
    assert "DE Germany" in cli("show", "sources", *WEEK, "--by", "country").out


@pytest.mark.usefixtures("filled")
def test_of_an_account_or_a_sender(cli: Cli) -> None:
    done = cli("show", "sources", *WEEK, "--json", "--account", "SCAN")
    assert done.json["account"] == "SCAN"
    assert [(row["address"], row["messages"]) for row in done.json["rows"]] == [("192.0.2.1", 2), ("192.0.2.2", 1)]
    done = cli("show", "sources", *WEEK, "--json", "--sender", "scan@shop.example")
    assert done.json["sender"] == "scan@shop.example"
    assert [row["messages"] for row in done.json["rows"]] == [1]
    done = cli("show", "sources", *WEEK, "--json", "--by", "host", "--account", "scan")
    assert (done.json["account"], len(done.json["rows"])) == ("scan", 2)
    assert "Sources by host · sender <> ·" in cli("show", "sources", *WEEK, "--by", "host", "--sender", "<>").out
    assert (
        "Sources by address · account scan · 16–22 Nov 2026" in cli("show", "sources", *WEEK, "--account", "scan").out
    )


@pytest.mark.usefixtures("filled", "files")
def test_order_search_and_limit(cli: Cli) -> None:
    assert [row["address"] for row in rows(cli, "--sort", "-last_seen")][-1] == "2001:db8:1::7"
    assert [row["address"] for row in rows(cli, "--sort", "address")][:2] == [None, "10.1.2.3"]
    assert [row["address"] for row in rows(cli, "--search", "CONTOSO")] == ["192.0.2.1"]
    assert [row["address"] for row in rows(cli, "--search", "scan-2")] == ["192.0.2.2"]
    assert [row["country"] for row in rows(cli, "--by", "country", "--search", "braz")] == ["BR"]
    cut = cli("show", "sources", *WEEK, "--json", "--limit", "2").json
    assert (len(cut["rows"]), cut["truncated"]) == (2, True)


@pytest.mark.usefixtures("filled")
def test_without_a_file_nothing_is_guessed(cli: Cli) -> None:
    assert {row["country"] for row in rows(cli)} == {None}
    assert "No country or AS file is named ([places] databases)." in cli("show", "sources", *WEEK).out
    for by, what, example in (
        ("country", "No country file is named", "GeoLite2-Country.mmdb"),
        ("as", "No AS file is named", "GeoLite2-ASN.mmdb"),
    ):
        for form in ("text", "json", "csv"):
            done = cli("show", "sources", "--by", by, "--format", form)
            assert (done.status, done.out) == (2, "")
            assert what in done.err
            assert f'databases = ["/usr/share/GeoIP/{example}"]' in done.err


@pytest.mark.usefixtures("filled")
def test_a_file_that_is_not_there_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_DATABASES", "/nowhere/GeoLite2-Country.mmdb")
    done = cli("show", "sources", *WEEK)
    assert (done.status, done.out) == (2, "")
    assert "There is no file /nowhere/GeoLite2-Country.mmdb" in done.err
    assert cli("show", "senders", *WEEK).status == 0


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("senders", "--by", "country"), "senders cannot be had by country"),
        (("sources", "--by", "sender"), "What can be: address, network, host, country, as."),
        (("senders", "--account", "x"), "'show senders' takes neither --account nor --sender"),
        (("sources", "--account", "x", "--sender", "y"), "do not go together"),
        (("sources", "x"), "takes no address"),
        (("sources", "--sort", "tls"), "cannot be sorted by 'tls'"),
    ],
)
def test_what_cannot_be_asked(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("show", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_hostile_host_names_do_nothing(cli: Cli, db: Path) -> None:
    fill(db, [from_host("A1", HOSTILE, client=HOSTILE, mechanism=HOSTILE)])
    for by in ("address", "host"):
        for form in ("text", "csv"):
            out = cli("show", "sources", *WEEK, "--by", by, "--format", form).out
            assert not {character for character in out if not character.isprintable()} - {"\r", "\n"}
    (row,) = rows(cli)
    assert row["address"] == HOSTILE


# privacy


def texts_of(mail: Path) -> list[str]:
    """All that a mail says, also in its workbook."""
    found = []
    for part in message_from_bytes(mail.read_bytes(), policy=default).walk():
        content = b"" if part.is_multipart() else part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                found += [book.read(name).decode() for name in book.namelist()]
        else:
            found.append(content.decode())
    return found


def test_truncated_addresses_everywhere(cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No form of any report, and no mail, has a whole address or a host that tells it."""
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_FROM", "reports@shop.example")
    hosts = range(200, 230)
    fill(
        db,
        [from_host(f"A{n}", f"pc-192-0-2-{n}.isp.example", client=f"192.0.2.{n}") for n in hosts],
        [*[refused("root", client=f"198.51.100.{n}") for n in hosts], refused("root", client="2001:db8::bad")],
    )
    bring_in_exports(db, [signed_in(str(n), client=f"203.0.113.{n}") for n in hosts])

    def said() -> list[str]:
        reports = [
            ("failures",),
            ("signins",),
            ("breaks",),
            *[("sources", "--by", by) for by in ("address", "network", "host")],
        ]
        texts = [
            cli("show", *words, *WEEK, "--format", one).out for words in reports for one in ("text", "csv", "json")
        ]
        mail = tmp_path / "mail.eml"
        done = cli("mail", "failures", *WEEK, "--to", "a@shop.example", "--attach", "xlsx", "--dry-run", str(mail))
        assert done.status == 0, done.err
        return [*texts, *texts_of(mail)]

    whole = [of for n in hosts for of in (f"100.{n}", f"113.{n}", f"0.2.{n}", f"0-2-{n}")] + ["2001:db8::bad"]
    before = " ".join(said())
    assert not [address for address in whole if address not in before]
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_TRUNCATE", "true")
    now = said()
    assert not [address for address in whole for text in now if address in text]
    assert len([text for text in now if "198.51.100.0/24" in text]) == 5
    failures = cli("show", "failures", *WEEK, "--json").json["rows"]
    assert [(row["client"], row["failures"]) for row in failures] == [("198.51.100.0/24", 30), ("2001:db8::/48", 1)]
    (sign_ins,) = cli("show", "signins", *WEEK, "--json").json["rows"]
    assert (sign_ins["client"], sign_ins["sign_ins"]) == ("203.0.113.0/24", 30)
    (broken,) = cli("show", "breaks", *WEEK, "--json").json["rows"]
    assert (broken["newest_source"], broken["sources"]) == ("192.0.2.0/24", 1)
    (source,) = rows(cli)
    assert (source["address"], source["host"], source["messages"]) == ("192.0.2.0/24", "*.isp.example", 30)


def test_places_are_told_by_the_whole_address(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db, [sent("A1", client="192.0.2.1"), sent("A2", client="192.0.2.200")])
    path = write_mmdb(tmp_path / "x.mmdb", {"192.0.2.0/25": GERMANY, "192.0.2.128/25": BRAZIL})
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_DATABASES", str(path))
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_TRUNCATE", "yes")
    assert {row["country"]: row["messages"] for row in rows(cli, "--by", "country")} == {"DE": 1, "BR": 1}


def test_wrong_settings_hide_nothing_by_mistake(cli: Cli, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_TRUNCAT", "true")
    done = cli("show", "failures")
    assert (done.status, done.out) == (2, "")
    assert "[places] has no setting 'truncat'" in done.err
