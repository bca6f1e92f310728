"""U12: messages at hours at which the account never sends."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import LEARNT
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store import traces
from smtpauth_tui.store.activity import Activity, BusyDay
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of

_BACK: Final = 60
"""Days before a day that its hours are held against."""
_NEAR: Final = 7
"""Days: what is as it was in the last week that counts is not looked at further."""


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts sent outside of the hours between which they send."""
    seen = await activity.seen(Party.ACCOUNT, period)
    busy = [
        row
        for row in await activity.busy(period, limits["messages"])
        if row.account in seen and seen[row.account].total(row.day - _BACK, row.day - LEARNT) >= limits["days"]
    ]
    near = Period(period.first - timedelta(LEARNT + _NEAR), period.last - timedelta(LEARNT))
    week = await _spans(activity, {row.account for row in busy}, near)
    busy = [row for row in busy if not _within(activity, row, week[row.account])]
    accounts = {row.account for row in busy}
    spans = await _spans(activity, accounts, Period(period.first - timedelta(_BACK), period.last))
    strange = {(row.account, row.day): _strange(activity, row, spans[row.account], limits) for row in busy}
    sent = await _by_hour(activity, {account for (account, _), hours in strange.items() if hours}, period)
    names = await activity.names(accounts)
    signs = []
    for (account, day), hours in strange.items():
        used = [(hour, sent[account, day][hour]) for hour in sorted(hours) if sent[account, day][hour]]
        messages = sum(count for _, count in used)
        if messages < limits["messages"]:
            continue
        first, last = usual_span(spans[account], day)
        when = day_words(day_of(day), activity.today)
        signs.append(
            Sign(
                names[account],
                day_of(day),
                HOURS.severity,
                f"{plural(messages, 'message')} at {_hours_words(hour for hour, _ in used)} on {when}; "
                f"it sends between {first:02}:00 and {last:02}:59",
                f"{plural(limits['messages'], 'message')} at hours of less than {limits['share']:g} % of its days",
                f"{plural(seen[account].total(day - _BACK, day - LEARNT), 'day')} with messages in {_BACK} days",
                account=account,
            )
        )
    return signs


Span = tuple[int, int, int]
"""A day's number, and the hours of its first and its last message."""


async def _spans(activity: Activity, accounts: set[int], period: Period) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for row in await activity.history(accounts, period):
        found[row.account].append((row.day, activity.hour(row.first), activity.hour(row.last)))
    return found


def _within(activity: Activity, row: BusyDay, spans: Iterable[Span]) -> bool:
    """Whether a day's messages lie between the hours of the last week that counts."""
    near = [span for span in spans if row.day - LEARNT - _NEAR < span[0] <= row.day - LEARNT]
    first = min((span[1] for span in near), default=24)
    last = max((span[2] for span in near), default=-1)
    return first <= activity.hour(row.first) and activity.hour(row.last) <= last


def _strange(activity: Activity, row: BusyDay, spans: Iterable[Span], limits: Limits) -> set[int]:
    """The hours of a day that lay between the first and the last message on hardly any day before it."""
    before = _learnt(spans, row.day)
    return {
        hour
        for hour in range(activity.hour(row.first), activity.hour(row.last) + 1)
        if 100 * sum(first <= hour <= last for _, first, last in before) < limits["share"] * len(before)
    }


def _learnt(spans: Iterable[Span], day: int) -> list[Span]:
    """The days that a day is held against."""
    return [span for span in spans if day - _BACK <= span[0] <= day - LEARNT]


def usual_span(spans: Iterable[Span], day: int) -> tuple[int, int]:
    """The hours of the first and last message that an account had before a day, but for the rarest."""
    before = _learnt(spans, day)
    first, last = sorted(span[1] for span in before), sorted(span[2] for span in before)
    rare = len(before) // 100
    return first[rare], last[-1 - rare]


async def _by_hour(activity: Activity, accounts: set[int], period: Period) -> dict[tuple[int, int], Counter[int]]:
    found: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    if accounts:
        for account, quarter, messages in await traces.quarters(activity, accounts, *activity.bounds(period)):
            found[account, activity.number(quarter * 900)][activity.hour(quarter * 900)] += messages
    return found


def _hours_words(hours: Iterable[int]) -> str:
    """``03:00–04:59``, from the first hour to the last."""
    listed = list(hours)
    return f"{listed[0]:02}:00–{listed[-1]:02}:59"


HOURS: Final = Rule(
    id="U12",
    name="hours",
    title="Hours",
    about="messages at hours at which the account does not send",
    on=False,
    severity=Severity.NOTICE,
    limits=(
        Limit("messages", 5, "messages at such hours in a day"),
        Limit(
            "days", 20, "days with messages, of those 7 to 60 days before, until an account's hours are known", 2, 53
        ),
        Limit("share", 1.0, "per cent of its days that may have messages before and after such an hour", 0.1, 50),
    ),
    reads="when each account sent its first and last message of a day, 60 days back; the hours of those that stand out",
    normal="a night's work, a journey, a new job that runs at night",
    wrong="clocks that were changed, a log read in a wrong zone",
    look=look,
)
