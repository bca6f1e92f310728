"""The files of a mail: their numbers are those of `show`, texts are only texts, and all fits the size limit."""

import asyncio
import csv
import io
import json
import re
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from smtpauth_tui.errors import SmtpAuthTuiError, UsageError
from smtpauth_tui.mailing.attachments import KINDS, Attachment, load_attachments
from smtpauth_tui.mailing.content import MAILED, Content, load_content
from smtpauth_tui.mailing.workbook import cell_text
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.senders import sender_label
from smtpauth_tui.store.reader import Store
from tests.logs import command
from tests.mailing.reports import CLOCK, HOSTILE, TODAY, WEEK
from tests.store.facts import DAY, NOON, fill, sent

ROOM = 10_000_000
DEMO_WEEK = Period.ending(TODAY, 7)
DAYS = ["--start", "2026-11-17", "--end", "2026-11-23"]


async def files(
    db: Path,
    report: str = "volume",
    query: Period | ReportQuery = WEEK,
    kinds: tuple[str, ...] = KINDS,
    room: int = ROOM,
) -> tuple[Content, dict[str, Attachment]]:
    """A report and its files by their kinds, of one moment."""
    asked = ReportQuery(query) if isinstance(query, Period) else query
    async with await Store.open(db) as store, store.snapshot() as seen:
        content = await load_content(seen, report, asked, CLOCK)
        found = await load_attachments(seen, content, kinds, room)
    assert sum(one.size for one in found) <= room
    return content, {one.name.rpartition(".")[2]: one for one in found}


def opened(file: Attachment) -> Workbook:
    """A workbook as another program reads it."""
    return openpyxl.load_workbook(io.BytesIO(file.content))


def table(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    """A sheet's rows by the titles above them."""
    titles, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, titles), row, strict=True)) for row in rows]


def shown(db: Path, report: str, *words: str) -> list[dict[str, Any]]:
    """The rows of ``show REPORT --json`` for the demo's week."""
    done = command("show", report, "--json", *DAYS, *words, db=db)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return rows


# the same numbers


@pytest.mark.parametrize("domain", [None, "contoso.example"])
async def test_senders_are_those_of_show(demo: Path, domain: str | None) -> None:
    rows = shown(demo, "senders", *(["--domain", domain] if domain else []))
    _, found = await files(demo, "senders", ReportQuery(DEMO_WEEK, domain))
    assert (found["xlsx"].rows, found["xlsx"].of) == (len(rows), len(rows))
    for told, row in zip(table(opened(found["xlsx"]), "Senders"), rows, strict=True):
        assert told["Sender address"] == row["sender"]
        assert (told["Sender domain"] or "") == row["domain"]
        assert (told["Messages"], told["Recipients"]) == (row["messages"], row["recipients"])
        for version in TlsVersion:
            count = row["tls"].get(version, 0)
            assert told.get(version.label, 0) == count
            assert told.get(f"{version.label} %", 0) == pytest.approx(count / row["messages"])
        assert told["Below TLS 1.2"] == sum(row["tls"][name] for name in ("none", "1.0", "1.1"))
        assert (told["Password"], told["OAuth"], told["Login unknown"]) == tuple(row["auth"].values())
        first = datetime.fromisoformat(row["first_seen"]).astimezone(CLOCK.now().tzinfo)
        seen = told["First seen (Europe/Berlin)"]
        assert abs((seen - first.replace(tzinfo=None)).total_seconds()) == 3600


async def test_days_and_their_sums_are_those_of_show(demo: Path) -> None:
    content, found = await files(demo, "summary", DEMO_WEEK)
    book = opened(found["xlsx"])
    (summary,) = shown(demo, "summary")
    *days, total = table(book, "TLS")
    for told, row in zip(days, shown(demo, "tls"), strict=True):
        assert told["Day"] == datetime.fromisoformat(row["day"])
        assert told["Messages"] == row["messages"]
        assert {v.value: told[v.label] for v in TlsVersion if v.label in told} == {
            name: count for name, count in row["tls"].items() if name != "unknown"
        }
        assert told["Below TLS 1.2 %"] == pytest.approx(
            sum(row["tls"][name] for name in ("none", "1.0", "1.1")) / row["messages"]
        )
    assert (total["Day"], total["Messages"]) == ("Total", summary["messages"])
    *days, total = table(book, "Days")
    volume = shown(demo, "volume")
    largest = [one.name for one in content.volume.series[:4]]
    for told in days:
        of_day = {row["domain"]: row["messages"] for row in volume if row["day"] == told["Day"].date().isoformat()}
        assert told["All"] == sum(of_day.values())
        assert [told[name] for name in largest] == [of_day.get(name, 0) for name in largest]
    assert total["All"] == summary["messages"]


