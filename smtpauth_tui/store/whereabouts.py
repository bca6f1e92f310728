"""From where accounts sign in, as the rules ask for it: clients and networks, now and in the days before.

What came from clients that are allowed is in no answer but that of `networks`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from smtpauth_tui.networks import network_of
from smtpauth_tui.query import Period
from smtpauth_tui.store.activity import Activity, Days, id_list

HOME_DAYS: Final = 30
"""Days before a day in which a network that an account used is its home."""

Networks = Mapping[str, Days]
"""The networks that an account used, each with its days."""


class LogIn(NamedTuple):
    """An account's first message from a client within a minute, as UTC seconds."""

    account: int
    client: int
    time: int


_LOG_INS: Final = """
    SELECT account, client, min(time) FROM submission
    WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
    GROUP BY account, client, time / 60 ORDER BY 3
"""


async def log_ins_of(activity: Activity, accounts: Collection[int], start: int, end: int) -> list[LogIn]:
    """When some accounts sent, and from which clients, between two UTC times; in their order."""
    if not accounts:
        return []
    values = {"start": start, "end": end, "accounts": id_list(accounts)}
    rows = [LogIn(*row) for row in await activity.store._rows(_LOG_INS, values)]
    allowed = await activity.allowed_clients({row.client for row in rows})
    return [row for row in rows if row.client not in allowed]


_ROAMING: Final = """
    SELECT account FROM submission WHERE time >= :start AND time < :end
    GROUP BY account HAVING count(DISTINCT client) >= :clients
"""


async def roaming(activity: Activity, start: int, end: int, clients: int) -> set[int]:
    """The accounts that sent from so many clients or more between two UTC times."""
    values = {"start": start, "end": end, "clients": clients}
    return {row[0] for row in await activity.store._rows(_ROAMING, values)}


_NETWORKS: Final = """
    SELECT account, client, min(time), max(time) FROM submission
    WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
    GROUP BY account, client, time / 86400
"""


async def networks(activity: Activity, accounts: Set[int], period: Period) -> Mapping[int, Networks]:
    """The networks that some accounts used in a period and in the `HOME_DAYS` before it, by account; and others'."""
    known = await activity.once(("networks", period), _nothing_known)
    if unknown := accounts - known.keys():
        known.update({account: {} for account in unknown})
        known.update(await _networks(activity, unknown, period))
    return known


async def _nothing_known() -> dict[int, Networks]:
    return {}


async def _networks(activity: Activity, accounts: Collection[int], period: Period) -> dict[int, Networks]:
    clients = await addresses_used(activity, accounts, period)
    bits: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    origin = 0
    for account, used in clients.items():
        for address, days in used.items():
            origin = days.first
            bits[account][network_of(address)] |= days.bits
    return {account: {network: Days(origin, days) for network, days in used.items()} for account, used in bits.items()}


async def addresses_used(activity: Activity, accounts: Collection[int], period: Period) -> dict[int, dict[str, Days]]:
    """The addresses that some accounts used in a period and in the `HOME_DAYS` before it, with their days."""
    start, end = activity.bounds(Period(period.first - timedelta(HOME_DAYS), period.last))
    values = {"start": start, "end": end, "accounts": id_list(accounts)}
    rows = await activity.store._rows(_NETWORKS, values)
    known = await activity.clients({row[1] for row in rows})
    origin = activity.number(start)
    bits: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for account, client, first, last in rows:
        # a day of UTC has parts of at most two days of the store's zone: the first one's and the last one's
        days = 1 << activity.number(first) - origin | 1 << activity.number(last) - origin
        bits[account][known[client][0]] |= days
    return {account: {address: Days(origin, days) for address, days in used.items()} for account, used in bits.items()}


