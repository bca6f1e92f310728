"""The questions that the rules of unusual activity ask of a store, each with its SQL just above it.

They are bounded: by the days that are looked at, and for the days before by the accounts in question. What several
rules ask is asked once.
"""

import json
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from smtpauth_tui.query import Period
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.asking import days_values
from smtpauth_tui.store.codes import Party
from smtpauth_tui.store.days import DayFinder, day_of, number_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.sightings import FACTS

BASELINE: Final = 90
"""Days before a day that it is held against, at most."""
_FEW_MESSAGES, _FEW_RECIPIENTS = 5, 26
"""What most rules ask for is among the account's days that have so many."""


class Days(NamedTuple):
    """The days on which somebody was seen: bit n of *bits* is the day with the number *first* + n."""

    first: int
    bits: int

    def has(self, day: int) -> bool:
        """Whether it was seen on a day."""
        return day >= self.first and bool(self.bits >> day - self.first & 1)

    def within(self, first: int, last: int) -> int:
        """The bits from one day to another, both included, the first one's lowest."""
        bits = self.bits << self.first - first if self.first >= first else self.bits >> first - self.first
        return bits & (1 << max(last - first + 1, 0)) - 1

    def total(self, first: int, last: int) -> int:
        """On how many days from one to another it was seen."""
        return self.within(first, last).bit_count()

    def last_before(self, day: int) -> int | None:
        """The newest day before another on which it was seen; None where there is none."""
        if day <= self.first:
            return None
        below = self.bits & (1 << day - self.first) - 1
        return self.first + below.bit_length() - 1 if below else None

    def each(self, first: int, last: int) -> Iterator[int]:
        """Its days from one to another."""
        bits = self.within(first, last)
        while bits:
            low = bits & -bits
            yield first + low.bit_length() - 1
            bits ^= low


class BusyDay(NamedTuple):
    """An account's day. *first* and *last*: UTC seconds of its first and last message."""

    account: int
    day: int
    messages: int
    recipients: int
    first: int
    last: int


