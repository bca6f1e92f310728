"""The command line as its contract has it: reports in each form, exit statuses, and what is said to people."""

import csv
import io
import json
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smtpauth_tui import __version__
from smtpauth_tui.model import SignInOutcome, TlsVersion
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.store.writer import Writer
from tests.cli.conftest import Cli
from tests.logs import command_line, contents, failure, mail_log, session, surroundings, write
from tests.store.facts import DAY, NOON, bring_in_exports, fill, refused, sent, signed_in, snapshot_of

WEEK = ("--start", "2026-11-16", "--end", "2026-11-22")
TLS_KEYS = ["none", "1.0", "1.1", "1.2", "1.3", "unknown"]
PREFACE = (
    *("without", "from_only", "totals", "days_known", "deadline", "burn_down"),
    *("before", "messages", "counts", "since"),
)
AUTH_KEYS = ["basic", "oauth", "unknown"]
HOSTILE = "\x1b]0;owned\x07\x9b31m\u202e=cmd|'/c calc'!A1@evil.example"


# the contract of the JSON


def tls(**counts: int) -> dict[str, int]:
    return {**dict.fromkeys(TLS_KEYS, 0), **{key.lstrip("v").replace("_", "."): count for key, count in counts.items()}}


def auth(basic: int = 0, oauth: int = 0, unknown: int = 0) -> dict[str, int]:
    return {"basic": basic, "oauth": oauth, "unknown": unknown}


