"""The questions of "who breaks if": in which ways each account handed in its messages, from where, on how many days.

TLS versions and kinds of authentication come from the roll-up. Client addresses and mechanisms are only in the facts,
which are many: they are read where addresses decide, and for the accounts that are listed. What a hundred thousand
accounts answer is made into values in a thread, so that the interface goes on meanwhile.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, TypeVar

from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Period, ReportQuery
from smtpauth_tui.store.asking import IN_DOMAIN, days_values, values_of
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES, Party
from smtpauth_tui.store.days import DayFinder, day_of, number_of
from smtpauth_tui.store.reader import Store

Made = TypeVar("Made")

MOST_SPANS: Final = 62
"""Spans of days that can be told apart: a bit of an integer each."""
_TIMES: Final = (date(1970, 1, 2), date(9998, 12, 30))
"""Days that have a first and a last second in every zone."""
_TLS: Final = {code: version for version, code in TLS_CODES.items()}
_AUTH: Final = {code: kind for kind, code in AUTH_CODES.items()}


class Way(NamedTuple):
    """The messages of an account that were handed in alike."""

    account: int
    """Its number, for further questions."""
    tls: TlsVersion
    auth: AuthKind
    client: int | None
    """The number of the client's address; None where addresses were not asked for."""
    messages: int
    last: int
    """When the last of them was handed in, UTC seconds."""
    spans: int
    """Bit n is set where there are any in span n."""


class Origin(NamedTuple):
    """The messages of an account that came from one address by one mechanism."""

    account: int
    address: str
    mechanism: str
    messages: int
    last: int


# each span with the numbers of its days, or with its first second and the one after its last
_SPANS: Final = "WITH span(number, first, last) AS (VALUES {spans})"
_WAYS: Final = f"""
    {_SPANS}
    SELECT account, tls, auth, NULL, sum(messages), max(daily.last), sum(DISTINCT 1 << span.number)
    FROM span CROSS JOIN daily ON daily.day BETWEEN span.first AND span.last WHERE {IN_DOMAIN}
    GROUP BY account, tls, auth
"""
_WAYS_BY_CLIENT: Final = f"""
    {_SPANS}
    SELECT account, tls, mechanism.auth, client, messages, last, spans FROM (
        SELECT account, tls, mechanism, client, count(*) AS messages, max(time) AS last,
               sum(DISTINCT 1 << span.number) AS spans
        FROM span CROSS JOIN submission ON time >= span.first AND time < span.last WHERE {IN_DOMAIN}
        GROUP BY account, tls, mechanism, client
    ) AS way JOIN mechanism ON mechanism.id = way.mechanism
"""


async def ways(store: Store, query: ReportQuery, spans: Sequence[Period], *, by_client: bool = False) -> list[Way]:
    """In which ways each account of the query's domain sent in some spans of days, at most `MOST_SPANS`.

    *By client* reads every message of these days.
    """
    if by_client:
        bounds = [_seconds(store, one) for one in spans]
    else:
        bounds = [(number_of(one.first), number_of(one.last)) for one in spans]
    values = ", ".join(f"({number}, {first:d}, {last:d})" for number, (first, last) in enumerate(bounds))
    sql = (_WAYS_BY_CLIENT if by_client else _WAYS).format(spans=values)
    rows = await store._rows(sql, values_of(query))
    return await _aside(_as_ways, rows)


def _as_ways(rows: Iterable[Sequence[Any]]) -> list[Way]:
    return [Way(account, _TLS[tls], _AUTH[auth], *rest) for account, tls, auth, *rest in rows]


_CLIENTS: Final = "SELECT id, address FROM client WHERE id IN (SELECT value FROM json_each(:listed))"


async def addresses(store: Store, clients: Collection[int]) -> dict[int, str]:
    """The addresses of some clients by their numbers."""
    return {row[0]: row[1] for row in await store._rows(_CLIENTS, {"listed": _listed(clients)})}


_NAMES: Final = """
    SELECT address.id, address.text, domain.name FROM address JOIN domain ON domain.id = address.domain
    WHERE address.id IN (SELECT value FROM json_each(:listed))
"""


async def names(store: Store, accounts: Collection[int]) -> dict[int, tuple[str, str]]:
    """The names of some accounts and their domains, by their numbers."""
    return {row[0]: (row[1], row[2]) for row in await store._rows(_NAMES, {"listed": _listed(accounts)})}


_ORIGINS: Final = f"""
    SELECT account, client.address, mechanism.name, messages, last FROM (
        SELECT account, client, mechanism, count(*) AS messages, max(time) AS last FROM submission
        WHERE time >= :start AND time < :end AND {IN_DOMAIN}
            AND (:listed IS NULL OR account IN (SELECT value FROM json_each(:listed)))
        GROUP BY account, client, mechanism
    ) AS origin JOIN client ON client.id = origin.client JOIN mechanism ON mechanism.id = origin.mechanism
"""


