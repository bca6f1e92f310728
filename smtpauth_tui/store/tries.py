"""Refused attempts by the name that was tried and by the client: what the report of failed sign-ins asks.

The list is made from the roll-up. Facts are read for what one name or one client did, and there only between the first
and the last attempt of each day.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from smtpauth_tui.model import SignInOutcome
from smtpauth_tui.query import Period
from smtpauth_tui.store.activity import id_list
from smtpauth_tui.store.asking import days_values
from smtpauth_tui.store.codes import OUTCOME_CODES, Party
from smtpauth_tui.store.days import DayFinder, number_of
from smtpauth_tui.store.dictionaries import OTHER_NAMES as OTHERS
from smtpauth_tui.store.reader import Store

OTHER_NAMES: Final = OTHERS
"""What stands for all names beyond those that are kept."""


class NameTries(NamedTuple):
    """A name that was tried in vain in a period. Times are UTC seconds."""

    id: int
    text: str
    """As logged; empty where the log does not name whom an attempt was for."""
    address: int | None
    """The number of the address of the same name that has sent, ever; None where there is none."""
    account: bool
    """Whether that address has signed in, ever. While an import runs, each that has sent counts as such."""
    failures: int
    most: int
    """The most on one day."""
    days: int
    """On how many days."""
    first: int
    last: int


class ClientTries(NamedTuple):
    """A client that was refused in a period. Times are UTC seconds."""

    id: int
    address: str
    """As logged, whatever the settings let be shown."""
    host: str
    """Its host name as logged first; ``unknown`` where it has none."""
    failures: int
    names: int
    """How many names it tried."""
    first: int
    last: int


class PairTries(NamedTuple):
    """A name that was tried from a client in a period, by their numbers."""

    name: int
    client: int
    failures: int
    first: int
    last: int


class Accepted(NamedTuple):
    """Messages that were accepted in a period. Times are UTC seconds."""

    messages: int
    first: int
    last: int


class SignedIn(NamedTuple):
    """Sign-ins of exports that succeeded, by name."""

    ever: int
    within: int
    """Those of the period."""


_NAMES: Final = """
    SELECT tried_name.id, tried_name.text, address.id, {account}, failures, most, days, tried.first, tried.last
    FROM (SELECT name, sum(failures) AS failures, max(failures) AS most, count(*) AS days,
                 min(first) AS first, max(last) AS last
          FROM (SELECT name, sum(failures) AS failures, min(first) AS first, max(last) AS last FROM daily_failure
                WHERE day BETWEEN :first AND :last GROUP BY day, name)
          GROUP BY name) AS tried
    CROSS JOIN tried_name ON tried_name.id = tried.name LEFT JOIN address ON address.folded = tried_name.folded
    WHERE :domain IS NULL OR substr(tried_name.folded, -length(:domain) - 1) = '@' || :domain
"""
_SEEN: Final = f"EXISTS (SELECT 1 FROM seen WHERE party = {Party.ACCOUNT.value} AND seen.id = address.id)"
_KNOWN: Final = "address.id NOT NULL"


async def names(store: Store, period: Period, domain: str | None = None) -> list[NameTries]:
    """The names that were tried, those of a *domain* alone where one is named."""
    sql = _NAMES.format(account=_SEEN if await store._ahead() else _KNOWN)
    values = {**days_values(period), "domain": None if domain is None else domain.casefold()}
    rows = await store._rows(sql, values)
    return [NameTries(id_, text, address, bool(account), *rest) for id_, text, address, account, *rest in rows]


_CLIENTS_OF: Final = """
    SELECT name, count(*) FROM (SELECT DISTINCT name, client FROM daily_failure WHERE day BETWEEN :first AND :last)
    GROUP BY name
"""


async def clients_of_names(store: Store, period: Period) -> dict[int, int]:
    """From how many clients each name was tried."""
    return {row[0]: row[1] for row in await store._rows(_CLIENTS_OF, days_values(period))}


_CLIENTS: Final = """
    SELECT client.id, address, name, failures, names, tried.first, tried.last
    FROM (SELECT client, sum(failures) AS failures, count(DISTINCT name) - max(name = :unnamed) AS names,
                 min(first) AS first, max(last) AS last
          FROM daily_failure WHERE day BETWEEN :first AND :last GROUP BY client) AS tried
    CROSS JOIN client ON client.id = tried.client
