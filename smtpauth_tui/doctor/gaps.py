"""Days on which a server logged nothing, where such days usually have something: a log that was not imported."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_tui.doctor.findings import Finding, Patient, notice, ok, warning
from smtpauth_tui.query import Period
from smtpauth_tui.reports.figures import number, short_period
from smtpauth_tui.store.health import QUARTER, quarters_by_server
from smtpauth_tui.store.reader import Store

MANY: Final = 5
"""Submissions and failures that a day like it usually has; with fewer, a day without any is chance."""
_WEEKS: Final = 4
_RECENT: Final = timedelta(days=30)
_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without anything."""

    period: Period
    usual: int
    """What such days usually have."""


async def gaps(patient: Patient, store: Store) -> list[Finding]:
    """For each server, the days between its first and its last that have nothing."""
    found: list[Finding] = []
    today = patient.clock.today(store.zone)
    for server, quarters in (await quarters_by_server(store)).items():
        silent = gaps_of(days_of(quarters, store.zone))
        for gap in silent[-_LISTED:]:
            what = (
                f"{server}: nothing on {short_period(gap.period)}, where such days usually have about "
                f"{number(gap.usual)} submissions and failed sign-ins."
            )
            say = warning if gap.period.last >= today - _RECENT else notice
            found.append(say("gaps", what, "If it was no outage: import the log of these days, rotated files too."))
        if len(silent) > _LISTED:
            found.append(notice("gaps", f"{server}: {number(len(silent) - _LISTED)} such gaps before that."))
    return found or [ok("gaps", "No server is silent on days that usually have something.")]


def days_of(quarters: Mapping[int, int], zone: ZoneInfo) -> Counter[date]:
    """Counts by quarter of an hour, in UTC, as counts by day of a zone."""
    days: Counter[date] = Counter()
    for quarter, count in quarters.items():
        days[datetime.fromtimestamp(quarter * QUARTER, UTC).astimezone(zone).date()] += count
    return days


def gaps_of(days: Mapping[date, int]) -> list[Gap]:
    """The days without anything where the same day of the weeks around has `MANY`, joined where they are neighbours.

    So a server that rests at the weekend has no gap there, but a silent Monday is one.
    """
    if not days:
        return []
    first, last = min(days), max(days)
    silent: list[tuple[date, int]] = []
    for number_ in range(1, (last - first).days):
        day = first + timedelta(days=number_)
        usual = 0 if days.get(day) else _usual(days, day, first, last)
        if usual >= MANY:
            silent.append((day, usual))
    return _joined(silent, days)


def _usual(days: Mapping[date, int], day: date, first: date, last: date) -> int:
    """The median of the same day in the weeks around; with a single week to compare, also of the workdays around."""
    weeks = [day + timedelta(weeks=week) for week in range(-_WEEKS, _WEEKS + 1) if week]
    like = [days.get(one, 0) for one in weeks if first <= one <= last]
    if len(like) >= 2:
        return round(median(like))
    around = [day + timedelta(days=step) for step in (-2, -1, 1, 2)]
    near = [days.get(one, 0) for one in around if first <= one <= last and one.weekday() < 5]
    if day.weekday() >= 5 or not near:
        return 0
    return round(median([*like, *near]))


def _joined(silent: Sequence[tuple[date, int]], days: Mapping[date, int]) -> list[Gap]:
    """Days that follow one another as one gap, over days between them that are silent as well."""
    groups: list[list[tuple[date, int]]] = []
    for day, usual in silent:
        before = groups[-1][-1][0] if groups else None
        between = range(1, (day - before).days) if before else ()
        if before and not any(days.get(before + timedelta(days=step)) for step in between):
            groups[-1].append((day, usual))
        else:
            groups.append([(day, usual)])
    return [
        Gap(Period(first=group[0][0], last=group[-1][0]), round(median(usual for _, usual in group)))
        for group in groups
    ]
