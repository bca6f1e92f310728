"""The questions that the doctor asks of a store: its servers' days and TLS, doubles, whether its file is sound."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from smtpauth_tui.store.codes import TLS_UNKNOWN
from smtpauth_tui.store.reader import Store

QUARTER: Final = 900
"""Seconds: what the zones of the world differ by is a multiple of it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: its host, and the name of its program or instance."""

    host: str
    instance: str

    def __str__(self) -> str:
        return f"{self.host} ({self.instance})" if self.instance else self.host


@dataclass(frozen=True, slots=True)
class ServerTls:
    """A server's submissions, and of how many the TLS version is unknown."""

    server: Server
    messages: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Doubles:
    """Messages that the store seems to have twice."""

    server: Server
    other: Server
    seconds: int
    """By how much the two times differ."""
    messages: int
    sources: tuple[str, str]
    """Where one such pair comes from: the earlier time's source and the later one's."""


def sqlite_version() -> tuple[int, int, int]:
    """The version of SQLite that this Python has."""
    return sqlite3.sqlite_version_info


_NEWEST: Final = "SELECT max(time) FROM submission"


async def newest_submission(store: Store) -> int | None:
    """UTC seconds of the newest submission."""
    ((moment,),) = await store._rows(_NEWEST)
    return None if moment is None else int(moment)


_SERVER_TLS: Final = """
    SELECT server.host, server.instance, count(*), sum(tls = :unknown) FROM submission
    JOIN server ON server.id = submission.server WHERE time >= :since GROUP BY server.id ORDER BY 1, 2
"""


async def tls_by_server(store: Store, since: int) -> list[ServerTls]:
    """Each server's submissions from a time (UTC seconds) on."""
    rows = await store._rows(_SERVER_TLS, {"since": since, "unknown": TLS_UNKNOWN})
    return [ServerTls(Server(host, instance), messages, unknown) for host, instance, messages, unknown in rows]


_QUARTERS: Final = f"""
    SELECT server.host, server.instance, quarter, sum(facts) FROM (
        SELECT server, time / {QUARTER} AS quarter, count(*) AS facts FROM submission GROUP BY 1, 2
        UNION ALL
        SELECT server, time / {QUARTER}, count(*) FROM auth_failure GROUP BY 1, 2
    ) AS counted JOIN server ON server.id = counted.server GROUP BY server.id, quarter ORDER BY 1, 2, 3
"""


async def quarters_by_server(store: Store) -> dict[Server, dict[int, int]]:
    """Submissions and failures of each server by quarter of an hour (UTC seconds / 900), those without any left out."""
    found: dict[Server, dict[int, int]] = {}
    for host, instance, quarter, facts in await store._rows(_QUARTERS):
        found.setdefault(Server(host, instance), {})[quarter] = facts
    return found


# One message again: all equal but its time, which another zone moves by quarters of an hour (give or take the two
# seconds by which two collectors stamp a line), or but its server.
_DOUBLES: Final = f"""
    WITH pair AS (
        SELECT time, server, source, account, sender, client, size,
               lag(time) OVER once AS time_before, lag(server) OVER once AS server_before,
               lag(source) OVER once AS source_before, lag(account) OVER once AS account_before,
               lag(sender) OVER once AS sender_before, lag(client) OVER once AS client_before,
               lag(size) OVER once AS size_before
        FROM submission WHERE time >= :since WINDOW once AS (PARTITION BY queue_id ORDER BY time)
    ), double AS (
        SELECT server, server_before, source, source_before,
               iif(time - time_before <= 2, 0, (time - time_before + 2) / {QUARTER} * {QUARTER}) AS apart
        FROM pair
        WHERE account = account_before AND sender = sender_before AND client = client_before AND size = size_before
          AND (server <> server_before AND time - time_before <= 2
               OR server = server_before AND time - time_before BETWEEN {QUARTER} - 2 AND 26 * 3600 + 2
                  AND (time - time_before + 2) % {QUARTER} <= 4)
    )
    SELECT one.host, one.instance, other.host, other.instance, apart, messages,
           (SELECT path FROM source WHERE id = one_source), (SELECT path FROM source WHERE id = other_source)
    FROM (SELECT server_before, server, apart, count(*) AS messages,
                 min(source_before) AS one_source, min(source) AS other_source
          FROM double GROUP BY 1, 2, 3) AS counted
    JOIN server AS one ON one.id = server_before JOIN server AS other ON other.id = server
    ORDER BY 6 DESC, 1, 2, 3, 4 LIMIT :limit
"""


async def doubles(store: Store, since: int, limit: int = 20) -> list[Doubles]:
    """Messages with one queue id, sender, client and size: on one server in two zones, or on two servers at once."""
    rows = await store._rows(_DOUBLES, {"since": since, "limit": limit})
    return [
        Doubles(Server(row[0], row[1]), Server(row[2], row[3]), row[4], row[5], (row[6] or "", row[7] or ""))
        for row in rows
    ]


async def damage(store: Store) -> str:
    """What SQLite finds wrong with the file's structure; empty where all is well. Reads the whole file."""
    rows = await store._rows("PRAGMA quick_check(1)")
    said = str(rows[0][0]) if rows else "ok"
    return "" if said == "ok" else said