"""
_UNNAMED: Final = "SELECT id FROM tried_name WHERE folded = ''"


async def clients(store: Store, period: Period) -> list[ClientTries]:
    """The clients that were refused; what the log does not name is no name."""
    values = {**days_values(period), "unnamed": await _unnamed(store)}
    return [ClientTries(*row) for row in await store._rows(_CLIENTS, values)]


async def _unnamed(store: Store) -> int:
    """The number of the name that stands for none; -1 where there is none."""
    rows = await store._rows(_UNNAMED)
    return int(rows[0][0]) if rows else -1


_PAIRS: Final = """
    SELECT name, client, sum(failures), min(first), max(last) FROM daily_failure
    WHERE day BETWEEN :first AND :last AND {column} IN (SELECT value FROM json_each(:ids)) GROUP BY name, client
"""


async def pairs_of_names(store: Store, period: Period, ids: Collection[int]) -> list[PairTries]:
    """From which clients some names were tried."""
    return await _pairs(store, period, "name", ids)


async def pairs_of_clients(store: Store, period: Period, ids: Collection[int]) -> list[PairTries]:
    """Which names some clients tried."""
    return await _pairs(store, period, "client", ids)


async def _pairs(store: Store, period: Period, column: str, ids: Collection[int]) -> list[PairTries]:
    if not ids:
        return []
    values = {**days_values(period), "ids": id_list(ids)}
    return [PairTries(*row) for row in await store._rows(_PAIRS.format(column=column), values)]


_NAMES_OF: Final = """
    SELECT DISTINCT name, client FROM daily_failure
    WHERE day BETWEEN :first AND :last AND client IN (SELECT value FROM json_each(:ids)) AND name <> :unnamed
"""


async def names_of_clients(store: Store, period: Period, ids: Collection[int]) -> list[tuple[int, int]]:
    """The names that some clients tried, with the clients; those not logged are none."""
    if not ids:
        return []
    values = {**days_values(period), "ids": id_list(ids), "unnamed": await _unnamed(store)}
    return [(row[0], row[1]) for row in await store._rows(_NAMES_OF, values)]


_DAYS: Final = """
    SELECT day, sum(failures), sum(iif(name IN (SELECT value FROM json_each(:accounts)), failures, 0)),
           sum(iif(name = :unnamed, failures, 0))
    FROM daily_failure WHERE day BETWEEN :first AND :last {among} GROUP BY day
"""
_AMONG: Final = "AND name IN (SELECT value FROM json_each(:names))"


async def days(
    store: Store, period: Period, accounts: Collection[int], names: Collection[int] | None = None
) -> list[tuple[int, int, int, int]]:
    """By the number of a day: failures, those on some *accounts* (by the numbers of names), and those without a name.

    *names*: only these names.
    """
    values = {**days_values(period), "accounts": id_list(accounts), "unnamed": await _unnamed(store)}
    if names is not None:
        values["names"] = id_list(names)
    rows = await store._rows(_DAYS.format(among="" if names is None else _AMONG), values)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


_SENT_BY: Final = """
    SELECT account, sum(messages), min(first), max(last) FROM daily
    WHERE day BETWEEN :first AND :last AND account IN (SELECT value FROM json_each(:ids)) GROUP BY account
"""


async def sent_by(store: Store, period: Period, accounts: Collection[int]) -> dict[int, Accepted]:
    """What was accepted from some accounts."""
    if not accounts:
        return {}
    values = {**days_values(period), "ids": id_list(accounts)}
    return {row[0]: Accepted(*row[1:]) for row in await store._rows(_SENT_BY, values)}


_SENT_FROM: Final = """
    SELECT client, count(*), min(time), max(time) FROM submission
    WHERE time >= :start AND time < :end {among} GROUP BY client
