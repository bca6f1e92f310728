"""What a mailed report says: the figures that `show` has, what they were before, and what has to be known of them."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpauth_tui.errors import UsageError
from smtpauth_tui.mailing.content import TOP, load_content, short_percent, subject
from smtpauth_tui.mailing.figures import Figure
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.reports.compared import days_before
from smtpauth_tui.store.reader import Store
from tests.logs import command
from tests.mailing.reports import CLOCK, OF_TOTALS, TODAY, WEEK, content_of, content_without_store
from tests.store.facts import DAY, NOON, fill, refused, sent

DEMO_WEEK = Period.ending(TODAY, 7)


def shown(db: Path, report: str, *words: str) -> list[dict[str, object]]:
    """The rows of ``show REPORT --json`` for the demo's week."""
    done = command("show", report, "--json", "--start", "2026-11-17", "--end", "2026-11-23", *words, db=db)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, object]] = json.loads(done.stdout)["rows"]
    return rows


@pytest.mark.parametrize("domain", [None, "contoso.example"])
async def test_figures_are_those_of_show(demo: Path, domain: str | None) -> None:
    words = ["--domain", domain] if domain else []
    (summary,) = shown(demo, "summary", *words)
    tls = summary["tls"]
    auth = summary["auth"]
    assert isinstance(tls, dict)
    assert isinstance(auth, dict)
    for report in OF_TOTALS:
        content = await content_of(demo, report, ReportQuery(DEMO_WEEK, domain))
        figures = {figure.label: figure.number for figure in content.figures}
        assert figures["Messages"] == summary["messages"]
        assert figures["Recipients"] == summary["recipients"]
        assert figures["Accounts"] == summary["accounts"]
        assert figures["Sender addresses"] == summary["senders"]
        assert figures["Below TLS 1.2"] == tls["none"] + tls["1.0"] + tls["1.1"]
        assert (figures["Password (Basic)"], figures["OAuth"]) == (auth["basic"], auth["oauth"])
        assert figures["Failed sign-ins"] == summary["auth_failures"]
        assert sum(content.volume.series[0].counts) <= content.volume.total == summary["messages"]
        assert sum(day.messages for day in content.usage) == summary["messages"]


async def test_the_days_before_are_as_many(demo: Path) -> None:
    now = await content_of(demo, "summary", DEMO_WEEK)
    was = await content_of(demo, "summary", Period(first=date(2026, 11, 10), last=date(2026, 11, 16)))
    assert now.days_before == was.query.period
    assert (now.before, now.parties_before, now.failures_before) == (was.totals, was.parties, was.failures)
    earlier = {figure.label: figure.number for figure in was.figures}
    assert all(figure.before == earlier[figure.label] for figure in now.figures)


@pytest.mark.parametrize(
    ("report", "chart", "table"),
    [
        ("volume", "Messages per day by sender domain", "Sender domains"),
        ("tls", "TLS usage in per cent of the messages per day", "Senders that use TLS below 1.2"),
        ("senders", "Messages per day by sender address", "Top senders"),
        ("summary", "Messages per day by sender domain", "The period"),
        ("failures", "Failed sign-ins per day", "Names tried most often"),
    ],
)
async def test_each_report_begins_with_what_it_is_about(demo: Path, report: str, chart: str, table: str) -> None:
    content = await content_of(demo, report, DEMO_WEEK)
    titles = [title for title, _ in content.tables]
    assert content.charts[0].title == chart
    assert titles[0] == table
    assert len(set(titles)) == len(titles)
    assert {"Top senders", "Accounts that use TLS below 1.2"} <= set(titles)
    assert all(0 < len(rows.rows) <= TOP or title == "The period" for title, rows in content.tables)
    front = [figure.label for figure in content.figures[:4]]
    assert ("Below TLS 1.2" in front) is (report != "failures")
    assert (front[0] == "Failed sign-ins") is (report == "failures")


async def test_charts_have_every_message(demo: Path) -> None:
    for report in OF_TOTALS:
        content = await content_of(demo, report, DEMO_WEEK)
        wanted = content.failures.failures if report == "failures" else content.totals.messages
        assert [chart.total for chart in content.charts] == [wanted] * len(content.charts)


async def test_top_senders_are_the_first_that_show_has(demo: Path) -> None:
    rows = shown(demo, "senders")
    content = await content_of(demo, "senders", DEMO_WEEK)
    table = dict(content.tables)["Top senders"]
    assert [row[1].text for row in table.rows] == [f"{row['messages']:,}" for row in rows[:TOP]]
    assert [row[0].text for row in table.rows][:9] == [row["sender"] for row in rows[:9]]


