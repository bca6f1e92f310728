"""Filters at the command line: what a report shows of them, and those that were given a name."""

import csv
import io
import stat
from pathlib import Path

import pytest

from smtpauth_tui.reports import REPORTS
from tests.cli.conftest import Cli

WEEK = ("--start", "2026-11-16", "--end", "2026-11-22")
OLD = "tls1.0 > 0 or none > 0"


@pytest.mark.usefixtures("filled")
def test_filter_in_each_form(cli: Cli) -> None:
    where = "messages >= 2 and TLS1.0% = 50"
    done = cli("show", "senders", *WEEK, "--where", where, "--json")
    assert done.json["where"] == where
    assert [row["sender"] for row in done.json["rows"]] == ["Ana@shop.example"]
    rows = list(csv.DictReader(io.StringIO(cli("show", "senders", *WEEK, "--where", where, "--format", "csv").out)))
    assert [row["sender"] for row in rows] == ["Ana@shop.example"]
    text = cli("show", "senders", *WEEK, "--where", where).out.splitlines()
    assert text[0] == f"Senders · 16–22 Nov 2026, UTC · where {where}"
    assert [line.split()[0] for line in text[4:]] == ["Ana@shop.example"]


@pytest.mark.usefixtures("filled")
def test_without_a_filter_nothing_is_said_of_it(cli: Cli) -> None:
    assert "where" not in cli("show", "senders", *WEEK, "--json").json
    assert "where" not in cli("show", "senders", *WEEK, "--where", "", "--filter", "", "--json").json
    assert "where" not in cli("show", "senders", *WEEK).out


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "where", "rows"),
    [
        (("senders",), "sender = <>", [{"sender": "<>"}]),
        (("senders",), "name starts with BO", [{"sender": "bo@other.example"}]),
        (("senders",), "last_seen = 2026-11-17 and unknown_auth = 0", [{"sender": "<>"}]),
        (("senders", "--by", "account"), "account = ana", [{"account": "ana", "messages": 3}]),
        (("senders", "--domain", "shop.example"), "messages > 0", [{"sender": "Ana@shop.example"}]),
        (("failures",), "account = ''", [{"account": None, "failures": 1}]),
        (("failures",), "client in 198.51.100.0/24 and failures > 1", [{"account": "root", "failures": 2}]),
        (("signins",), "country = de", [{"account": "ana@shop.example", "sign_ins": 2}]),
        (("signins",), "country not ends with DE", [{"account": None, "country": None}]),
        (("signins", "--limit", "1"), "sign_ins < 2", [{"account": None, "sign_ins": 1}]),
    ],
)
def test_filters_of_each_report(cli: Cli, words: tuple[str, ...], where: str, rows: list[dict[str, object]]) -> None:
    done = cli("show", *words, *WEEK, "--where", where, "--json")
    assert (done.status, done.err) == (0, "")
    assert [{name: row[name] for name in some} for row, some in zip(done.json["rows"], rows, strict=True)] == rows


@pytest.mark.usefixtures("filled")
def test_days_of_a_filter_are_those_of_the_stores_zone(cli: Cli) -> None:
    """Noon of 16 November in UTC is a quarter to the 17th on the Chatham Islands."""
    where = ("--where", "first_seen = 2026-11-16 and sender starts with ana", "--json")
    assert len(cli("show", "senders", *WEEK, *where).json["rows"]) == 1
    assert cli("timezone", "Pacific/Chatham").status == 0
    assert len(cli("show", "senders", *WEEK, *where).json["rows"]) == 0


