"""The questions that reports and screens ask of the store, each with its SQL just above it.

asyncio and aiosqlite are loaded when a store is opened: the first picture asks without them (store/glance.py).
"""

import contextlib
import itertools
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from zoneinfo import ZoneInfo

from smtpauth_tui.clock import zone_named
from smtpauth_tui.errors import NoStoreError, StoreError
from smtpauth_tui.model import AuthKind, TlsVersion
from smtpauth_tui.query import Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.store import files
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES
from smtpauth_tui.store.days import day_of, number_of
from smtpauth_tui.store.rows import (
    DayFailures,
    DayUsage,
    DomainTotal,
    DomainVolume,
    FailureSummary,
    FailureTotal,
    Freshness,
    Parties,
    SenderTotal,
    SignInTotal,
    SnapshotRow,
    SnapshotTotal,
    SourceRow,
    Span,
    Totals,
    TriedName,
    UnreadLine,
    Usage,
)
from smtpauth_tui.store.schema import check, steps
from smtpauth_tui.store.windows import AUTH_COLUMNS, SPANS, TLS_COLUMNS, WINDOW_END
from smtpauth_tui.store.writer import bring_up_to_date, store_error

if TYPE_CHECKING:
    import aiosqlite

T = TypeVar("T")

PAGE: Final = 200
_CHUNK: Final = 1000

_TLS_SUMS: Final = ", ".join(f"sum(iif(tls = {code}, messages, 0))" for code in TLS_CODES.values())
_AUTH_SUMS: Final = ", ".join(f"sum(iif(auth = {code}, messages, 0))" for code in AUTH_CODES.values())
_OUTDATED_CODES: Final = ", ".join(str(code) for version, code in TLS_CODES.items() if version.outdated)
_SENDER_SUMS: Final = f"sum(messages), sum(recipients), {_TLS_SUMS}, {_AUTH_SUMS}, min(daily.first), max(daily.last)"

# The domain filter stands in each question; :domain NULL asks for all.
_IN_DOMAIN: Final = """
    (:domain IS NULL OR sender IN (
        SELECT address.id FROM address JOIN domain ON domain.id = address.domain WHERE domain.name = :domain))
"""
_OF_DOMAIN: Final = "(:domain IS NULL OR daily_total.domain = (SELECT id FROM domain WHERE name = :domain))"