"""
_AMONG_CLIENTS: Final = "AND client IN (SELECT value FROM json_each(:ids))"


async def sent_from(store: Store, period: Period, ids: Collection[int] | None = None) -> dict[int, Accepted]:
    """What was accepted from all clients, or from some: each message of the period is looked at."""
    values = _times(store, period)
    if ids is not None:
        values["ids"] = id_list(ids)
    sql = _SENT_FROM.format(among="" if ids is None else _AMONG_CLIENTS)
    return {row[0]: Accepted(*row[1:]) for row in await store._rows(sql, values)}


_FROM_BY: Final = """
    SELECT client, count(*), min(time), max(time) FROM submission
    WHERE time >= :start AND time < :end AND account = :account GROUP BY client
"""


async def sent_by_from(store: Store, period: Period, account: int) -> dict[int, Accepted]:
    """By client, what was accepted from an account."""
    rows = await store._rows(_FROM_BY, {**_times(store, period), "account": account})
    return {row[0]: Accepted(*row[1:]) for row in rows}


_CLIENTS_OF_ACCOUNTS: Final = """
    SELECT DISTINCT account, client FROM submission
    WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
"""


async def clients_of_accounts(store: Store, period: Period, accounts: Collection[int]) -> list[tuple[int, int]]:
    """Some accounts with the clients from which their messages were accepted: each message is looked at."""
    if not accounts:
        return []
    rows = await store._rows(_CLIENTS_OF_ACCOUNTS, {**_times(store, period), "accounts": id_list(accounts)})
    return [(row[0], row[1]) for row in rows]


_ACCOUNTS_FROM: Final = """
    SELECT address.text, sent.messages, sent.first, sent.last FROM (
        SELECT account, count(*) AS messages, min(time) AS first, max(time) AS last FROM submission
        WHERE time >= :start AND time < :end AND client IN (SELECT value FROM json_each(:ids)) GROUP BY account
    ) AS sent JOIN address ON address.id = sent.account ORDER BY 2 DESC, 1
"""


async def accounts_from(store: Store, period: Period, ids: Collection[int]) -> list[tuple[str, Accepted]]:
    """What accounts sent from some clients, those with most messages first."""
    if not ids:
        return []
    rows = await store._rows(_ACCOUNTS_FROM, {**_times(store, period), "ids": id_list(ids)})
    return [(row[0], Accepted(*row[1:])) for row in rows]


def _times(store: Store, period: Period) -> dict[str, Any]:
    finder = DayFinder(store.zone)
    return {
        "start": finder.bounds(number_of(period.first))[0],
        "end": finder.bounds(number_of(period.last))[1],
    }


_SIGNED_IN: Final = """
    SELECT name, count(*), sum(time >= :start AND time < :end) FROM sign_in WHERE outcome = :succeeded GROUP BY name
"""


async def signed_in(store: Store, period: Period) -> dict[int, SignedIn]:
    """The names that exports of sign-ins know to have signed in."""
    values = {**_times(store, period), "succeeded": OUTCOME_CODES[SignInOutcome.SUCCEEDED]}
    return {row[0]: SignedIn(row[1], row[2]) for row in await store._rows(_SIGNED_IN, values)}


_REASONS: Final = """
    SELECT name, code, reason, count(*) FROM sign_in
    WHERE time >= :start AND time < :end AND outcome = :failed GROUP BY name, code, reason ORDER BY 4 DESC
"""


async def reasons(store: Store, period: Period) -> dict[int, list[tuple[str, int]]]:
    """By name, why sign-ins failed, in the words of the exports that tell, the most first. Logs tell no reason."""
    values = {**_times(store, period), "failed": OUTCOME_CODES[SignInOutcome.FAILED]}
    found: dict[int, list[tuple[str, int]]] = {}
    for name, code, reason, number in await store._rows(_REASONS, values):
        words = " ".join(filter(None, [str(code) if code is not None else "", reason])) or "not told"
        found.setdefault(name, []).append((words, number))
    return found


# what one name, or one client, did: on each of its days between its first attempt and its last one
_QUARTERS: Final = """
    SELECT failed.time / 900, count(*)
    FROM (SELECT min(first) AS since, max(last) AS until FROM daily_failure
          WHERE day BETWEEN :first AND :last AND {column} IN (SELECT value FROM json_each(:ids)) GROUP BY day) AS days
    CROSS JOIN auth_failure AS failed ON failed.time BETWEEN since AND until
        AND failed.{column} IN (SELECT value FROM json_each(:ids))
    GROUP BY 1 ORDER BY 1
