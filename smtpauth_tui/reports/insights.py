"""The cards of the dashboard: each one figure that matters, its period, and how fresh it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import DEFAULT_DAYS, Period, ReportQuery
from smtpauth_tui.reports.arithmetic import counts_of
from smtpauth_tui.reports.figures import ago, number, percent, plural, short_period
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.store.reader import Store


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
class InsightCard:
    """A card: its title, what it says about itself, and where its figure comes from."""

    id: str
    title: str
    about: str
    load: Callable[[Store, Moment], Awaitable[Insight]]


async def _freshness(store: Store, moment: Moment, newest: int | None) -> str:
    fresh = f"newest {ago(newest, moment.now)}" if newest else "nothing newer"
    return f"{short_period(moment.period)} · {fresh}"


async def _smtp_auth_clients(store: Store, moment: Moment) -> Insight:
    totals = await store.totals(moment.query)
    accounts = (await store.parties(moment.query)).accounts
    newest = (await store.freshness()).newest
    per_day = {row.day: row.messages for row in await store.daily_usage(moment.query)}
    return Insight(
        figure=number(accounts),
        unit="users and service accounts" if accounts != 1 else "user or service account",
        lines=(f"sent {plural(totals.messages, 'message')} by SMTP AUTH",),
        period=await _freshness(store, moment, newest),
        trend=counts_of(per_day, moment.period),
        first=moment.period.first,
    )


async def _tls_below_1_2(store: Store, moment: Moment) -> Insight:
    totals = await store.totals(moment.query)
    accounts = await store.accounts_below_tls_1_2(moment.query)
    newest = (await store.freshness()).newest
    outdated = sum(count for version, count in totals.tls.items() if version.outdated)
    not_logged = totals.tls[TlsVersion.UNKNOWN]
    unknown = (f"and {not_logged:,} of unknown version",) if not_logged else ()
    per_day = {
        row.day: sum(count for version, count in row.tls.items() if version.outdated)
        for row in await store.daily_usage(moment.query)
    }
    return Insight(
        figure=number(accounts),
        unit="accounts still use none, 1.0 or 1.1" if accounts != 1 else "account still uses none, 1.0 or 1.1",
        lines=(f"{plural(outdated, 'message')}, {percent(outdated, totals.messages)} of all", *unknown),
        period=await _freshness(store, moment, newest),
        trend=counts_of(per_day, moment.period),
        first=moment.period.first,
        tone=Tone.BAD if accounts else Tone.WARN if not_logged else Tone.GOOD,
    )


async def _failed_sign_ins(store: Store, moment: Moment) -> Insight:
    summary = await store.failure_summary(moment.query)
    per_day = {row.day: row.failures for row in await store.daily_failures(moment.query)}
    return Insight(
        figure=number(summary.failures),
        unit="attempts refused" if summary.failures != 1 else "attempt refused",
        lines=(f"{plural(summary.names, 'account')} tried, {plural(summary.clients, 'address', 'addresses')}",),
        period=f"{short_period(moment.period)} · newest {ago(summary.last, moment.now)}",
        trend=counts_of(per_day, moment.period),
        first=moment.period.first,
        tone=Tone.WARN if summary.failures else Tone.GOOD,
    )


async def _data(store: Store, moment: Moment) -> Insight:
    fresh = await store.freshness()
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
            f"days are counted in {store.zone.key}",
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