async def test_summary_has_numbers_and_what_was_before(demo: Path) -> None:
    content, found = await files(demo, "tls", DEMO_WEEK)
    rows = list(opened(found["xlsx"])["Summary"].iter_rows(values_only=True))
    told = {row[0]: row[1:] for row in rows}
    assert told["Report"][0] == "SMTP Auth clients: TLS usage"
    assert told["Figure"] == ("Count", "Share", "10-16 Nov 2026", "Change")
    for figure in content.figures:
        count, share, before, change = told[figure.label]
        assert (count, before) == (figure.number, figure.before)
        assert share == (pytest.approx(figure.number / figure.whole) if figure.whole else None)
        assert change == pytest.approx((figure.number - figure.before) / figure.before)
    assert told["No TLS"][0] == content.totals.tls[TlsVersion.NONE]
    assert rows[-1][0] == content.notes[-1]


async def test_no_data_before_is_no_number(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(db, [sent("A1")])
    _, found = await files(db)
    told = {row[0]: row[1:] for row in opened(found["xlsx"])["Summary"].iter_rows(values_only=True)}
    assert told["Messages"] == (1, None, "no data", None)
    assert told["TLS 1.3"] == (1, 1, "no data", None)


async def test_failed_sign_ins_have_their_sheets(demo: Path, tmp_path: Path) -> None:
    _, found = await files(demo, "failures", DEMO_WEEK)
    book = opened(found["xlsx"])
    (summary,) = shown(demo, "summary")
    names, clients = table(book, "Failed sign-ins"), table(book, "Failing clients")
    assert sum(row["Refused"] for row in names) == sum(row["Refused"] for row in clients) == summary["auth_failures"]
    fill(tmp_path / "store.db", [sent("A1")])
    _, found = await files(tmp_path / "store.db")
    assert opened(found["xlsx"]).sheetnames == ["Summary", "Days", "TLS", "Senders", "Definitions"]


async def test_sheets_are_ready_to_be_worked_with(demo: Path) -> None:
    _, found = await files(demo, "tls", DEMO_WEEK)
    book = opened(found["xlsx"])
    senders = book["Senders"]
    assert senders.freeze_panes == "B2"
    assert senders.auto_filter.ref == f"A1:{senders.cell(1, senders.max_column).coordinate[:-1]}{senders.max_row}"
    by_title = {cell.value: cell for cell in senders[1]}
    formats = {title: senders.cell(2, cell.column).number_format for title, cell in by_title.items()}
    assert (formats["Messages"], formats["TLS 1.2 %"]) == ("#,##0", "0.00%")
    assert formats["Last seen (Europe/Berlin)"] == "yyyy-mm-dd hh:mm:ss"
    assert senders.column_dimensions["A"].width >= 40
    assert book["Days"]["A2"].value == datetime(2026, 11, 17)
    charts = {name: chart for name in ("Days", "TLS") for chart in book[name]._charts}
    assert charts["Days"].grouping == "stacked"
    assert charts["TLS"].grouping == "percentStacked"
    assert [len(chart.series) for chart in charts.values()] == [5, 5]
    assert charts["TLS"].series[0].val.numRef.f == "TLS!$B$2:$B$8"


async def test_the_same_report_is_the_same_file(demo: Path) -> None:
    one, other = [(await files(demo, "volume", DEMO_WEEK))[1] for _ in range(2)]
    assert one["xlsx"].content == other["xlsx"].content
    assert (one["xlsx"].name, one["csv"].name) == (
        "smtp-auth-volume_2026-11-17_2026-11-23.xlsx",
        "smtp-auth-senders_2026-11-17_2026-11-23.csv",
    )


async def test_csv_is_what_show_prints(demo: Path, hostile: Path) -> None:
    for db, days, words in ((demo, DEMO_WEEK, DAYS), (hostile, WEEK, ["--start", "2026-11-16", "--end", "2026-11-22"])):
        printed = command("show", "senders", "--format", "csv", *words, db=db)
        _, found = await files(db, "volume", days, ("csv",))
        assert found["csv"].content == printed.stdout
        assert found["csv"].rows == found["csv"].of == printed.stdout.count(b"\n") - 1


# hostile texts


@pytest.mark.parametrize("report", MAILED)
async def test_no_text_is_a_formula_or_a_link_or_markup(hostile: Path, report: str) -> None:
    _, found = await files(hostile, report)
    with zipfile.ZipFile(io.BytesIO(found["xlsx"].content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, text in parts.items():
        assert "<hyperlink" not in text
        assert "relationships/hyperlink" not in text
        assert "TargetMode" not in text
        assert "<f>" not in text, "no formula of ours either"
        assert name.startswith(("xl/", "docProps/", "_rels/", "[Content_Types]"))
    assert not [name for name in parts if re.search("external|macro|vba|connection|query", name, re.IGNORECASE)]
    book = opened(found["xlsx"])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert all(text.isprintable() for text in texts)
    assert not [text for text in texts if text.lstrip(" \"'").startswith(("=", "+", "-", "@")) and text[0] != "'"]
    sheet, column = ("To do", "Account") if report == "breaks" else ("Senders", "Sender address")
    names = {unescape(row[column]) for row in table(book, sheet)}  # as Excel reads _x0041_
    assert names == {cell_text(sender_label(name)) for name in HOSTILE}


@given(st.one_of(st.text(max_size=40), st.text("=+-@<r>/ '\"\t", max_size=12)))
def test_cell_text_is_only_text(text: str) -> None:
    told = cell_text(text)
    assert told.isprintable()
    assert not told.startswith(("=", "+", "-", "@", "<r>", "＝", "＋", "－", "＠"))


async def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(db, [sent("A1", sender=f"{'x' * 40_000}@shop.example")])
    _, found = await files(db)
    (row,) = table(opened(found["xlsx"]), "Senders")
    assert row["Sender address"] == "x" * 32_767


async def test_days_that_workbooks_do_not_know(tmp_path: Path) -> None:
    """Workbooks begin in 1900, and take that for a leap year."""
    db = tmp_path / "store.db"
    fill(db, [sent("A1")])
    _, found = await files(db, "volume", Period(first=date(1900, 2, 27), last=date(1900, 3, 2)))
    days = [row["Day"] for row in table(opened(found["xlsx"]), "TLS")]
    assert days == ["1900-02-27", "1900-02-28", datetime(1900, 3, 1), datetime(1900, 3, 2), "Total"]


# the size limit


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 6,000 senders, of whom the later ones sent less."""
    db = tmp_path_factory.mktemp("many") / "store.db"
    rows = [(number, message) for number in range(6000) for message in range(1 + (number < 3000) + (number < 100))]
    fill(db, [sent(f"{n}-{m}", NOON + n % DAY, sender=f"sender-{n:05}@shop{n % 7}.example") for n, m in rows])
    return db


@pytest.mark.parametrize("room", [60_000, 150_000, 400_000])
@pytest.mark.parametrize("kinds", [("xlsx",), ("csv",), KINDS])
async def test_files_are_cut_to_the_senders_with_most_messages(many: Path, kinds: tuple[str, ...], room: int) -> None:
    content, found = await files(many, kinds=kinds, room=room)
    told = {}
    if "xlsx" in found:
        told["xlsx"] = [row["Sender address"] for row in table(opened(found["xlsx"]), "Senders")]
        assert sum(day.messages for day in content.usage) == content.totals.messages == 9100
    if "csv" in found:
        text = found["csv"].content.decode()
        assert text.endswith("\r\n")
        told["csv"] = [row["sender"] for row in csv.DictReader(io.StringIO(text))]
    for kind, names in told.items():
        assert names == [f"sender-{n:05}@shop{n % 7}.example" for n in range(len(names))]
        assert (found[kind].rows, found[kind].of) == (len(names), 6000)
        assert 50 < len(names) < 6000 or room == 400_000
    if len(kinds) == 1:
        assert found[kinds[0]].rows == 6000 or found[kinds[0]].size > room * 0.8, "the room is used"


async def test_all_senders_where_there_is_room(many: Path) -> None:
    _, found = await files(many)
    assert [(one.rows, one.of) for one in found.values()] == [(6000, 6000)] * 2


@pytest.mark.parametrize("kind", KINDS)
async def test_no_room_for_any_sender_is_an_error(many: Path, kind: str) -> None:
    with pytest.raises(SmtpAuthTuiError):
        await files(many, kinds=(kind,), room=500)
    with pytest.raises(SmtpAuthTuiError):
        await files(many, kinds=(kind,), room=0)


async def test_nothing_sent_is_a_file_too(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(db, [sent("A1", NOON - 100 * DAY)])
    _, found = await files(db)
    assert [(one.rows, one.of) for one in found.values()] == [(0, 0), (0, 0)]
    assert table(opened(found["xlsx"]), "Senders") == []


async def test_only_what_was_asked_for(demo: Path) -> None:
    assert (await files(demo, kinds=()))[1] == {}
    assert list((await files(demo, kinds=("csv",)))[1]) == ["csv"]
    with pytest.raises(UsageError):
        await files(demo, kinds=("exe",))


# the machine meanwhile


async def test_others_go_on_while_a_workbook_is_made(many: Path) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(other())
    await files(many, kinds=("xlsx",))
    task.cancel()
    assert turns > 100


async def test_nothing_is_left_behind(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    await files(many, kinds=("xlsx",))
    assert list(tmp_path.iterdir()) == []
    task = asyncio.create_task(files(many, kinds=("xlsx",)))
    while True:
        await asyncio.sleep(0)
        if list(tmp_path.iterdir()):
            break
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []


async def test_no_place_for_temporary_files_is_said(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(SmtpAuthTuiError, match="The workbook cannot be written"):
        await files(many, kinds=("xlsx",))
