"""Who breaks as a list of what is to do: workbook, CSV and mail, read back from what a log says."""

import csv
import io
import stat
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import openpyxl
import pytest

from smtpauth_tui.mailing.attachments import load_attachments
from smtpauth_tui.mailing.content import Content, load_content, subject
from smtpauth_tui.mailing.html_part import html_part
from smtpauth_tui.mailing.text_part import text_part
from smtpauth_tui.mailing.to_do import load_to_do
from smtpauth_tui.mailing.to_do_files import to_do_workbook
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.todo import mark, note
from smtpauth_tui.switches import Reason, Switches
from tests.cli.conftest import Cli
from tests.logs import CIPHER, bring_in, write
from tests.mailing.reports import CLOCK

QUARTER = Period.ending(date(2026, 11, 22), 90)
EVIL = "=1+1@shop.example"
# account, day, TLS, mechanism, client
SENT = (
    ("scan@shop.example", 9, "TLSv1", "PLAIN", "10.0.0.7"),
    ("scan@shop.example", 16, "TLSv1", "PLAIN", "10.0.0.7"),
    ("scan@shop.example", 17, "TLSv1.2", "XOAUTH2", "10.0.0.8"),
    ("ana@shop.example", 16, "TLSv1.3", "XOAUTH2", "192.0.2.1"),
    (EVIL, 16, "TLSv1.3", "LOGIN", "192.0.2.9"),
)


def log_of_all() -> list[str]:
    lines = []
    for number, (account, day, version, mechanism, client) in enumerate(SENT):
        stamp, smtpd = f"2026-11-{day:02}T10:00:{number:02}+00:00 mx1", f"postfix/submission/smtpd[{number}]"
        queue_id = f"{0xA00000 + number:X}"
        lines += [
            f"{stamp} {smtpd}: connect from pc.example[{client}]",
            f"{stamp} {smtpd}: Anonymous TLS connection established from pc.example[{client}]: {version} {CIPHER}",
            f"{stamp} {smtpd}: {queue_id}: client=pc.example[{client}], sasl_method={mechanism}, "
            f"sasl_username={account}",
            f"{stamp} postfix/qmgr[7]: {queue_id}: from=<{account}>, size=1000, nrcpt=1 (queue active)",
            f"{stamp} {smtpd}: disconnect from pc.example[{client}] ehlo=2 starttls=1 auth=1 mail=1 quit=1",
        ]
    return lines


@pytest.fixture
def filled(db: Path, tmp_path: Path) -> Path:
    bring_in(db, write(tmp_path / "mail.log", log_of_all()), zone="UTC")
    with Notes(db) as notes:
        note(notes, "scan@shop.example", owner="Mara", text="=HYPERLINK(1)", at=1)
        mark(notes, "scan@shop.example", done=True, at=int(datetime(2026, 11, 12, tzinfo=UTC).timestamp()))
    return db


def asked(*off: Reason, networks: tuple[str, ...] = ()) -> ReportQuery:
    return ReportQuery(QUARTER, switches=Switches(off, networks))


async def workbook_of(db: Path, query: ReportQuery) -> openpyxl.Workbook:
    async with await Store.open(db) as store:
        return openpyxl.load_workbook(io.BytesIO(await to_do_workbook(await load_to_do(store, query), store.zone)))


def rows_of(book: openpyxl.Workbook, sheet: str) -> list[dict[str, object]]:
    titles, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, titles), row, strict=True)) for row in rows]