class Store:
    """A store opened for reading. One question runs at a time; cancelling a question stops its SQL."""

    def __init__(self, connection: "aiosqlite.Connection", path: Path, zone: ZoneInfo) -> None:
        import asyncio

        self.path = path
        self.zone = zone
        self._connection = connection
        self._lock = asyncio.Lock()
        self._listings = itertools.count(1)
        self._in_snapshot = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the store at *path*; NoStoreError where there is none, StoreError where it cannot be read."""
        files.look(path)
        try:
            return await cls._open(path, "mode=ro")
        except StoreError as error:
            # beside the store SQLite wants to write what readers share; a full disk or a folder that is another's
            # does not let it. Without a log of writes (-wal) the file alone has all there is.
            in_vain = isinstance(error.__cause__, sqlite3.OperationalError)
            writes = path.with_name(f"{path.name}-wal")
            if not in_vain or (writes.exists() and writes.stat().st_size):
                raise
            return await cls._open(path, "immutable=1")

    @classmethod
    async def _open(cls, path: Path, how: str) -> Self:
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
                return await cls.open(path)
            zone = await _one(connection, "SELECT coalesce(max(value), '') FROM setting WHERE name = 'timezone'")
            if not zone[0]:
                raise empty
            return cls(connection, path, zone_named(zone[0]))
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
            seen = Store(self._connection, self.path, self.zone)
            seen._listings, seen._in_snapshot = self._listings, True
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

    _DOMAINS = """
        SELECT domain.name, sum(messages) FROM daily_total JOIN domain ON domain.id = daily_total.domain
        WHERE day BETWEEN :first AND :last
        GROUP BY domain.id ORDER BY 2 DESC, 1
    """

    async def domains(self, period: Period) -> list[DomainTotal]:
        """The sender domains of a period, the busiest first."""
        return [DomainTotal(*row) for row in await self._rows(self._DOMAINS, _days(period))]

    # -- the period as a whole, and day by day

    _TOTALS = f"""
        SELECT coalesce(sum(messages), 0), coalesce(sum(recipients), 0), {_TLS_SUMS}, {_AUTH_SUMS},
               min(daily_total.first), max(daily_total.last)
        FROM daily_total WHERE day BETWEEN :first AND :last AND {_OF_DOMAIN}
    """

    async def totals(self, query: ReportQuery) -> Totals:
        """The messages of a period in one row."""
        (row,) = await self._rows(self._TOTALS, _values(query))
        tls, auth, (first, last) = _counts(row[2:])
        return Totals(row[0], row[1], tls, auth, first, last)

    _PARTIES = f"""
        SELECT count(DISTINCT account), count(DISTINCT sender) FROM daily
        WHERE day BETWEEN :first AND :last AND {_IN_DOMAIN}
    """

    async def parties(self, query: ReportQuery) -> Parties:
        """How many accounts and sender addresses sent in a period."""
        (row,) = await self._rows(self._PARTIES, _values(query))
        return Parties(*row)

    _OUTDATED = f"""
        SELECT count(DISTINCT account) FROM daily
        WHERE day BETWEEN :first AND :last AND {_IN_DOMAIN}
          AND tls IN ({_OUTDATED_CODES})
    """

    async def accounts_below_tls_1_2(self, query: ReportQuery) -> int:
        """How many accounts sent without TLS or with a version below 1.2."""
        ((number,),) = await self._rows(self._OUTDATED, _values(query))
        return int(number)

    _USING_OUTDATED = f"""
        SELECT address.text, domain.name, {_SENDER_SUMS} FROM daily
        JOIN address ON address.id = daily.account JOIN domain ON domain.id = address.domain
        WHERE day BETWEEN :first AND :last AND {_IN_DOMAIN} AND tls IN ({_OUTDATED_CODES})
        GROUP BY address.id ORDER BY sum(messages) DESC, address.folded LIMIT :limit
    """

    async def accounts_using_outdated_tls(self, query: ReportQuery, limit: int) -> list[SenderTotal]:
        """The accounts with most messages below TLS 1.2; only those messages are counted."""
        return [_sender(row) for row in await self._rows(self._USING_OUTDATED, {**_values(query), "limit": limit})]

    _DAILY_VOLUME = f"""
        SELECT day, domain.name, sum(messages) FROM daily_total JOIN domain ON domain.id = daily_total.domain
        WHERE day BETWEEN :first AND :last AND {_OF_DOMAIN}
        GROUP BY day, domain.id ORDER BY day, 3 DESC, 2
    """

    async def daily_volume(self, query: ReportQuery) -> list[DomainVolume]:
        """Messages by day and sender domain; days and domains without messages are left out."""
        rows = await self._rows(self._DAILY_VOLUME, _values(query))
        return [DomainVolume(day_of(day), domain, messages) for day, domain, messages in rows]

    _DAILY_USAGE = f"""
        SELECT day, sum(messages), sum(recipients), {_TLS_SUMS}, {_AUTH_SUMS} FROM daily_total
        WHERE day BETWEEN :first AND :last AND {_OF_DOMAIN} GROUP BY day ORDER BY day
    """

    async def daily_usage(self, query: ReportQuery) -> list[DayUsage]:
        """Messages by day and TLS version; days without messages are left out."""
        return [_usage(row) for row in await self._rows(self._DAILY_USAGE, _values(query))]

    # -- senders

    async def senders(self, query: ReportQuery, limit: int | None = None) -> AsyncGenerator[SenderTotal, None]:
        """The senders (or accounts) of a period in the query's order, as they come from the database."""
        async with self._lock:
            sql = f"{_senders_sql(query)} ORDER BY {_order(query)} LIMIT :limit"
            values = {**_values(query), "limit": -1 if limit is None else limit}
            cursor = await self._stoppable(self._connection.cursor())
            try:
                await self._stoppable(cursor.execute(sql, values))
                while chunk := list(await self._stoppable(cursor.fetchmany(_CHUNK))):
                    for row in chunk:
                        yield _sender(tuple(row))
            finally:
                await cursor.close()

    async def listing(self, query: ReportQuery) -> "SenderListing":
        """The senders of a period, ready to be paged, sorted and searched; see `SenderListing`."""
        listing = SenderListing(self, f"listing_{next(self._listings)}", query)
        await listing.prepare()
        return listing

    async def window_of(self, query: ReportQuery) -> bool:
        """Whether the query's senders are counted ahead: all of the last 7, 30 or 90 days that have any."""
        rows = await self._rows("SELECT value FROM setting WHERE name = :name", {"name": WINDOW_END})
        end = int(rows[0][0]) if rows else None
        period = query.period
        return query.by is Grouping.SENDER and number_of(period.last) == end and period.days in SPANS

    _SENDER_DAYS = f"""
        SELECT day, sum(messages), sum(recipients), {_TLS_SUMS}, {_AUTH_SUMS} FROM daily
        WHERE {{column}} = (SELECT id FROM address WHERE folded = :name) AND day BETWEEN :first AND :last
        GROUP BY day ORDER BY day
    """

    async def sender_days(self, query: ReportQuery) -> list[DayUsage]:
        """The days of the query's sender (or account, by its grouping); days without messages are left out."""
        sql = self._SENDER_DAYS.format(column=query.by.value)
        return [_usage(row) for row in await self._rows(sql, _values(query))]

    _SENDER_EVER = (
        "SELECT min(first), max(last) FROM daily WHERE {column} = (SELECT id FROM address WHERE folded = :name)"
    )

    async def sender_ever(self, query: ReportQuery) -> tuple[int, int] | None:
        """When the query's sender was first and last seen, in any period; None for one that never sent."""
        ((first, last),) = await self._rows(self._SENDER_EVER.format(column=query.by.value), _values(query))
        return None if first is None else (first, last)

    _SENDER_PARTNERS = """
        SELECT address.text, sum(messages), max(daily.last) FROM daily JOIN address ON address.id = daily.{other}
        WHERE daily.{column} = (SELECT id FROM address WHERE folded = :name) AND day BETWEEN :first AND :last
        GROUP BY address.id ORDER BY 2 DESC, 1 LIMIT :limit
    """

    async def sender_partners(self, query: ReportQuery, limit: int = 20) -> list[Usage]:
        """The logins that the query's sender used (or the sender addresses that the account used)."""
        other = Grouping.ACCOUNT if query.by is Grouping.SENDER else Grouping.SENDER
        sql = self._SENDER_PARTNERS.format(column=query.by.value, other=other.value)
        return [Usage(*row) for row in await self._rows(sql, {**_values(query), "limit": limit})]

    # -- refused attempts to log in

    _MATCHES_FAILURE = """
        day BETWEEN :first AND :last
        AND (:domain IS NULL OR tried_name.folded LIKE '%@' || :domain_pattern ESCAPE '\\')
        AND (:search = '' OR tried_name.folded LIKE :pattern ESCAPE '\\' OR client.address LIKE :pattern ESCAPE '\\')
    """
    _FAILURES = f"""
        SELECT tried_name.text, client.address, sum(failures), min(daily_failure.first), max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client
        WHERE {_MATCHES_FAILURE}
        GROUP BY tried_name.id, client.id ORDER BY {{order}} LIMIT :limit
    """
    _FAILURE_COLUMNS: Final = {
        SenderOrder.NAME: "tried_name.folded",
        SenderOrder.CLIENT: "client.address",
        SenderOrder.MESSAGES: "3",
        SenderOrder.FIRST_SEEN: "4",
        SenderOrder.LAST_SEEN: "5",
    }

    async def failures(self, query: ReportQuery, limit: int | None = None) -> list[FailureTotal]:
        """Refused attempts by name tried and client address, in the query's order."""
        column = self._FAILURE_COLUMNS.get(query.order, "3")
        order = f"{column} {'DESC' if query.descending else 'ASC'}, 3 DESC, 1, 2"
        rows = await self._rows(
            self._FAILURES.format(order=order), {**_values(query), "limit": -1 if limit is None else limit}
        )
        return [FailureTotal(name or None, *rest) for name, *rest in rows]

    _TRIED_NAMES = f"""
        SELECT tried_name.text, count(DISTINCT client.id), sum(failures), max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE}
        GROUP BY tried_name.id ORDER BY 3 DESC, 1 LIMIT :limit
    """

    async def tried_names(self, query: ReportQuery, limit: int) -> list[TriedName]:
        """The names that were tried most often."""
        rows = await self._rows(self._TRIED_NAMES, {**_values(query), "limit": limit})
        return [TriedName(name or None, *rest) for name, *rest in rows]

    _FAILURE_SUMMARY = f"""
        SELECT coalesce(sum(failures), 0), count(DISTINCT nullif(tried_name.folded, '')), count(DISTINCT client.id),
               max(daily_failure.last)
        FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE}
    """

    async def failure_summary(self, query: ReportQuery) -> FailureSummary:
        """How many attempts were refused, how many names were tried, from how many addresses."""
        (row,) = await self._rows(self._FAILURE_SUMMARY, _values(query))
        return FailureSummary(*row)

    _DAILY_FAILURES = f"""
        SELECT day, sum(failures) FROM daily_failure JOIN tried_name ON tried_name.id = daily_failure.name
        JOIN client ON client.id = daily_failure.client WHERE {_MATCHES_FAILURE} GROUP BY day ORDER BY day
    """

    async def daily_failures(self, query: ReportQuery) -> list[DayFailures]:
        """Refused attempts by day; days without any are left out."""
        return [
            DayFailures(day_of(day), number) for day, number in await self._rows(self._DAILY_FAILURES, _values(query))
        ]

    # -- exports: sign-ins, and totals of a period

    _SIGN_INS = f"""
        SELECT tried_name.text, client.address, country, sum(sign_ins), sum(failures),
               min(daily_sign_in.first), max(daily_sign_in.last)
        FROM daily_sign_in JOIN tried_name ON tried_name.id = daily_sign_in.name
        JOIN client ON client.id = daily_sign_in.client
        WHERE {_MATCHES_FAILURE}
        GROUP BY tried_name.id, client.id, country ORDER BY {{order}} LIMIT :limit
    """
    _SIGN_IN_COLUMNS: Final = {
        SenderOrder.NAME: "tried_name.folded",
        SenderOrder.CLIENT: "client.address",
        SenderOrder.MESSAGES: "4",
        SenderOrder.FIRST_SEEN: "6",
        SenderOrder.LAST_SEEN: "7",
    }

    async def sign_ins(self, query: ReportQuery, limit: int | None = None) -> list[SignInTotal]:
        """Sign-ins by account, client address and country, in the query's order."""
        column = self._SIGN_IN_COLUMNS.get(query.order, "4")
        order = f"{column} {'DESC' if query.descending else 'ASC'}, 4 DESC, 1, 2, 3"
        rows = await self._rows(
            self._SIGN_INS.format(order=order), {**_values(query), "limit": -1 if limit is None else limit}
        )
        return [SignInTotal(name or None, *rest) for name, *rest in rows]

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
            SnapshotRow(number, path, _day_or_none(first), _day_or_none(last), *rest)
            for number, path, first, last, *rest in await self._rows(self._SNAPSHOTS)
        ]

    _SNAPSHOT_SENDERS = f"""
        SELECT sender, domain, messages, {", ".join((*TLS_COLUMNS, *AUTH_COLUMNS))} FROM snapshot_sender
        WHERE snapshot = :snapshot AND (:domain IS NULL OR domain = :domain)
          AND (:search = '' OR folded LIKE :pattern ESCAPE '\\')
        ORDER BY {{order}}, folded, snapshot_sender.place LIMIT :limit
    """

    async def snapshot_senders(self, number: int, query: ReportQuery, limit: int | None = None) -> list[SnapshotTotal]:
        """The senders of one snapshot by messages or, where the query asks for it, by name; its days do not matter."""
        column = "folded" if query.order is SenderOrder.NAME else "messages"
        sql = self._SNAPSHOT_SENDERS.format(order=f"{column} {'DESC' if query.descending else 'ASC'}")
        values = {**_values(query), "snapshot": number, "limit": -1 if limit is None else limit}
        return [_snapshot_total(row) for row in await self._rows(sql, values)]


