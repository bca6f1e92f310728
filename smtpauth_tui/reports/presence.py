"""Which accounts are new, returned or silent: judged as the rules judge it (U1, U2 and U17), from the days they sent.

Loaded when it is asked for, since it loads the rules.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.reports.compared import change, earlier_days
from smtpauth_tui.rules.new_sender import NEW_SENDER, through_new_servers
from smtpauth_tui.rules.silence import MOST_SILENT, SILENCE, lively_day, missed_days
from smtpauth_tui.rules.wakes import WAKES, silent_since
from smtpauth_tui.store import breaking, presence
from smtpauth_tui.store.activity import Activity, Days
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.reader import Store

RHYTHM_DAYS: Final = 28
"""Up to the day on which an account was seen last: on how many of them it sent is its rhythm."""
_BACK: Final = int(NEW_SENDER.defaults["days"])
_HISTORY: Final = int(NEW_SENDER.defaults["history"])
SILENT_DAYS: Final = int(WAKES.defaults["days"])
_MISSED: Final = SILENCE.defaults
_MONDAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


class State(StrEnum):
    """What is to be said of an account in a period."""

    NEW = "new"
    """Seen for the first time."""
    RETURNED = "returned"
    """Seen again after a long silence."""
    SILENT = "silent"
    """Expected by its rhythm, and not seen."""
    ACTIVE = "active"
    """Seen as ever."""


class Presence(NamedTuple):
    """An account in a period. Days are numbers (store/days.py)."""

    account: int
    """Its number, for further questions."""
    name: str
    """Raw, as logged."""
    domain: str
    state: State
    days: Days
    last: int
    """The newest day up to the period's last on which it was seen."""
    silent: int
    """Returned: how many days it had been silent; silent: on how many days it was missed; else 0."""
    messages: int
    before: int | None
    """Its messages in as many days before the period; None where the store has none and does not reach back."""

    @property
    def first_seen(self) -> date:
        """Its first day."""
        return day_of(self.days.first)

    @property
    def last_seen(self) -> date:
        """Its newest day."""
        return day_of(self.last)


@dataclass(frozen=True, slots=True)
class Roll:
    """All accounts that were seen in a period, or should have been."""

    period: Period
    states: Mapping[int, tuple[State, int]]
    """By account: its state, and for how many days it was silent or missed."""
    days: Mapping[int, Days]
    """On which days each account was seen."""
    store_days: Days
    """The days of which the store has any submissions."""

    @property
    def counts(self) -> Mapping[State, int]:
        """How many accounts there are of each state."""
        return Counter(state for state, _ in self.states.values())

    @property
    def since(self) -> date | None:
        """The first day of which the store has submissions."""
        return day_of(self.store_days.first) if self.store_days.bits else None

    @property
    def knows_new(self) -> bool:
        """Whether the store reaches back far enough to tell who is new from the period's first day on."""
        first = number_of(self.period.first)
        return self.store_days.total(first - _BACK, first - 1) >= _HISTORY


async def load(store: Store, query: ReportQuery, today: date) -> Roll:
    """The accounts of a period and, where the query has one, of a domain. Kept while the store is as it is."""
    key = query.period, query.domain, today, await store.version()
    known = _answered.get(store)
    if known is None or known[0] != key:
        async with store.snapshot() as seen:
            known = _answered[store] = key, await _roll(seen, query, today)
    return known[1]


_answered: Final[WeakKeyDictionary[Store, tuple[Any, Roll]]] = WeakKeyDictionary()


async def _roll(store: Store, query: ReportQuery, today: date) -> Roll:
    activity = Activity(store, today)
    first, last = number_of(query.period.first), number_of(query.period.last)
    span = Span(first, last, min(last, number_of(today) - 1))
    store_days = await activity.store_days()
    days = await presence.days_of_accounts(activity, query.domain)
    counts = await activity.accounts_by_day(first - 2 * MOST_SILENT - 7 * 8, last)
    lively = {day: lively_day(counts, day) for day in range(first - MOST_SILENT, span.judged + 1)}
    states = await asyncio.to_thread(states_of, days, store_days, lively, span)
    new = {(account, days[account].first) for account, (state, _) in states.items() if state is State.NEW}
    for account, _ in await through_new_servers(activity, new, NEW_SENDER.defaults):
        states[account] = State.ACTIVE, 0
    return Roll(query.period, states, days, store_days)


async def rows(store: Store, roll: Roll, states: Collection[State]) -> list[Presence]:
    """The accounts of some states, in no order."""
    return await _rows(store, roll, {account: state for account, state in roll.states.items() if state[0] in states})