async def clients_between(activity: Activity, start: int, end: int) -> dict[int, str]:
    """The addresses of the clients from which anybody sent between two UTC times, by the clients' numbers."""
    ids = {row[0] for row in await activity.store._rows(_CLIENTS, {"start": start, "end": end})}
    known, allowed = await activity.clients(ids), await activity.allowed_clients(ids)
    return {client: known[client][0] for client in ids if client not in allowed}


_USING: Final = """
    SELECT DISTINCT account FROM submission
    WHERE time >= :start AND time < :end AND client IN (SELECT value FROM json_each(:clients))
"""


async def accounts_using(activity: Activity, clients: Collection[int], start: int, end: int) -> set[int]:
    """The accounts that sent from some clients between two UTC times."""
    if not clients:
        return set()
    values = {"start": start, "end": end, "clients": id_list(clients)}
    return {row[0] for row in await activity.store._rows(_USING, values)}


_CLIENTS: Final = "SELECT DISTINCT client FROM submission WHERE time >= :start AND time < :end"
_ON_DAY: Final = """
    SELECT account, client, min(time) FROM submission
    WHERE time >= :start AND time < :end AND client IN (SELECT value FROM json_each(:clients)) GROUP BY account, client
"""


async def on_day(activity: Activity, day: date, among: Set[str] | None = None) -> dict[int, dict[str, int]]:
    """The networks from which accounts sent on a day, all or *among* some, each with the first time, by account."""
    ids = {row[0] for row in await activity.store._rows(_CLIENTS, activity.times(Period(day, day)))}
    known, allowed = await activity.clients(ids), await activity.allowed_clients(ids)
    networks = {client: network_of(known[client][0]) for client in ids if client not in allowed}
    if among is not None:
        networks = {client: network for client, network in networks.items() if network in among}
    if not networks:
        return {}
    values = {**activity.times(Period(day, day)), "clients": id_list(networks)}
    found: dict[int, dict[str, int]] = {}
    for account, client, time in await activity.store._rows(_ON_DAY, values):
        places, network = found.setdefault(account, {}), networks[client]
        places[network] = min(time, places.get(network, time))
    return found


_USED: Final = """
    SELECT DISTINCT account, client FROM submission
    WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
"""
_STAGES: Final = ((1,), (7,), tuple(back for back in range(2, HOME_DAYS + 1) if back != 7))
"""Days back. Most people are where they were yesterday or a week ago: only of the others all days are read."""


async def strange(
    activity: Activity,
    places: Mapping[int, Mapping[str, int]],
    day: date,
    ours: int | None = None,
    *,
    near: bool = False,
) -> dict[int, dict[str, int]]:
    """Of the networks that accounts used on a day, those that they had not used in the `HOME_DAYS` before.

    *ours*: without networks that so many of these accounts had used before. *near*: had not used the day before, and a
    week ago.
    """
    left = {account: dict(some) for account, some in places.items()}
    at_home: Counter[str] = Counter()
    for stage in _STAGES[:2] if near else _STAGES:
        # days that follow one another are one question
        for first, last in _runs(stage):
            if not left:
                return left
            values: dict[str, Any] = activity.times(Period(day - timedelta(last), day - timedelta(first)))
            rows = await activity.store._rows(_USED, {**values, "accounts": id_list(left)})
            addresses = await activity.clients({row[1] for row in rows})
            for account, client in rows:
                network = network_of(addresses[client][0])
                some = left.get(account)
                if some is not None and some.pop(network, None) is not None:
                    at_home[network] += 1
            dropped = {network for network, number in at_home.items() if ours is not None and number >= ours}
            left = {
                account: kept
                for account, some in left.items()
                if (kept := {network: time for network, time in some.items() if network not in dropped})
            }
    return left


def _runs(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = days[0]
    for day in days[1:]:
        if day != last + 1:
            yield first, last
            first = day
        last = day
    yield first, last


def at_home(used: Networks | None, network: str, day: int) -> bool:
    """Whether an account had used a network in the days before a day."""
    days = used.get(network) if used else None
    return days is not None and bool(days.within(day - HOME_DAYS, day - 1))
