"""U5: more recipients than people write to: of a message, of a day, and near Microsoft's limit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import LEARNT
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import BASELINE, Activity, BusyDay, Sent
from smtpauth_tui.store.days import day_of

_DAY: Final = 86_400
_DAYS_LOOKED_INTO: Final = 10
"""Of an account's earlier days, so many are looked into for messages with many recipients."""
MICROSOFTS: Final = 10_000
"""Recipients of a mailbox in 24 hours."""


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """Days with too many recipients, of a message or in all; each with the gravest of it."""
    wide = Period(period.first - timedelta(1), period.last)
    busy = await activity.busy(wide, 1 << 60, min(limits["day"], limits["sliding"] / 2))
    by_account: dict[int, dict[int, BusyDay]] = defaultdict(dict)
    for row in busy:
        by_account[row.account][row.day] = row
    signs = await _sliding(activity, period, limits, by_account)
    told = {(sign.account, sign.day) for sign in signs}
    for some in (await _days(activity, period, limits, busy), await _messages(activity, period, limits)):
        signs += [sign for sign in some if (sign.account, sign.day) not in told]
        told = {(sign.account, sign.day) for sign in signs}
    return signs


async def _sliding(
    activity: Activity, period: Period, limits: Limits, by_account: dict[int, dict[int, BusyDay]]
) -> list[Sign]:
    near = {
        account
        for account, days in by_account.items()
        for day, row in days.items()
        if row.recipients + (days[day - 1].recipients if day - 1 in days else 0) >= limits["sliding"] / 2
    }
    start, end = activity.bounds(period)
    sent = await activity.sent(near, start - _DAY, end)
    names = await activity.names(near)
    signs = []
    for account, rows in groupby(sent, lambda row: row.account):
        for moment, day, recipients in most_in_a_day(list(rows), activity, start, limits["sliding"]):
            signs.append(
                Sign(
                    names[account],
                    day_of(day),
                    Severity.HIGH,
                    f"{plural(recipients, 'recipient')} in 24 hours, on {day_words(day_of(day), activity.today)}",
                    f"{plural(limits['sliding'], 'recipient')} in 24 hours; Microsoft 365 stops a mailbox at "
                    f"{MICROSOFTS:,}",
                    moment=moment,
                    account=account,
                )
            )
    return signs


def most_in_a_day(sent: Sequence[Sent], activity: Activity, start: int, least: float) -> Iterable[tuple[int, int, int]]:
    """Of an account's messages, which are in order: by day when the limit was reached, and the most in 24 hours."""
    days: dict[int, tuple[int, int]] = {}
    first, inside = 0, 0
    for row in sent:
        inside += row.recipients
        while sent[first].time <= row.time - _DAY:
            inside -= sent[first].recipients
            first += 1
        if inside >= least and row.time >= start:
            day = activity.number(row.time)
            moment, most = days.get(day, (row.time, 0))
            days[day] = moment, max(most, inside)
    return [(moment, day, most) for day, (moment, most) in days.items()]


async def _days(activity: Activity, period: Period, limits: Limits, busy: Sequence[BusyDay]) -> list[Sign]:
    many = [row for row in busy if row.recipients > limits["day"] and day_of(row.day) >= period.first]
    # most have as many each day
    near = Period(period.first - timedelta(2 * LEARNT), period.last - timedelta(LEARNT))
    weeks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in await activity.history({row.account for row in many}, near):
        weeks[row.account].append((row.day, row.recipients))
    many = [row for row in many if _often(weeks[row.account], row.day, row.recipients, 2 * LEARNT) < limits["usual"]]
    accounts = {row.account for row in many}
    before: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in await activity.history(accounts, Period(period.first - timedelta(BASELINE), period.last)):
        before[row.account].append((row.day, row.recipients))
    names = await activity.names(accounts)
    return [
        Sign(
            names[row.account],
            day_of(row.day),
            Severity.MEDIUM,
            f"{plural(row.recipients, 'recipient')} on {day_words(day_of(row.day), activity.today)}",
            f"{plural(limits['day'], 'recipient')} a day",
            _usual_words(limits),
            account=row.account,
        )
        for row in many
        if _often(before[row.account], row.day, row.recipients) < limits["usual"]
    ]


async def _messages(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    start, end = activity.bounds(period)
    most: dict[tuple[int, int], Sent] = {}
    for row in await activity.with_recipients(limits["message"] + 1, start, end):
        key = row.account, activity.number(row.time)
        if key not in most or row.recipients > most[key].recipients:
            most[key] = row
    before = await _largest_before(activity, period, most)
    names = await activity.names({account for account, _ in most})
    return [
        Sign(
            names[account],
            day_of(day),
            Severity.NOTICE,
            f"a message with {plural(row.recipients, 'recipient')} on {day_words(day_of(day), activity.today)}",
            f"{plural(limits['message'], 'recipient')} of a message",
            _usual_words(limits),
            moment=row.time,
            account=account,
        )
        for (account, day), row in most.items()
        if _often(before[account, day], day, row.recipients) < limits["usual"]
    ]


async def _largest_before(
    activity: Activity, period: Period, most: Mapping[tuple[int, int], Sent]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """By account and day with a large message: earlier days and their largest message, where that may be as large."""
    accounts = {account for account, _ in most}
    history: dict[int, list[BusyDay]] = defaultdict(list)
    for row in await activity.history(accounts, Period(period.first - timedelta(BASELINE), period.last)):
        history[row.account].append(row)
    may_have = {
        (account, day): [
            row.day
            for row in reversed(history[account])
            if day - BASELINE <= row.day <= day - LEARNT and 2 * (row.recipients - row.messages + 1) >= large.recipients
        ][:_DAYS_LOOKED_INTO]
        for (account, day), large in most.items()
    }
    looked_into: dict[int, set[int]] = defaultdict(set)
    for (account, _), days in may_have.items():
        for one in days:
            looked_into[one].add(account)
    largest: dict[tuple[int, int], int] = defaultdict(int)
    for day, some in looked_into.items():
        for sent in await activity.sent(some, *activity.bounds(Period(day_of(day), day_of(day)))):
            largest[sent.account, day] = max(largest[sent.account, day], sent.recipients)
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for key, days in may_have.items():
        found[key] = [(one, largest[key[0], one]) for one in days]
    return found


def _often(days: Iterable[tuple[int, int]], day: int, recipients: int, back: int = BASELINE) -> int:
    """On how many of so many days, a week ago and before, there were half as many or more."""
    return sum(2 * count >= recipients for one, count in days if day - back <= one <= day - LEARNT)


def _usual_words(limits: Limits) -> str:
    return f"half as many on fewer than {plural(limits['usual'], 'earlier day')}"


RECIPIENTS: Final = Rule(
    id="U5",
    name="recipients",
    title="Recipients",
    about="more recipients than people write to, or near Microsoft's limit",
    on=True,
    severity=Severity.NOTICE,
    severities=(Severity.MEDIUM, Severity.HIGH),
    limits=(
        Limit("message", 25, "recipients of a message that are never too many"),
        Limit("day", 1500, "recipients a day that are never too many"),
        Limit("sliding", 8000, f"recipients in 24 hours: 80 % of Microsoft's {MICROSOFTS:,} a mailbox"),
        Limit("usual", 2, "days, a week ago and before, with half as many make it usual (not for *sliding*)", 1, 90),
    ),
    reads="the recipients of each message, and of each account's day, 90 days back",
    normal="a newsletter, a circular to all of the staff",
    wrong="a list expands after it was handed in; most logs do not tell which recipients are outside",
    look=look,
)