async def row_of(store: Store, roll: Roll, account: int) -> Presence | None:
    """One account; None where it was neither seen nor missed."""
    there = {account: roll.states[account]} if account in roll.states else {}
    return next(iter(await _rows(store, roll, there)), None)


async def _rows(store: Store, roll: Roll, found: Mapping[int, tuple[State, int]]) -> list[Presence]:
    earlier, last = earlier_days(roll.period), number_of(roll.period.last)
    async with store.snapshot() as seen:
        names = await breaking.names(seen, found)
        sent = await presence.messages(seen, roll.period, earlier, found)
    nothing = change(0, 0, roll.since, earlier).before
    listed = []
    for account, (state, silent) in found.items():
        days, (now, before) = roll.days[account], sent.get(account, (0, 0))
        newest = days.last_before(last + 1) or days.first
        listed.append(Presence(account, *names[account], state, days, newest, silent, now, before or nothing))
    return listed


class Span(NamedTuple):
    """The days of a period, as numbers."""

    first: int
    last: int
    judged: int
    """The last of them that is over: on which somebody may have been missed."""


def states_of(
    days: Mapping[int, Days], store_days: Days, lively: Mapping[int, bool], span: Span
) -> dict[int, tuple[State, int]]:
    """The state of each account that was seen or missed; and for how many days it was silent, or missed."""
    found = {}
    for account, own in days.items():
        state = state_of(own, store_days, lively, span)
        if state:
            found[account] = state
    return found


def state_of(days: Days, store_days: Days, lively: Mapping[int, bool], span: Span) -> tuple[State, int] | None:
    """An account's state; None where it was neither seen nor missed."""
    first, last, judged = span
    newest = days.first + days.bits.bit_length() - 1
    if newest < judged or newest > last:
        missed = missed_at_end(days, lively, span)
        if missed:
            return State.SILENT, missed
    seen = days.within(first - SILENT_DAYS, last)
    if not seen >> SILENT_DAYS:
        return None
    for day in _after_gaps(seen, first - SILENT_DAYS):
        if day < first:
            continue
        before = days.last_before(day)
        if before is None:
            if store_days.total(day - _BACK, day - 1) >= _HISTORY:
                return State.NEW, 0
        elif silent_since(days, store_days, day, SILENT_DAYS) is not None:
            return State.RETURNED, day - before - 1
    return State.ACTIVE, 0


def _after_gaps(seen: int, first: int) -> Iterator[int]:
    """The days of some bits, the lowest of them *first*, that none of the `SILENT_DAYS` before them precedes."""
    covered, reach = seen << 1, 1
    while reach < SILENT_DAYS:
        step = min(reach, SILENT_DAYS - reach)
        covered |= covered << step
        reach += step
    starts = seen & ~covered
    while starts:
        low = starts & -starts
        yield first + low.bit_length() - 1
        starts ^= low


def missed_at_end(days: Days, lively: Mapping[int, bool], span: Span) -> int:
    """On how many days an account that is silent to the end of the period was missed; 0 where it was not."""
    before = days.last_before(span.last + 1)
    if before is None or before >= span.judged:
        return 0
    day = min(span.judged, before + MOST_SILENT)  # after that, silence is said no more
    return missed_days(days, lively, day, _MISSED) if day >= span.first else 0


def rhythm(row: Presence) -> tuple[int, int, str]:
    """On how many days of how many an account sent up to its newest one, and in words.

    ``19 of 20 working days``, ``27 of 28 days``, ``4 of 4 Mondays``. Only days since it was first seen.
    """
    start = max(row.last - RHYTHM_DAYS + 1, row.days.first)
    return rhythm_of(row.days, start, row.last)


def rhythm_of(days: Days, start: int, end: int) -> tuple[int, int, str]:
    """The same from one day to another."""
    seen = list(days.each(start, end))
    weekdays = {(day + 3) % 7 for day in seen}  # 1 January 1970 was a Thursday
    if len(weekdays) == 1 and len(seen) > 1:
        (weekday,) = weekdays
        among = [day for day in range(start, end + 1) if (day + 3) % 7 == weekday]
        return len(seen), len(among), f"{len(seen)} of {len(among)} {_MONDAYS[weekday]}"
    if weekdays and max(weekdays) < 5:
        working = sum((day + 3) % 7 < 5 for day in range(start, end + 1))
        return len(seen), working, f"{len(seen)} of {working} working day{'' if working == 1 else 's'}"
    whole = end - start + 1
    return len(seen), whole, f"{len(seen)} of {whole} day{'' if whole == 1 else 's'}"
