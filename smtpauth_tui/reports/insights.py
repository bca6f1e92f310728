"""The cards of the dashboard: each one figure that matters, its period, and how fresh it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import DEFAULT_DAYS, Period, ReportQuery
from smtpauth_tui.reports.arithmetic import counts_of
from smtpauth_tui.reports.figures import ago, number, percent, plural, short_period
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayFailures, DayUsage, FailureSummary, Freshness, Parties, Totals


@dataclass(frozen=True, slots=True)
class Insight:
    """What a card shows."""

    figure: str
    """The one number, large."""
    unit: str
    """What the number counts."""
    lines: tuple[str, ...]
    period: str
    """Which days, and how fresh: ``17–23 Nov 2026 · newest 5 min ago``."""
    trend: tuple[int, ...] = ()
    """A count for each day of the period."""
    first: date | None = None
    """The first day of the trend."""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Moment:
    """When the dashboard is looked at."""

    now: datetime
    today: date

    @property
    def period(self) -> Period:
        """The last 7 days, today included."""
        return Period.ending(self.today, DEFAULT_DAYS)

    @property
    def query(self) -> ReportQuery:
        """All of that period."""
        return ReportQuery(period=self.period)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the cards say, counted once for all of them, at one moment of the store."""

    zone: str
    """The zone in which the store counts its days."""
    totals: Totals
    parties: Parties
    below_1_2: int
    """How many accounts sent below TLS 1.2."""
    days: tuple[DayUsage, ...]
    failures: FailureSummary
    failure_days: tuple[DayFailures, ...]
    freshness: Freshness


async def overview(store: Store, moment: Moment) -> Overview:
    """The moment's week, from one snapshot of the store."""
    query = moment.query
    async with store.snapshot() as seen:
        return Overview(
            seen.zone.key,
            await seen.totals(query),
            await seen.parties(query),
            await seen.accounts_below_tls_1_2(query),
            tuple(await seen.daily_usage(query)),
            await seen.failure_summary(query),
            tuple(await seen.daily_failures(query)),
            await seen.freshness(),
        )


@dataclass(frozen=True, slots=True)
class InsightCard:
    """A card: its title, what it says about itself, and what it makes of the figures."""

    id: str
    title: str
    about: str
    say: Callable[[Overview, Moment], Insight]


def _freshness(seen: Overview, moment: Moment) -> str:
    newest = seen.freshness.newest
    fresh = f"newest {ago(newest, moment.now)}" if newest else "nothing newer"
    return f"{short_period(moment.period)} · {fresh}"


def _smtp_auth_clients(seen: Overview, moment: Moment) -> Insight:
    accounts = seen.parties.accounts
    return Insight(
        figure=number(accounts),
        unit="users and service accounts" if accounts != 1 else "user or service account",
        lines=(f"sent {plural(seen.totals.messages, 'message')} by SMTP AUTH",),
        period=_freshness(seen, moment),
        trend=counts_of({row.day: row.messages for row in seen.days}, moment.period),
        first=moment.period.first,
    )


def _tls_below_1_2(seen: Overview, moment: Moment) -> Insight:
    totals, accounts = seen.totals, seen.below_1_2
    outdated = sum(count for version, count in totals.tls.items() if version.outdated)
    not_logged = totals.tls[TlsVersion.UNKNOWN]
    unknown = (f"and {not_logged:,} of unknown version",) if not_logged else ()
    per_day = {row.day: sum(count for version, count in row.tls.items() if version.outdated) for row in seen.days}
    return Insight(
        figure=number(accounts),
        unit="accounts still use none, 1.0 or 1.1" if accounts != 1 else "account still uses none, 1.0 or 1.1",
        lines=(f"{plural(outdated, 'message')}, {percent(outdated, totals.messages)} of all", *unknown),
        period=_freshness(seen, moment),
        trend=counts_of(per_day, moment.period),
        first=moment.period.first,
        tone=Tone.BAD if accounts else Tone.WARN if not_logged else Tone.GOOD,
    )


def _failed_sign_ins(seen: Overview, moment: Moment) -> Insight:
    summary = seen.failures
    return Insight(
        figure=number(summary.failures),
        unit="attempts refused" if summary.failures != 1 else "attempt refused",
        lines=(f"{plural(summary.names, 'account')} tried, {plural(summary.clients, 'address', 'addresses')}",),
        period=short_period(moment.period) + (f" · newest {ago(summary.last, moment.now)}" if summary.last else ""),
        trend=counts_of({row.day: row.failures for row in seen.failure_days}, moment.period),
        first=moment.period.first,
        tone=Tone.WARN if summary.failures else Tone.GOOD,
    )


def _data(seen: Overview, moment: Moment) -> Insight:
    fresh = seen.freshness
    unread = []
    if fresh.not_understood:
        unread.append(plural(fresh.not_understood, "line") + " not understood")
    if fresh.damaged:
        unread.append(plural(fresh.damaged, "file") + " damaged")
    if fresh.incomplete:
        unread.append(f"{fresh.incomplete:,} incomplete")
    return Insight(
        figure=ago(fresh.newest, moment.now),
        unit="newest submission",
        lines=(
            f"last import {ago(fresh.imported_at, moment.now)}",
            f"{plural(fresh.sources, 'source')}, {plural(fresh.lines, 'line')}",
            f"days are counted in {seen.zone}",
        ),
        period=", ".join(unread) or "all was read",
        tone=Tone.WARN if fresh.not_understood or fresh.damaged else Tone.PLAIN,
    )


CARDS: Final[tuple[InsightCard, ...]] = (
    InsightCard(
        "clients",
        "SMTP Auth clients",
        "Users and service accounts that sent messages with SMTP AUTH. Look here for accounts that were taken over.",
        _smtp_auth_clients,
    ),
    InsightCard(
        "outdated-tls",
        "TLS below 1.2",
        "Accounts that send without TLS or with a version that is no longer safe (RFC 8996).",
        _tls_below_1_2,
    ),
    InsightCard(
        "failures",
        "Failed sign-ins",
        "Attempts to log in that the server refused, by the name that was tried. The names are the clients' words.",
        _failed_sign_ins,
    ),
    InsightCard("data", "Data", "What was imported, how new it is, and what could not be read.", _data),
)
