"""The dashboard's cards: what they say of unusual activity and of passwords, and against what figures are held."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from smtpauth_tui.dashboard_picture import card_rows, columns_of
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.places import Places
from smtpauth_tui.query import Grouping, Period, ReportQuery
from smtpauth_tui.reports import REPORTS
from smtpauth_tui.reports.compared import change, days_before
from smtpauth_tui.reports.flyouts import Pairs, one_sender
from smtpauth_tui.reports.insights import CARDS, Insight, Moment, overview
from smtpauth_tui.reports.summary import SUMMARY, load
from smtpauth_tui.reports.summary import load_preface as load_summary
from smtpauth_tui.reports.unusual import open_findings, say
from smtpauth_tui.rules.look import row_of
from smtpauth_tui.rules.options import chosen_rules
from smtpauth_tui.rules.standing import standings
from smtpauth_tui.rules.values import Finding, Severity
from smtpauth_tui.settings import Settings
from smtpauth_tui.store import findings as kept
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.findings import Acknowledgement, Checked, Looked, ToKeep
from smtpauth_tui.store.notes import Notes
from smtpauth_tui.store.open_findings import Noted
from smtpauth_tui.store.reader import ANYWHERE, Store
from tests.store.facts import DAY, NOON, fill, refused, sent

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MOMENT = Moment(NOW, TODAY)
FIRST = date(2026, 11, 16)
STAMP = int(NOW.timestamp())


def finding(rule: str, unit: str, ago: int, severity: Severity = Severity.NOTICE, until: int | None = None) -> Finding:
    since = TODAY - timedelta(days=ago)
    last = TODAY - timedelta(days=ago if until is None else until)
    return Finding(rule, severity, unit, since, last, STAMP - ago * 86_400, f"{unit} did more than ever", "", "")


FOUND = [
    finding("U11", "ada@contoso.example", 1, Severity.HIGH),
    finding("U1", "Bob@contoso.example", 3),
    finding("U1", "\u4f1a\u8a08@contoso.example", 0),
    finding("U1", "old@contoso.example", 20),
    finding("U13", "scanner@contoso.example", 12, Severity.MEDIUM, until=6),
    finding("U3", "preview@contoso.example", 1, Severity.HIGH),
]


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    """The notes of a store in which rules found something."""
    with Notes(tmp_path / "store.db") as notes:
        for rule in {one.rule for one in FOUND}:
            rows = [row_of(one, STAMP) for one in FOUND if one.rule == rule]
            looked = Looked("x", number_of(TODAY) - 30, number_of(TODAY) - 30, bytes(4 * 31))
            kept.keep(notes, [ToKeep(rule, TODAY - timedelta(days=30), rows, looked)])
        looked_with(notes, {})
        yield notes


def looked_with(notes: Notes, rules: dict[str, dict[str, object]]) -> None:
    """Note that all rules have looked, with some settings."""
    on = tuple(one.rule.id for one in chosen_rules(Settings(rules=rules)) if one.on)
    kept.note_check(notes, Checked(STAMP, TODAY - timedelta(days=30), TODAY, on, {}, {}))


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"volume": {"on": True}},
        {"U3": {"on": "true"}, "new": {"on": "no"}},
        {"VOLUME": {"k": 8}, "success": {"on": False}},
    ],
)
def test_the_card_counts_the_findings_that_check_calls_open(
    notes: Notes, tmp_path: Path, rules: dict[str, dict[str, object]]
) -> None:
    kept.acknowledge(notes, Acknowledgement("U1", "bob@CONTOSO.example", "a new colleague", None, STAMP))
    kept.acknowledge(notes, Acknowledgement("U11", "ada@contoso.example", "has run out", STAMP - 1, STAMP))
    chosen = chosen_rules(Settings(rules=rules))
    looked_with(notes, rules)
    wanted = {
        (one.finding.rule, one.finding.unit, one.finding.severity, one.finding.reason, one.finding.moment)
        for one in standings(notes, chosen, MOMENT.period.first, STAMP)
        if one.open
    }
    found = open_findings(tmp_path / "store.db", MOMENT, ANYWHERE)
    assert {(one.rule, one.unit, one.severity, one.reason, one.moment) for one in found.findings} == wanted
    assert found.checked == TODAY
    assert [one.since for one in found.findings] == sorted((one.since for one in found.findings), reverse=True)


def test_addresses_in_a_reason_are_shown_as_networks_where_the_settings_say_so(notes: Notes, tmp_path: Path) -> None:
    told = replace(finding("U11", "eve@contoso.example", 0), reason="logged in from 203.0.113.9 after 5 failures")
    kept.keep(
        notes, [ToKeep("U11", TODAY, [row_of(told, STAMP)], Looked("x", number_of(TODAY), number_of(TODAY), b"1234"))]
    )
    reasons = {
        truncate: [
            one.reason for one in open_findings(tmp_path / "store.db", MOMENT, Places(truncate=truncate)).findings
        ]
        for truncate in (False, True)
    }
    assert "logged in from 203.0.113.9 after 5 failures" in reasons[False]
    assert "logged in from 203.0.113.0/24 after 5 failures" in reasons[True]


def test_nothing_is_made_where_nobody_has_checked(tmp_path: Path) -> None:
    found = open_findings(tmp_path / "store.db", MOMENT, ANYWHERE)
    assert say(found, TODAY, MOMENT, "these days").figure == "not checked yet"
    assert not list(tmp_path.iterdir())
    (tmp_path / "store.db.notes").touch()
    assert open_findings(tmp_path / "store.db", MOMENT, ANYWHERE) == Noted()
    assert (tmp_path / "store.db.notes").stat().st_size == 0


def test_notes_that_were_made_for_another_thing_are_not_checked_yet(tmp_path: Path) -> None:
    Notes(tmp_path / "store.db").close()
    assert open_findings(tmp_path / "store.db", MOMENT, ANYWHERE) == Noted()


def test_notes_that_are_damaged_or_in_use_are_told(notes: Notes, tmp_path: Path) -> None:
    with closing(sqlite3.connect(notes.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not open_findings(tmp_path / "store.db", MOMENT, ANYWHERE).readable
    assert open_findings(tmp_path / "store.db", MOMENT, ANYWHERE).readable
    notes.path.write_bytes(b"SQLite format 3\x00" + b"\x01" * 4096)
    assert say(open_findings(tmp_path / "store.db", MOMENT, ANYWHERE), TODAY, MOMENT, "").figure == "cannot be read"


def test_the_card_says_how_many_how_severe_and_which_is_the_newest(notes: Notes, tmp_path: Path) -> None:
    found = open_findings(tmp_path / "store.db", MOMENT, ANYWHERE)
    said = say(found, TODAY + timedelta(days=1), MOMENT, "these days")
    assert (said.figure, said.unit) == ("4", "open: 1 high, 1 medium, 2 notice")
    assert said.lines[0] == "newest just now: \u4f1a\u8a08@contoso.example"
    assert said.period == "these days · checked to 23 Nov"
    assert said.trend == (1, 0, 0, 1, 0, 1, 1)
    rows = card_rows(said, 36, 5)
    assert rows[0] == [("4", "bad-bold"), (" open: 1 high, 1 medium, 2 notice", "text")]
    assert rows[1] == [("newest just now: ??@contoso.example", "text")]


@pytest.mark.parametrize("figure", ["1,234", "5 min ago", "1,234,567,890"])
def test_a_card_fills_its_frame_and_no_more(figure: str) -> None:
    for width, height in product(range(20, 60, 3), range(3, 20)):
        insight = Insight(figure, "messages of all accounts", ("one", "two", ""), "17–23 Nov", (1, 2, 3), TODAY)
        rows = card_rows(insight, width, height)
        assert len(rows) == height
        assert all(sum(len(text) for text, _ in row) <= width for row in rows)
        assert rows[-1] == [("17–23 Nov", "muted")]


def test_three_cards_stand_side_by_side_where_there_is_room() -> None:
    assert [columns_of(width) for width in (80, 109, 110, 200)] == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("now", "before", "first", "card", "mail"),
    [
        (112, 100, date(2026, 1, 1), "▲ 12.0 % on the 7 days before", "+12.0 % (was 100)"),
        (88, 100, date(2026, 1, 1), "▼ 12.0 % on the 7 days before", "-12.0 % (was 100)"),
        (5, 5, date(2026, 1, 1), "as in the 7 days before", "as before"),
        (0, 0, date(2026, 1, 1), "none in the 7 days before either", "as before"),
        (5, 0, date(2026, 1, 1), "0 in the 7 days before", "was 0"),
        (500, 5, date(2026, 1, 1), "5 in the 7 days before", "was 5"),
        (0, 5, date(2026, 1, 1), "▼ 100.0 % on the 7 days before", "-100.0 % (was 5)"),
        (1, 5000, date(2026, 1, 1), "▼ >99.9 % on the 7 days before", "->99.9 % (was 5,000)"),
        (5001, 5000, date(2026, 1, 1), "▲ <0.1 % on the 7 days before", "+<0.1 % (was 5,000)"),
        (5, 3, date(2026, 11, 14), "3 before, from 14 Nov on", "was 3"),
        (5, 0, date(2026, 11, 18), "no data before 18 Nov", "no data before 18 Nov"),
        (5, 0, None, "no data of the days before", "no data"),
    ],
)
def test_a_count_is_held_against_the_days_before(
    now: int, before: int, first: date | None, card: str, mail: str
) -> None:
    changed = change(now, before, first, days_before(MOMENT.period))
    assert (changed.on(7), changed.words) == (card, mail)


async def test_cards_tell_the_week_before(tmp_path: Path) -> None:
    """Against a count of the same store's facts, made by hand."""
    names = [f"s{n}@contoso.example" for n in range(5)]
    facts = [sent(f"A{n}", account=names[n % 5], tls=TlsVersion.V1_0) for n in range(10)]
    facts += [
        sent(f"B{n}", NOON + 7 * DAY, account=names[n % 4], mechanism="XOAUTH2" if n % 4 else "PLAIN")
        for n in range(12)
    ]
    fill(tmp_path / "store.db", facts, [refused("x"), refused("y", NOON + 7 * DAY), refused("z", NOON + 7 * DAY)])
    async with await Store.open(tmp_path / "store.db") as store:
        figures = await overview(store, MOMENT)
    said = {card.id: card.say(figures, MOMENT) for card in CARDS}
    assert said["clients"].figure == "4"
    assert said["clients"].lines == ("5 before, from 16 Nov on", "sent 12 messages")
    assert said["basic"].figure == "38"
    assert said["basic"].lines == ("25.00 % of messages by password", "was 100.00 % from 16 Nov on", "OAuth 75.00 %")
    assert said["outdated-tls"].lines[1] == "5 before, from 16 Nov on"
    assert said["failures"].lines == ("2 names tried, 1 address", "1 before, from 16 Nov on")
    fill(tmp_path / "store.db", [sent("C", NOON - 20 * DAY)])
    async with await Store.open(tmp_path / "store.db") as store:
        figures = await overview(store, MOMENT)
    said = {card.id: card.say(figures, MOMENT) for card in CARDS}
    assert said["clients"].lines == ("▼ 20.0 % on the 7 days before", "sent 12 messages ▲ 20.0 %")
    assert said["outdated-tls"].lines[1] == "▼ 100.0 % on the 7 days before"
    assert said["basic"].lines[1] == "was 100.00 % in the 7 days before"