async def origins(store: Store, query: ReportQuery, accounts: Collection[int] | None) -> list[Origin]:
    """From which addresses and by which mechanisms some accounts, or all (None), sent in a period, in no order.

    However few they are, each message of the period is looked at.
    """
    start, end = _seconds(store, query.period)
    listed = None if accounts is None else _listed(accounts)
    values: dict[str, Any] = {**values_of(query), "start": start, "end": end, "listed": listed}
    rows = await store._rows(_ORIGINS, values)
    return await _aside(_as_origins, store, rows)


def _as_origins(store: Store, rows: Iterable[Sequence[Any]]) -> list[Origin]:
    return [Origin(account, store.places.shown(client), *rest) for account, client, *rest in rows]


class Use(NamedTuple):
    """The messages of an account on a day that came alike, from one address by one mechanism."""

    day: date
    tls: TlsVersion
    auth: AuthKind
    mechanism: str
    """Its name as logged."""
    client: str
    """The address as logged, whatever the settings let be shown."""
    messages: int
    last: int


# on each of its days an account's messages lie between its first one and its last one
_USES: Final = f"""
    SELECT of_day, tls, mechanism.auth, mechanism.name, client.address, messages, last FROM (
        SELECT days.day AS of_day, tls, mechanism, client, count(*) AS messages, max(time) AS last FROM (
            SELECT day, min(first) AS since, max(last) AS until FROM daily
            WHERE day BETWEEN :first AND :last AND account = :account AND {IN_DOMAIN} GROUP BY day
        ) AS days CROSS JOIN submission ON time BETWEEN since AND until AND account = :account
        WHERE {IN_DOMAIN} GROUP BY days.day, tls, mechanism, client
    ) AS way JOIN client ON client.id = way.client JOIN mechanism ON mechanism.id = way.mechanism
    ORDER BY of_day
"""


async def uses(store: Store, query: ReportQuery, account: int) -> list[Use]:
    """How an account sent on each day of a period: what is logged between its first and last message of a day."""
    rows = await store._rows(_USES, {**values_of(query), "account": account})
    return [Use(day_of(day), _TLS[tls], _AUTH[auth], *rest) for day, tls, auth, *rest in rows]


_SEEN: Final = "SELECT id, first, days FROM seen WHERE party = :party"
_COUNT_DAYS: Final = """
    SELECT account, count(DISTINCT day) FROM daily WHERE day BETWEEN :first AND :last GROUP BY account
"""


async def days_seen(store: Store, last: date, days: int) -> Mapping[int, int]:
    """On how many of the *days* up to *last* each account sent, whichever the sender domain; the silent are 0."""
    period = days_up_to(last, days)
    if not await store._ahead():
        return Counter(dict(await store._rows(_COUNT_DAYS, days_values(period))))
    return await _aside(_as_counts, await store._rows(_SEEN, {"party": Party.ACCOUNT}), period, days)


def _as_counts(rows: Iterable[Sequence[Any]], period: Period, days: int) -> Mapping[int, int]:
    begin, mask = number_of(period.first), (1 << days) - 1
    found: Counter[int] = Counter()
    for account, first, bits in rows:
        known = int.from_bytes(bits, "little")
        number = ((known >> begin - first if first < begin else known << first - begin) & mask).bit_count()
        if number:
            found[account] = number
    return found


def days_up_to(last: date, days: int) -> Period:
    """So many days up to a last one, or as many as the calendar has."""
    return Period.ending(last, min(days, last.toordinal()))


def days_known(first: date | None, last: date | None, period: Period) -> int:
    """How many of a period's days lie between the first and the last day of which a store has anything."""
    if first is None or last is None:
        return 0
    return max((min(last, period.last) - max(first, period.first)) // timedelta(days=1) + 1, 0)


_KNOWN: Final = "SELECT 1 FROM address WHERE folded = :name"


async def is_known(store: Store, account: str) -> bool:
    """Whether the store has ever had a name as an account or a sender address."""
    return bool(await store._rows(_KNOWN, {"name": account.casefold()}))


def _seconds(store: Store, period: Period) -> tuple[int, int]:
    """The first UTC second of a period, and the first one after it; no log is older or newer than `_TIMES`."""
    first, last = max(period.first, _TIMES[0]), min(period.last, _TIMES[1])
    finder = DayFinder(store.zone)
    return finder.bounds(number_of(first))[0], finder.bounds(number_of(last))[1]


def _listed(numbers: Collection[int]) -> str:
    return json.dumps(list(numbers))


async def _aside(make: Callable[..., Made], *given: Any) -> Made:
    """Make values of what was answered in a thread: of many accounts that takes longer than a key may wait."""
    import asyncio  # late, as all that the first picture does without

    return await asyncio.to_thread(make, *given)
