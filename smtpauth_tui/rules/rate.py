"""U4: as many messages a minute as no service lets through."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, minute_words, plural
from smtpauth_tui.store.activity import Activity, Minute


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The days on which an account sent too fast, each with its worst minute."""
    least = min(limits["messages"], limits["sustained"])
    accounts = {row.account for row in await activity.busy(period, least)}
    minutes = await activity.minutes(period, accounts, least)
    fast = [
        (account, day, *worst)
        for (account, day), rows in groupby(minutes, lambda row: (row.account, activity.day(row.minute * 60)))
        for worst in too_fast(list(rows), limits)
    ]
    names = await activity.names({account for account, *_ in fast})
    return [
        Sign(
            names[account],
            day,
            RATE.severity,
            f"{words} {minute_words(activity.clock(minute * 60))} of {day_words(day, activity.today)}",
            crossed,
            moment=minute * 60,
            account=account,
        )
        for account, day, minute, words, crossed in fast
    ]


def too_fast(minutes: Sequence[Minute], limits: Limits) -> Iterator[tuple[int, str, str]]:
    """Of an account's day, where it was too fast at all: the minute, what was seen, and the threshold."""
    worst = max(minutes, key=lambda row: row.messages)
    if worst.messages >= limits["messages"]:
        yield (
            worst.minute,
            f"{plural(worst.messages, 'message')} in the minute",
            f"{plural(limits['messages'], 'message')} in any minute; Microsoft 365 delays what is above 30",
        )
        return
    steady = [row.minute for row in minutes if row.messages >= limits["sustained"]]
    length = int(limits["minutes"])
    for first, last in zip(steady, steady[length - 1 :], strict=False):
        if last - first == length - 1:
            yield (
                first,
                f"{plural(limits['sustained'], 'message')} a minute or more for {length} minutes from",
                f"{plural(limits['sustained'], 'message')} a minute for {length} minutes",
            )
            return


RATE: Final = Rule(
    id="U4",
    name="rate",
    title="Rate",
    about="more messages a minute than Microsoft 365 lets through",
    on=True,
    severity=Severity.NOTICE,
    limits=(
        Limit("messages", 30, "messages in any minute"),
        Limit("sustained", 25, "messages a minute, minute after minute"),
        Limit("minutes", 5, "minutes on end with *sustained*", 1, 1440),
    ),
    reads="the time of each message of accounts with that many a day",
    normal="a program that sends to many at once: a newsletter, a month's invoices",
    wrong="for servers other than Microsoft 365 the limit is a convention; a clock that jumps",
    look=look,
)
