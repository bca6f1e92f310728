"""Charts of failed sign-ins: of all names that were tried, of one name, of one source."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.query import ReportQuery
from smtpauth_tui.reports.arithmetic import buckets_of, counts_of
from smtpauth_tui.reports.figures import plural
from smtpauth_tui.reports.origins import source_label
from smtpauth_tui.reports.tried import AllTried, Who
from smtpauth_tui.reports.trying import Trying
from smtpauth_tui.reports.values import RANKS, Chart, Role, Series
from smtpauth_tui.store import tries
from smtpauth_tui.store.days import day_of
from smtpauth_tui.store.reader import Store

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_HOURS: Final = "".join(f"{hour:<12}" for hour in (0, 6, 12, 18)).rstrip()


async def load_chart(store: Store, query: ReportQuery, found: AllTried) -> Chart:
    """Failures per day: of accounts, of names that are none, and of those that the log does not name."""
    every = None if query.domain is None else {row.id for row in (*found.accounts, *found.names)}
    rows = await tries.days(store, query.period, {row.id for row in found.accounts}, every)
    accounts = {day_of(row[0]): row[2] for row in rows}
    not_logged = {day_of(row[0]): row[3] for row in rows}
    names = {day_of(row[0]): row[1] - row[2] - row[3] for row in rows}
    series = [
        Series("accounts", Role.BASIC, counts_of(accounts, query.period)),  # which shows however small it is
        Series("names that are none", Role.FIRST, counts_of(names, query.period)),
    ]
    if any(row.who is Who.NOT_LOGGED for row in found.names):
        series.append(Series("name not logged", Role.UNKNOWN, counts_of(not_logged, query.period)))
    shown = tuple(one for one in series if one.total)
    return Chart("Failed sign-ins per day", buckets_of(query.period), shown, counted="failure")


async def sources_chart(store: Store, query: ReportQuery, rows: Sequence[Trying]) -> Chart:
    """Failures per day by source: those with most of them, and all others together."""
    most = sorted(rows, key=lambda row: (-row.failures, row.key))
    largest, series, shown = most[: len(RANKS)], [], Counter[int]()
    for row, role in zip(largest, RANKS, strict=False):
        days = await tries.days_of_clients(store, query.period, row.clients)
        shown.update(days)
        counts = counts_of({day_of(day): number for day, number in days.items()}, query.period)
        series.append(Series(source_label(row), role, counts))
    if others := len(rows) - len(largest):
        every = await tries.days(store, query.period, ())
        rest = {day_of(row[0]): row[1] - shown[row[0]] for row in every}
        series.append(Series(plural(others, "other"), Role.REST, counts_of(rest, query.period)))
    return Chart("Failed sign-ins per day by source", buckets_of(query.period), tuple(series), counted="failure")


async def name_chart(store: Store, query: ReportQuery, name: int) -> Chart:
    """Failures per day of one name that was tried, by its number."""
    rows = await tries.days(store, query.period, (), {name})
    return _refused({row[0]: row[1] for row in rows}, query)


async def source_chart(store: Store, query: ReportQuery, clients: Collection[int]) -> Chart:
    """Failures per day of some clients, by their numbers."""
    return _refused(await tries.days_of_clients(store, query.period, clients), query)


def _refused(days: dict[int, int], query: ReportQuery) -> Chart:
    counts = counts_of({day_of(day): number for day, number in days.items()}, query.period)
    series = (Series("refused", Role.BASIC, counts),) if sum(counts) else ()
    return Chart("Failures per day", buckets_of(query.period), series, counted="failure")


async def accepted_chart(store: Store, query: ReportQuery, account: int) -> Chart:
    """Messages accepted per day from one account, by its number."""
    rows = await tries.sent_days(store, query.period, account)
    counts = counts_of({day_of(day): number for day, number in rows.items()}, query.period)
    series = (Series("accepted", Role.FIRST, counts),) if sum(counts) else ()
    return Chart("Messages accepted per day", buckets_of(query.period), series)


def hours_rows(quarters: Sequence[tuple[int, int]], zone: ZoneInfo) -> tuple[str, ...]:
    """Counts by quarter of an hour (UTC seconds / 900) as a column for each hour of the day, and the hours below."""
    counts = [0] * 24
    for quarter, number in quarters:
        counts[datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).hour] += number
    top = max(counts)
    if not top:
        return ()
    heights = (max(round(8 * count / top), 1) if count else 0 for count in counts)
    return "".join(_EIGHTHS[height] + " " for height in heights).rstrip(), _HOURS