async def test_the_workbook_has_each_account_with_what_to_do(filled: Path) -> None:
    book = await workbook_of(filled, asked(Reason.BASIC, Reason.TLS_1_0))
    assert book.sheetnames == ["To do", "Burn-down", "About"]
    scan, evil = rows_of(book, "To do")
    assert (scan["Account"], scan["State"], scan["Owner"]) == ("scan@shop.example", "done, yet used since", "Mara")
    assert (scan["Refused"], scan["Messages"], scan["Basic"], scan["OAuth"]) == (2, 3, 2, 1)
    assert (scan["Why"], scan["Addresses"], scan["Newest address"]) == ("Basic, TLS 1.0", 2, "10.0.0.8")
    assert scan["Last seen (UTC)"] == datetime(2026, 11, 17, 10, 0, 2)
    assert scan["Last one that would be refused (UTC)"] == datetime(2026, 11, 16, 10, 0, 1)
    assert "XOAUTH2" in str(scan["What to change"])
    assert "firmware" in str(scan["What to change"])
    assert (evil["State"], evil["Rarely"]) == ("open", "rarely")
    weeks = rows_of(book, "Burn-down")
    assert [row["Accounts that would break"] for row in weeks[-2:]] == [1, 2]
    assert weeks[-1]["To"] == datetime(2026, 11, 22)
    assert any("2 of 3 accounts would break" in str(row) for row in book["About"].iter_rows(values_only=True))


async def test_nothing_of_it_is_a_formula(filled: Path) -> None:
    book = await workbook_of(filled, asked(Reason.BASIC))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    rows = rows_of(book, "To do")
    assert [row["Account"] for row in rows] == ["scan@shop.example", f"'{EVIL}"]
    assert rows[0]["Note"] == "'=HYPERLINK(1)"


async def content_of(db: Path, query: ReportQuery) -> Content:
    async with await Store.open(db) as store:
        return await load_content(store, "breaks", query, CLOCK)


async def test_a_mail_says_who_breaks_why_and_who_is_on_it(filled: Path) -> None:
    content = await content_of(filled, asked(Reason.BASIC))
    assert subject(content) == "SMTP Auth: 2 of 3 accounts would break (25 Aug - 22 Nov 2026)"
    text = text_part(content)
    assert "If Basic authentication is switched off: 2 of 3 accounts would break" in text
    assert "MC786329 of 27 January 2026" in text
    (line,) = [line for line in text.splitlines() if line.startswith("scan@shop.example")]
    assert line.split() == ["scan@shop.example", "2", "3"]
    assert "done, yet used since; Mara" in text
    figures = {figure.label: figure.number for figure in content.figures}
    assert (figures["Accounts that would break"], figures["Done, yet used since"]) == (2, 1)
    assert "Accounts to change" in html_part(content)


async def test_a_mail_follows_the_switches(filled: Path) -> None:
    only_tls = await content_of(filled, asked(Reason.TLS_1_0))
    assert subject(only_tls).startswith("SMTP Auth: 1 of 3 accounts would break")
    networks = await content_of(filled, asked(networks=("10.0.0.0/8",)))
    assert networks.todo
    assert {row.name for row in networks.todo.rows} == {"ana@shop.example", EVIL}
    nobody = await content_of(filled, asked(Reason.NO_TLS))
    assert subject(nobody).startswith("SMTP Auth: no account would break")
    assert "Accounts to change" not in text_part(nobody)