@pytest.mark.usefixtures("filled")
def test_filter_that_leaves_nothing(cli: Cli) -> None:
    assert cli("show", "senders", *WEEK, "--where", "messages > 99").out.endswith("\n\nThe filter leaves no row.\n")
    assert cli("show", "senders", *WEEK, "--where", "messages > 99", "--json").json["rows"] == []


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("senders", "--where", "messages > many"), "after 'messages >' a number is expected, not 'many'"),
        (
            ("senders", "--where", "account = ana"),
            "there is no column 'account'. Columns are: sender, domain, messages,",
        ),
        (("senders", "--by", "account", "--where", "sender = ana"), "there is no column 'sender'"),
        (("failures", "--where", "\x1b[31m"), "there is no column '\\x1b[31m'"),
        (("senders", "--where", "sender = '\udc80'"), "bytes that are no text"),
        (("senders", "--filter", "old"), "There is no filter 'old'. None is saved yet"),
        (("senders", "--filter", "\udc80"), "There is no filter"),
    ],
)
def test_filter_that_cannot_be_taken(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("show", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("report", [report.name for report in REPORTS if not report.filters])
def test_report_without_columns_to_filter_says_so(cli: Cli, report: str) -> None:
    address = ["ana@shop.example"] if report == "sender" else []
    done = cli("show", report, *address, "--where", "messages > 1")
    assert done.status == 2
    assert (
        f"The report {report} takes no filter. Reports that do: "
        "senders, accounts, breaks, sources, failures, signins, imports." in done.err
    )


# filters with a name


def test_a_filter_is_saved_shown_used_and_forgotten(cli: Cli, filled: Path) -> None:
    assert cli("filters", "list").out.startswith("No filter is saved.")
    assert cli("filters", "list", "--json").json == {"schema": 1, "filters": []}
    done = cli("filters", "save", " old ones ", f" {OLD} ")
    assert (done.status, done.out) == (0, "Saved old ones. For: senders, breaks, sources.\n")
    assert cli("filters", "save", "tried", "failures > 1").out == "Saved tried. For: failures, signins.\n"
    assert stat.S_IMODE(filled.with_name("store.db.notes").stat().st_mode) == 0o600
    rows = cli("filters", "list", "--json").json["filters"]
    assert [(row["name"], row["where"], row["reports"]) for row in rows] == [
        ("old ones", OLD, ["senders", "breaks", "sources"]),
        ("tried", "failures > 1", ["failures", "signins"]),
    ]
    assert all(row["saved_at"].endswith("Z") for row in rows)
    text = cli("filters", "list").out.splitlines()
    assert [line.split("  ")[0] for line in text] == ["Name", "────────", "old ones", "tried"]

    shown = cli("show", "senders", *WEEK, "--filter", "old ones", "--json").json
    assert (shown["where"], {row["sender"] for row in shown["rows"]}) == (OLD, {"<>", "Ana@shop.example"})
    both = cli("show", "senders", *WEEK, "--filter", "old ones", "--where", "messages = 1", "--json").json
    assert (both["where"], [row["sender"] for row in both["rows"]]) == (f"({OLD}) and (messages = 1)", ["<>"])

    done = cli("show", "senders", "--filter", "tried")
    assert done.status == 2
    assert "The saved filter 'tried' does not go with the report senders. In the filter, there is no column" in done.err
    assert "Filters are: old ones, tried." in cli("show", "senders", "--filter", "nobody's").err

    again = cli("filters", "save", "old ones", "none > 0", "--json").json
    assert (again["filter"]["where"], again["replaced"]) == ("none > 0", True)
    assert cli("filters", "forget", "old ones").out == "Forgot old ones.\n"
    assert cli("filters", "forget", "tried", "--json").json == {"schema": 1, "forgotten": "tried"}
    done = cli("filters", "forget", "tried")
    assert (done.status, done.out) == (2, "")
    assert "There is no filter 'tried'." in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("save", "x", "messages > many"), "after 'messages >' a number is expected"),
        (("save", "x", "failures > 3 and tls1.0 > 1"), "after 'failures > 3 and' there is no column 'tls1.0'"),
        (("save", "x", ""), "The filter is empty."),
        (("save", " ", OLD), "That is no name for a filter."),
        (("save", "a\x1b[31m", OLD), "That is no name for a filter."),
        (("save", "x" * 65, OLD), "That is no name for a filter."),
        (("forget", "x"), "There is no filter 'x'. None is saved yet"),
    ],
)
def test_nothing_is_saved_that_could_not_be_used(cli: Cli, db: Path, words: tuple[str, ...], said: str) -> None:
    done = cli("filters", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert not db.with_name("store.db.notes").exists()


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "where", "left"),
    [
        (("sources",), "messages > 3 and accounts = 2", ["192.0.2.10"]),
        (("sources",), "not network in 192.0.2.0/24", []),
        (("sources",), "address = 192.0.2.10 and tls1.0% = 25 and mechanism = xoauth2", ["192.0.2.10"]),
        (("sources",), "address = 192.0.2.10 and tls1.0% > 25", []),
        (("sources", "--by", "network"), "network in 192.0.0.0/16 and last_seen = 2026-11-17", ["192.0.2.0/24"]),
        (("sources", "--by", "host"), "host = '' and addresses < 2", [None]),
        (("breaks",), "none > 0 or tls1.0 > 0", ["ana"]),
        (("breaks",), "refused_by = basic and not done >= -7d", ["ana", "old"]),
        (("breaks",), "done < today", []),
        (("breaks",), "owner = '' and newest_source in 192.0.2.0/24 and last_seen < 2026-11-01", ["old"]),
        (("breaks", "--limit", "1"), "messages > 0 and account != ana", ["old"]),
    ],
)
def test_filters_of_reports_whose_rows_are_made_here(
    cli: Cli, words: tuple[str, ...], where: str, left: list[str | None]
) -> None:
    days = WEEK if words[0] == "sources" else ("--end", "2026-11-22")
    done = cli("show", *words, *days, "--where", where, "--json")
    assert (done.status, done.err) == (0, "")
    assert [next(iter(row.values())) for row in done.json["rows"]] == left
    assert done.json["truncated"] is False


@pytest.mark.usefixtures("filled")
def test_a_part_of_a_network_that_is_shown_whole_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_PLACES_TRUNCATE", "true")
    for words in (("failures", "client = 198.51.100.7"), ("sources", "messages > 3 or address = 192.0.2.10")):
        done = cli("show", words[0], *WEEK, "--where", words[1])
        assert (done.status, done.out) == (2, "")
        assert "a filter cannot ask for a part of one" in done.err
    rows = cli("show", "sources", *WEEK, "--where", "address in 192.0.2.0/24 or messages > 99", "--json").json["rows"]
    assert [row["address"] for row in rows] == ["192.0.2.0/24"]


@pytest.mark.usefixtures("filled")
def test_accounts_and_imports_take_a_filter(cli: Cli) -> None:
    every = cli("show", "accounts", *WEEK, "--json").json["rows"]
    some = cli("show", "accounts", *WEEK, "--where", "messages > 1 and not state = silent", "--json").json["rows"]
    assert some == [row for row in every if row["messages"] > 1 and row["state"] != "silent"]
    assert 0 < len(some) < len(every)
    (source,) = cli("show", "imports", "--json").json["rows"]
    for where, held in (("format = postfix and imported_at > 2001-01-01", [source]), ("lines > 1000", [])):
        assert cli("show", "imports", "--where", where, "--json").json["rows"] == held
