"""What accounts left behind in some days: the questions behind a finding's evidence, for many accounts at once."""

from collections.abc import Collection
from typing import Final, NamedTuple

from smtpauth_tui.query import Period
from smtpauth_tui.store.activity import Activity, id_list
from smtpauth_tui.store.asking import days_values


class ClientTrace(NamedTuple):
    """What an account sent from a client through a server. Times are UTC seconds."""

    account: int
    address: str
    name: str
    instance: str
    """The server's program: ``postfix``, or the name of a further instance."""
    messages: int
    first: int


class DayTrace(NamedTuple):
    """An account's day by its number."""

    account: int
    day: int
    messages: int
    recipients: int


class MessageTrace(NamedTuple):
    """A message."""

    time: int
    server: str
    queue_id: str
    sender: str
    address: str
    recipients: int


_CLIENTS: Final = """
    SELECT account, client.address, client.name, server.instance, messages, first FROM (
        SELECT account, client, server, count(*) AS messages, min(time) AS first FROM submission
        WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
        GROUP BY account, client, server
    ) AS used JOIN client ON client.id = used.client JOIN server ON server.id = used.server
    ORDER BY account, messages DESC, client.address
"""


async def clients(activity: Activity, accounts: Collection[int], start: int, end: int) -> list[ClientTrace]:
    """From where some accounts sent between two UTC times, by account, those with most messages first."""
    values = {"start": start, "end": end, "accounts": id_list(accounts)}
    return [ClientTrace(*row) for row in await activity.store._rows(_CLIENTS, values)]


_INSTANCES: Final = "SELECT DISTINCT instance FROM server ORDER BY 1"


async def instances(activity: Activity) -> tuple[str, ...]:
    """The programs of all servers."""
    rows = await activity.once("instances", lambda: activity.store._rows(_INSTANCES))
    return tuple(row[0] for row in rows)


_QUARTERS: Final = """
    SELECT account, time / 900, count(*) FROM submission
    WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts)) GROUP BY 1, 2
"""


async def quarters(activity: Activity, accounts: Collection[int], start: int, end: int) -> list[tuple[int, int, int]]:
    """Account, quarter of an hour (UTC seconds / 900) and messages between two UTC times."""
    values = {"start": start, "end": end, "accounts": id_list(accounts)}
    return [(row[0], row[1], row[2]) for row in await activity.store._rows(_QUARTERS, values)]


_DAYS: Final = """
    SELECT account, day, sum(messages), sum(recipients) FROM daily
    WHERE day BETWEEN :first AND :last AND account IN (SELECT value FROM json_each(:accounts)) GROUP BY account, day
"""


async def days(activity: Activity, accounts: Collection[int], period: Period) -> list[DayTrace]:
    """The days of some accounts, by account and day."""
    values = {**days_values(period), "accounts": id_list(accounts)}
    return [DayTrace(*row) for row in await activity.store._rows(_DAYS, values)]


_MESSAGES: Final = """
    SELECT time, server.host, queue_id, address.text, client.address, recipients FROM (
        SELECT * FROM submission WHERE time >= :start AND time < :end AND account = :account ORDER BY time LIMIT :most
    ) AS sent JOIN server ON server.id = sent.server JOIN address ON address.id = sent.sender
    JOIN client ON client.id = sent.client ORDER BY time
"""


async def messages(activity: Activity, account: int, start: int, end: int, most: int) -> list[MessageTrace]:
    """The first messages of an account from a UTC time on."""
    values = {"account": account, "start": start, "end": end, "most": most}
    return [MessageTrace(*row) for row in await activity.store._rows(_MESSAGES, values)]