@pytest.mark.usefixtures("filled")
def test_json_of_each_report(cli: Cli) -> None:
    noon, next_noon = "2026-11-16T12:00:00Z", "2026-11-17T12:00:00Z"
    silent = [f"2026-11-{day}" for day in (18, 19, 20, 21, 22)]
    wanted: dict[tuple[str, ...], list[dict[str, Any]]] = {
        ("summary",): [
            {
                "accounts": 2,
                "senders": 3,
                "messages": 4,
                "recipients": 5,
                "tls": tls(v1_3=1, v1_0=1, none=1, unknown=1),
                "auth": auth(2, 1, 1),
                "auth_failures": 3,
                "first": noon,
                "last": next_noon,
            }
        ],
        ("volume",): [
            {"day": "2026-11-16", "domain": "shop.example", "messages": 2},
            {"day": "2026-11-17", "domain": "", "messages": 1},
            {"day": "2026-11-17", "domain": "other.example", "messages": 1},
        ],
        ("tls",): [
            {"day": "2026-11-16", "messages": 2, "tls": tls(v1_3=1, v1_0=1)},
            {"day": "2026-11-17", "messages": 2, "tls": tls(none=1, unknown=1)},
            *[{"day": day, "messages": 0, "tls": tls()} for day in silent],
        ],
        ("auth",): [
            {"day": "2026-11-16", "messages": 2, "auth": auth(1, 1)},
            {"day": "2026-11-17", "messages": 2, "auth": auth(1, 0, 1)},
            *[{"day": day, "messages": 0, "auth": auth()} for day in silent],
        ],
        ("senders",): [
            {
                "sender": "Ana@shop.example",
                "domain": "shop.example",
                "messages": 2,
                "recipients": 3,
                "tls": tls(v1_3=1, v1_0=1),
                "auth": auth(1, 1),
                "first_seen": noon,
                "last_seen": noon,
            },
            {
                "sender": "<>",
                "domain": "",
                "messages": 1,
                "recipients": 1,
                "tls": tls(none=1),
                "auth": auth(1),
                "first_seen": next_noon,
                "last_seen": next_noon,
            },
            {
                "sender": "bo@other.example",
                "domain": "other.example",
                "messages": 1,
                "recipients": 1,
                "tls": tls(unknown=1),
                "auth": auth(0, 0, 1),
                "first_seen": next_noon,
                "last_seen": next_noon,
            },
        ],
        ("senders", "--by", "account"): [
            {
                "account": "ana",
                "domain": "",
                "messages": 3,
                "recipients": 4,
                "tls": tls(v1_3=1, v1_0=1, none=1),
                "auth": auth(2, 1),
                "first_seen": noon,
                "last_seen": next_noon,
            },
            {
                "account": "bo",
                "domain": "",
                "messages": 1,
                "recipients": 1,
                "tls": tls(unknown=1),
                "auth": auth(0, 0, 1),
                "first_seen": next_noon,
                "last_seen": next_noon,
            },
        ],
        ("sender", "<>"): [
            {"day": "2026-11-16", "messages": 0, "recipients": 0, "tls": tls(), "auth": auth()},
            {"day": "2026-11-17", "messages": 1, "recipients": 1, "tls": tls(none=1), "auth": auth(1)},
            *[{"day": day, "messages": 0, "recipients": 0, "tls": tls(), "auth": auth()} for day in silent],
        ],
        ("accounts",): [
            {
                "account": account,
                "domain": "",
                "state": "active",
                "first_day": first,
                "last_day": "2026-11-17",
                "messages": messages,
                "messages_before": 0,
                "days_seen": messages - messages // 2,
                "days_of": messages - messages // 2,
                "rhythm": rhythm,
                "days_silent": 0,
            }
            for account, first, messages, rhythm in (
                ("ana", "2026-11-16", 3, "2 of 2 working days"),
                ("bo", "2026-11-17", 1, "1 of 1 working day"),
            )
        ],
        ("breaks", "--without", "basic,tls1.0,notls", "--from-only", "192.0.2.0/24"): [
            {
                "account": "ana",
                "domain": "",
                "messages": 3,
                "refused": 3,
                "refused_by": {"basic": 2, "tls1.0": 1, "tls1.1": 0, "notls": 1, "network": 0},
                "cannot_tell": 0,
                "messages_per_day": 1.5,
                "last_seen": next_noon,
                "last_refused": next_noon,
                "days_seen": 2,
                "rare": True,
                "sources": 1,
                "newest_source": "192.0.2.10",
                "mechanisms": ["PLAIN", "XOAUTH2"],
                "tls": tls(v1_3=1, v1_0=1, none=1),
                "auth": auth(2, 1),
                "owner": "",
                "note": "",
                "done": None,
            },
        ],
        ("sources",): [
            {
                "address": "192.0.2.10",
                "host": None,
                "network": "192.0.2.0/24",
                "kind": "public",
                "country": None,
                "asn": None,
                "as_name": None,
                "accounts": 2,
                "messages": 4,
                "tls": tls(v1_3=1, v1_0=1, none=1, unknown=1),
                "auth": auth(2, 1, 1),
                "mechanisms": ["PLAIN", "XCLIENT", "XOAUTH2"],
                "first_seen": noon,
                "last_seen": next_noon,
            }
        ],
        ("failures",): [
            {
                "account": "root",
                "client": "198.51.100.7",
                "failures": 2,
                "first_seen": noon,
                "last_seen": "2026-11-16T12:00:01Z",
            },
            {"account": None, "client": "198.51.100.7", "failures": 1, "first_seen": next_noon, "last_seen": next_noon},
        ],
        ("signins",): [
            {
                "account": "ana@shop.example",
                "client": "203.0.113.24",
                "country": "DE",
                "sign_ins": 2,
                "failures": 0,
                "first_seen": noon,
                "last_seen": next_noon,
            },
            {
                "account": None,
                "client": "203.0.113.24",
                "country": None,
                "sign_ins": 1,
                "failures": 0,
                "first_seen": next_noon,
                "last_seen": next_noon,
            },
        ],
        ("snapshots",): [],
        ("imports",): [
            {
                "path": "/var/log/mail.log",
                "format": "postfix",
                "host": "mx1",
                "lines": 10,
                "submissions": 5,
                "first": noon,
                "last": noon,
                "imported_at": next_noon,
            },
        ],
    }
    assert {words[0] for words in wanted} == {report.name for report in REPORTS}
    for words, rows in wanted.items():
        done = cli("show", *words, *WEEK, "--json")
        assert (done.status, done.err) == (0, "")
        head = {key: value for key, value in done.json.items() if key not in ("rows", "sender", *PREFACE)}
        assert head == {
            "schema": 1,
            "report": words[0],
            "start": "2026-11-16",
            "end": "2026-11-22",
            "timezone": "UTC",
            "domain": None,
            "truncated": False,
        }
        found = done.json["rows"]
        if words == ("imports",):
            found = [{key: row[key] for key in rows[0]} for row in found]
        assert found == rows, words
        assert [list(row) for row in found] == [list(row) for row in rows], words


@pytest.mark.usefixtures("filled")
def test_a_sender_that_was_not_seen(cli: Cli) -> None:
    done = cli("show", "sender", "typo@shop.example", *WEEK)
    assert done.status == 0
    assert "The store has no message of this sender at all.\n" in done.out
    assert "0 messages" not in done.out
    later = cli("show", "sender", "bo@other.example", "--start", "2026-11-25", "--end", "2026-11-26").out
    assert "The store has no message of this sender in these days; it was last seen 2026-11-17 12:00." in " ".join(
        later.split()
    )
    assert "of this sender" not in cli("show", "sender", "bo@other.example", *WEEK).out
    of_account = cli("show", "sender", "typo@shop.example", *WEEK, "--by", "account").out
    assert "The store has no message of this account at all.\n" in of_account
    told = cli("show", "sender", "typo@shop.example", *WEEK, "--json").json
    assert (told["messages"], len(told["rows"])) == (0, 7)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("report", [report.name for report in REPORTS if report.name != "sender"])