class Minute(NamedTuple):
    """What an account sent within a minute of UTC, which is its seconds / 60."""

    account: int
    minute: int
    messages: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is for the rules to read."""

    first: date
    """The first day that has submissions."""
    days: int
    """How many of the `BASELINE` days before the last one have any."""


class Activity:
    """A store as the rules see it, at one moment: open it in a snapshot."""

    def __init__(self, store: Store, today: date, allowed: Allowed | None = None) -> None:
        self.store = store
        self.today = today
        self.allowed = allowed or Allowed()
        self._finder = DayFinder(store.zone)
        self._seen: dict[Party, tuple[Period, dict[int, Days]]] = {}
        self._busy: dict[Period, list[BusyDay]] = {}
        self._names: dict[int, str] = {}
        self._store_days: Days | None = None

    # -- time

    def bounds(self, period: Period) -> tuple[int, int]:
        """The first UTC second of a period, and the first one after it."""
        return self._finder.bounds(number_of(period.first))[0], self._finder.bounds(number_of(period.last))[1]

    def day(self, moment: int) -> date:
        """The day of a UTC time."""
        return day_of(self._finder.number(moment))

    def clock(self, moment: int) -> datetime:
        """A UTC time in the store's zone."""
        return datetime.fromtimestamp(moment, UTC).astimezone(self.store.zone)

    # -- what there is

    _STORE_DAYS: Final = """
        WITH RECURSIVE each(day) AS (
            SELECT min(day) FROM daily
            UNION ALL SELECT (SELECT min(daily.day) FROM daily WHERE daily.day > each.day) FROM each WHERE day NOT NULL
        ) SELECT day FROM each WHERE day NOT NULL
    """

    async def store_days(self) -> Days:
        """The days on which the store has any submissions."""
        if self._store_days is None:
            days = [row[0] for row in await self.store._rows(self._STORE_DAYS)]
            first = days[0] if days else 0
            self._store_days = Days(first, sum(1 << day - first for day in days))
        return self._store_days

    async def supply(self, last: date) -> Supply | None:
        """What there is to read up to a day; None in a store without submissions."""
        days = await self.store_days()
        if not days.bits:
            return None
        end = number_of(last)
        return Supply(day_of(days.first), days.total(end - BASELINE, end - 1))

    _MARKS: Final = """
        SELECT day, sum(messages), sum(recipients), min(first), max(last), sum(messages * (tls * 10 + auth))
        FROM day_total
        WHERE day BETWEEN :first AND :last GROUP BY day
    """
    _FAILURE_MARKS: Final = "SELECT day, failures, last FROM failure_total WHERE day BETWEEN :first AND :last"

    async def marks(self, period: Period) -> bytes | None:
        """Four bytes for each day, which are others when its totals are, or when it is over.

        None while an import runs. A message of which only account or client became known leaves its day's mark.
        """
        if not await self.store._ahead():
            return None
        values = days_values(period)
        said: dict[int, list[Any]] = {}
        for sql in (self._MARKS, self._FAILURE_MARKS):
            for day, *rest in await self.store._rows(sql, values):
                said.setdefault(day, []).append(rest)
        today, zone = number_of(self.today), self.store.zone.key
        return b"".join(
            zlib.crc32(repr((zone, day < today, said.get(day))).encode()).to_bytes(4, "little")
            for day in range(values["first"], values["last"] + 1)
        )

    # -- who was seen when

    _SEEN: Final = """
        SELECT id, first, days FROM seen WHERE party = :party AND first <= :last AND first + 8 * length(days) > :first
    """
    _COUNTED: Final = """
        SELECT DISTINCT {column}, day FROM {table} WHERE day BETWEEN :first - :baseline AND :last AND {which} ORDER BY 1
    """

    async def seen(self, party: Party, period: Period) -> dict[int, Days]:
        """By their numbers, the days of those of a party that were seen about a period, ever since the store begins.

        While an import runs, only since `BASELINE` days before the period.
        """
        known = self._seen.get(party)
        if known and known[0] == period:
            return known[1]
        first, last = number_of(period.first), number_of(period.last)
        values = {"party": party, "first": first, "last": last, "baseline": BASELINE}
        if await self.store._ahead():
            rows = await self.store._rows(self._SEEN, values)
            found = {id_: Days(begin, int.from_bytes(days, "little")) for id_, begin, days in rows}
        else:
            column, table, which = FACTS[party]
            sql = self._COUNTED.format(column=column, table=table, which=which)
            origin, bits = first - BASELINE, dict[int, int]()
            for id_, day in await self.store._rows(sql, values):
                bits[id_] = bits.get(id_, 0) | 1 << day - origin
            found = {id_: Days(origin, days) for id_, days in bits.items()}
        self._seen[party] = period, found
        return found

    # -- how much

    _BUSY: Final = """
        SELECT account, day, sum(messages), sum(recipients), min(first), max(last) FROM daily
        WHERE day BETWEEN :first AND :last GROUP BY day, account
        HAVING sum(messages) >= :messages OR sum(recipients) >= :recipients
    """

    async def busy(self, period: Period, messages: float, recipients: float = 1 << 60) -> list[BusyDay]:
        """The accounts' days with so many messages, or so many recipients, or more."""
        if messages < _FEW_MESSAGES or recipients < _FEW_RECIPIENTS:
            return await self._busy_days(period, messages, recipients)
        if period not in self._busy:
            self._busy[period] = await self._busy_days(period, _FEW_MESSAGES, _FEW_RECIPIENTS)
        return [row for row in self._busy[period] if row.messages >= messages or row.recipients >= recipients]

    async def _busy_days(self, period: Period, messages: float, recipients: float) -> list[BusyDay]:
        values = {**days_values(period), "messages": messages, "recipients": recipients}
        return [BusyDay(*row) for row in await self.store._rows(self._BUSY, values)]

    _MINUTES: Final = """
        SELECT account, time / 60, count(*) FROM submission
        WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
        GROUP BY 1, 2 HAVING count(*) >= :messages ORDER BY 1, 2
    """

    async def minutes(self, period: Period, accounts: Collection[int], messages: float) -> list[Minute]:
        """The minutes in which some accounts sent so many messages or more, in their order."""
        if not accounts:
            return []
        values = {**self._times(period), "accounts": id_list(accounts), "messages": messages}
        return [Minute(*row) for row in await self.store._rows(self._MINUTES, values)]

    # -- names

    _NAMES: Final = "SELECT id, text FROM address WHERE id IN (SELECT value FROM json_each(:ids))"

    async def names(self, accounts: Collection[int]) -> dict[int, str]:
        """What some accounts are called, as logged."""
        unknown = set(accounts) - self._names.keys()
        if unknown:
            self._names.update(
                (row[0], row[1]) for row in await self.store._rows(self._NAMES, {"ids": id_list(unknown)})
            )
        return {account: self._names[account] for account in accounts}

    def _times(self, period: Period) -> dict[str, Any]:
        start, end = self.bounds(period)
        return {"start": start, "end": end}


def id_list(numbers: Collection[int]) -> str:
    """Numbers as a parameter for ``json_each``."""
    return json.dumps(sorted(numbers))
