"""What a chart says of one of its days: the portal shows it where the mouse points."""

from dataclasses import dataclass

from smtpauth_tui.reports.figures import plural, share
from smtpauth_tui.reports.values import Chart, Role


@dataclass(frozen=True, slots=True)
class Part:
    """One series on that day."""

    name: str
    role: Role
    text: str
    """``472 (53%)``"""


@dataclass(frozen=True, slots=True)
class Readout:
    """A day (or a week) of a chart in words."""

    title: str
    messages: str
    """How many in all: ``12 messages``."""
    parts: tuple[Part, ...]
    """The series that have any messages then, the largest first, the rest last."""


def readout(chart: Chart, bucket: int) -> Readout:
    """The numbers of one bucket of a chart."""
    whole = chart.sum_of(bucket)
    used = sorted(
        (one for one in chart.series if one.counts[bucket]),
        key=lambda one: (one.role is Role.REST, -one.counts[bucket]),
    )
    parts = []
    for one in used:
        count = one.counts[bucket]
        of_all = "" if chart.distinct else f" ({share(count, whole).partition('(')[0]})"
        parts.append(Part(one.name, one.role, f"{count:,}{of_all}"))
    by_weeks = any(one.first != one.last for one in chart.buckets)
    title = f"Week {chart.buckets[bucket].title}" if by_weeks else chart.buckets[bucket].title
    return Readout(title, plural(whole, chart.counted), tuple(parts))
