"""Totals of days, counted ahead from the finer totals: the dashboard's figures and the charts read these."""

import sqlite3
from collections.abc import Iterable
from typing import Final

_COUNT_DAY: Final = """
    INSERT INTO day_total
    SELECT day, tls, auth, sum(messages), sum(recipients), min(first), max(last) FROM daily_total
    WHERE day = ? GROUP BY tls, auth
"""
_COUNT_DOMAINS: Final = """
    INSERT OR REPLACE INTO domain_total
    SELECT domain, day, sum(messages) FROM daily_total WHERE day = ? GROUP BY domain
"""
_DROP_DOMAINS: Final = """
    DELETE FROM domain_total WHERE day = ? AND domain NOT IN (SELECT domain FROM daily_total WHERE day = ?)
"""
_COUNT_FAILURES: Final = """
    INSERT INTO failure_total SELECT day, sum(failures), max(last) FROM daily_failure WHERE day = ? GROUP BY day
"""


def count_days(connection: sqlite3.Connection, days: Iterable[int], *, moved: Iterable[int] = ()) -> None:
    """Count some days' messages anew; of the *moved* ones of them, a domain may have lost all."""
    for day in days:
        connection.execute("DELETE FROM day_total WHERE day = ?", (day,))
        connection.execute(_COUNT_DAY, (day,))
        connection.execute(_COUNT_DOMAINS, (day,))
    for day in moved:
        connection.execute(_DROP_DOMAINS, (day, day))


def count_all_days(connection: sqlite3.Connection) -> None:
    """Count all days' messages anew."""
    connection.execute("DELETE FROM day_total")
    connection.execute("DELETE FROM domain_total")
    connection.execute(_COUNT_DAY.replace("WHERE day = ? GROUP BY", "GROUP BY day,"))
    connection.execute(_COUNT_DOMAINS.replace("WHERE day = ? GROUP BY domain", "GROUP BY domain, day"))


def count_failures(connection: sqlite3.Connection, days: Iterable[int]) -> None:
    """Count some days' failures anew."""
    for day in days:
        connection.execute("DELETE FROM failure_total WHERE day = ?", (day,))
        connection.execute(_COUNT_FAILURES, (day,))


def count_all_failures(connection: sqlite3.Connection) -> None:
    """Count all days' failures anew."""
    connection.execute("DELETE FROM failure_total")
    connection.execute(_COUNT_FAILURES.replace("WHERE day = ? ", ""))