def test_each_report_in_each_form(cli: Cli, report: str) -> None:
    rows = cli("show", report, *WEEK, "--format", "json").json["rows"]
    text = cli("show", report, *WEEK)
    assert (text.status, text.err) == (0, "")
    assert all(len(line) <= 200 and line == line.rstrip() for line in text.out.splitlines())
    assert "\x1b" not in text.out
    lines = cli("show", report, *WEEK, "--format", "csv").out
    assert "\r\n" in lines
    found = list(csv.DictReader(io.StringIO(lines)))
    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        for key, value in row.items():
            if isinstance(value, dict):
                assert {part: int(cells[f"{key}_{part}"]) for part in value} == value
            else:
                text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
                assert cells[key] == text


@pytest.mark.usefixtures("filled")
def test_domain_search_and_order(cli: Cli) -> None:
    def senders(*words: str) -> list[str]:
        return [row["sender"] for row in cli("show", "senders", *WEEK, "--json", *words).json["rows"]]

    assert senders("--domain", "SHOP.example") == senders("--domain", "@shop.example") == ["Ana@shop.example"]
    assert senders("--domain", "") == ["<>"]
    assert senders("--search", "BO@") == ["bo@other.example"]
    assert senders("--sort", "sender") == ["<>", "Ana@shop.example", "bo@other.example"]
    assert senders("--sort", "-sender") == ["bo@other.example", "Ana@shop.example", "<>"]
    assert senders("--sort", "none") == ["<>", "Ana@shop.example", "bo@other.example"]
    assert senders("--sort", "unknown_auth")[0] == "bo@other.example"
    assert senders("--sort", "oauth") == ["Ana@shop.example", "<>", "bo@other.example"]
    assert senders("--sort", "-messages")[-1] == "Ana@shop.example"
    assert cli("show", "summary", *WEEK, "--domain", "shop.example", "--json").json["domain"] == "shop.example"


@pytest.mark.usefixtures("filled")
def test_limit_cuts_and_says_so(cli: Cli) -> None:
    for report in ("senders", "volume", "tls", "failures"):
        whole = cli("show", report, *WEEK, "--json").json
        assert whole["truncated"] is False
        cut = cli("show", report, *WEEK, "--json", "--limit", "1").json
        assert (cut["rows"], cut["truncated"]) == (whole["rows"][:1], True)
        exact = cli("show", report, *WEEK, "--json", "--limit", str(len(whole["rows"]))).json
        assert (exact["rows"], exact["truncated"]) == (whole["rows"], False)
    assert cli("show", "senders", *WEEK, "--json", "--limit", "0").json["rows"] == []
    assert "only the first 1 were asked for" in cli("show", "senders", *WEEK, "--limit", "1").out
    assert len(cli("show", "senders", *WEEK, "--format", "csv", "--limit", "1").out.splitlines()) == 2


@pytest.mark.usefixtures("filled")
def test_breaks_tells_totals_and_its_burn_down(cli: Cli) -> None:
    done = cli("show", "breaks", "--end", "2026-11-22", "--without", "notls", "--json").json
    assert (done["start"], done["end"]) == ("2026-08-25", "2026-11-22")
    assert (done["without"], done["from_only"], done["deadline"]) == (["notls"], [], None)
    assert done["totals"] == {
        "accounts": 3,
        "breaking": 1,
        "rare": 1,
        "done": 0,
        "messages": 5,
        "refused": 1,
        "cannot_tell": 1,
        "cannot_tell_accounts": 1,
    }
    burn_down = [(one["end"], one["accounts"]) for one in done["burn_down"] if one["accounts"]]
    assert (len(done["burn_down"]), burn_down) == (13, [("2026-11-22", 1)])
    networks = cli("show", "breaks", *WEEK, "--from-only", "192.0.2.0/24 10.0.0.0/8", "--json").json
    assert networks["from_only"] == ["192.0.2.0/24", "10.0.0.0/8"]
    assert networks["deadline"]["day"] == "2026-12-31"
    text = " ".join(cli("show", "breaks", *WEEK).out.split())
    assert "Accounts that would break, per day" in text
    assert (
        "If Basic authentication, TLS 1.0, TLS 1.1 and connections without TLS are switched off: 1 of 2 accounts would "
        "break; 75.00 % of the messages (3 of 4) would be refused. Cannot tell: 1 message of 1 account" in text
    )
    assert "If connections without TLS are switched off, and only 10.0.0.0/8 may send:" in " ".join(
        cli("show", "breaks", *WEEK, "--without", "notls", "--from-only", "10.0.0.0/8").out.split()
    )
    assert "█ would break\n" in cli("show", "breaks", *WEEK).out


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "breaking"),
    [
        (("--start", "0001-01-01", "--end", "0001-01-05"), 0),
        (("--start", "0001-01-01", "--end", "9999-12-31"), 2),
        (("--end", "9999-12-31"), 0),
        (("--start", "1969-01-01", "--end", "1970-01-01"), 0),
    ],
)
def test_breaks_of_any_period(cli: Cli, words: tuple[str, ...], breaking: int) -> None:
    for more in ((), ("--from-only", "10.0.0.0/8")):
        done = cli("show", "breaks", *words, *more, "--json").json
        assert done["totals"]["breaking"] == len(done["rows"]) == breaking + bool(more and breaking)
        assert cli("show", "breaks", *words, *more).status == 0


