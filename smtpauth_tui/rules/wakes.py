"""U2: an account that sends again after a long silence."""

from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import Activity, Days
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which accounts sent much after a silence that was not the whole store's."""
    busy = await activity.busy(period, limits["messages"])
    seen, store_days = await activity.seen(Party.ACCOUNT, period), await activity.store_days()
    woken = [
        (row, before)
        for row in busy
        if (before := silent_since(seen.get(row.account), store_days, row.day, int(limits["days"]))) is not None
    ]
    names = await activity.names({row.account for row, _ in woken})
    return [
        Sign(
            names[row.account],
            day_of(row.day),
            WAKES.severity,
            f"silent since {day_words(day_of(before), activity.today)} ({plural(row.day - before, 'day')}), "
            f"then {plural(row.messages, 'message')} on {day_words(day_of(row.day), activity.today)}",
            f"{plural(limits['days'], 'silent day')}, then {plural(limits['messages'], 'message')} in a day",
            moment=row.first,
            account=row.account,
        )
        for row, before in woken
    ]


def silent_since(days: Days | None, store_days: Days, day: int, least: int) -> int | None:
    """The last day before *day* on which it sent, where the silence since then was long; None where it was not.

    On half of the silent days at least the store must have messages of others.
    """
    before = days.last_before(day) if days else None
    if before is None or day - before - 1 < least:
        return None
    return before if 2 * store_days.total(before + 1, day - 1) >= day - before - 1 else None


WAKES: Final = Rule(
    id="U2",
    name="wakes",
    title="Sender wakes",
    about="an account that was silent for long and sends much",
    on=False,
    severity=Severity.NOTICE,
    limits=(
        Limit("days", 30, "silent days", 2, 400),
        Limit("messages", 10, "messages in the day that ends the silence"),
    ),
    reads="on which days each account sent, and how much on the days looked at",
    normal="who sends each quarter, or only when something is wrong (an alarm, a backup that failed)",
    wrong="an account that was renamed back; logs of the months between that were never imported",
    look=look,
)
