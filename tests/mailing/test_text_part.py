"""The text part: it is complete by itself, and fits a terminal's mail program whatever the senders are called."""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui import __version__
from smtpauth_tui.export import width_of
from smtpauth_tui.mailing.attachments import Attachment
from smtpauth_tui.mailing.content import MAILED, Content
from smtpauth_tui.mailing.text_part import text_part
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.values import Cell, Chart, Column, Role, Series, Table
from tests.mailing.reports import TODAY, WEEK, content_of, content_without_store

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "mailing"
WORKBOOK = Attachment("smtp-auth-volume_2026-11-17_2026-11-23.xlsx", "application/x", b"x" * 45_400, 78, 78)
CUT = Attachment("smtp-auth-senders_2026-11-17_2026-11-23.csv", "text/csv", b"x" * 9_000_000, 70_000, 120_345)


def compare(name: str, text: str) -> None:
    """A text against its snapshot; with SNAPSHOT_UPDATE=1 it becomes the snapshot."""
    path = SNAPSHOTS / f"{name}.txt"
    text = text.replace(f"smtpauth-tui {__version__} ", "smtpauth-tui VERSION ")
    if os.environ.get("SNAPSHOT_UPDATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no snapshot {path.name}: make snapshots, and look at it"
    assert text == path.read_text(encoding="utf-8")


def no_wider_than(width: int, text: str) -> bool:
    """Whether all lines fit, print, and end without blanks."""
    assert all(line.isprintable() for line in text.splitlines())
    assert all(line == line.rstrip() for line in text.splitlines())
    return max(map(width_of, text.splitlines())) <= width


@pytest.mark.parametrize("report", MAILED)
async def test_text_of_the_demo(demo: Path, report: str) -> None:
    content = await content_of(demo, report, Period.ending(TODAY, 7))
    text = text_part(content, (WORKBOOK, CUT))
    assert text.isascii()
    assert no_wider_than(72, text)
    compare(f"{report}-7d", text)


@pytest.mark.parametrize("days", [1, 30, 90])
async def test_text_of_other_periods(demo: Path, days: int) -> None:
    content = await content_of(demo, "tls", ReportQuery(Period.ending(TODAY, days), "contoso.example"))
    text = text_part(content)
    assert no_wider_than(72, text)
    compare(f"tls-of-a-domain-{days}d", text)


@pytest.mark.parametrize("report", MAILED)
@pytest.mark.parametrize("width", [60, 72, 100])
async def test_hostile_names_break_no_line(hostile: Path, report: str, width: int) -> None:
    content = await content_of(hostile, report)
    text = text_part(content, (WORKBOOK, CUT), width)
    assert no_wider_than(width, text)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text.replace("\n", ""))


def table(*names: str) -> Table:
    """A table with a name, a number, and what there is to say of it."""
    columns = (Column("name", "Name"), Column("count", "Count", numeric=True), Column("more", "More"))
    return Table(columns, tuple((Cell(name), Cell("1,234"), Cell(f"last {name}")) for name in names))


@given(st.lists(st.text(max_size=120), min_size=1, max_size=3), st.text(max_size=40), st.text(max_size=40))
def test_no_line_is_wider_whatever_the_data(names: list[str], domain: str, host: str) -> None:
    empty = content_without_store(domain=domain)
    bucket = Chart("x", (), ()).buckets
    series = tuple(Series(name, role, ()) for name, role in zip(names, Role, strict=False))
    content = replace(empty, host=host, tables=(("A", table(*names)),), charts=(Chart("Days", bucket, series),))
    assert no_wider_than(72, text_part(content))


async def test_what_is_said_of_a_name_stands_beside_it_where_there_is_room() -> None:
    def lines(name: str) -> list[str]:
        text = text_part(replace(content_without_store(), tables=(("Names", table(name)),)))
        return text.partition("---\n")[2].splitlines()[:2]

    assert [line.split() for line in lines("ana")] == [["ana", "1,234", "last", "ana"], []]
    long = "x" * 40
    assert [line.split() for line in lines(long)] == [[long, "1,234"], ["last", long]]


async def test_attachments_that_were_cut_say_so(demo: Path) -> None:
    content = await content_of(demo, "volume", WEEK)
    whole = text_part(content, (WORKBOOK,))
    assert "smtp-auth-volume_2026-11-17_2026-11-23.xlsx\n  all 78 senders, 45 kB\n" in whole
    assert "size limit" not in whole
    text = " ".join(text_part(content, (WORKBOOK, CUT)).split())
    assert "the 70,000 senders with most messages of 120,345, 9,000 kB" in text
    assert "The size limit of mails leaves no room for all senders." in text
    assert "Attached" not in text_part(content)


def test_nothing_sent_is_a_report_too() -> None:
    content: Content = content_without_store()
    assert no_wider_than(72, text_part(content))
