"""Pure sums for charts: missing days, weeks, cells of a column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import ceil
from typing import Final

from smtpauth_tui.query import Period
from smtpauth_tui.reports.values import Bucket, Chart, Role, Series


def buckets_of(period: Period) -> tuple[Bucket, ...]:
    """A bucket for each day of a period."""
    return tuple(Bucket(day, day) for day in period.each())


def counts_of(per_day: Mapping[date, int], period: Period) -> tuple[int, ...]:
    """A count for each day of a period, 0 for the days that are missing."""
    return tuple(per_day.get(day, 0) for day in period.each())


def share_chart(title: str, period: Period, parts: Iterable[tuple[str, Role, Mapping[date, int]]]) -> Chart:
    """What each part has of the whole, day by day: its name, its role, its counts. What has none is left out."""
    series = [Series(name, role, counts_of(per_day, period)) for name, role, per_day in parts]
    return Chart(title, buckets_of(period), tuple(one for one in series if one.total), share=True)


def fitted(chart: Chart, columns: int) -> Chart:
    """The chart with a bucket for each day if there are columns for them, else for each week, or more weeks."""
    if not chart.buckets or len(chart.buckets) <= max(columns, 1):
        return chart
    weeks = 1
    while True:
        starts = _starts(chart.buckets, weeks)
        if len(starts) <= max(columns, 1):
            return _merged(chart, starts)
        weeks += 1


def equal_buckets(period: Period, most: int) -> tuple[Bucket, ...]:
    """At most *most* buckets: of a day, else of a week, or of more weeks; all of the same length but the first.

    They end with the period, so that what was counted of the last ones can be compared with what was before.
    """
    length = 1 if period.days <= most else 7 * ceil(period.days / (7 * most))
    ago = range((period.days - 1) // length * length, -1, -length)
    return tuple(
        Bucket(period.last - timedelta(days=min(n + length, period.days) - 1), period.last - timedelta(days=n))
        for n in ago
    )


def per_bucket(text: str, buckets: Sequence[Bucket]) -> str:
    """A title that says ``per day``, with ``per week`` or ``per 2 weeks`` in it where the buckets are so long."""
    days = max(((one.last - one.first).days + 1 for one in buckets), default=1)
    each = "day" if days == 1 else "week" if days <= 7 else f"{ceil(days / 7)} weeks"
    return _PER.sub(f"per {each}", text)


_PER: Final = re.compile(r"\bper (day|week|\d+ weeks)\b")


def _starts(buckets: Sequence[Bucket], weeks: int) -> list[int]:
    """The places at which buckets of some weeks begin; the first may be shorter, so that weeks begin on Mondays."""
    monday = buckets[0].first - timedelta(days=buckets[0].first.weekday())
    starts: list[int] = []
    last = None
    for place, bucket in enumerate(buckets):
        block = (bucket.first - monday).days // (7 * weeks)
        if block != last:
            starts.append(place)
            last = block
    return starts


def _merged(chart: Chart, starts: Sequence[int]) -> Chart:
    ends = [*starts[1:], len(chart.buckets)]
    # of what does not add up it is only known that there are at least as many as in the one with most of them
    whole = max if chart.distinct else sum
    buckets = tuple(
        Bucket(chart.buckets[start].first, chart.buckets[end - 1].last) for start, end in zip(starts, ends, strict=True)
    )
    return replace(
        chart,
        title=per_bucket(chart.title, buckets),
        buckets=buckets,
        series=tuple(
            Series(one.name, one.role, tuple(whole(one.counts[a:b]) for a, b in zip(starts, ends, strict=True)))
            for one in chart.series
        ),
    )


def apportioned(counts: Sequence[int], cells: int, least: int = 1) -> list[int]:
    """*cells* shared out in proportion to *counts*; what is not zero gets at least *least* (0 or 1) while they last."""
    whole = sum(counts)
    if not whole or cells <= 0:
        return [0] * len(counts)
    shown = [place for place, count in enumerate(counts) if count]
    if least and len(shown) >= cells:
        keep = set(sorted(shown, key=lambda place: (-counts[place], place))[:cells])
        return [int(place in keep) for place in range(len(counts))]
    exact = [count * cells / whole for count in counts]
    given = [max(int(share), least) if count else 0 for share, count in zip(exact, counts, strict=True)]
    while sum(given) < cells:
        place = max(shown, key=lambda place: (exact[place] - given[place], -place))
        given[place] += 1
    while sum(given) > cells:
        place = max((p for p in shown if given[p] > least), key=lambda place: (given[place] - exact[place], -place))
        given[place] -= 1
    return given


def top_of_scale(largest_count: int) -> int:
    """The smallest round number that is not below a count: 1, 2, 4, 5, 10, 20, 25, 40, 50, 100 …"""
    if largest_count <= 1:
        return 1
    power = 1
    while True:
        for step in (1, 2, 4, 5, 8) if power == 1 else (10, 12, 15, 20, 25, 30, 40, 50, 60, 80):
            scaled = step * power if power == 1 else step * power // 10
            if scaled >= largest_count:
                return scaled
        power *= 10
