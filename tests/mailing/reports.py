"""Stores whose reports are mailed in tests, and what a report of them says."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from smtpauth_tui.clock import Clock
from smtpauth_tui.demo import demo_store
from smtpauth_tui.mailing.content import MAILED, Content, load_content
from smtpauth_tui.model import AuthFailure, Submission, TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.values import Chart
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import FailureSummary, Freshness, Parties, Totals
from tests.store.facts import DAY, NOON, refused, sent

TODAY = date(2026, 11, 23)
CLOCK = Clock(lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))
WEEK = Period(first=date(2026, 11, 16), last=date(2026, 11, 22))
"""The first day of it is that of `NOON`; it is over."""

OF_TOTALS = tuple(report for report in MAILED if report != "breaks")
"""The reports that have the figures of all messages."""

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1@shop.example",
    "-2+3@shop.example",
    "@SUM(1)",
    " =1+1",
    "<script>alert(1)</script>@shop.example",
    '"><img src=x onerror=alert(1)>@shop.example',
    "</td></table></body>@shop.example",
    "a&lt;b@shop.example",
    "https://phish.example/login",
    "www.phish.example",
    "file:///etc/passwd",
    "internal:Sheet1!A1",
    "{=1+1}",
    "a\r\nBcc: all@shop.example\r\n\r\nx",
    "\x1b[2J\x1b]0;owned\x07@shop.example",
    "\x9b31mred@shop.example",
    "\u202egpj.exe\u202c@shop.example",
    "\u2066iso\u2069@shop.example",
    "e" + "\u0301" * 40 + "@shop.example",
    "\u200b\u200d\ufeff@shop.example",
    "_x0041_@shop.example",
    "<r>&</r>",
    '<r></r></is></c><c r="Z9"><f>1+1</f></c><c r="AA9" t="inlineStr"><is><r></r>',
    "{{ 7 * 7 }}{% raw %}@shop.example",
    "日本語の差出人" * 12 + "@例え.テスト",
    "אבג123@shop.example",
    "l" * 1000 + "@shop.example",
    "a b,c;d\t'e'\"f\"@shop.example",
    "\x00\x08\x7f@shop.example",
    "\ud800@shop.example".encode("utf-8", "replace").decode(),
    "",
)
"""Sender addresses and names tried that want to be more than a text."""


def hostile_facts() -> tuple[list[Submission], list[AuthFailure]]:
    """A message of each hostile sender on each of two days, below TLS 1.2 now and then, and a failure of each."""
    versions = [TlsVersion.V1_0, TlsVersion.V1_3, TlsVersion.NONE, TlsVersion.UNKNOWN]
    submissions = [
        sent(f"H{place}.{day}", NOON + day * DAY + place, account=name, sender=name, tls=versions[(place + day) % 4])
        for place, name in enumerate(HOSTILE)
        for day in range(2)
    ]
    failures = [refused(name, NOON + place) for place, name in enumerate(HOSTILE)]
    return submissions, failures


async def content_of(db: Path, report: str, query: ReportQuery | Period = WEEK, clock: Clock = CLOCK) -> Content:
    """A report of a store, from a machine whose name is always the same."""
    asked = ReportQuery(query) if isinstance(query, Period) else query
    async with await Store.open(db) as store:
        content = await load_content(store, report, asked, clock)
    return replace(content, host="reports.example")


def copy_of_the_demo(folder: Path) -> Path:
    """The demo's store, as it is at noon of a fixed day in Berlin."""
    kept = folder / "demo.db"
    with demo_store(CLOCK, "Europe/Berlin", lambda _: None) as path:
        shutil.copy(path, kept)
    return kept


def content_without_store(report: str = "volume", period: Period = WEEK, domain: str | None = None) -> Content:
    """A report in which nothing was sent."""
    totals = Totals(0, 0, {}, {}, None, None)
    none = FailureSummary(0, 0, 0, None)
    return Content(
        report=report,
        title="Sending volume",
        query=ReportQuery(period, domain),
        zone="UTC",
        host="reports.example",
        totals=totals,
        before=totals,
        parties=Parties(0, 0),
        parties_before=Parties(0, 0),
        figures=(),
        charts=(),
        tables=(),
        notes=(),
        today=TODAY,
        outdated_accounts=0,
        outdated_accounts_before=0,
        failures=none,
        failures_before=none,
        since=None,
        freshness=Freshness(None, None, 0, 0, 0, 0, 0),
        volume=Chart("", (), ()),
        usage=(),
    )