@pytest.mark.usefixtures("filled")
def test_what_is_to_do_is_noted_shown_and_exported(cli: Cli, db: Path) -> None:
    assert cli("todo", "list").out == "Nothing is noted of any account.\n"
    assert cli("todo", "list", "--json").json == {"schema": 1, "todo": []}
    note = "  firm\x1b[31mware\nof 2027 "
    assert cli("todo", "set", "ANA", "--owner", "=Mara", "--note", note).status == 0
    assert cli("todo", "done", "ana").status == 0
    assert cli("todo", "done", "<>").status == 0
    (nameless, ana) = cli("todo", "list", "--json").json["todo"]
    assert (nameless["account"], nameless["owner"]) == ("<>", "")
    assert (ana["account"], ana["owner"], ana["note"]) == ("ana", "=Mara", "firm\x1b[31mware of 2027")
    assert ana["done"].endswith("Z")
    for words in (("todo", "list"), ("show", "breaks", *WEEK), ("show", "breaks", *WEEK, "--format", "csv")):
        out = cli(*words).out
        assert "Mara" in out and "firm\\x1b[31mware of 2027" in out and "\x1b" not in out
    assert next(csv.DictReader(io.StringIO(out)))["owner"] == "'=Mara"
    (row,) = cli("show", "breaks", *WEEK, "--json").json["rows"]
    assert (row["owner"], row["done"]) == ("=Mara", ana["done"])
    assert cli("todo", "undone", "ana").status == 0
    assert cli("todo", "set", "ana", "--owner", "", "--note", "").status == 0
    assert [one["account"] for one in cli("todo", "list", "--json").json["todo"]] == ["<>"]


@pytest.mark.usefixtures("filled")
def test_the_todo_list_takes_only_what_it_can_keep(cli: Cli, db: Path) -> None:
    for words, said in (
        (("set", "nobody", "--owner", "x"), "The store has no account 'nobody'. Write it as 'show breaks' does."),
        (("done", ""), "That is no account's name."),
        (("set", "ana"), "Nothing is to be noted. Give --owner, --note or both."),
        (("set", "ana", "--note", "x" * 501), "The note is not a text of at most 500 characters."),
    ):
        done = cli("todo", *words)
        assert (done.status, done.out) == (2, "")
        assert said in done.err
    assert not db.with_name("store.db.notes").exists()
    db.unlink()
    assert cli("todo", "done", "ana").status == 1


def test_ssl_3_has_a_key_of_its_own_where_somebody_uses_it(cli: Cli, db: Path) -> None:
    fill(db, [sent("A1"), sent("A2", NOON + DAY, tls=TlsVersion.SSL3)])
    rows = cli("show", "tls", *WEEK, "--json").json["rows"]
    assert ["ssl3" in row["tls"] for row in rows[:2]] == [False, True]
    assert [sum(row["tls"].values()) for row in rows[:3]] == [1, 1, 0]
    cells = list(csv.DictReader(io.StringIO(cli("show", "tls", *WEEK, "--format", "csv").out)))
    assert [row["tls_ssl3"] for row in cells[:3]] == ["0", "1", "0"]


# exports


def test_snapshots_are_shown_apart_from_all_other_figures(cli: Cli, db: Path) -> None:
    fill(db, [sent("A1")])
    before = {
        report: cli("show", report, *WEEK, "--json").out
        for report in ("summary", "volume", "tls", "senders", "failures", "signins")
    }
    bring_in_exports(
        db,
        (),
        snapshot_of("ups@shop.example", "old@shop.example"),
        snapshot_of("ups@other.example", messages=7, first=date(2026, 11, 1), last=date(2026, 11, 30)),
    )
    assert {report: cli("show", report, *WEEK, "--json").out for report in before} == before
    rows = cli("show", "snapshots", *WEEK, "--json").json["rows"]
    assert rows[2] == {
        "snapshot": "smtp-auth-1.csv",
        "start": "2026-11-01",
        "end": "2026-11-30",
        "sender": "ups@other.example",
        "domain": "other.example",
        "messages": 7,
        "tls": tls(v1_0=2, v1_2=5),
        "auth": auth(7),
    }
    assert [(row["snapshot"], row["start"], row["sender"]) for row in rows[:2]] == [
        ("smtp-auth-0.csv", None, "old@shop.example"),
        ("smtp-auth-0.csv", None, "ups@shop.example"),
    ]
    text = cli("show", "snapshots").out
    assert "in no figure of a day" in " ".join(text.split())
    assert "unknown" in text
    assert "2026-11-01 – 2026-11-30" in text

    def shown(*words: str) -> list[str]:
        return [row["sender"] for row in cli("show", "snapshots", "--json", *words).json["rows"]]

    assert shown("--search", "UPS@") == ["ups@shop.example", "ups@other.example"]
    assert shown("--domain", "Other.example") == ["ups@other.example"]
    assert shown("--sort", "-sender") == ["ups@shop.example", "old@shop.example", "ups@other.example"]
    for limit in range(4):
        cut = cli("show", "snapshots", "--json", "--limit", str(limit)).json
        assert (len(cut["rows"]), cut["truncated"]) == (limit, limit < 3)


