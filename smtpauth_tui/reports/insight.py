"""What a card of the dashboard shows, and the moment that it is of."""

from dataclasses import dataclass
from datetime import date, datetime

from smtpauth_tui.query import DEFAULT_DAYS, Period, ReportQuery
from smtpauth_tui.reports.values import Tone


@dataclass(frozen=True, slots=True)
class Insight:
    """What a card shows."""

    figure: str
    """The one number, large."""
    unit: str
    """What the number counts."""
    lines: tuple[str, ...]
    """The ones that matter most first: where there is little room the last are left out."""
    period: str
    """Which days, and how fresh: ``17–23 Nov 2026 · newest 5 min ago``."""
    trend: tuple[int, ...] = ()
    """A count for each day of the period."""
    first: date | None = None
    """The first day of the trend."""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Moment:
    """When the dashboard is looked at."""

    now: datetime
    today: date

    @property
    def period(self) -> Period:
        """The last 7 days, today included."""
        return Period.ending(self.today, DEFAULT_DAYS)

    @property
    def query(self) -> ReportQuery:
        """All of that period."""
        return ReportQuery(period=self.period)
