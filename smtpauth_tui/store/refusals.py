"""Refused attempts per day of a name, of a network, or of all: what a finding's chart shows."""

from typing import Any, Final

from smtpauth_tui.query import Period
from smtpauth_tui.store.asking import days_values
from smtpauth_tui.store.reader import Store

_OF_ALL: Final = "SELECT day, failures FROM failure_total WHERE day BETWEEN :first AND :last"
# the key of daily_failure begins with the day: each of them is looked up
_OF_NAME: Final = """
    WITH RECURSIVE days(day) AS (SELECT :first UNION ALL SELECT day + 1 FROM days WHERE day < :last)
    SELECT days.day, sum(failures) FROM days
    CROSS JOIN (SELECT id FROM tried_name WHERE folded = :name) AS tried
    CROSS JOIN daily_failure ON daily_failure.day = days.day AND daily_failure.name = tried.id
    GROUP BY days.day
"""
_OF_CLIENTS: Final = """
    SELECT day, sum(failures) FROM daily_failure WHERE day BETWEEN :first AND :last
    AND client IN (SELECT id FROM client WHERE address >= :low AND address < :high) GROUP BY day
"""


async def of_all(store: Store, period: Period) -> dict[int, int]:
    """All of them, by the number of the day."""
    return await _counts(store, _OF_ALL, days_values(period))


async def of_name(store: Store, name: str, period: Period) -> dict[int, int]:
    """Those of a name, in any case."""
    return await _counts(store, _OF_NAME, {**days_values(period), "name": name.casefold()})


async def of_network(store: Store, network: str, period: Period) -> dict[int, int]:
    """Those of clients whose addresses begin as those of a /24 of IPv4 or a /48 of IPv6 are mostly written."""
    address, _, bits = network.partition("/")
    if ":" in address:
        low = address.removesuffix(":") if address.endswith("::") else address
    else:
        low = address.rpartition(".")[0] + "." if bits == "24" else address
    values = {**days_values(period), "low": low, "high": low[:-1] + chr(ord(low[-1]) + 1)} if low else {}
    return await _counts(store, _OF_CLIENTS, values) if low else {}


async def _counts(store: Store, sql: str, values: dict[str, Any]) -> dict[int, int]:
    return dict(await store._rows(sql, values))
