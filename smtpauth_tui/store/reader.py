"""The questions that reports and screens ask of the store, each with its SQL just above it.

asyncio and aiosqlite are loaded when a store is opened: the first picture asks without them (store/glance.py).
"""

import contextlib
import itertools
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import zone_named
from smtpauth_tui.errors import NoStoreError, StoreError
from smtpauth_tui.places import Places
from smtpauth_tui.query import AUTH_ORDERS, Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.store import files
from smtpauth_tui.store.asking import (
    AUTH_SUMS,
    COUNTS,
    DAYS,
    IN_DOMAIN,
    TLS_SUMS,
    counts,
    day_or_none,
    days_values,
    sender_total,
    snapshot_total,
    usage,
    values_of,
    where_of,
)
from smtpauth_tui.store.codes import AUTH_CODES, OUTDATED_CODES, TLS_CODES, Party
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.listing import SenderListing
from smtpauth_tui.store.rows import (
    DayFailures,
    DayUsage,
    DomainTotal,
    DomainVolume,
    FailureSummary,
    FailureTotal,
    Freshness,
    LargestDomains,
    Parties,
    SenderTotal,
    SignInTotal,
    SnapshotRow,
    SnapshotTotal,
    SourceRow,
    Span,
    Totals,
    TriedName,
    TryingClient,
    UnreadLine,
    Usage,
)
from smtpauth_tui.store.schema import check, steps
from smtpauth_tui.store.where import Where
from smtpauth_tui.store.windows import AUTH_COLUMNS, NO_DAY, SPANS, TLS_COLUMNS, WINDOW_END
from smtpauth_tui.store.writer import bring_up_to_date, store_error

if TYPE_CHECKING:
    import aiosqlite

T = TypeVar("T")

ANYWHERE: Final = Places()
"""Where the settings say nothing of places."""
_CHUNK: Final = 1000
_ALL_DAYS: Final = 1 << 40
_OUTDATED: Final = f"tls IN ({', '.join(map(str, OUTDATED_CODES))})"


