"""U3: a day, or an hour, with far more messages than the account's others."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from smtpauth_tui.query import Period
from smtpauth_tui.rules.arithmetic import LEARNT, median, percentile, spread
from smtpauth_tui.rules.values import Limit, Limits, Rule, Severity, Sign
from smtpauth_tui.rules.words import day_words, plural
from smtpauth_tui.store import traces
from smtpauth_tui.store.activity import BASELINE, Activity, BusyDay, Days
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import day_of

_WEEKS: Final = 4
"""So many of its Tuesdays make a profile of Tuesdays."""
_HOUR_DAYS: Final = 30
"""Days before a day whose hours an hour is held against."""


class Usual(NamedTuple):
    """What an account's day is held against."""

    what: str
    """``its Tuesdays``, ``its days``."""
    middle: float
    spread: float

    def threshold(self, limits: Limits) -> float:
        """More messages than this are too many."""
        return max(self.middle + limits["k"] * self.spread, limits["floor"])


async def look(activity: Activity, period: Period, limits: Limits) -> list[Sign]:
    """Days and hours of accounts with too many messages."""
    busy = await activity.busy(period, min(limits["floor"], limits["hour"]) + 1)
    near = Period(period.first - timedelta(2 * LEARNT), period.last - timedelta(LEARNT))
    weeks = _messages(await activity.history({row.account for row in busy}, near))
    hours = await _hours(
        activity, period, limits, {row.account for row in busy if row.messages > limits["hour"]}, weeks
    )
    # most are as busy each day
    busy = [row for row in busy if often(weeks[row.account], row.day, row.messages, 2 * LEARNT) < limits["usual"]]
    accounts = {row.account for row in busy}
    history = _messages(await activity.history(accounts, Period(period.first - timedelta(BASELINE), period.last)))
    seen, store_days = await activity.seen(Party.ACCOUNT, period), await activity.store_days()
    names = await activity.names(accounts)
    signs = []
    for row in busy:
        usual = usual_day(history[row.account], seen.get(row.account), store_days, row.day)
        if usual is None or row.messages <= usual.threshold(limits) or row.messages <= limits["floor"]:
            continue
        if often(history[row.account], row.day, row.messages) >= limits["usual"]:
            continue
        signs.append(
            Sign(
                names[row.account],
                day_of(row.day),
                VOLUME.severity,
                f"{plural(row.messages, 'message')} on {day_words(day_of(row.day), activity.today)}; "
                f"{usual.what} are {usual.middle:,.0f} ± {usual.spread:,.0f}",
                f"{usual.threshold(limits):,.0f} messages a day",
                f"median and deviation of {usual.what} in {BASELINE} days",
                account=row.account,
            )
        )
    told = {(sign.account, sign.day) for sign in signs}
    return signs + [sign for sign in hours if (sign.account, sign.day) not in told]


def usual_day(history: Mapping[int, int], seen: Days | None, store_days: Days, day: int) -> Usual | None:
    """What an account's day is held against; None where it is known for less than a week.

    A day on which it sent nothing while others did is a day with 0 messages.
    """
    first = max(seen.first if seen else day, day - BASELINE)
    known = list(store_days.each(first, day - 1))
    if len(known) < LEARNT:
        return None
    same = [history.get(one, 0) for one in known if (day - one) % 7 == 0]
    if len(same) >= _WEEKS and any(same):
        return Usual(f"its {day_of(day):%A}s", median(same), spread(same))
    values = [history.get(one, 0) for one in known]
    return Usual("its days", median(values), spread(values))


