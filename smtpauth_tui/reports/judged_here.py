"""Filters of reports whose rows are made here, and not counted by the store."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from smtpauth_tui.matching import predicate
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.values import Record, Report
from smtpauth_tui.store.reader import Store

Of: TypeAlias = Callable[[Any], Any]


async def records_of(
    report: Report, store: Store, query: ReportQuery, limit: int | None
) -> AsyncGenerator[Record, None]:
    """A report's records of which the query's filter holds, at most *limit* of them.

    UsageError where the filter asks for more of client addresses than may be shown.
    """
    judged = query.where if report.values else None
    holds = predicate(judged, report.values(store.zone)) if judged and report.values else None
    if judged:
        store.places.check(judged)
    found = 0
    async with aclosing(report.records(store, query, None if holds else limit)) as records:
        async for record in records:
            if found == limit:
                return
            if holds is None or holds(record):
                found += 1
                yield record


def day_in(zone: ZoneInfo, seconds: int | None) -> date | None:
    """The day of a moment."""
    return datetime.fromtimestamp(seconds, zone).date() if seconds else None


def usage_values(
    tls: Callable[[Any], Mapping[TlsVersion, int]], auth: Callable[[Any], Mapping[AuthKind, int]], messages: Of
) -> dict[str, Of]:
    """What `filtered.usage_columns` compare, of a record's messages."""
    counts: dict[str, Of] = {f"tls_{one}": _count(tls, one) for one in TlsVersion}
    counts |= {f"auth_{one}": _count(auth, one) for one in AuthKind}
    return counts | {f"{key}%": _share(of, messages) for key, of in counts.items()}


def _count(counts: Callable[[Any], Mapping[Any, int]], key: object) -> Of:
    return lambda record: counts(record).get(key, 0)


def _share(part: Of, whole: Of) -> Of:
    return lambda record: (part(record), whole(record))