class SenderListing:
    """The senders of one period, counted once, then shown in pages in any order and with any search.

    A period that is one of the windows is counted already; otherwise its senders are counted into a temporary table.
    The order in which a window has them needs no sorting either.
    """

    def __init__(self, store: Store, name: str, query: ReportQuery) -> None:
        self._store = store
        self._counted = f"temp.{name}_totals"
        self._ranks = f"temp.{name}_ranks"
        self._source = f"(SELECT * FROM {self._counted})"
        self._windowed = False
        self._ranked = True
        self.query = query
        self.count = 0

    async def prepare(self) -> None:
        """Find the period's senders, or count them, and put them in order."""
        await self._store._rows(f"CREATE TABLE {self._ranks} (rank INTEGER PRIMARY KEY, name INTEGER NOT NULL)")
        self._windowed = await self._store.window_of(self.query)
        if self._windowed:
            self._source = f"(SELECT *, sender AS name FROM window WHERE span = {self.query.period.days:d})"
        else:
            await self._count()
        await self.arrange(self.query)

    async def _count(self) -> None:
        names = ("name", "messages", "recipients", *TLS_COLUMNS, *AUTH_COLUMNS, "first", "last")
        column = self.query.by.value
        await self._store._rows(f"CREATE TABLE {self._counted} (name INTEGER PRIMARY KEY, {', '.join(names[1:])})")
        await self._store._rows(
            f"INSERT INTO {self._counted} ({', '.join(names)}) "
            f"SELECT {column}, {_SENDER_SUMS} FROM daily WHERE {_SENDER_WHERE} GROUP BY {column}",
            _values(self.query),
        )

    async def arrange(self, query: ReportQuery) -> None:
        """Take another order or search of the same period; `count` is the number of rows then."""
        self.query = query
        await self._store._rows(f"DELETE FROM {self._ranks}")
        as_it_is = query.order is SenderOrder.MESSAGES and query.descending and not query.search
        self._ranked = not (self._windowed and as_it_is and query.domain is None)
        if not self._ranked:
            ((self.count,),) = await self._store._rows(f"SELECT count(*) FROM {self._source}")
            return
        await self._store._rows(
            f"INSERT INTO {self._ranks} (name) SELECT address.id FROM {self._source} AS totals "
            f"JOIN address ON address.id = totals.name "
            f"WHERE (:search = '' OR address.folded LIKE :pattern ESCAPE '\\') "
            f"AND (:domain IS NULL OR {int(not self._windowed)} "
            f"OR address.domain = (SELECT id FROM domain WHERE name = :domain)) "
            f"ORDER BY {self._order(query)}",
            _values(query),
        )
        ((self.count,),) = await self._store._rows(f"SELECT coalesce(max(rank), 0) FROM {self._ranks}")

    def _order(self, query: ReportQuery) -> str:
        turn = "DESC" if query.descending else "ASC"
        if query.order in (SenderOrder.NAME, SenderOrder.CLIENT):
            return f"address.folded {turn}"
        column = {SenderOrder.MESSAGES: "messages", SenderOrder.RECIPIENTS: "recipients"}.get(query.order)
        if query.order in (SenderOrder.FIRST_SEEN, SenderOrder.LAST_SEEN):
            which = "first" if query.order is SenderOrder.FIRST_SEEN else "last"
            column = _seen(which, "address.id") if self._windowed else f"totals.{which}"
        column = column or f"tls_{TLS_CODES[TlsVersion(query.order.value)]}"
        return f"{column} {turn}, address.folded"

    async def page(self, first: int, count: int = PAGE) -> Sequence[SenderTotal]:
        """The rows from number *first* (from 0) on, at most *count* of them."""
        name = "totals.name" if self._ranked else "totals.sender"
        seen = (_seen("first", name), _seen("last", name)) if self._windowed else ("first", "last")
        if self._ranked:
            rows = (
                f"{self._ranks} AS ranks JOIN {self._source} AS totals ON totals.name = ranks.name",
                "WHERE rank > :start AND rank <= :start + :count ORDER BY rank",
            )
        else:
            rows = (
                "(SELECT sender AS name FROM window WHERE span = :span ORDER BY messages DESC, sender "
                "LIMIT :count OFFSET :start) AS page "
                "JOIN window AS totals ON totals.span = :span AND totals.sender = page.name",
                "ORDER BY totals.messages DESC, totals.sender",
            )
        found = await self._store._rows(
            f"SELECT address.text, domain.name, totals.messages, recipients, {', '.join(TLS_COLUMNS)}, "
            f"{', '.join(AUTH_COLUMNS)}, {', '.join(seen)} FROM {rows[0]} "
            f"JOIN address ON address.id = {name} JOIN domain ON domain.id = address.domain {rows[1]}",
            {**_values(self.query), "start": first, "count": count, "span": self.query.period.days},
        )
        return [_sender(row) for row in found]

    async def place_of(self, name: str) -> int | None:
        """The number of a sender's row, from 0; None where it has none."""
        if self._ranked:
            sql = f"SELECT rank - 1 FROM {self._ranks} WHERE name = (SELECT id FROM address WHERE folded = :sender)"
        else:
            sql = (
                "SELECT (SELECT count(*) FROM window WHERE span = :span AND (messages > own.messages "
                "OR messages = own.messages AND sender < own.sender)) FROM window AS own "
                "WHERE span = :span AND sender = (SELECT id FROM address WHERE folded = :sender)"
            )
        rows = await self._store._rows(sql, {"sender": name.casefold(), "span": self.query.period.days})
        return int(rows[0][0]) if rows else None

    async def close(self) -> None:
        """Give the room back."""
        for table in (self._counted, self._ranks):
            await self._store._rows(f"DROP TABLE IF EXISTS {table}")


