"""A count of a period against the same of as many days before it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.figures import dated, number, plural
from smtpauth_tui.store.reader import Store

_TELLING: Final = 10
"""A count that grew to more than so many times as much is not told in per cent."""


def days_before(period: Period) -> Period:
    """As many days before a period; UsageError where the calendar has none."""
    try:
        return Period.ending(period.first - timedelta(days=1), period.days)
    except OverflowError:
        raise UsageError("There are no days before that period to compare it with.", "Use a later one.") from None


def earlier_days(period: Period) -> Period:
    """The same, cut where the calendar begins: its first day has itself before it, of which no log tells."""
    last = period.first - timedelta(days=1) if period.first > date.min else date.min
    return Period.ending(last, min(period.days, last.toordinal()))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a count."""

    now: int
    before: int | None = None
    """The count of as many days before the period; None where that is not known."""
    since: date | None = None
    """The first day that the store has data of, where that is after the first of the days before."""
    year: int | None = None
    """The year that is plain; days of others are told with theirs."""

    @property
    def first(self) -> str:
        """The first day that the store has data of, in words; empty where it does not matter."""
        return dated(self.since, self.year) if self.since else ""

    @property
    def per_cent(self) -> str:
        """``+8.9 %``, ``-<0.1 %``; empty where there is no change.

        Empty as well where the days before are known in part only, or the change is too large for it.
        """
        if not self.before or self.since or self.now == self.before or self.now > _TELLING * self.before:
            return ""
        shown = f"{100 * (self.now - self.before) / self.before:+.1f} %"
        if shown in ("+0.0 %", "-0.0 %"):
            return f"{shown[0]}<0.1 %"
        return "->99.9 %" if shown == "-100.0 %" and self.now else shown

    @property
    def words(self) -> str:
        """``+8.9 % (was 38,311)``, ``was 0``, ``no data before 16 Nov``."""
        if self.before is None:
            return f"no data before {self.first}" if self.since else "no data"
        was = f"was {number(self.before)}"
        if self.now == self.before and not self.since:
            return "as before"
        return f"{self.per_cent} ({was})" if self.per_cent else was

    @property
    def arrow(self) -> str:
        """``▲ 8.9 %``; empty where there are no per cent."""
        return f"{'▲' if self.per_cent[0] == '+' else '▼'} {self.per_cent[1:]}" if self.per_cent else ""

    def on(self, days: int) -> str:
        """``▲ 8.9 % on the 7 days before``, ``as in the 7 days before``, ``0 in the 7 days before``."""
        then = f"the {plural(days, 'day')} before" if days != 1 else "the day before"
        if self.before is None:
            return f"no data before {self.first}" if self.since else "no data of the days before"
        if self.since:
            return f"{number(self.before)} before, from {self.first} on"
        if self.now == self.before:
            return f"as in {then}" if self.now else f"none in {then} either"
        return f"{self.arrow} on {then}" if self.arrow else f"{number(self.before)} in {then}"


async def messages_changed(store: Store, query: ReportQuery, now: int) -> Change:
    """The messages of a period and a domain against those of the days before."""
    earlier = earlier_days(query.period)
    was = await store.totals(ReportQuery(earlier, query.domain))
    return change(now, was.messages, await store.first_day(), earlier)


def change(now: int, before: int, first: date | None, earlier: Period) -> Change:
    """A count against that of the *earlier* days; *first* is the first day of which the store has submissions.

    Nothing at all before is 0 only where the store has data of that time.
    """
    known = before or (first is not None and first <= earlier.first)
    since = first if first is not None and first > earlier.first else None
    return Change(now, before if known else None, since, earlier.last.year)