async def test_files_are_cut_to_the_room_that_there_is(db: Path, tmp_path: Path) -> None:
    lines = [
        line.replace("ana@", f"ana{number}@").replace("[3]", f"[{100 + number}]").replace("A00003", f"B{number:05X}")
        for number in range(300)
        for line in log_of_all()[15:20]
    ]
    bring_in(db, write(tmp_path / "mail.log", [line.replace("XOAUTH2", "PLAIN") for line in lines]), zone="UTC")
    async with await Store.open(db) as store:
        content = await load_content(store, "breaks", asked(Reason.BASIC), CLOCK)
        for kind in ("csv", "xlsx"):
            (whole,) = await load_attachments(store, content, (kind,), 10**7)
            (part,) = await load_attachments(store, content, (kind,), whole.size * 3 // 4)
            assert (whole.rows, whole.of) == (300, 300)
            assert 0 < part.rows < part.of == 300
            assert part.size <= whole.size * 3 // 4
            assert f"the {part.rows} accounts with most refused messages of 300" in text_part(content, (part,))


# from the command line


@pytest.mark.usefixtures("filled")
def test_workbook_and_mail_have_the_rows_of_the_filter(cli: Cli, tmp_path: Path) -> None:
    path, mailed = tmp_path / "to-do.xlsx", tmp_path / "mail.eml"
    wanted = ("breaks", "--without", "basic", "--end", "2026-11-22", "--where", 'owner = ""')
    assert cli("show", *wanted, "--xlsx", str(path)).status == 0
    assert cli("mail", *wanted, "--to", "ana@shop.example", "--dry-run", str(mailed)).status == 0
    message = message_from_bytes(mailed.read_bytes(), policy=default)
    (attached,) = [part.get_payload(decode=True) for part in message.iter_attachments()]
    assert isinstance(attached, bytes)
    for book in (openpyxl.load_workbook(path), openpyxl.load_workbook(io.BytesIO(attached))):
        assert [row["Account"] for row in rows_of(book, "To do")] == [f"'{EVIL}"]
        about = list(book["About"].iter_rows(values_only=True))
        assert ("Filter of accounts", 'owner = ""') in about
        assert any("2 of 3 accounts would break" in str(row) for row in about)
    body = message.get_body(("plain",))
    assert body
    text = " ".join(body.get_content().split())
    assert 'Filter: owner = ""' in text
    assert "The filter holds of 1 of 2 accounts that would break" in text
    assert "the one account of the filter" in text
    assert "scan@shop.example" not in text
    assert "Marked as done 1 50.00 %" in text, "figures are of all"
    done = cli("mail", *wanted[:-1], "messages > 99", "--when", "breaks", "--to", "ana@shop.example")
    assert (done.status, done.out) == (0, "")
    assert "there are no accounts of the filter" in done.err


@pytest.mark.usefixtures("filled")
def test_show_writes_a_workbook_that_only_its_owner_reads(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "to-do.xlsx"
    done = cli("show", "breaks", "--without", "basic", "--end", "2026-11-22", "--xlsx", str(path))
    assert (done.status, done.out) == (0, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(rows_of(openpyxl.load_workbook(path), "To do")) == 2
    other = cli("show", "tls", "--xlsx", str(path))
    assert other.status == 2
    assert "show breaks --xlsx" in other.err


@pytest.mark.usefixtures("filled")
def test_mail_puts_the_list_into_a_folder(
    filled: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_FOLDER", str(out))
    monkeypatch.setenv("SMTPAUTH_TUI_MAIL_FROM", "reports@shop.example")
    words = ("--to", "ana@shop.example", "--end", "2026-11-22", "--attach", "xlsx,csv", "--when", "breaks", "--once")
    assert "there are no accounts that would break" in cli("mail", "breaks", "--without", "notls", *words).err
    assert not list(out.iterdir())
    assert cli("mail", "breaks", "--without", "basic", *words).status == 0
    (path,) = out.iterdir()
    text = path.read_bytes()
    assert b"2 of 3 accounts would break" in text
    assert cli("mail", "breaks", "--without", "basic", *words).status == 0
    assert len(list(out.iterdir())) == 1, "once is once"
    assert cli("mail", "breaks", "--without", "tls1.0", *words).status == 0
    assert len(list(out.iterdir())) == 2, "other switches make another mail"
    message = message_from_bytes(text, policy=default)
    (table,) = [part for part in message.iter_attachments() if part.get_content_type() == "text/csv"]
    rows = list(csv.DictReader(io.StringIO(table.get_content())))
    assert [row["account"] for row in rows] == ["scan@shop.example", f"'{EVIL}"]
    assert rows[0]["owner"] == "Mara"


@pytest.mark.usefixtures("filled")
def test_switches_are_for_this_report_only(cli: Cli) -> None:
    done = cli("mail", "tls", "--to", "ana@shop.example", "--without", "basic")
    assert done.status == 2
    assert "mail breaks" in done.err
