"""U1: an account that sends for the first time."""

from collections.abc import Iterator
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store.activity import Activity, Days, Supply
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of, number_of


def new_days(days: Days, first: int, last: int, quiet: int) -> Iterator[int]:
    """Those of the days from *first* to *last* that no other day precedes within *quiet* days."""
    if days.within(last - quiet, first - 1):
        return
    for day in days.each(first, last):
        if not days.within(day - quiet, day - 1):
            yield day


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """The first days of accounts, once the store has seen enough of the days before."""
    first, last, quiet = number_of(period.first), number_of(period.last), int(limits["days"])
    store_days = await activity.store_days()
    found = [
        (account, day, days)
        for account, days in (await activity.seen(Party.ACCOUNT, period)).items()
        for day in new_days(days, first, last, quiet)
        if store_days.total(day - quiet, day - 1) >= limits["history"]
    ]
    unknown = await through_new_servers(activity, {(account, day) for account, day, _ in found}, limits)
    found = [one for one in found if one[:2] not in unknown]
    names = await activity.names({account for account, *_ in found})
    return [
        Sign(
            names[account],
            day_of(day),
            NEW_SENDER.severity,
            _reason(day, days.last_before(day), activity),
            f"no message in the {quiet} days before",
            f"the store has messages of {plural(store_days.total(day - quiet, day - 1), 'day')} of these",
            account=account,
        )
        for account, day, days in found
    ]


async def through_new_servers(activity: Activity, pairs: set[tuple[int, int]], limits: Limits) -> set[tuple[int, int]]:
    """Those accounts and days whose servers' logs do not reach back far enough to tell who is new."""
    late = set()
    for day in {day for _, day in pairs}:
        servers = await activity.servers({account for account, one in pairs if one == day}, day)
        there = {
            server: await activity.server_was_there(server, day, int(limits["history"]))
            for server in {server for some in servers.values() for server in some}
        }
        late |= {(account, day) for account, some in servers.items() if not any(there[server] for server in some)}
    return late


def _reason(day: int, before: int | None, activity: Activity) -> str:
    when = day_words(day_of(day), activity.today)
    if before is None:
        return f"first seen on {when}; it never sent by SMTP AUTH before"
    return f"sent on {when} for the first time since {day_words(day_of(before), activity.today)} ({day - before} days)"


def _lacks(supply: Supply, limits: Limits) -> str:
    if supply.days >= limits["history"]:
        return ""
    return f"{plural(limits['history'], 'day')} with messages to know who is not new; the store has {supply.days}"


NEW_SENDER: Final = Rule(
    id="U1",
    name="new",
    title="New sender",
    about="an account that sent nothing before",
    on=True,
    severity=Severity.NOTICE,
    limits=(
        Limit("days", 90, "days before without a message of the account", 1, 400),
        Limit(
            "history",
            14,
            "of these days, on which anybody must have sent, and the days that its servers' logs must reach back",
            1,
            400,
        ),
    ),
    reads="on which days each account sent (at most 90 days back)",
    normal="a new employee, device or application, or an account that was renamed: once you know whose it is",
    wrong="an account whose servers' logs reach back for less than *history* days is not looked at",
    lacks=_lacks,
    look=look,
)