"""


async def quarters_of_names(store: Store, period: Period, ids: Collection[int]) -> list[tuple[int, int]]:
    """Failures of some names by quarter of an hour: UTC seconds / 900, and how many."""
    return await _quarters(store, period, "name", ids)


async def quarters_of_clients(store: Store, period: Period, ids: Collection[int]) -> list[tuple[int, int]]:
    """Failures of some clients, likewise."""
    return await _quarters(store, period, "client", ids)


async def _quarters(store: Store, period: Period, column: str, ids: Collection[int]) -> list[tuple[int, int]]:
    values = {**days_values(period), "ids": id_list(ids)}
    return [(row[0], row[1]) for row in await store._rows(_QUARTERS.format(column=column), values)]


_MECHANISMS: Final = """
    SELECT mechanism.name, count(*)
    FROM (SELECT min(first) AS since, max(last) AS until FROM daily_failure
          WHERE day BETWEEN :first AND :last AND {column} IN (SELECT value FROM json_each(:ids)) GROUP BY day) AS days
    CROSS JOIN auth_failure AS failed ON failed.time BETWEEN since AND until
        AND failed.{column} IN (SELECT value FROM json_each(:ids))
    CROSS JOIN mechanism ON mechanism.id = failed.mechanism GROUP BY 1 ORDER BY 2 DESC, 1
"""


async def mechanisms(
    store: Store, period: Period, ids: Collection[int], *, of_clients: bool = False
) -> list[tuple[str, int]]:
    """By which mechanisms some names were tried (or some clients tried), the most first."""
    values = {**days_values(period), "ids": id_list(ids)}
    sql = _MECHANISMS.format(column="client" if of_clients else "name")
    return [(row[0], row[1]) for row in await store._rows(sql, values)]


_ONE_CLIENT: Final = "SELECT id, address, name FROM client WHERE id IN (SELECT value FROM json_each(:ids))"


async def addresses(store: Store, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """The addresses of some clients as logged, with their host names."""
    rows = await store._rows(_ONE_CLIENT, {"ids": id_list(ids)})
    return {row[0]: (row[1], row[2]) for row in rows}


_INSTANCES: Final = "SELECT DISTINCT instance FROM server ORDER BY 1"


async def servers(store: Store) -> tuple[str, ...]:
    """The programs of all servers: ``postfix``, ``exim``."""
    return tuple(row[0] for row in await store._rows(_INSTANCES))


_DAYS_OF_CLIENTS: Final = """
    SELECT day, sum(failures) FROM daily_failure
    WHERE day BETWEEN :first AND :last AND client IN (SELECT value FROM json_each(:ids)) GROUP BY day
"""


async def days_of_clients(store: Store, period: Period, ids: Collection[int]) -> dict[int, int]:
    """The failures of some clients by the numbers of the days."""
    rows = await store._rows(_DAYS_OF_CLIENTS, {**days_values(period), "ids": id_list(ids)})
    return {row[0]: row[1] for row in rows}


_SENT_DAYS: Final = """
    SELECT day, sum(messages) FROM daily WHERE day BETWEEN :first AND :last AND account = :account GROUP BY day
"""


async def sent_days(store: Store, period: Period, account: int) -> dict[int, int]:
    """The messages accepted from an account by the numbers of the days."""
    rows = await store._rows(_SENT_DAYS, {**days_values(period), "account": account})
    return {row[0]: row[1] for row in rows}


async def newest_day(store: Store) -> int | None:
    """The number of the last day with failures."""
    return (await store._rows("SELECT max(day) FROM daily_failure"))[0][0]  # type: ignore[no-any-return]
