"""The cards of the dashboard: each one figure that matters, its period, and how fresh it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports import unusual
from smtpauth_tui.reports.arithmetic import counts_of
from smtpauth_tui.reports.breaks import BASIC_OFF_AT_MICROSOFT
from smtpauth_tui.reports.compared import Change, change, earlier_days
from smtpauth_tui.reports.figures import ago, dated, number, percent, plural, short_period
from smtpauth_tui.reports.insight import Insight as Insight
from smtpauth_tui.reports.insight import Moment as Moment
from smtpauth_tui.reports.values import Tone
from smtpauth_tui.store.open_findings import Noted
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.rows import DayFailures, DayUsage, FailureSummary, Freshness, Parties, Totals

_SOON: Final = 90
"""Days before Basic authentication is switched off from which on it is a warning."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of some days."""

    totals: Totals
    parties: Parties
    below_1_2: int
    """How many accounts sent below TLS 1.2."""
    failures: FailureSummary


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
    before: Counted
    """The same of as many days before."""
    since: date | None
    """The first day of which the store has submissions."""
    noted: Noted
    """What the rules found."""


async def overview(store: Store, moment: Moment, noted: Noted | None = None) -> Overview:
    """The moment's week, from one snapshot of the store; *noted* is what the notes beside it say."""
    query = moment.query
    async with store.snapshot() as seen:
        now = await counted(seen, query)
        return Overview(
            seen.zone.key,
            now.totals,
            now.parties,
            now.below_1_2,
            tuple(await seen.daily_usage(query)),
            now.failures,
            tuple(await seen.daily_failures(query)),
            await seen.freshness(),
            await counted(seen, ReportQuery(period=earlier_days(query.period))),
            await seen.first_day(),
            noted or Noted(),
        )


async def counted(store: Store, query: ReportQuery) -> Counted:
    """The figures of a period."""
    return Counted(
        await store.totals(query),
        await store.parties(query),
        await store.accounts_below_tls_1_2(query),
        await store.failure_summary(query),
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


def _change(seen: Overview, moment: Moment, now: int, before: int) -> Change:
    return change(now, before, seen.since, earlier_days(moment.period))


def _with_arrow(words: str, changed: Change) -> str:
    """``sent 12 messages ▲ 9.1 %``."""
    return f"{words} {changed.arrow}".rstrip()


def _smtp_auth_clients(seen: Overview, moment: Moment) -> Insight:
    accounts, messages = seen.parties.accounts, seen.totals.messages
    changed = _change(seen, moment, accounts, seen.before.parties.accounts)
    sent = _change(seen, moment, messages, seen.before.totals.messages)
    return Insight(
        figure=number(accounts),
        unit="users and service accounts" if accounts != 1 else "user or service account",
        lines=(changed.on(moment.period.days), _with_arrow(f"sent {plural(messages, 'message')}", sent)),
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
    changed = _change(seen, moment, accounts, seen.before.below_1_2)
    return Insight(
        figure=number(accounts),
        unit="accounts use none, 1.0 or 1.1" if accounts != 1 else "account uses none, 1.0 or 1.1",
        lines=(
            f"{plural(outdated, 'message')}, {percent(outdated, totals.messages)} of all",
            changed.on(moment.period.days),
            *unknown,
        ),
        period=_freshness(seen, moment),
        trend=counts_of(per_day, moment.period),
        first=moment.period.first,
        tone=Tone.BAD if accounts else Tone.WARN if not_logged else Tone.GOOD,
    )


def _failed_sign_ins(seen: Overview, moment: Moment) -> Insight:
    summary = seen.failures
    changed = _change(seen, moment, summary.failures, seen.before.failures.failures)
    return Insight(
        figure=number(summary.failures),
        unit="attempts refused" if summary.failures != 1 else "attempt refused",
        lines=(
            f"{plural(summary.names, 'name')} tried, {plural(summary.clients, 'address', 'addresses')}",
            changed.on(moment.period.days),
        ),
        period=short_period(moment.period) + (f" · newest {ago(summary.last, moment.now)}" if summary.last else ""),
        trend=counts_of({row.day: row.failures for row in seen.failure_days}, moment.period),
        first=moment.period.first,
        tone=Tone.WARN if summary.failures else Tone.GOOD,
    )


def _unusual_activity(seen: Overview, moment: Moment) -> Insight:
    newest = seen.days[-1].day if seen.days else None
    return unusual.say(seen.noted, newest, moment, short_period(moment.period))


def _basic_authentication(seen: Overview, moment: Moment) -> Insight:
    whole, auth = seen.totals.messages, seen.totals.auth
    basic, unknown = auth.get(AuthKind.BASIC, 0), auth.get(AuthKind.UNKNOWN, 0)
    others = [f"OAuth {percent(auth.get(AuthKind.OAUTH, 0), whole)}"]
    others += [f"unknown {percent(unknown, whole)}"] if unknown else []
    left = (BASIC_OFF_AT_MICROSOFT - moment.today).days
    by_password = f"{percent(basic, whole)} of messages by password" if whole else "no messages"
    tone = Tone.GOOD if whole and not basic and not unknown else Tone.WARN if basic and left <= _SOON else Tone.PLAIN
    return Insight(
        figure=number(left) if left > 0 else "off by default",
        unit=f"day{'' if left == 1 else 's'} left at Microsoft 365" if left > 0 else "Microsoft 365",
        lines=(by_password, _share_before(seen, moment), ", ".join(others)),
        period=_freshness(seen, moment),
        trend=counts_of({row.day: row.auth.get(AuthKind.BASIC, 0) for row in seen.days}, moment.period),
        first=moment.period.first,
        tone=tone,
    )


def _share_before(seen: Overview, moment: Moment) -> str:
    """The share of messages by password in the days before."""
    then, earlier = seen.before.totals, earlier_days(moment.period)
    if not then.messages:
        return change(0, 0, seen.since, earlier).on(earlier.days) if seen.since else ""
    was = f"was {percent(then.auth.get(AuthKind.BASIC, 0), then.messages)}"
    if seen.since and seen.since > earlier.first:
        return f"{was} from {dated(seen.since, earlier.last.year)} on"
    return f"{was} in the {earlier.days} days before"


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
    InsightCard(
        "unusual",
        "Unusual activity",
        "What the rules found in these days and nobody has acknowledged: new senders, guessed passwords, bursts. "
        "The list (u) has 30 days.",
        _unusual_activity,
    ),
    InsightCard(
        "basic",
        "Basic authentication",
        "How many messages are sent with a password, and until when Microsoft 365 takes them by default.",
        _basic_authentication,
    ),
    InsightCard("data", "Data", "What was imported, how new it is, and what could not be read.", _data),
)
