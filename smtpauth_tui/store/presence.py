"""The questions of who was there: on which days each account was seen, and how much it sent."""

from collections.abc import Collection
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.store.activity import Activity, Days, id_list
from smtpauth_tui.store.asking import days_values
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import number_of
from smtpauth_tui.store.reader import Store

_OF_DOMAIN: Final = """
    (:domain IS NULL OR {column} IN (
        SELECT address.id FROM address JOIN domain ON domain.id = address.domain WHERE domain.name = :domain))
"""
_SEEN: Final = f"SELECT id, first, days FROM seen WHERE party = :party AND {_OF_DOMAIN.format(column='id')}"
_COUNTED: Final = f"""
    SELECT DISTINCT account, day FROM daily WHERE {_OF_DOMAIN.format(column="account")} ORDER BY account, day
"""
_NEWCOMERS: Final = """
    SELECT coalesce(sum(iif(before < 0, number, 0)), 0), coalesce(sum(iif(before >= 0, number, 0)), 0)
    FROM seen_again WHERE party = :party AND day BETWEEN :first AND :last AND day - before > :silent
"""
_MESSAGES: Final = """
    SELECT account, sum(iif(day >= :first, messages, 0)), sum(iif(day < :first, messages, 0)) FROM daily
    WHERE day BETWEEN :before AND :last {which} GROUP BY account
"""
_OF_THESE: Final = "AND account IN (SELECT value FROM json_each(:accounts))"
_FEW: Final = 10_000


async def days_of_accounts(activity: Activity, domain: str | None) -> dict[int, Days]:
    """By their numbers, all days on which accounts were seen, where a *domain* is named those of its own.

    While an import runs that takes a look at each row.
    """
    values = {"party": Party.ACCOUNT, "domain": None if domain is None else domain.casefold()}
    if await activity.ahead():
        rows = await activity.store._rows(_SEEN, values)
        return {id_: Days(first, int.from_bytes(days, "little")) for id_, first, days in rows}
    found: dict[int, Days] = {}
    for account, day in await activity.store._rows(_COUNTED, values):
        known = found.get(account)
        found[account] = Days(known.first, known.bits | 1 << day - known.first) if known else Days(day, 1)
    return found


async def newcomers(store: Store, period: Period, silent: int) -> tuple[int, int] | None:
    """How many accounts were first seen in a period, and how often one was seen after so many silent days or more.

    From what is counted ahead; None while that is not up to date.
    """
    if not await store._ahead():
        return None
    values = {**days_values(period), "party": Party.ACCOUNT, "silent": silent}
    ((first_seen, returned),) = await store._rows(_NEWCOMERS, values)
    return first_seen, returned


async def messages(
    store: Store, period: Period, earlier: Period, accounts: Collection[int]
) -> dict[int, tuple[int, int]]:
    """The messages of accounts in a period, and in the days before it; those without any in either are left out.

    Where they are many, others than the *accounts* are among them.
    """
    values = {**days_values(period), "before": number_of(earlier.first), "accounts": id_list(accounts)}
    which = _OF_THESE if len(accounts) <= _FEW else ""
    rows = await store._rows(_MESSAGES.format(which=which), values)
    return {account: (now, before) for account, now, before in rows}
