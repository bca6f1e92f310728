"""The HTML part: only the template's elements whatever the names, nothing to load or to follow, all in view."""

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.export import cut
from smtpauth_tui.mailing.attachments import Attachment
from smtpauth_tui.mailing.colours import COLOURS
from smtpauth_tui.mailing.content import MAILED, Content
from smtpauth_tui.mailing.html_part import bars, defanged, html_part
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.values import Cell, Column, Role, Table
from smtpauth_tui.safe import safe
from tests.mailing.reports import TODAY, WEEK, content_of, content_without_store

WORKBOOK = Attachment("smtp-auth-volume_2026-11-17_2026-11-23.xlsx", "application/x", b"x" * 45_400, 78, 78)
CUT = Attachment("smtp-auth-senders_2026-11-17_2026-11-23.csv", "text/csv", b"x" * 9_000_000, 70_000, 120_345)
ELEMENTS = set("html head meta title style body div table tr td th h1 h2 span br wbr".split())
ATTRIBUTES = set(
    "lang dir charset name content class style bgcolor align valign width colspan cellpadding cellspacing border role"
    " scope".split()
)
LINKED = re.compile(r"\w@|[a-z][\w-]*\.[a-z]|://|www\.", re.IGNORECASE)
"""What mail programs make links of."""


@dataclass
class Seen(HTMLParser):
    """What a browser makes of a document."""

    elements: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def parsed(html: str) -> Seen:
    """A document as a parser sees it; each element ends."""
    seen = Seen()
    seen.feed(html)
    seen.close()
    assert seen.open == []
    return seen


@pytest.mark.parametrize("report", MAILED)
async def test_only_what_the_template_has(demo: Path, hostile: Path, report: str) -> None:
    plain = parsed(html_part(await content_of(demo, report, Period.ending(TODAY, 7)), (WORKBOOK, CUT)))
    seen = parsed(html_part(await content_of(hostile, report), (WORKBOOK, CUT)))
    for one in (plain, seen):
        assert one.elements <= ELEMENTS
        assert set(one.attributes) <= ATTRIBUTES
        assert not any("url(" in style or "expression" in style for style in one.attributes["style"])
        assert all(comment.startswith("[if mso]>") for comment in one.comments)
        assert not [text for text in one.texts if LINKED.search(text)]
    assert seen.comments == plain.comments
    assert all(re.fullmatch(r"[-\w :;,.#%']+", style) for style in seen.attributes["style"])


async def test_names_are_shown_as_they_are(hostile: Path) -> None:
    """A name that was copied from the mail is the name, its signs that do not print as escapes."""
    content = await content_of(hostile, "senders")
    shown = "".join(parsed(html_part(content)).texts)
    names = [row[0].text for _, table in content.tables for row in table.rows]
    assert len(names) > 10
    assert all(cut(safe(name), 80) in shown for name in names)


@given(st.text(max_size=200))
def test_defanged_text_is_the_text_and_no_address(text: str) -> None:
    seen = parsed(f"<div>{defanged(text)}</div>")
    assert "".join(seen.texts) == cut(safe(text), 80)
    assert seen.elements <= {"div", "span", "wbr"}
    assert not seen.attributes
    assert not any(re.search(r"[\w-][@.:/]|[@.:/][\w-]", part) for part in seen.texts)


@given(st.lists(st.text(max_size=60), min_size=3, max_size=3), st.text(max_size=30))
def test_nothing_in_data_is_markup(names: list[str], domain: str) -> None:
    columns = (Column("a", names[0]), Column("b", "Count", numeric=True), Column("c", "More"))
    table = Table(columns, ((Cell(names[1]), Cell("1"), Cell(names[2])),))
    content = replace(
        content_without_store(domain=domain), host=names[0], tables=((names[1], table),), notes=(names[2],)
    )
    seen = parsed(html_part(content))
    assert seen.elements <= ELEMENTS
    assert set(seen.attributes) <= ATTRIBUTES


async def test_figures_and_numbers_are_all_there(demo: Path) -> None:
    content = await content_of(demo, "tls", Period.ending(TODAY, 7))
    shown = "".join(parsed(html_part(content, (WORKBOOK, CUT))).texts)
    for figure in content.figures:
        assert all(text in shown for text in (figure.label, figure.count, figure.share, figure.change))
    for _, table in content.tables:
        assert all(cell.text in shown for row in table.rows for cell in row)
    for chart in content.charts:
        assert all(f"{one.total:,}" in shown and one.name in shown for one in chart.series)
    assert all(note in shown for note in content.notes)
    assert "the 70,000 senders with most messages of 120,345" in shown
    assert "The size limit of mails leaves no room for all senders." in shown


@pytest.mark.parametrize("days", [1, 7, 31, 90, 365])
async def test_bars_fill_their_room_and_mails_are_not_clipped(demo: Path, days: int) -> None:
    """A bar's cells are 100 per cent; nothing that is there has no cell. Gmail shows the first 102 kB of a mail."""
    content = await content_of(demo, "tls", Period.ending(TODAY, days))
    for chart in content.charts:
        drawn = bars(chart)
        assert len(drawn.bars) <= 53
        for bar in drawn.bars:
            assert sum(segment.width for segment in bar.segments) + bar.rest == 100
            assert all(segment.width for segment in bar.segments)
    assert len(html_part(content, (WORKBOOK, CUT)).encode()) < 102_000


def test_each_series_has_its_colour() -> None:
    assert set(COLOURS) == set(Role)
    assert len(set(COLOURS.values())) == len(COLOURS) - 1, "only the first and TLS 1.2 share theirs"


async def test_dark_mode_and_narrow_screens_are_provided_for(demo: Path) -> None:
    """Each coloured text and ground has a class that the dark style sheet knows, and its colours inline."""
    html = html_part(await content_of(demo, "tls", ReportQuery(WEEK)), (WORKBOOK, CUT))
    assert '<meta name="color-scheme" content="light dark">' in html
    dark = html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]
    known = set(re.findall(r"\.(\w+)", dark)) | {"data"}
    classes = {name for value in parsed(html).attributes["class"] for name in value.split()}
    assert classes <= known
    assert "max-width:600px" in html


def test_nothing_sent_is_a_report_too() -> None:
    content: Content = content_without_store()
    assert "Sending volume" in "".join(parsed(html_part(content)).texts)