def _messages(rows: Iterable[BusyDay]) -> dict[int, dict[int, int]]:
    """Messages by account and day."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        found[row.account][row.day] = row.messages
    return found


def often(history: Mapping[int, int], day: int, messages: int, back: int = BASELINE) -> int:
    """On how many of so many days, a week ago and before, there were half as many or more."""
    return sum(2 * count >= messages for one, count in history.items() if day - back <= one <= day - LEARNT)


async def _hours(
    activity: Activity, period: Period, limits: Limits, accounts: set[int], weeks: Mapping[int, Mapping[int, int]]
) -> list[Sign]:
    """The hours with too many messages, one a day at most."""
    start, end = activity.bounds(period)
    now = await _by_hour(activity, accounts, start, end)
    many = {
        account: {
            hour: count
            for hour, count in hours.items()
            if count > max(limits["hour"], limits["times"] * average_hour(weeks[account], activity.number(hour * 3600)))
        }
        for account, hours in now.items()
    }
    many = {account: hours for account, hours in many.items() if hours}
    begin = activity.bounds(Period(period.first - timedelta(_HOUR_DAYS), period.first))[0]
    earlier = await _by_hour(activity, many.keys(), begin, end)
    names = await activity.names(many.keys())
    signs = []
    for account, hours in many.items():
        days: dict[int, tuple[int, int]] = {}
        for hour, count in sorted(hours.items()):
            days.setdefault(activity.number(hour * 3600), (0, 0))
            days[activity.number(hour * 3600)] = max(days[activity.number(hour * 3600)], (count, hour))
        for day, (count, hour) in days.items():
            first, last = activity.bounds(Period(day_of(day - _HOUR_DAYS), day_of(day - 1)))
            others = [n for one, n in earlier[account].items() if first <= one * 3600 < last]
            limit = too_many(others, limits)
            usual = {
                activity.number(one * 3600)
                for one, n in earlier[account].items()
                if first <= one * 3600 < last and 2 * n >= count and activity.number(one * 3600) <= day - LEARNT
            }
            if count > limit and len(usual) < limits["usual"]:
                when = activity.clock(hour * 3600)
                signs.append(
                    Sign(
                        names[account],
                        day_of(day),
                        VOLUME.severity,
                        f"{plural(count, 'message')} in the hour from {when:%H:%M} on "
                        f"{day_words(day_of(day), activity.today)}",
                        f"{limit:,.0f} messages an hour",
                        f"{plural(len(others), 'hour')} with messages in {_HOUR_DAYS} days",
                        moment=hour * 3600,
                        account=account,
                    )
                )
    return signs


def too_many(hours: Sequence[int], limits: Limits) -> float:
    """More messages an hour than this are too many, beside the account's other hours."""
    return max(limits["hour"], limits["times"] * percentile(hours, 95))


def average_hour(weeks: Mapping[int, int], day: int) -> float:
    """The messages of an hour, were those of the account's days, a week ago to two weeks ago, spread over all hours."""
    return median([count for one, count in weeks.items() if day - 2 * LEARNT <= one <= day - LEARNT]) / 24


async def _by_hour(activity: Activity, accounts: Collection[int], start: int, end: int) -> dict[int, Counter[int]]:
    hours: dict[int, Counter[int]] = defaultdict(Counter)
    if accounts:
        for account, quarter, messages in await traces.quarters(activity, accounts, start, end):
            hours[account][quarter // 4] += messages
    return hours


VOLUME: Final = Rule(
    id="U3",
    name="volume",
    title="Volume",
    about="far more messages than the account sends on such a day",
    on=False,
    severity=Severity.MEDIUM,
    limits=(
        Limit("k", 6.0, "median deviations above the median of its weekday", 0.5, 100),
        Limit("floor", 50, "messages a day that are never too many"),
        Limit("hour", 100, "messages an hour that are never too many"),
        Limit("times", 3.0, "times the busiest twentieth of its own hours in 30 days", 1, 100),
        Limit("usual", 2, "days, a week ago and before, with half as many make it usual", 1, 90),
    ),
    reads="messages a day of accounts with more than *floor*, 90 days back; messages an hour of those with more than "
    "*hour* a day, 30 days back",
    normal="a newsletter, invoices at the end of a month, an alarm that repeats itself",
    wrong="the first runs of a new job; a trickle of spam stays below it",
    look=look,
)