def test_refused_sign_ins_are_failures_as_well(cli: Cli, db: Path) -> None:
    refused_there = signed_in("1", account="root@shop.example", outcome=SignInOutcome.FAILED)
    bring_in_exports(db, [refused_there, signed_in("2", account="root@shop.example")])
    (sign_in,) = cli("show", "signins", *WEEK, "--json").json["rows"]
    assert (sign_in["sign_ins"], sign_in["failures"]) == (2, 1)
    (failure,) = cli("show", "failures", *WEEK, "--json").json["rows"]
    assert (failure["account"], failure["client"], failure["failures"]) == ("root@shop.example", "203.0.113.24", 1)
    assert "A sign-in is no message" in cli("show", "signins", *WEEK).out
    assert cli("show", "summary", *WEEK, "--json").json["rows"][0]["messages"] == 0


def test_nothing_of_an_export_is_a_formula_or_a_command(cli: Cli, db: Path) -> None:
    for number, account in enumerate((HOSTILE, "=cmd|' /c calc'!A1", "+1", "@x", "\t-1")):
        sign_in = signed_in(str(number), account=account, client="=1+2", country="=X", outcome=SignInOutcome.FAILED)
        bring_in_exports(db, [sign_in], snapshot_of(account))
    for report in ("signins", "snapshots", "failures"):
        for words in ((), ("--format", "csv")):
            out = cli("show", report, *WEEK, *words).out
            assert not {character for character in out if not character.isprintable()} - {"\r", "\n"}
        for row in csv.reader(io.StringIO(out)):
            assert not [cell for cell in row if cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t"))]
    accounts = [row["account"] for row in cli("show", "signins", *WEEK, "--json", "--sort", "account").json["rows"]]
    assert set(accounts) == {HOSTILE, "=cmd|' /c calc'!A1", "+1", "@x", "\t-1"}


# dates


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "days"),
    [
        ((), 7),
        (("--last", "30d"), 30),
        (("--last", "30d", "--end", "yesterday"), 30),
        (("--start", "-7d"), 8),
        (("--start", "today"), 1),
        (("--start", "yesterday", "--end", "today"), 2),
        (("--start=-1w", "--end=-1w"), 1),
    ],
)
def test_period_of_words(cli: Cli, words: tuple[str, ...], days: int) -> None:
    found = cli("show", "tls", "--json", *words).json
    assert len(found["rows"]) == days
    assert found["rows"][0]["day"] == found["start"]
    assert found["rows"][-1]["day"] == found["end"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--start", "17.11.2026"), "is not a date"),
        (("--start", "2026-02-29"), "There is no day"),
        (("--start", "-99999y"), "before the calendar begins"),
        (("--start", "today", "--end", "yesterday"), "after the end date"),
        (("--last", "7d", "--start", "today"), "do not go together"),
        (("--last", "0"), "not a number of days"),
        (("--sort", "colour"), "cannot be sorted"),
        (("--search", "x" * 1001), "at most 1,000"),
        (("--domain", "\udcff"), "is not a text"),
        (("--limit", "-1"), "-1"),
        (("--by", "colour"), "colour"),
        (("--format", "xml"), "xml"),
        (("extra",), "takes no address"),
        (("--without", "basic"), "takes neither --without nor --from-only"),
        (("--from-only", "10.0.0.0/8"), "takes neither --without nor --from-only"),
    ],
)
def test_words_that_cannot_be_taken_are_a_usage_error(cli: Cli, words: tuple[str, ...], said: str) -> None:
    done = cli("show", "senders", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("show",),
        ("show", "colours"),
        ("show", "sender"),
        ("import",),
        ("nonsense",),
        ("help", "nonsense"),
        ("--nonsense",),
        ("todo",),
        ("todo", "nonsense"),
        ("import", "--format", "nonsense", "x"),
        ("import", "--tz", "Mars/Olympus", "x"),
        ("import", "--year", "20", "x"),
        ("--config", "/nonexistent/config.toml", "show", "summary"),
        ("--db", "~nobody-of-that-name/x.db", "show", "summary"),
    ],
)
def test_usage_errors_end_with_2(cli: Cli, words: tuple[str, ...]) -> None:
    done = cli(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err


# help and version


def test_help_begins_with_examples(cli: Cli) -> None:
    for words in (("--help",), ("-h",), ("help",)):
        done = cli(*words)
        assert (done.status, done.err) == (0, "")
        assert done.out.startswith("Examples:")
        assert all(name in done.out for name in ("import", "show", "demo", "timezone"))
    for name in ("import", "show", "demo", "timezone", "help"):
        assert cli(name, "--help").out == cli(name, "-h").out == cli("help", name).out
        assert cli(name, "-h").out.startswith("Examples:")


def test_version(cli: Cli) -> None:
    for word in ("--version", "-V"):
        assert cli(word).out.strip() == f"smtpauth-tui, version {__version__}"


# no store, or one that cannot be read


@pytest.mark.parametrize("report", ["summary", "imports"])
def test_show_without_a_store_says_what_to_do(cli: Cli, report: str) -> None:
    done = cli("show", report, "--json")
    assert (done.status, done.out) == (1, "")
    assert "There is no store yet" in done.err
    assert "smtpauth-tui import" in done.err


def test_show_with_a_store_that_is_none(cli: Cli, db: Path) -> None:
    db.write_text("no database")
    done = cli("show", "summary")
    assert done.status == 1
    assert "damaged" in done.err


@pytest.mark.usefixtures("filled")
def test_empty_period_names_the_days_that_have_some(cli: Cli) -> None:
    done = cli("show", "senders", "--start", "2020-01-01", "--end", "2020-01-02")
    assert "The store has some from 2026-09-17 to 2026-11-17: --start 2026-09-17 --end 2026-11-17" in done.out


# import


LOG = mail_log(datetime(2026, 11, 16, 9, tzinfo=UTC), 12)


def test_import_tells_people_on_stdout_and_warns_on_stderr(cli: Cli, tmp_path: Path) -> None:
    done = cli("import", write(tmp_path / "mail.log", LOG))
    assert done.status == 0
    assert done.out.startswith("Imported 12 submissions and 3 failed sign-ins from 1 file")
    assert "its stamps carry no year" in done.err


def test_import_of_good_and_bad_ends_with_1_and_keeps_the_good(cli: Cli, db: Path, tmp_path: Path) -> None:
    done = cli("import", tmp_path / "none.log", write(tmp_path / "mail.log", LOG))
    assert done.status == 1
    assert "There is no file" in done.err
    assert len(contents(db)["submissions"]) == 12


def test_import_of_bad_input_makes_no_store(cli: Cli, db: Path, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(bytes(range(256)) * 100)
    done = cli("import", tmp_path / "picture", tmp_path / "none.log")
    assert (done.status, done.out) == (1, "")
    assert not db.exists()


def test_dry_run(cli: Cli, db: Path, tmp_path: Path) -> None:
    done = cli("import", "--dry-run", write(tmp_path / "mail.log", LOG))
    assert done.out.startswith("Would import 12 submissions")
    assert not db.exists()


def test_zone_of_the_store_is_that_of_its_making(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_TIMEZONE", "Asia/Tokyo")
    log = write(tmp_path / "mail.log", LOG)
    assert cli("import", "--tz", "UTC", log).status == 0
    monkeypatch.setenv("SMTPAUTH_TUI_TIMEZONE", "Europe/Berlin")
    assert "counts its days in Asia/Tokyo, not in Europe/Berlin" in cli("import", "--tz", "UTC", log).err
    assert cli("show", "tls", *WEEK, "--json").json["timezone"] == "Asia/Tokyo"


def test_timezone_shows_the_zone_and_counts_anew(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
    log = write(tmp_path / "mail.log", [*session(late, "A1"), failure(late)])
    cli("import", log)
    assert cli("timezone").out == "UTC\n"
    assert cli("timezone", "UTC").out == "UTC\n"
    assert "now counts its days in Europe/Berlin" in cli("timezone", "Europe/Berlin").out
    assert cli("timezone").out == "Europe/Berlin\n"
    (row,) = [row for row in cli("show", "tls", *WEEK, "--json").json["rows"] if row["messages"]]
    assert row["day"] == "2026-11-17"
    assert cli("timezone", "Mars/Olympus").status == 2
    assert cli("timezone").out == "Europe/Berlin\n"


def test_timezone_without_a_store(cli: Cli) -> None:
    done = cli("timezone", "Europe/Berlin")
    assert (done.status, done.out) == (1, "")
    assert "no store yet" in done.err


# hostile names


def test_hostile_names_reach_no_terminal_and_no_spreadsheet(cli: Cli, db: Path, tmp_path: Path) -> None:
    fill(db, [sent("A1", account=HOSTILE, sender=HOSTILE)], [refused(HOSTILE, client="192.0.2.1")])
    for words in (
        ("senders",),
        ("senders", "--by", "account"),
        ("failures",),
        ("volume",),
        ("summary",),
        ("imports",),
        ("sender", HOSTILE),
        ("senders", "--domain", HOSTILE),
    ):
        for form in ("text", "csv", "json"):
            out = cli("show", *words, *WEEK, "--format", form).out
            assert all(sign.isprintable() or sign in "\r\n" for sign in out), (words, form)
    (row,) = cli("show", "senders", *WEEK, "--json").json["rows"]
    assert row["sender"] == HOSTILE
    assert cli("show", "sender", HOSTILE, *WEEK, "--json").json["rows"][0]["messages"] == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "'=", '"=', "＝"])
def test_no_cell_of_a_csv_is_a_formula(cli: Cli, db: Path, start: str) -> None:
    name = f"{start}HYPERLINK(1)"
    fill(db, [sent("A1", account=name, sender=name)], [refused(name)])
    for report, key in (("senders", "sender"), ("failures", "account")):
        (row,) = csv.DictReader(io.StringIO(cli("show", report, *WEEK, "--format", "csv").out))
        assert row[key].startswith(("'", "\\"))
        assert row["messages" if report == "senders" else "failures"] == "1"


def test_hostile_file_names_and_lines_on_stderr(cli: Cli, tmp_path: Path) -> None:
    bad = [*LOG, "Nov 99 09:00:00 mx1 postfix/smtpd[1]: \x1b]0;owned\x07"]
    log = write(tmp_path / "mail\x1b]0;owned\x07\n.log", bad)
    done = cli("import", log, tmp_path / "none\x1b[2J.log")
    assert done.status == 1
    assert "not understood" in done.err
    assert all(sign.isprintable() or sign == "\n" for sign in done.err + done.out)


# the program in its surroundings


def run_real(db: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command_line(*words, db=db),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=surroundings(db, **environment),
        timeout=60,
    )


def test_reader_that_stops_ends_the_command_quietly(db: Path) -> None:
    fill(db, [sent(f"A{number}", account=f"user{number}@shop.example") for number in range(3000)])
    words = command_line("show", "senders", *WEEK, "--json", db=db)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings(db)) as process:
        assert process.stdout
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr
        said = process.stderr.read()
        assert process.wait(60) == 128 + signal.SIGPIPE
    assert said == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_output_in_another_encoding(filled: Path, encoding: str) -> None:
    fill(filled, [sent("B1", account="日本@shop.example")])
    for report in ("senders", "tls", "summary"):
        done = run_real(filled, "show", report, *WEEK, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
    done = run_real(filled, "show", "senders", *WEEK, "--format", "csv", PYTHONIOENCODING="latin-1")
    assert b"\\u65e5\\u672c@shop.example" in done.stdout


def test_colour_only_where_it_is_asked_for(cli: Cli, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m" not in cli("show", "senders", *WEEK).out
    assert "\x1b[31m" in cli("--color", "always", "show", "senders", *WEEK).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in cli("show", "senders", *WEEK).out
    assert "\x1b[31m" not in cli("--color", "never", "show", "senders", *WEEK).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in cli("show", "senders", *WEEK).out


def test_store_by_the_environment_and_the_option(db: Path, tmp_path: Path, filled: Path) -> None:
    words = [sys.executable, "-m", "smtpauth_tui"]
    environment = surroundings(db, SMTPAUTH_TUI_DB=str(filled))
    done = subprocess.run([*words, "show", "imports", "--json"], env=environment, capture_output=True, timeout=60)
    assert json.loads(done.stdout)["rows"]
    other = subprocess.run(
        [*words, "--db", str(tmp_path / "other.db"), "show", "imports"],
        env=environment,
        capture_output=True,
        timeout=60,
    )
    assert other.returncode == 1


def test_days_are_those_of_the_stores_zone(cli: Cli, db: Path) -> None:
    fill(db, [sent("A1", NOON + int(timedelta(hours=11, minutes=30).total_seconds()))], zone="Europe/Berlin")
    rows = cli("show", "tls", *WEEK, "--json").json["rows"]
    assert [row["day"] for row in rows if row["messages"]] == ["2026-11-17"]


def test_another_import_that_holds_the_store_is_told(
    cli: Cli, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smtpauth_tui.store import lock

    monkeypatch.setattr(lock, "PATIENCE", 0.8)
    holder = Writer(filled, "UTC")
    holder.begin()
    done = cli("import", write(tmp_path / "mail.log", LOG))
    assert done.status == 1
    assert f"Another import is writing to {filled}; waiting for it." in done.err
    assert "Wait until it is done" in done.err
    assert cli("show", "summary", *WEEK, "--json").json["rows"][0]["messages"] == 4
    holder.close()
    assert cli("import", tmp_path / "mail.log").status == 0


def test_formats_lists_each_with_an_example(cli: Cli) -> None:
    from smtpauth_tui.formats import DOCUMENTS, FORMATS

    rows = cli("formats", "--json").json["formats"]
    assert {row["name"] for row in rows} == {one.name for one in FORMATS} | {one.name for one in DOCUMENTS}
    text = cli("formats").out
    for row in rows:
        assert row["title"] in text
        assert row["example"].splitlines()[0] in text


def test_what_was_pruned_is_not_counted_again(cli: Cli, db: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "mail.log", LOG)
    assert cli("import", log, "--json").json["submissions"]
    before = cli("show", "summary", "--start", "2026-01-01", "--json").json["rows"][0]
    today = datetime.now(UTC).date()
    assert f"Would keep {today}" in cli("prune", "--keep", "1d", "--dry-run").out
    assert f"Forgot {before['messages']} submissions" in cli("prune", "--keep", "1d").out
    copy = write(tmp_path / "elsewhere" / "copy.log", LOG[1:])
    again = cli("import", copy, "--json").json
    assert again["submissions"] == again["auth_failures"] == 0
    assert cli("show", "summary", "--start", "2026-01-01", "--json").json["rows"][0]["messages"] == 0
    assert "older than what the store keeps" in cli("import", write(tmp_path / "third.log", LOG[2:])).out


@pytest.mark.parametrize("span", ["", "7", "0d", "-1d", "1e3d", "\u0663d", "d", "99999999d"])
def test_spans_that_prune_does_not_take(cli: Cli, filled: Path, span: str) -> None:
    assert cli("prune", "--keep", span).status == 2


def test_following_does_not_go_with_a_dry_run(cli: Cli, tmp_path: Path) -> None:
    done = cli("import", "--follow", "--dry-run", write(tmp_path / "mail.log", LOG))
    assert done.status == 2
    assert "--dry-run" in done.err


# doctor


def test_doctor_tells_what_it_finds_and_how_bad_it_is(cli: Cli, filled: Path) -> None:
    filled.parent.chmod(0o700)
    done = cli("doctor", "--json")
    assert done.json["schema"] == 1
    found = {one["check"]: one for one in done.json["findings"]}
    assert list(found["store"]) == ["check", "severity", "what", "todo"]
    assert found["newest"]["severity"] == "warning"  # the facts are of a past year
    assert done.status == 3
    text = cli("doctor")
    assert (text.status, text.err) == (3, "")
    assert "\nWARNING  The last import was " in text.out
    assert "\n         → Import each hour, by cron:" in text.out


def test_doctor_without_warnings(cli: Cli, db: Path) -> None:
    db.parent.chmod(0o700)
    done = cli("doctor")
    assert done.status == 0
    assert "There is no store yet" in done.out


def test_doctor_works_where_the_configuration_does_not(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPAUTH_TUI_ANIMATIONS", "perhaps")
    assert cli("show", "summary").status == 2
    done = cli("doctor", "--json")
    assert done.status == 3
    assert "animations" in done.json["findings"][0]["what"]


def test_progress_for_programs(cli: Cli, db: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from tests.logs import mail_log, write

    log = write(tmp_path / "mail.log", mail_log(datetime(2026, 11, 16, tzinfo=UTC), 3))
    done = cli("import", "--json", "--progress", "json", log)
    (line,) = [line for line in done.err.splitlines() if line.startswith('{"progress":')]
    told = json.loads(line)["progress"]
    assert list(told) == ["path", "done", "total", "lines", "seconds"]
    assert told["path"] == str(log)
    assert done.json["submissions"] == 3
    assert "--progress" not in cli("import", "--help").out


def test_period_of_an_export_that_names_none(cli: Cli, tmp_path: Path) -> None:
    export = tmp_path / "clients.csv"
    export.write_text("Sender address,Domain,TLS 1.2,Messages sent\nfax@shop.example,shop.example,100%(12),12\n")
    assert "--period" in cli("import", export).err
    assert cli("show", "snapshots", "--json").json["rows"][0]["start"] is None
    for _ in range(2):
        cli("import", "--period", "2026-11-01..2026-11-30", export)
        (row,) = cli("show", "snapshots", "--json").json["rows"]
        assert (row["start"], row["end"], row["messages"]) == ("2026-11-01", "2026-11-30", 12)


@pytest.mark.parametrize(
    "words", ["2026-11-01", "2026-11-30..2026-11-01", "..", "a..b", "2026-11-01..2026-11-02..2026-11-03"]
)
def test_words_that_are_no_period(cli: Cli, tmp_path: Path, words: str) -> None:
    done = cli("import", "--period", words, write(tmp_path / "mail.log", LOG))
    assert (done.status, "2026-11-01..2026-11-30" in done.err) == (2, True)