async def test_senders_below_1_2_have_their_share_of_all_their_messages(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    old, new = TlsVersion.V1_0, TlsVersion.V1_3
    fill(
        db,
        [
            sent("A1", sender="often@shop.example", tls=old),
            sent("A2", NOON + DAY, sender="often@shop.example", tls=TlsVersion.NONE),
            *(sent(f"B{n}", NOON + n, sender="often@shop.example", tls=new) for n in range(1, 7)),
            sent("C1", sender="once@shop.example", tls=old),
            sent("D1", sender="never@shop.example", tls=new),
            sent("E1", NOON - DAY, sender="before@shop.example", tls=old),
        ],
    )
    content = await content_of(db, "tls")
    title, table = content.tables[0]
    assert title == "Senders that use TLS below 1.2"
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["often@shop.example", "2", "8", "25.00 %", "TLS 1.3 75%(6), TLS 1.0 12%(1), No TLS 12%(1)"],
        ["once@shop.example", "1", "1", "100.00 %", "TLS 1.0 100%(1)"],
    ]


async def test_clients_are_counted_with_the_names_that_they_tried(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    failures = [refused(name, NOON + place) for place, name in enumerate(["root", "ROOT", "info", None])]
    fill(db, [sent("A1")], [*failures, refused("root", NOON, client="2001:db8::7")])
    clients = dict((await content_of(db, "failures")).tables)["Client addresses"]
    assert [[cell.text for cell in row] for row in clients.rows] == [
        ["198.51.100.7", "4", "2", "last 2026-11-16 12:00"],
        ["2001:db8::7", "1", "1", "last 2026-11-16 12:00"],
    ]


async def test_of_the_query_only_period_and_domain_count(demo: Path) -> None:
    asked = ReportQuery(
        DEMO_WEEK, "contoso.example", Grouping.ACCOUNT, "mara", SenderOrder.NAME, descending=False, sender="x"
    )
    content = await content_of(demo, "senders", asked)
    assert content == await content_of(demo, "senders", ReportQuery(DEMO_WEEK, "contoso.example"))


async def test_domains_have_every_message(tmp_path: Path) -> None:
    """The nine largest by name, and all others as one."""
    db = tmp_path / "store.db"
    fill(db, [sent(f"{n}-{m}", NOON + m, sender=f"a@d{n:02}.example") for n in range(12) for m in range(1 + n // 11)])
    title, table = (await content_of(db, "volume")).tables[0]
    assert title == "Sender domains"
    rows = [[cell.text for cell in row] for row in table.rows]
    assert rows[0] == ["d11.example", "2", "15.38 %"]
    assert rows[1:9] == [[f"d{n:02}.example", "1", "7.69 %"] for n in range(8)]
    assert rows[9:] == [["3 others", "3", "23.08 %"]]


# what was before


async def changes(db: Path, *, first: int = 0) -> dict[str, str]:
    """How the figures of a week changed that begins some days after that of `NOON`."""
    start = WEEK.first + timedelta(days=first)
    content = await content_of(db, "summary", Period(first=start, last=start + timedelta(days=6)))
    return {figure.label: figure.change for figure in content.figures}


async def test_nothing_before_and_no_data_before_are_told_apart(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(db, [sent("A1"), sent("A2", NOON + 9 * DAY), sent("A3", NOON + 20 * DAY)], [refused("root")])
    assert (await changes(db))["Messages"] == "no data before 16 Nov"
    assert (await changes(db))["Failed sign-ins"] == "no data before 16 Nov"
    assert (await changes(db, first=7))["Messages"] == "as before"
    assert (await changes(db, first=7))["Below TLS 1.2"] == "as before"
    assert (await changes(db, first=7))["Failed sign-ins"] == "-100.0 % (was 1)"
    assert (await changes(db, first=21))["Messages"] == "-100.0 % (was 1)"
    assert (await changes(db, first=20))["Messages"] == "was 0"


async def test_days_before_that_are_known_in_part_give_no_per_cent(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(db, [sent("A1"), sent("A2", NOON + 9 * DAY), sent("A3", NOON + 9 * DAY)], [refused("root", NOON + 9 * DAY)])
    told = await changes(db, first=5)
    assert told["Messages"] == "was 1"
    assert told["Failed sign-ins"] == "no data before 16 Nov"
    content = await content_of(db, "summary", Period(first=date(2026, 11, 21), last=date(2026, 11, 27)))
    assert "There is no data before 16 Nov 2026: the days to compare with are known in part only." in content.notes


async def test_a_store_without_messages_says_so(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(db, [], [refused("root")])
    content = await content_of(db, "failures")
    assert content.notes == ("The store has no messages at all: nothing that has any was imported yet.",)
    assert [figure.change for figure in content.figures] == ["no data"] * len(content.figures)
    assert subject(content) == "SMTP Auth: 1 failed sign-in from 1 address, 1 name tried (16-22 Nov 2026)"


@pytest.mark.parametrize(
    ("now", "was", "shown"),
    [
        (41_723, 38_311, "+8.9 % (was 38,311)"),
        (0, 5, "-100.0 % (was 5)"),
        (1, 10**6, "->99.9 % (was 1,000,000)"),
        (100_001, 100_000, "+<0.1 % (was 100,000)"),
        (99_999, 100_000, "-<0.1 % (was 100,000)"),
        (10, 1, "+900.0 % (was 1)"),
        (11, 1, "was 1"),
        (5, 0, "was 0"),
        (0, 0, "as before"),
        (5, None, "no data"),
    ],
)
def test_change(now: int, was: int | None, shown: str) -> None:
    assert Figure("x", now, before=was).change == shown


async def test_other_reports_are_not_mailed(demo: Path) -> None:
    with pytest.raises(UsageError, match="volume, tls, senders, summary, failures"):
        await content_of(demo, "imports")


def test_there_is_no_period_before_the_calendar() -> None:
    with pytest.raises(UsageError):
        days_before(Period(first=date(1, 1, 5), last=date(1, 1, 10)))


# what has to be known


async def test_a_period_that_is_not_over_says_so(demo: Path) -> None:
    content = await content_of(demo, "volume", DEMO_WEEK)
    assert content.partial
    assert content.notes == ("The last day, 23 Nov 2026, is not over: its figures are of a part of the day.",)
    content = await content_of(demo, "volume", Period(first=TODAY, last=TODAY + timedelta(days=3)))
    assert content.notes == ("The period is not over: it ends on 26 Nov 2026.",)
    over = await content_of(demo, "volume", Period(first=date(2026, 11, 16), last=date(2026, 11, 22)))
    assert not over.partial
    assert over.notes == ()


async def test_notes_say_what_the_store_and_the_log_do_not_have(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    fill(
        db,
        [sent("A1", tls=TlsVersion.UNKNOWN), sent("A2"), sent("A3", tls=TlsVersion.V1_2)],
        [refused("ana@shop.example")],
    )
    content = await content_of(db, "tls", ReportQuery(Period(date(2026, 11, 15), date(2026, 11, 22)), "shop.example"))
    assert content.notes == (
        "The store knows no message after 2026-11-16 12:00; the last import was at 2026-11-17 12:00.",
        "There is no data before 16 Nov 2026: the period is known from that day on.",
        "The log does not tell the TLS version of 1 message (33.33 %): more may be below TLS 1.2 than is counted.",
        "With a sender domain, failed sign-ins are those of names in that domain.",
    )
    quiet = await content_of(db, "tls", Period(date(2026, 11, 17), date(2026, 11, 18)))
    assert quiet.notes[-1] == "No message was handed in with SMTP AUTH in this period, as far as the store knows."
    assert quiet.tables == ()


async def test_all_is_of_one_moment(tmp_path: Path) -> None:
    """What is imported while a report is loaded is in none of its figures."""
    db = tmp_path / "store.db"
    fill(db, [sent("A1")])
    async with await Store.open(db) as store, store.snapshot() as seen:
        first = await load_content(seen, "volume", ReportQuery(WEEK), CLOCK)
        fill(db, [sent("A2")])
        assert await load_content(seen, "volume", ReportQuery(WEEK), CLOCK) == first


# the subject


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ("1.3", "1 message, none below TLS 1.2"),
        ("1.3 1.0", "2 messages, 50.0% below TLS 1.2"),
        ("none ssl3", "2 messages, 100% below TLS 1.2"),
        ("1.3 1.3 1.0 unknown", "4 messages, 25.0% below TLS 1.2"),
        ("1.3 unknown", "2 messages, none known below TLS 1.2"),
        ("unknown", "1 message, TLS versions unknown"),
        ("", "no messages"),
    ],
)
async def test_subject_has_the_answer(tmp_path: Path, versions: str, said: str) -> None:
    db = tmp_path / "store.db"
    used = [TlsVersion(version) for version in versions.split()]
    fill(db, [sent(f"A{place}", NOON + place, tls=version) for place, version in enumerate(used)], [refused("root")])
    for report in OF_TOTALS[:-1]:
        assert subject(await content_of(db, report)) == f"SMTP Auth: {said} (16-22 Nov 2026)"


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("shop.example", "SMTP Auth shop.example: "),
        ("", "SMTP Auth of one sender domain: "),
        ("localhost", "SMTP Auth of one sender domain: "),
        ("shop.example\r\nBcc: all@shop.example", "SMTP Auth of one sender domain: "),
        ("shop.example\n", "SMTP Auth of one sender domain: "),
        ("bücher.example", "SMTP Auth of one sender domain: "),
        ("a" * 80 + ".example", "SMTP Auth of one sender domain: "),
        ("-x.example", "SMTP Auth of one sender domain: "),
    ],
)
async def test_domain_in_a_subject_is_plain(demo: Path, domain: str, said: str) -> None:
    assert subject(await content_of(demo, "volume", ReportQuery(DEMO_WEEK, domain))).startswith(said)


@given(st.text(max_size=300))
def test_subject_is_one_short_line_of_ascii_whatever_the_domain(domain: str) -> None:
    content = content_without_store(domain=domain)
    assert subject(content).isascii()
    assert subject(content).isprintable()
    assert len(subject(content)) <= 200


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_short_percent_never_says_nothing_for_little_or_all_for_nearly_all(part: int, whole: int) -> None:
    part = min(part, whole)
    told = short_percent(part, whole)
    assert (told == "0.0%") is (part == 0)
    assert (told == "100%") is (part == whole)
    assert told.isascii()
