"""The questions that the rules of unusual activity ask of a store, each with its SQL just above it.

They are bounded: by the days that are looked at, and for the days before by the accounts in question. What several
rules ask is asked once.
"""

import json
import zlib
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from smtpauth_tui.errors import UsageError
from smtpauth_tui.model import AuthKind
from smtpauth_tui.query import Period
from smtpauth_tui.store.allowed import Allowed
from smtpauth_tui.store.asking import days_values
from smtpauth_tui.store.codes import AUTH_CODES, TLS_UNKNOWN, Party
from smtpauth_tui.store.days import DayFinder, day_of, number_of
from smtpauth_tui.store.reader import Store
from smtpauth_tui.store.sightings import FACTS

if TYPE_CHECKING:
    from smtpauth_tui.places.databases import Finder, Place

T = TypeVar("T")
BASELINE: Final = 90
"""Days before a day that it is held against, at most."""
_NO_FILES: Final = "no file is named in [places] databases"
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

    def newest(self, day: int, back: int, most: int) -> list[int]:
        """The newest days before another, at most so many of those that lie at most *back* days before it."""
        return list(self.each(day - back, day - 1))[-most:]

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


class Sent(NamedTuple):
    """A message of an account, with its recipients."""

    account: int
    time: int
    recipients: int


class Use(NamedTuple):
    """How an account sent on a day: the store's numbers of TLS version and kind of authentication."""

    account: int
    day: int
    tls: int
    auth: int
    messages: int
    first: int


class Borrowed(NamedTuple):
    """A day on which an account sent with another address than its own."""

    day: int
    sender: int
    account: int
    messages: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is for the rules to read."""

    first: date
    """The first day that has submissions."""
    days: int
    """How many of the `BASELINE` days before the last one have any."""
    tls: bool
    """Whether the TLS version of any message of these days is known."""
    oauth: bool
    """Whether anybody signed in with a token in these days."""
    borrowed: bool
    """Whether any login of these days differs from the sender's address."""
    clients: bool
    """Whether messages of the newest days name their clients."""
    failures: bool
    """Whether there are refused attempts to sign in."""
    named_failures: bool
    """Whether any of those names whom it tried."""
    countries: bool = False
    """Whether files tell countries of addresses; so do the next two of AS and locations."""
    systems: bool = False
    locations: bool = False
    no_places: str = ""
    """Why the files that the settings name tell nothing."""


