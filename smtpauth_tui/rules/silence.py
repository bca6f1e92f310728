"""U17: an account, or the whole log, that is silent when it should not be."""

from collections.abc import Mapping
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import EVERYWHERE, Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import Activity, Days
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of, number_of

_WEEKS: Final = 8
_STORE_WEEKS: Final = 4
MOST_SILENT: Final = 21
"""Days of silence after which it is said no more."""


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days, among those that are over, at whose end an account or the store was silent for too long."""
    today = number_of(activity.today)
    first, last = number_of(period.first), min(number_of(period.last), today - 1)
    if last < first:
        return []
    seen = await activity.seen_since(Party.ACCOUNT, day_of(first - 7 * _WEEKS - MOST_SILENT))
    store_days = await activity.store_days()
    signs = [
        Sign(
            EVERYWHERE,
            day_of(day),
            SILENCE.severity,
            f"no message of anybody on {day_words(day_of(day), activity.today)}",
            f"a day without any, where there were some on each {day_of(day):%A} of {_STORE_WEEKS} weeks",
            "an import that is missing, or a server that takes no mail",
        )
        for day in range(first, last + 1)
        if not store_days.has(day) and all(store_days.has(day - 7 * week) for week in range(1, _STORE_WEEKS + 1))
    ]
    silent: list[tuple[int, int, int, int]] = []
    counts = await activity.accounts_by_day(first - MOST_SILENT - 7 * _STORE_WEEKS, last)
    lively = {day: lively_day(counts, day) for day in range(first - MOST_SILENT, last + 1)}
    for account, days in seen.items():
        for day in range(first, last + 1):
            missed = missed_days(days, lively, day, limits)
            before = days.last_before(day + 1)
            if missed and before is not None:
                silent.append((account, day, before, missed))
    names = await activity.names({account for account, *_ in silent})
    return signs + [
        Sign(
            names[account],
            day_of(day),
            SILENCE.severity,
            f"nothing since {day_words(day_of(before), activity.today)}; it sent on "
            f"{plural(seen[account].total(before - 7 * _WEEKS + 1, before), 'day')} of the {_WEEKS} weeks before",
            f"{plural(limits['days'], 'day')} without a message on which it would have sent",
            f"{plural(missed, 'such day')} until {day_words(day_of(day), activity.today)}",
            account=account,
        )
        for account, day, before, missed in silent
    ]


def missed_days(days: Days, lively: Mapping[int, bool], day: int, limits: Limits) -> int:
    """On how many days up to *day* an account was missed, if that is too many; else 0.

    It is missed on a weekday on which it sent in nearly all weeks, if others sent as on other days.
    """
    before = days.last_before(day + 1)
    if before is None or not 0 < day - before <= MOST_SILENT:
        return 0
    start = before - 7 * _WEEKS + 1
    if days.first > start or days.total(start, before) < _WEEKS * limits["rhythm"]:
        return 0
    missed = sum(
        lively.get(one, False) and sum(days.has(one - 7 * week) for week in range(1, _WEEKS + 1)) >= _WEEKS - 2
        for one in range(before + 1, day + 1)
    )
    return missed if missed >= limits["days"] else 0


def lively_day(counts: Mapping[int, int], day: int) -> bool:
    """Whether others sent on a day as they do: half as many accounts as on that weekday in four weeks, or more."""
    usual = sorted(counts.get(day - 7 * week, 0) for week in range(1, _STORE_WEEKS + 1))[_STORE_WEEKS // 2]
    return 2 * counts.get(day, 0) >= max(usual, 1)


SILENCE: Final = Rule(
    id="U17",
    name="silence",
    title="Silence",
    about="an account that sent nearly each day and is silent; or a day without any message",
    on=False,
    severity=Severity.NOTICE,
    limits=(
        Limit("rhythm", 5, "days a week with messages, over 8 weeks, make an account one that is missed", 1, 7),
        Limit("days", 3, "days on which it would have sent", 1, 21),
    ),
    reads="on which days each account sent, 11 weeks back",
    normal="holidays, a device that was taken away",
    wrong="a log that was not imported: look at the doctor first",
    look=look,
)