async def test_each_report_of_a_period_tells_the_days_before(tmp_path: Path) -> None:
    """The same numbers as the reports of those days, and where the store does not reach back, that."""
    path = tmp_path / "store.db"
    facts = [sent(f"A{n}", NOON - n * 3 * DAY, account="ana@shop.example", recipients=n + 1) for n in range(9)]
    fill(path, facts, [refused("x"), refused("y", NOON - 8 * DAY)])
    query = ReportQuery(Period.ending(FIRST, 7), sender="ana@shop.example", by=Grouping.ACCOUNT)
    async with await Store.open(path) as store:
        said = {report.name: report.preface for report in REPORTS if report.preface}
        plain = ReportQuery(query.period)
        then = replace(plain, period=days_before(plain.period))
        now, was = await load(store, plain), await load(store, then)
        before = (await load_summary(store, plain)).fields["before"]
        counts = {key: value for key, value in SUMMARY.fields(was).items() if key not in ("first", "last")}
        assert before == {"start": "2026-11-03", "end": "2026-11-09", "complete": True, **counts}
        assert now.totals.messages == 3
        assert was.totals.messages == 2
        for name in ("volume", "tls", "auth"):
            assert (await said[name](store, plain)).fields["before"]["messages"] == 2
        of_sender = await said["sender"](store, query)
        assert of_sender.fields["messages"] == 3
        assert of_sender.sentences == ("3 messages, +50.0 % (was 2). Held against 3–9 Nov 2026.",)
        flyout = await one_sender(store, query)
        rows = [row for block in flyout.blocks if isinstance(block, Pairs) for row in block.rows]
        pairs = {name.text: value.text for name, value in rows}
        assert pairs["Message count"] == "3, +50.0 % (was 2)"
        assert pairs["Recipients"] == "6, -33.3 % (was 9)"
        early = replace(plain, period=Period.ending(FIRST - timedelta(days=21), 7))
        assert (await said["tls"](store, early)).sentences == ("2 messages. The store has no data before 23 Oct.",)


def test_the_card_says_that_older_days_have_open_findings(notes: Notes, tmp_path: Path) -> None:
    looked_with(notes, {})
    for one in ("U1", "U11", "U13"):
        for row in kept.findings(notes):
            if row.rule == one and row.unit != "old@contoso.example":
                kept.acknowledge(notes, Acknowledgement(one, row.unit, "right", None, STAMP))
    found = open_findings(tmp_path / "store.db", MOMENT, ANYWHERE)
    assert (found.findings, found.older) == ((), 1)
    assert say(found, TODAY, MOMENT, "these days").lines == ("1 older in 30 days: press u",)