class Activity:
    """A store as the rules see it, at one moment: open it in a snapshot."""

    def __init__(self, store: Store, today: date, allowed: Allowed | None = None) -> None:
        self.store = store
        self.today = today
        self.allowed = allowed or Allowed()
        self._finder = DayFinder(store.zone)
        self._seen: dict[Party, tuple[Period, dict[int, Days]]] = {}
        self._history: dict[Period, dict[int, list[BusyDay]]] = {}
        self._busy: dict[Period, list[BusyDay]] = {}
        self._names: dict[int, str] = {}
        self._clients: dict[int, tuple[str, str]] = {}
        self._answers: dict[Hashable, Any] = {}
        self._hours: dict[int, int] = {}
        self._is_ahead: bool | None = None
        self._store_days: Days | None = None
        self._places: Finder | str | None = None

    # -- time

    def bounds(self, period: Period) -> tuple[int, int]:
        """The first UTC second of a period, and the first one after it."""
        return self._finder.bounds(number_of(period.first))[0], self._finder.bounds(number_of(period.last))[1]

    def day(self, moment: int) -> date:
        """The day of a UTC time."""
        return day_of(self._finder.number(moment))

    def number(self, moment: int) -> int:
        """The number of a UTC time's day."""
        return self._finder.number(moment)

    def times(self, period: Period) -> dict[str, Any]:
        """A period's parameters, where times are asked for."""
        start, end = self.bounds(period)
        return {"start": start, "end": end}

    def hour(self, moment: int) -> int:
        """The hour of a UTC time in the store's zone."""
        quarter = moment // 900
        if quarter not in self._hours:
            self._hours[quarter] = self.clock(quarter * 900).hour
        return self._hours[quarter]

    def clock(self, moment: int) -> datetime:
        """A UTC time in the store's zone."""
        return datetime.fromtimestamp(moment, UTC).astimezone(self.store.zone)

    # -- what there is

    async def once(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question that several rules ask."""
        if question not in self._answers:
            self._answers[question] = await ask()
        answer: T = self._answers[question]
        return answer

    async def ahead(self) -> bool:
        """Whether what is counted ahead is up to date: not while an import runs."""
        if self._is_ahead is None:
            self._is_ahead = await self.store._ahead()
        return self._is_ahead

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

    _KINDS: Final = """
        SELECT coalesce(max(tls <> :unknown), 0), coalesce(max(auth = :oauth), 0) FROM daily_total
        WHERE day BETWEEN :last - :baseline AND :last
    """
    _DIFFER: Final = """
        SELECT EXISTS (SELECT 1 FROM daily WHERE day BETWEEN :last - :baseline AND :last AND sender <> account)
    """
    _NEWEST: Final = """
        SELECT EXISTS (SELECT 1 FROM (SELECT client FROM submission ORDER BY time DESC LIMIT 1000)
                       JOIN client ON client.id = client WHERE address NOT IN ('', 'unknown'))
    """
    _FAILURES: Final = """
        SELECT EXISTS (SELECT 1 FROM daily_failure), EXISTS (
            SELECT 1 FROM daily_failure WHERE name NOT IN (SELECT id FROM tried_name WHERE folded = ''))
    """

    async def supply(self, last: date) -> Supply | None:
        """What there is to read up to a day; None in a store without submissions."""
        days = await self.store_days()
        if not days.bits:
            return None
        end = number_of(last)
        values = {"last": end, "baseline": BASELINE, "unknown": TLS_UNKNOWN, "oauth": AUTH_CODES[AuthKind.OAUTH]}
        ((tls, oauth),) = await self.store._rows(self._KINDS, values)
        ((differ,),) = await self.store._rows(self._DIFFER, values)
        ((clients,),) = await self.store._rows(self._NEWEST)
        ((failures, named),) = await self.store._rows(self._FAILURES)
        known = days.total(end - BASELINE, end - 1)
        places = self._finder_of_places()
        if isinstance(places, str):
            told = False, False, False, places
        else:
            told = places.countries, places.systems, places.locations, ""
        facts = (bool(tls), bool(oauth), bool(differ), bool(clients), bool(failures), bool(named))
        return Supply(day_of(days.first), known, *facts, *told)

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
        if not await self.ahead():
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
        if await self.ahead():
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

    _SEEN_SINCE: Final = """
        SELECT id, first, days FROM seen WHERE party = :party AND first + 8 * length(days) > :first
    """

    async def seen_since(self, party: Party, day: date) -> dict[int, Days]:
        """By their numbers, the days of those of a party that were seen about a day or later."""
        if not await self.ahead():
            return await self.seen(party, Period(day, self.today))
        rows = await self.store._rows(self._SEEN_SINCE, {"party": party, "first": number_of(day)})
        return {id_: Days(begin, int.from_bytes(days, "little")) for id_, begin, days in rows}

    _NUMBERS: Final = """
        SELECT day, sum(number) FROM seen_again WHERE party = :party AND day BETWEEN :first AND :last GROUP BY day
    """
    _COUNTED_NUMBERS: Final = """
        SELECT day, count(DISTINCT account) FROM daily WHERE day BETWEEN :first AND :last GROUP BY day
    """

    async def accounts_by_day(self, first: int, last: int) -> dict[int, int]:
        """How many accounts sent on each of some days, by the numbers of the days."""
        sql = self._NUMBERS if await self.ahead() else self._COUNTED_NUMBERS
        rows = await self.store._rows(sql, {"party": Party.ACCOUNT, "first": first, "last": last})
        return {row[0]: row[1] for row in rows}

    _SERVERS: Final = """
        SELECT DISTINCT account, server FROM submission
        WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
    """

    async def servers(self, accounts: Collection[int], day: int) -> dict[int, set[int]]:
        """Through which servers some accounts sent on a day."""
        found: dict[int, set[int]] = {}
        if accounts:
            values = {**self.times(Period(day_of(day), day_of(day))), "accounts": id_list(accounts)}
            for account, server in await self.store._rows(self._SERVERS, values):
                found.setdefault(account, set()).add(server)
        return found

    _SENT_THROUGH: Final = """
        SELECT EXISTS (SELECT 1 FROM submission WHERE time >= :start AND time < :end AND server = :server)
    """

    async def server_was_there(self, server: int, day: int, back: int) -> bool:
        """Whether a server's log reaches back so many days from a day on: it had a message in the fortnight before."""
        period = Period(day_of(day - back - 14), day_of(day - back))
        values = {**self.times(period), "server": server}
        rows = await self.once(("server", server, period), lambda: self.store._rows(self._SENT_THROUGH, values))
        return bool(rows[0][0])

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

    _HISTORY: Final = """
        SELECT account, day, sum(messages), sum(recipients), min(first), max(last) FROM daily
        WHERE day BETWEEN :first AND :last AND account IN (SELECT value FROM json_each(:accounts)) GROUP BY day, account
    """

    async def history(self, accounts: Collection[int], period: Period) -> list[BusyDay]:
        """All days of some accounts in a period, by account and day."""
        known = self._history.setdefault(period, {})
        if unknown := set(accounts) - known.keys():
            known.update({account: [] for account in unknown})
            values = {**days_values(period), "accounts": id_list(unknown)}
            for row in await self.store._rows(self._HISTORY, values):
                known[row[0]].append(BusyDay(*row))
        return [row for account in accounts for row in known[account]]

    _SENT: Final = """
        SELECT account, time, recipients FROM submission
        WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
        ORDER BY account, time
    """

    async def sent(self, accounts: Collection[int], start: int, end: int) -> list[Sent]:
        """The messages of some accounts between two UTC times, by account, in their order."""
        if not accounts:
            return []
        values = {"start": start, "end": end, "accounts": id_list(accounts)}
        return [Sent(*row) for row in await self.store._rows(self._SENT, values)]

    _WITH_RECIPIENTS: Final = """
        SELECT account, time, recipients FROM submission
        WHERE time >= :start AND time < :end AND recipients >= :recipients ORDER BY time
    """

    async def with_recipients(self, recipients: float, start: int, end: int) -> list[Sent]:
        """The messages with so many recipients or more between two UTC times, in their order."""
        values = {"start": start, "end": end, "recipients": recipients}
        return [Sent(*row) for row in await self.store._rows(self._WITH_RECIPIENTS, values)]

    _USES: Final = """
        SELECT account, day, tls, auth, sum(messages), min(first) FROM daily
        WHERE day IN (SELECT value FROM json_each(:days)) AND account IN (SELECT value FROM json_each(:accounts))
        GROUP BY account, day, tls, auth ORDER BY account, day
    """

    async def uses(self, accounts: Collection[int], days: Collection[int]) -> list[Use]:
        """How some accounts sent on some days."""
        if not accounts or not days:
            return []
        values = {"days": id_list(days), "accounts": id_list(accounts)}
        return [Use(*row) for row in await self.store._rows(self._USES, values)]

    _TURNED: Final = """
        SELECT DISTINCT account FROM daily WHERE day = :day AND auth = :now AND account IN (
            SELECT account FROM daily WHERE day BETWEEN :day - :back AND :day - 1 AND auth = :before)
        AND account NOT IN (SELECT account FROM daily WHERE day BETWEEN :day - :near AND :day - 1 AND auth = :now)
    """

    async def turned(self, day: int, before: int, now: int, back: int, near: int) -> set[int]:
        """The accounts with a kind of authentication on a day that had another one in the *back* days before.

        Without those that had it in the *near* days before as well.
        """
        values = {"day": day, "before": before, "now": now, "back": back, "near": near}
        return {row[0] for row in await self.store._rows(self._TURNED, values)}

    # -- as whom

    _BORROWED: Final = """
        SELECT day, sender, account, sum(messages) FROM daily
        WHERE day BETWEEN :first AND :last AND sender <> account GROUP BY day, sender, account
    """

    async def borrowed(self, period: Period) -> list[Borrowed]:
        """The days on which accounts sent with other addresses than their own."""
        return [Borrowed(*row) for row in await self.store._rows(self._BORROWED, days_values(period))]

    # by the key of each day
    _NEW_SENDERS: Final = """
        SELECT pair.key FROM json_each(:pairs) AS pair WHERE NOT EXISTS (
            SELECT 1 FROM (SELECT value AS day FROM json_each(:days)) AS days CROSS JOIN daily
            ON daily.day = days.day AND daily.sender = json_extract(pair.value, '$[0]')
               AND daily.account = json_extract(pair.value, '$[1]'))
    """

    async def new_senders(self, rows: Sequence[Borrowed]) -> list[Borrowed]:
        """Those of some rows whose account had not used that sender address in the `BASELINE` days before."""
        by_day: dict[int, list[Borrowed]] = {}
        for row in rows:
            by_day.setdefault(row.day, []).append(row)
        found = []
        for day, some in sorted(by_day.items()):
            days = list((await self.store_days()).each(day - BASELINE, day - 1))[::-1]
            values = {"days": json.dumps(days), "pairs": json.dumps([[row.sender, row.account] for row in some])}
            found += [some[place] for (place,) in await self.store._rows(self._NEW_SENDERS, values)]
        return found

    _DOMAINS: Final = """
        SELECT domain.name, day FROM domain CROSS JOIN daily_total AS total ON total.domain = domain.id
        WHERE day BETWEEN :first AND :last AND domain.name IN (SELECT value FROM json_each(:names)) GROUP BY 1, 2
    """

    async def domains_before(self, names: Collection[str], period: Period) -> dict[str, list[int]]:
        """The days on which anybody sent from some domains."""
        found: dict[str, list[int]] = {}
        if names:
            values = {**days_values(period), "names": json.dumps(sorted(names))}
            for name, day in await self.store._rows(self._DOMAINS, values):
                found.setdefault(name, []).append(day)
        return found

    # -- when

    _MINUTES: Final = """
        SELECT account, time / 60, count(*) FROM submission
        WHERE time >= :start AND time < :end AND account IN (SELECT value FROM json_each(:accounts))
        GROUP BY 1, 2 HAVING count(*) >= :messages ORDER BY 1, 2
    """

    async def minutes(self, period: Period, accounts: Collection[int], messages: float) -> list[Minute]:
        """The minutes in which some accounts sent so many messages or more, in their order."""
        if not accounts:
            return []
        values = {**self.times(period), "accounts": id_list(accounts), "messages": messages}
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

    _CLIENTS: Final = "SELECT id, address, name FROM client WHERE id IN (SELECT value FROM json_each(:ids))"

    async def clients(self, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """The addresses of some clients, with the host names that the log has; and of others."""
        unknown = set(ids) - self._clients.keys()
        if unknown:
            rows = await self.store._rows(self._CLIENTS, {"ids": id_list(unknown)})
            self._clients.update((id_, (address, name)) for id_, address, name in rows)
        return self._clients

    async def allowed_clients(self, ids: Collection[int]) -> set[int]:
        """Those of some clients that no rule looks at."""
        if not self.allowed.any_client:
            return set()
        known = await self.clients(ids)
        return {id_ for id_ in ids if self.is_allowed(*known[id_])}

    def is_allowed(self, address: str, name: str) -> bool:
        """Whether no rule looks at a client: for its address, its host name as logged, or its AS."""
        if self.allowed.client(address, name):
            return True
        place = self.place(address) if self.allowed.systems else None
        return place is not None and place.asn in self.allowed.systems

    # -- places

    def place(self, address: str) -> "Place | None":
        """Where an address is, as far as the files of the settings tell."""
        places = self._finder_of_places()
        return None if isinstance(places, str) else places.place(address)

    def _finder_of_places(self) -> "Finder | str":
        """What tells places; words where that cannot be: then the rules go on without."""
        if self._places is None:
            try:
                self._places = self.store.places.finder() if self.store.places.databases else _NO_FILES
            except UsageError as error:
                self._places = error.message
        return self._places

    @property
    def files(self) -> tuple[object, ...]:
        """What tells the files of places from those that have their names later."""
        places = self._finder_of_places()
        return () if isinstance(places, str) else places.identities


def id_list(numbers: Collection[int]) -> str:
    """Numbers as a parameter for ``json_each``."""
    return json.dumps(sorted(numbers))
