"""Refused attempts to sign in, as the rules ask for them: on names that are accounts, and from some clients.

Attempts from clients that are allowed are in no answer.
"""

from collections.abc import Collection
from functools import partial
from typing import Any, Final, NamedTuple

from smtpauth_tui.query import Period
from smtpauth_tui.store.activity import Activity, id_list
from smtpauth_tui.store.asking import days_values
from smtpauth_tui.store.codes import Party


class TriedDay(NamedTuple):
    """An account's name that was tried from a client on a day, by its number. Times are UTC seconds."""

    day: int
    account: int
    client: int
    failures: int
    first: int
    last: int


class FailedDay(NamedTuple):
    """A client's refused attempts on a day, whatever names it tried."""

    day: int
    client: int
    failures: int


class Attempt(NamedTuple):
    """A refused attempt. *account* is None where the name tried is no account's."""

    time: int
    account: int | None
    client: int


# A name that was tried is an account's where that account had sent by that day.
_ACCOUNT_OF: Final = f"""
    CROSS JOIN tried_name ON tried_name.id = failed.name
    CROSS JOIN address ON address.folded = tried_name.folded
    CROSS JOIN seen ON seen.party = {Party.ACCOUNT.value} AND seen.id = address.id AND seen.first <= failed.day
"""
# while an import runs: any address that is known
_ADDRESS_OF: Final = """
    CROSS JOIN tried_name ON tried_name.id = failed.name
    CROSS JOIN address ON address.folded = tried_name.folded
"""


async def _joined(activity: Activity) -> str:
    return _ACCOUNT_OF if await activity.ahead() else _ADDRESS_OF


_TRIED: Final = """
    SELECT failed.day, address.id, failed.client, failed.failures, failed.first, failed.last
    FROM daily_failure AS failed {joined} WHERE failed.day = :day
"""


async def tried(activity: Activity, first: int, last: int) -> list[TriedDay]:
    """The accounts whose names were tried in vain, by day and client; the days by their numbers."""
    found: list[TriedDay] = []
    for day in range(first, last + 1):
        found += await activity.once(("tried", day), partial(_tried, activity, day))
    return found


async def _tried(activity: Activity, day: int) -> list[TriedDay]:
    rows = await activity.store._rows(_TRIED.format(joined=await _joined(activity)), {"day": day})
    found = [TriedDay(*row) for row in rows]
    allowed = await activity.allowed_clients({row.client for row in found})
    return [row for row in found if row.client not in allowed]


_FAILED: Final = """
    SELECT day, client, sum(failures) FROM daily_failure WHERE day BETWEEN :first AND :last GROUP BY day, client
"""


async def failed_days(activity: Activity, period: Period) -> list[FailedDay]:
    """The clients that were refused, by day."""
    rows = [FailedDay(*row) for row in await activity.store._rows(_FAILED, days_values(period))]
    allowed = await activity.allowed_clients({row.client for row in rows})
    return [row for row in rows if row.client not in allowed]


_NAMES_OF: Final = """
    SELECT tried_name.id, address.id FROM address CROSS JOIN tried_name ON tried_name.folded = address.folded
    WHERE address.id IN (SELECT value FROM json_each(:accounts))
"""
_ON: Final = """
    SELECT time, name, client FROM auth_failure
    WHERE time >= :start AND time < :end AND name IN (SELECT value FROM json_each(:names)) ORDER BY time
"""


async def on_accounts(activity: Activity, accounts: Collection[int], start: int, end: int) -> list[Attempt]:
    """The attempts on some accounts between two UTC times, in their order."""
    if not accounts:
        return []
    names = dict(await activity.store._rows(_NAMES_OF, {"accounts": id_list(accounts)}))
    values = {"start": start, "end": end, "names": id_list(names)}
    rows = [Attempt(row[0], names[row[1]], row[2]) for row in await activity.store._rows(_ON, values)]
    allowed = await activity.allowed_clients({row.client for row in rows})
    return [row for row in rows if row.client not in allowed]


_FROM: Final = """
    SELECT failed.time, failed.name, failed.client FROM auth_failure AS failed
    WHERE time >= :start AND time < :end AND client IN (SELECT value FROM json_each(:clients)) ORDER BY time
"""
_TIMES_FROM: Final = """
    SELECT time, client FROM auth_failure
    WHERE time >= :start AND time < :end AND client IN (SELECT value FROM json_each(:clients)) ORDER BY time
"""


async def times_from(activity: Activity, clients: Collection[int], start: int, end: int) -> list[tuple[int, int]]:
    """When some clients were refused between two UTC times: times in order, with the clients."""
    if not clients:
        return []
    values: dict[str, Any] = {"start": start, "end": end, "clients": id_list(clients)}
    return [(row[0], row[1]) for row in await activity.store._rows(_TIMES_FROM, values)]


_ACCOUNTS_OF: Final = """
    SELECT failed.name, address.id FROM (SELECT value AS name, :day AS day FROM json_each(:names)) AS failed {joined}
"""


async def from_clients(activity: Activity, clients: Collection[int], start: int, end: int) -> list[Attempt]:
    """The attempts from some clients between two UTC times, in their order, whatever names they tried."""
    if not clients:
        return []
    values: dict[str, Any] = {"start": start, "end": end, "clients": id_list(clients)}
    rows = await activity.store._rows(_FROM, values)
    sql = _ACCOUNTS_OF.format(joined=await _joined(activity))
    values = {"names": id_list({row[1] for row in rows}), "day": activity.number(end - 1)}
    accounts = dict(await activity.store._rows(sql, values))
    return [Attempt(time, accounts.get(name), client) for time, name, client in rows]
