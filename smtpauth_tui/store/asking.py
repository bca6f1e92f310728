"""What the questions share: pieces of their SQL, their parameters, and the reading of their columns."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.rows import DayUsage, SenderTotal, SnapshotTotal
from smtpauth_tui.store.where import Where

TLS_SUMS: Final = ", ".join(f"sum(iif(tls = {code}, messages, 0))" for code in TLS_CODES.values())
AUTH_SUMS: Final = ", ".join(f"sum(iif(auth = {code}, messages, 0))" for code in AUTH_CODES.values())
COUNTS: Final = f"sum(messages), sum(recipients), {TLS_SUMS}, {AUTH_SUMS}"
IN_DOMAIN: Final = """
    (:domain IS NULL OR sender IN (
        SELECT address.id FROM address JOIN domain ON domain.id = address.domain WHERE domain.name = :domain))
"""
"""Whether a row of ``daily`` is of the query's domain; without one, each is."""
ROWS: Final = f"daily WHERE day BETWEEN :first AND :last AND {IN_DOMAIN}"
"""The rows of a period and a domain."""
DAYS: Final = """
    (WITH RECURSIVE each(day) AS (
        SELECT min(day) FROM daily WHERE day >= :first
        UNION ALL SELECT (SELECT min(daily.day) FROM daily WHERE daily.day > each.day) FROM each WHERE each.day < :last
     ) SELECT day FROM each WHERE day <= :last)
"""
"""The days of a period that have submissions. One sender's rows are found in each of them by the key of ``daily``."""


def where_of(query: ReportQuery, question: str, prefix: str = "where") -> Where:
    """The query's filter for a *question*, one of `filtering.SOURCES`; without a filter, all rows will do.

    The names of its parameters begin with *prefix*.
    """
    if query.where is None:
        return Where()
    from smtpauth_tui.store import filtering  # late: the first picture asks without

    return filtering.sql_of(query.where, filtering.SOURCES[question], prefix)


LOOKED_UP: Final = 60_000
"""Look-ups by key that take about a tenth of a second."""


def rows_of(senders: Sequence[int]) -> str:
    """The rows of some senders in a period, each looked up by its key."""
    listed = ", ".join(map(str, senders))
    return f"{DAYS} AS days CROSS JOIN daily ON daily.day = days.day AND daily.sender IN ({listed})"


def days_values(period: Period) -> dict[str, Any]:
    """A period's parameters."""
    return {"first": number_of(period.first), "last": number_of(period.last)}


def values_of(query: ReportQuery) -> dict[str, Any]:
    """A query's parameters, whichever of them a question takes."""
    domain = query.domain.casefold() if query.domain is not None else None
    return {
        **days_values(query.period),
        "domain": domain,
        "domain_pattern": _like(domain or ""),
        "search": query.search,
        "pattern": f"%{_like(query.search.casefold())}%",
        "name": query.sender.casefold() if query.sender is not None else None,
    }


def _like(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, "\\" + sign)
    return text


_MIDDLE: Final = len(TLS_CODES)
_END: Final = _MIDDLE + len(AUTH_CODES)


def counts(columns: Sequence[Any]) -> tuple[dict[TlsVersion, int], dict[AuthKind, int], Sequence[Any]]:
    """The columns of `TLS_SUMS` and `AUTH_SUMS` by name, and what follows them."""
    tls = dict(zip(TLS_CODES, columns[:_MIDDLE], strict=True))
    auth = dict(zip(AUTH_CODES, columns[_MIDDLE:_END], strict=True))
    return tls, auth, columns[_END:]


def usage(row: tuple[Any, ...]) -> DayUsage:
    """A day, and its columns of `COUNTS`."""
    tls, auth, _ = counts(row[3:])
    return DayUsage(day_of(row[0]), row[1], row[2], tls, auth)


def sender_total(row: Sequence[Any]) -> SenderTotal:
    """A name, its domain, its columns of `COUNTS`, when it was first and last seen; what follows is not read."""
    tls = dict(zip(TLS_CODES, row[4 : 4 + _MIDDLE], strict=True))
    auth = dict(zip(AUTH_CODES, row[4 + _MIDDLE : 4 + _END], strict=True))
    return SenderTotal(row[0], row[1], row[2], row[3], tls, auth, row[4 + _END], row[5 + _END])


def snapshot_total(row: Sequence[Any]) -> SnapshotTotal:
    """A sender of a snapshot, its domain, its messages in all, by TLS version and by kind of authentication."""
    tls, auth, _ = counts(row[3:])
    return SnapshotTotal(row[0], row[1], row[2], tls, auth)


def day_or_none(number: int | None) -> date | None:
    """The day of a number, if there is one."""
    return None if number is None else day_of(number)