def _seen(which: str, sender: str) -> str:
    """SQL for when a sender was first or last seen in the query's period."""
    function = "min" if which == "first" else "max"
    return (
        f"(SELECT {function}(daily.{which}) FROM daily WHERE daily.sender = {sender} AND day BETWEEN :first AND :last)"
    )


_SENDER_WHERE: Final = f"day BETWEEN :first AND :last AND {_IN_DOMAIN}"


def _senders_sql(query: ReportQuery) -> str:
    column = query.by.value
    return f"""
        SELECT address.text, domain.name, {_SENDER_SUMS} FROM daily
        JOIN address ON address.id = daily.{column} JOIN domain ON domain.id = address.domain
        WHERE {_SENDER_WHERE} AND (:search = '' OR address.folded LIKE :pattern ESCAPE '\\')
        GROUP BY daily.{column}
    """


_ORDER_COLUMNS: Final = {
    SenderOrder.NAME: 0,
    SenderOrder.CLIENT: 0,
    SenderOrder.MESSAGES: 3,
    SenderOrder.RECIPIENTS: 4,
    **{SenderOrder(version.value): 5 + place for place, version in enumerate(TLS_CODES)},
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


def _days(period: Period) -> dict[str, Any]:
    return {"first": number_of(period.first), "last": number_of(period.last)}


def _values(query: ReportQuery) -> dict[str, Any]:
    """The parameters that the questions share."""
    domain = query.domain.casefold() if query.domain is not None else None
    return {
        **_days(query.period),
        "domain": domain,
        "domain_pattern": _like(domain or ""),
        "search": query.search,
        "pattern": f"%{_like(query.search.casefold())}%",
        "name": query.sender.casefold() if query.sender is not None else None,
    }


def _like(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, "\\" + sign)
    return text


def _counts(columns: Sequence[Any]) -> tuple[dict[TlsVersion, int], dict[AuthKind, int], Sequence[Any]]:
    """The columns of `_TLS_SUMS` and `_AUTH_SUMS` by name, and what follows them."""
    middle, end = len(TLS_CODES), len(TLS_CODES) + len(AUTH_CODES)
    tls = dict(zip(TLS_CODES, (value or 0 for value in columns[:middle]), strict=True))
    auth = dict(zip(AUTH_CODES, (value or 0 for value in columns[middle:end]), strict=True))
    return tls, auth, columns[end:]


def _usage(row: tuple[Any, ...]) -> DayUsage:
    tls, auth, _ = _counts(row[3:])
    return DayUsage(day_of(row[0]), row[1], row[2], tls, auth)


def _sender(row: tuple[Any, ...]) -> SenderTotal:
    tls, auth, (first, last) = _counts(row[4:])
    return SenderTotal(row[0], row[1], row[2], row[3], tls, auth, first, last)


def _snapshot_total(row: tuple[Any, ...]) -> SnapshotTotal:
    tls, auth, _ = _counts(row[3:])
    return SnapshotTotal(row[0], row[1], row[2], tls, auth)


def _day_or_none(number: int | None) -> date | None:
    return None if number is None else day_of(number)