class Store:
    """A store opened for reading. One question runs at a time; cancelling a question stops its SQL."""

    def __init__(
        self, connection: "aiosqlite.Connection", path: Path, zone: ZoneInfo, places: Places = ANYWHERE
    ) -> None:
        import asyncio

        self.path = path
        self.zone = zone
        self.places = places
        """Where clients are, and how much of their addresses may be shown."""
        self.kept: dict[object, object] = {}
        """What reports keep of answers that cost much; whoever reads it looks at `version`."""
        self._connection = connection
        self._lock = asyncio.Lock()
        self._listings = itertools.count(1)
        self._in_snapshot = False
        self._knows_filters = False

    @classmethod
    async def open(cls, path: Path, places: Places = ANYWHERE) -> Self:
        """Open the store at *path*; NoStoreError where there is none, StoreError where it cannot be read."""
        files.look(path)
        try:
            return await cls._open(path, "mode=ro", places)
        except StoreError as error:
            # beside the store SQLite wants to write what readers share; a full disk or a folder that is another's
            # does not let it. Without a log of writes (-wal) the file alone has all there is.
            in_vain = isinstance(error.__cause__, sqlite3.OperationalError)
            writes = path.with_name(f"{path.name}-wal")
            if not in_vain or (writes.exists() and writes.stat().st_size):
                raise
            return await cls._open(path, "immutable=1", places)

    @classmethod
    async def _open(cls, path: Path, how: str, places: Places) -> Self:
        import asyncio

        import aiosqlite

        empty = NoStoreError(f"The store {path} is empty.", "Bring in a log: smtpauth-tui import /var/log/mail.log")
        try:
            connection = await aiosqlite.connect(files.address(path, how), uri=True, isolation_level=None)
        except sqlite3.Error as error:
            raise store_error(error, path) from error
        try:
            await connection.execute("PRAGMA trusted_schema = OFF")
            await connection.execute("PRAGMA busy_timeout = 5000")
            found = [(await _one(connection, f"PRAGMA {name}"))[0] for name in ("user_version", "application_id")]
            if not found[0] and not (await _one(connection, "SELECT count(*) FROM sqlite_schema"))[0]:
                raise empty
            check(found[0], found[1], str(path))
            if found[0] < len(steps()):
                await connection.close()
                await asyncio.to_thread(bring_up_to_date, path)
                return await cls.open(path, places)
            if places.truncate:
                await connection.create_function("shown_client", 1, places.shown, deterministic=True)
            zone = await _one(connection, "SELECT coalesce(max(value), '') FROM setting WHERE name = 'timezone'")
            if not zone[0]:
                raise empty
            return cls(connection, path, zone_named(zone[0]), places)
        except sqlite3.Error as error:
            await connection.close()
            raise store_error(error, path) from error
        except BaseException:
            await connection.close()
            raise

    async def close(self) -> None:
        """Stop what runs, and close."""
        await self._connection.interrupt()
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator["Store"]:
        """The store as it is at one moment, for figures that stand side by side: imports meanwhile do not show.

        Ask the store that this gives; other questions wait until it is over. Never hold it while somebody thinks:
        a snapshot that stays keeps SQLite from tidying its log. What is prepared in it, as a listing, outlasts it.
        """
        if self._in_snapshot:
            yield self
            return
        async with self._lock:
            seen = Store(self._connection, self.path, self.zone, self.places)
            seen._listings, seen._in_snapshot, seen.kept = self._listings, True, self.kept
            complete = False
            try:
                await seen._rows("BEGIN")
                yield seen
                complete = True
            finally:
                async with seen._lock:
                    seen._lock, seen._in_snapshot = self._lock, False
                    await self._end_snapshot(keep=complete)

    async def _end_snapshot(self, *, keep: bool) -> None:
        """End the transaction, also for whoever is cancelled meanwhile: the next question must not stand in it."""
        import asyncio

        end = asyncio.ensure_future(self._connection.commit() if keep else self._connection.rollback())
        cancelled = False
        while not end.done():
            try:
                await asyncio.wait([end])
            except asyncio.CancelledError:
                cancelled = True
        with contextlib.suppress(sqlite3.Error, ValueError):
            end.result()
        if cancelled:
            raise asyncio.CancelledError

    @property
    def busy(self) -> bool:
        """Whether a question is being answered."""
        return self._lock.locked()

    async def version(self) -> int:
        """A number that is another one when somebody has written to the store since this one opened it."""
        ((number,),) = await self._rows("PRAGMA data_version")
        return int(number)

    async def _rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a question."""
        async with self._lock:
            rows = await self._stoppable(self._connection.execute_fetchall(sql, values or {}))
            return [tuple(row) for row in rows]

    async def _each(self, sql: str, values: Mapping[str, Any]) -> AsyncGenerator[Sequence[Any], None]:
        """The rows of a question as they come, however many; no other question is answered until they are read."""
        async with self._lock:
            cursor = await self._stoppable(self._connection.cursor())
            try:
                await self._stoppable(cursor.execute(sql, values))
                while chunk := list(await self._stoppable(cursor.fetchmany(_CHUNK))):
                    for row in chunk:
                        yield row
            finally:
                await cursor.close()

    async def ready_for(self, query: ReportQuery) -> None:
        """Give SQLite the functions that the conditions of filters need, before a query with one is asked."""
        if query.where is None or self._knows_filters:
            return
        from smtpauth_tui.store.filtering import FUNCTIONS

        async with self._lock:
            for name, arguments, function in FUNCTIONS:
                made = self._connection.create_function(name, arguments, function, deterministic=True)
                await self._stoppable(made)
        self._knows_filters = True

    async def _stoppable(self, question: Coroutine[Any, Any, T]) -> T:
        """What the database answers. A cancelled question is interrupted, and over before the next one begins."""
        import asyncio

        work = asyncio.ensure_future(question)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            while not work.done():
                with contextlib.suppress(sqlite3.Error, ValueError):
                    await self._connection.interrupt()
                await asyncio.wait([work], timeout=0.02)
            with contextlib.suppress(sqlite3.Error, ValueError):
                work.result()
            raise
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error
        except ValueError as error:  # aiosqlite's word for a connection that was closed meanwhile
            raise StoreError(f"The store {self.path} was closed.", "Press R to open it again.") from error

    # -- what there is

    async def span(self) -> Span | None:
        """The days that have submissions, from the first to the last; None in a store without any."""
        rows = await self._rows("SELECT (SELECT min(day) FROM daily), (SELECT max(day) FROM daily)")
        ((first, last),) = rows
        return None if first is None else Span(day_of(first), day_of(last))

    async def first_day(self) -> date | None:
        """The first day that has submissions, where totals are counted ahead without a look at any sender."""
        table = "day_total" if await self._ahead() else "daily"
        ((first,),) = await self._rows(f"SELECT min(day) FROM {table}")
        return None if first is None else day_of(first)

    _FRESHNESS = """
        SELECT (SELECT max(time) FROM submission), max(imported_at), count(*),
               coalesce(sum(lines), 0), coalesce(sum(not_understood), 0), coalesce(sum(incomplete), 0),
               coalesce(sum(damaged <> ''), 0)
        FROM source
    """

    async def freshness(self) -> Freshness:
        """The newest submission, the last import, and what could not be read."""
        (row,) = await self._rows(self._FRESHNESS)
        return Freshness(*row)

    _SOURCES = """
        SELECT id, path, format, host, lines, submissions, auth_failures, incomplete, not_understood, damaged,
               first, last, imported_at, zone, facts
        FROM source ORDER BY imported_at DESC, path
    """

    async def sources(self) -> list[SourceRow]:
        """What was imported, the newest import first."""
        return [SourceRow(*row) for row in await self._rows(self._SOURCES)]

    _UNREAD_LINES = "SELECT number, text FROM unread_line WHERE source = :source ORDER BY number, text"

    async def unread_lines(self, source_id: int) -> list[UnreadLine]:
        """The lines of a source that were not understood, as many as were kept."""
        return [UnreadLine(*row) for row in await self._rows(self._UNREAD_LINES, {"source": source_id})]

    async def _ahead(self) -> bool:
        """Whether what is counted ahead (store/windows.py) is up to date: not while an import runs."""
        return bool(await self._rows("SELECT 1 FROM setting WHERE name = :name", {"name": WINDOW_END}))

    _DOMAINS = """
        SELECT domain.name, sum(messages) FROM domain CROSS JOIN {table} AS total ON total.domain = domain.id
        WHERE day BETWEEN :first AND :last GROUP BY domain.id ORDER BY 2 DESC, 1
    """

    async def domains(self, period: Period) -> list[DomainTotal]:
        """The sender domains of a period, the busiest first."""
        sql = self._DOMAINS.format(table=await self._domain_totals())
        return [DomainTotal(*row) for row in await self._rows(sql, days_values(period))]

    # by day and domain, for the period of the question
    _COUNTED_DOMAINS = """
        (SELECT domain, day, sum(messages) AS messages FROM daily_total WHERE day BETWEEN :first AND :last
         GROUP BY domain, day)
    """

    async def _domain_totals(self) -> str:
        return "domain_total" if await self._ahead() else self._COUNTED_DOMAINS

    # -- the period as a whole, and day by day

    _OF_DOMAIN = f"""
        {DAYS} AS days CROSS JOIN daily_total AS total
        ON total.day = days.day AND total.domain = (SELECT id FROM domain WHERE name = :domain)
    """

    async def _day_totals(self, query: ReportQuery) -> str:
        """Where a period's totals by day, TLS version and kind of authentication are found."""
        if query.domain is not None:
            return self._OF_DOMAIN
        return "day_total AS total" if await self._ahead() else "daily_total AS total"

    _TOTALS = f"""
        SELECT coalesce(sum(messages), 0), coalesce(sum(recipients), 0), {TLS_SUMS}, {AUTH_SUMS},
               min(total.first), max(total.last)
        FROM {{table}} WHERE total.day BETWEEN :first AND :last
    """

    async def totals(self, query: ReportQuery) -> Totals:
        """The messages of a period in one row."""
        (row,) = await self._rows(self._TOTALS.format(table=await self._day_totals(query)), values_of(query))
        tls, auth, (first, last) = counts([count or 0 for count in row[2:-2]] + list(row[-2:]))
        return Totals(row[0], row[1], tls, auth, first, last)

    _NUMBER_OF = """
        SELECT coalesce(sum(number), 0) FROM seen_again
        WHERE party = :party AND day BETWEEN :first AND :last AND before < :first
    """

    async def number_of(self, party: Party, period: Period) -> int:
        """How many of a party were seen in a period; only where that is counted ahead."""
        ((number,),) = await self._rows(self._NUMBER_OF, {**days_values(period), "party": party})
        return int(number)

    _PARTIES = f"""
        SELECT count(DISTINCT account), count(DISTINCT sender) FROM daily
        WHERE day BETWEEN :first AND :last AND {IN_DOMAIN}
    """

    async def parties(self, query: ReportQuery) -> Parties:
        """How many accounts and sender addresses sent in a period."""
        if query.domain is None and await self._ahead():
            accounts, senders = [await self.number_of(one, query.period) for one in (Party.ACCOUNT, Party.SENDER)]
            return Parties(accounts, senders)
        (row,) = await self._rows(self._PARTIES, values_of(query))
        return Parties(*row)

    _BELOW_1_2 = f"""
        SELECT count(DISTINCT account) FROM daily WHERE day BETWEEN :first AND :last AND {IN_DOMAIN} AND {_OUTDATED}
    """

    async def accounts_below_tls_1_2(self, query: ReportQuery) -> int:
        """How many accounts sent without TLS or with a version below 1.2."""
        if query.domain is None and await self._ahead():
            return await self.number_of(Party.OUTDATED_ACCOUNT, query.period)
        ((number,),) = await self._rows(self._BELOW_1_2, values_of(query))
        return int(number)

    _USING_OUTDATED = f"""
        SELECT address.text, domain.name, totals.* FROM (
            SELECT {COUNTS}, min(first), max(last), account FROM daily
            WHERE day BETWEEN :first AND :last AND {IN_DOMAIN} AND {_OUTDATED} GROUP BY account
        ) AS totals JOIN address ON address.id = totals.account JOIN domain ON domain.id = address.domain
        ORDER BY 3 DESC, address.folded LIMIT :limit
    """

    async def accounts_using_outdated_tls(self, query: ReportQuery, limit: int) -> list[SenderTotal]:
        """The accounts with most messages below TLS 1.2; only those messages are counted."""
        rows = await self._rows(self._USING_OUTDATED, {**values_of(query), "limit": limit})
        return [sender_total(row) for row in rows]

    # whose messages below TLS 1.2 are most, and then all messages of those
    _SENDERS_USING_OUTDATED = f"""
        SELECT address.text, domain.name, {COUNTS}, min(daily.first), max(daily.last) FROM (
            SELECT sender AS named, sum(messages) AS outdated FROM daily JOIN address ON address.id = sender
            WHERE day BETWEEN :first AND :last AND {IN_DOMAIN} AND {_OUTDATED}
            GROUP BY sender ORDER BY 2 DESC, address.folded LIMIT :limit
        ) AS worst CROSS JOIN {DAYS} AS days
        CROSS JOIN daily ON daily.day = days.day AND daily.sender = worst.named
        JOIN address ON address.id = worst.named JOIN domain ON domain.id = address.domain
        GROUP BY worst.named ORDER BY worst.outdated DESC, address.folded
    """

    async def senders_using_outdated_tls(self, query: ReportQuery, limit: int) -> list[SenderTotal]:
        """The senders with most messages below TLS 1.2; all of their messages are counted."""
        rows = await self._rows(self._SENDERS_USING_OUTDATED, {**values_of(query), "limit": limit})
        return [sender_total(row) for row in rows]

    _DAILY_VOLUME = """
        SELECT day, domain.name, messages FROM domain CROSS JOIN {table} AS total ON total.domain = domain.id
        WHERE day BETWEEN :first AND :last AND (:domain IS NULL OR domain.name = :domain)
        ORDER BY day, messages DESC, domain.name
    """

    async def daily_volume(self, query: ReportQuery) -> list[DomainVolume]:
        """Messages by day and sender domain; days and domains without messages are left out."""
        rows = await self._rows(self._DAILY_VOLUME.format(table=await self._domain_totals()), values_of(query))
        return [DomainVolume(day_of(day), domain, messages) for day, domain, messages in rows]

    _LARGEST = """
        SELECT domain.name, domain.id, count(*) OVER (), sum(messages)
        FROM domain CROSS JOIN {table} AS total ON total.domain = domain.id
        WHERE day BETWEEN :first AND :last AND (:domain IS NULL OR domain.name = :domain)
        GROUP BY domain.id ORDER BY 4 DESC, 1 LIMIT :most
    """
    _DAYS_OF_DOMAINS = """
        SELECT day, domain, messages FROM {table} AS total
        WHERE domain IN ({domains}) AND day BETWEEN :first AND :last
    """

    async def largest_domains(self, query: ReportQuery, most: int) -> LargestDomains:
        """The days of the *most* domains with most messages in a period (ties by name), and of the others together."""
        table = await self._domain_totals()
        largest = await self._rows(self._LARGEST.format(table=table), {**values_of(query), "most": most})
        names = {number: name for name, number, *_ in largest}
        sql = self._DAYS_OF_DOMAINS.format(table=table, domains=", ".join(map(str, names)))
        rows = await self._rows(sql, values_of(query))
        others = largest[0][2] - len(largest) if largest else 0
        rest = Counter({row.day: row.messages for row in await self.daily_usage(query)} if others else {})
        days: dict[str, dict[date, int]] = {name: {} for name in names.values()}
        for number, domain, messages in rows:
            days[names[domain]][day_of(number)] = messages
            if others:
                rest[day_of(number)] -= messages
        return LargestDomains(days, others, rest)

    _DAILY_USAGE = f"""
        SELECT total.day, sum(messages), sum(recipients), {TLS_SUMS}, {AUTH_SUMS} FROM {{table}}
        WHERE total.day BETWEEN :first AND :last GROUP BY total.day ORDER BY total.day
    """

    async def daily_usage(self, query: ReportQuery) -> list[DayUsage]:
        """Messages by day and TLS version; days without messages are left out."""
        sql = self._DAILY_USAGE.format(table=await self._day_totals(query))
        return [usage(row) for row in await self._rows(sql, values_of(query))]

    # -- senders

    _SENDERS = f"""
        SELECT address.text, domain.name, totals.* FROM (
            SELECT {COUNTS}, min(first), max(last), {{column}} AS name FROM daily
            WHERE day BETWEEN :first AND :last AND {IN_DOMAIN}
              AND (:search = '' OR {{column}} IN (SELECT id FROM address WHERE folded LIKE :pattern ESCAPE '\\'))
              AND {{where.rows}}
            GROUP BY {{column}} HAVING {{where.groups}}
        ) AS totals JOIN address ON address.id = totals.name JOIN domain ON domain.id = address.domain
        ORDER BY {{order}} LIMIT :limit
    """

    @classmethod
    def senders_question(cls, query: ReportQuery, limit: int | None = None) -> tuple[str, dict[str, Any]]:
        """The SQL of `senders`, and its parameters."""
        where = where_of(query, query.by.value)
        sql = cls._SENDERS.format(column=query.by.value, order=_order(query), where=where)
        return sql, {**values_of(query), **where.values, "limit": -1 if limit is None else limit}

    async def senders(self, query: ReportQuery, limit: int | None = None) -> AsyncGenerator[SenderTotal, None]:
        """The senders (or accounts) of a period in the query's order, as they come from the database."""
        await self.ready_for(query)
        async with aclosing(self._each(*self.senders_question(query, limit))) as rows:
            async for row in rows:
                yield sender_total(row)

    async def listing(self, query: ReportQuery) -> SenderListing:
        """The senders of a period, ready to be paged, sorted and searched; see `SenderListing`."""
        listing = SenderListing(self, f"listing_{next(self._listings)}", query)
        await listing.prepare()
        return listing

    async def window_around(self, period: Period) -> int | None:
        """The shortest window that has all days of a period which have any messages; None where none has."""
        rows = await self._rows("SELECT value FROM setting WHERE name = :name", {"name": WINDOW_END})
        end = int(rows[0][0]) if rows else NO_DAY
        back = end - number_of(period.first) + 1
        return next((span for span in SPANS if 0 < back <= span), None)

    async def window_of(self, query: ReportQuery) -> bool:
        """Whether the query's senders are counted ahead: all of the last 7, 30 or 90 days that have any."""
        rows = await self._rows("SELECT value FROM setting WHERE name = :name", {"name": WINDOW_END})
        end = int(rows[0][0]) if rows else None
        period = query.period
        return query.by is Grouping.SENDER and number_of(period.last) == end and period.days in SPANS

    # an account's rows are found among those of all; a sender's by the key of each day
    _ROWS_OF: Final = {
        Grouping.SENDER: f"{DAYS} AS days CROSS JOIN daily ON daily.day = days.day AND daily.sender = named.id",
        Grouping.ACCOUNT: "daily ON daily.day BETWEEN :first AND :last AND daily.account = named.id",
    }
    _NAMED = "(SELECT id FROM address WHERE folded = :name) AS named"

    _SENDER_DAYS = f"""
        SELECT daily.day, {COUNTS} FROM {_NAMED} CROSS JOIN {{rows}} GROUP BY daily.day ORDER BY daily.day
    """

    async def sender_days(self, query: ReportQuery) -> list[DayUsage]:
        """The days of the query's sender (or account, by its grouping); days without messages are left out."""
        sql = self._SENDER_DAYS.format(rows=self._ROWS_OF[query.by])
        return [usage(row) for row in await self._rows(sql, values_of(query))]

    _SENDER_EVER = f"SELECT min(daily.first), max(daily.last) FROM {_NAMED} CROSS JOIN {{rows}}"

    async def sender_ever(self, query: ReportQuery) -> tuple[int, int] | None:
        """When the query's sender was first and last seen, in any period; None for one that never sent."""
        values = {**values_of(query), "first": -_ALL_DAYS, "last": _ALL_DAYS}
        ((first, last),) = await self._rows(self._SENDER_EVER.format(rows=self._ROWS_OF[query.by]), values)
        return None if first is None else (first, last)

    _SENDER_PARTNERS = f"""
        SELECT address.text, sum(messages), max(daily.last) FROM {_NAMED} CROSS JOIN {{rows}}
        JOIN address ON address.id = daily.{{other}} GROUP BY address.id ORDER BY 2 DESC, 1 LIMIT :limit
    """

    async def sender_partners(self, query: ReportQuery, limit: int = 20) -> list[Usage]:
        """The logins that the query's sender used (or the sender addresses that the account used)."""
        other = Grouping.ACCOUNT if query.by is Grouping.SENDER else Grouping.SENDER
        sql = self._SENDER_PARTNERS.format(rows=self._ROWS_OF[query.by], other=other.value)
        return [Usage(*row) for row in await self._rows(sql, {**values_of(query), "limit": limit})]

    # -- refused attempts to log in

    @property
    def _client(self) -> dict[str, str]:
        """The SQL of a client's address as it may be shown, and of what its rows are grouped by."""
        if self.places.truncate:
            return {"client": "shown_client(client.address)", "each_client": "shown_client(client.address)"}
        return {"client": "client.address", "each_client": "client.id"}

    def _where(self, query: ReportQuery, question: str) -> Where:
        """The query's filter, asked of clients as they may be shown; UsageError where it asks for more of them."""
        if query.where and self.places.truncate:
            self.places.check(query.where)
            question += " of networks"
        return where_of(query, question)

    _MATCHES_FAILURE = """
        day BETWEEN :first AND :last
        AND (:domain IS NULL OR tried_name.folded LIKE '%@' || :domain_pattern ESCAPE '\\')
        AND (:search = '' OR tried_name.folded LIKE :pattern ESCAPE '\\' OR client.address LIKE :pattern ESCAPE '\\')
    """
    _FAILURES = f"""
        SELECT tried_name.text, {{client}}, sum(failures), min(daily_failure.first), max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client
        WHERE {_MATCHES_FAILURE} AND {{where.rows}}
        GROUP BY tried_name.id, {{each_client}} HAVING {{where.groups}} ORDER BY {{order}} LIMIT :limit
    """
    _FAILURE_COLUMNS: Final = {
        SenderOrder.NAME: "tried_name.folded",
        SenderOrder.CLIENT: "2",
        SenderOrder.MESSAGES: "3",
        SenderOrder.FIRST_SEEN: "4",
        SenderOrder.LAST_SEEN: "5",
    }

    async def failures(self, query: ReportQuery, limit: int | None = None) -> AsyncGenerator[FailureTotal, None]:
        """Refused attempts by name tried and client address, in the query's order, as they come from the database."""
        column = self._FAILURE_COLUMNS.get(query.order, "3")
        order = f"{column} {'DESC' if query.descending else 'ASC'}, 3 DESC, 1, 2"
        where = self._where(query, "failures")
        values = {**values_of(query), **where.values, "limit": -1 if limit is None else limit}
        await self.ready_for(query)
        async with aclosing(
            self._each(self._FAILURES.format(order=order, where=where, **self._client), values)
        ) as rows:
            async for name, *rest in rows:
                yield FailureTotal(name or None, *rest)

    _TRIED_NAMES = f"""
        SELECT tried_name.text, count(DISTINCT client.id), sum(failures), max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE}
        GROUP BY tried_name.id ORDER BY 3 DESC, 1 LIMIT :limit
    """

    async def tried_names(self, query: ReportQuery, limit: int) -> list[TriedName]:
        """The names that were tried most often."""
        rows = await self._rows(self._TRIED_NAMES, {**values_of(query), "limit": limit})
        return [TriedName(name or None, *rest) for name, *rest in rows]

    _TRYING_CLIENTS = f"""
        SELECT {{client}}, count(DISTINCT nullif(tried_name.folded, '')), sum(failures), max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE}
        GROUP BY {{each_client}} ORDER BY 3 DESC, 1 LIMIT :limit
    """

    async def trying_clients(self, query: ReportQuery, limit: int) -> list[TryingClient]:
        """The client addresses with most refused attempts."""
        rows = await self._rows(self._TRYING_CLIENTS.format(**self._client), {**values_of(query), "limit": limit})
        return [TryingClient(*row) for row in rows]

    _FAILURE_SUMMARY = f"""
        SELECT coalesce(sum(failures), 0), count(DISTINCT nullif(tried_name.folded, '')), count(DISTINCT client.id),
               max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE}
    """

    _FAILURE_TOTAL = (
        "SELECT coalesce(sum(failures), 0), max(last) FROM failure_total WHERE day BETWEEN :first AND :last"
    )

    async def failure_summary(self, query: ReportQuery) -> FailureSummary:
        """How many attempts were refused, how many names were tried, from how many addresses."""
        if query.domain is None and not query.search and await self._ahead():
            ((failures, last),) = await self._rows(self._FAILURE_TOTAL, days_values(query.period))
            names, clients = [
                await self.number_of(one, query.period) for one in (Party.TRIED_NAME, Party.FAILED_CLIENT)
            ]
            return FailureSummary(failures, names, clients, last)
        (row,) = await self._rows(self._FAILURE_SUMMARY, values_of(query))
        return FailureSummary(*row)

    _DAILY_FAILURES = f"""
        SELECT day, sum(failures) FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE} GROUP BY day ORDER BY day
    """

    _FAILURE_DAYS = "SELECT day, failures FROM failure_total WHERE day BETWEEN :first AND :last ORDER BY day"

    async def daily_failures(self, query: ReportQuery) -> list[DayFailures]:
        """Refused attempts by day; days without any are left out."""
        counted = query.domain is None and not query.search and await self._ahead()
        rows = await self._rows(self._FAILURE_DAYS if counted else self._DAILY_FAILURES, values_of(query))
        return [DayFailures(day_of(day), number) for day, number in rows]

    # -- exports: sign-ins, and totals of a period

    _SIGN_INS = f"""
        SELECT tried_name.text, {{client}}, country, sum(sign_ins), sum(failures),
               min(daily_sign_in.first), max(daily_sign_in.last)
        FROM daily_sign_in JOIN tried_name ON tried_name.id = daily_sign_in.name
        JOIN client ON client.id = daily_sign_in.client
        WHERE {_MATCHES_FAILURE} AND {{where.rows}}
        GROUP BY tried_name.id, {{each_client}}, country HAVING {{where.groups}} ORDER BY {{order}} LIMIT :limit
    """
    _SIGN_IN_COLUMNS: Final = {
        SenderOrder.NAME: "tried_name.folded",
        SenderOrder.CLIENT: "2",
        SenderOrder.MESSAGES: "4",
        SenderOrder.FIRST_SEEN: "6",
        SenderOrder.LAST_SEEN: "7",
    }

    async def sign_ins(self, query: ReportQuery, limit: int | None = None) -> AsyncGenerator[SignInTotal, None]:
        """Sign-ins by account, client address and country, in the query's order, as they come from the database."""
        column = self._SIGN_IN_COLUMNS.get(query.order, "4")
        order = f"{column} {'DESC' if query.descending else 'ASC'}, 4 DESC, 1, 2, 3"
        where = self._where(query, "sign_ins")
        values = {**values_of(query), **where.values, "limit": -1 if limit is None else limit}
        await self.ready_for(query)
        async with aclosing(
            self._each(self._SIGN_INS.format(order=order, where=where, **self._client), values)
        ) as rows:
            async for name, *rest in rows:
                yield SignInTotal(name or None, *rest)

    _SNAPSHOTS = """
        SELECT snapshot.id, path, snapshot.first, snapshot.last, imported_at, count(snapshot_sender.place),
               coalesce(sum(messages), 0)
        FROM snapshot JOIN source ON source.id = snapshot.source
        LEFT JOIN snapshot_sender ON snapshot_sender.snapshot = snapshot.id
        GROUP BY snapshot.id ORDER BY imported_at DESC, path, snapshot.id
    """

    async def snapshots(self) -> list[SnapshotRow]:
        """The snapshots, the newest import first."""
        return [
            SnapshotRow(number, path, day_or_none(first), day_or_none(last), *rest)
            for number, path, first, last, *rest in await self._rows(self._SNAPSHOTS)
        ]

    _SNAPSHOT_SENDERS = f"""
        SELECT sender, domain, messages, {", ".join((*TLS_COLUMNS, *AUTH_COLUMNS))} FROM snapshot_sender
        WHERE snapshot = :snapshot AND (:domain IS NULL OR domain = :domain)
          AND (:search = '' OR folded LIKE :pattern ESCAPE '\\')
        ORDER BY {{order}}, folded, snapshot_sender.place LIMIT :limit
    """

    async def snapshot_senders(
        self, number: int, query: ReportQuery, limit: int | None = None
    ) -> AsyncGenerator[SnapshotTotal, None]:
        """The senders of one snapshot by messages or, where the query asks for it, by name; its days do not matter."""
        column = "folded" if query.order is SenderOrder.NAME else "messages"
        sql = self._SNAPSHOT_SENDERS.format(order=f"{column} {'DESC' if query.descending else 'ASC'}")
        values = {**values_of(query), "snapshot": number, "limit": -1 if limit is None else limit}
        async with aclosing(self._each(sql, values)) as rows:
            async for row in rows:
                yield snapshot_total(row)


_ORDER_COLUMNS: Final = {
    SenderOrder.NAME: 0,
    SenderOrder.CLIENT: 0,
    SenderOrder.STATE: 0,
    SenderOrder.MESSAGES: 3,
    SenderOrder.RECIPIENTS: 4,
    **{SenderOrder(version.value): 5 + place for place, version in enumerate(TLS_CODES)},
    **{AUTH_ORDERS[kind]: 5 + len(TLS_CODES) + place for place, kind in enumerate(AUTH_CODES)},
    SenderOrder.FIRST_SEEN: 5 + len(TLS_CODES) + len(AUTH_CODES),
    SenderOrder.LAST_SEEN: 6 + len(TLS_CODES) + len(AUTH_CODES),
}


def _order(query: ReportQuery) -> str:
    turn = "DESC" if query.descending else "ASC"
    column = _ORDER_COLUMNS[query.order]
    return f"address.folded {turn}" if not column else f"{column} {turn}, address.folded"


async def _one(connection: "aiosqlite.Connection", sql: str) -> tuple[Any, ...]:
    rows = await connection.execute_fetchall(sql)
    return tuple(next(iter(rows)))
