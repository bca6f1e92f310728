"""The senders of a period as a table shows them: pages of them, in any order, with any search and filter."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from smtpauth_tui.conditions import Filter
from smtpauth_tui.model import TlsVersion
from smtpauth_tui.query import AUTH_ORDERS, Grouping, Period, ReportQuery, SenderOrder
from smtpauth_tui.store.asking import (
    COUNTS,
    IN_DOMAIN,
    LOOKED_UP,
    ROWS,
    days_values,
    rows_of,
    sender_total,
    values_of,
    where_of,
)
from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES, Party
from smtpauth_tui.store.rows import SenderTotal
from smtpauth_tui.store.where import Where
from smtpauth_tui.store.windows import AUTH_COLUMNS, TLS_COLUMNS

if TYPE_CHECKING:
    from smtpauth_tui.store.reader import Store

PAGE: Final = 200

_BY_NAME: Final = (SenderOrder.NAME, SenderOrder.CLIENT, SenderOrder.STATE)
_KIND_OF: Final = {order: kind for kind, order in AUTH_ORDERS.items()}
_SEEN: Final = {SenderOrder.FIRST_SEEN: "min(first)", SenderOrder.LAST_SEEN: "max(last)"}
_MATCHES: Final = "(:search = '' OR address.folded LIKE :pattern ESCAPE '\\')"
# the rows of a window behind one of them, and those before it: each two ranges of its index
_AFTER: Final = """
    SELECT * FROM (SELECT messages, sender FROM window WHERE span = :span AND messages = :messages AND sender > :sender
                   ORDER BY sender LIMIT :skip + :count)
    UNION ALL
    SELECT * FROM (SELECT messages, sender FROM window WHERE span = :span AND messages < :messages
                   ORDER BY messages DESC, sender LIMIT :skip + :count)
    LIMIT :count OFFSET :skip
"""
_BEFORE: Final = """
    SELECT * FROM (SELECT messages, sender FROM window WHERE span = :span AND messages = :messages AND sender < :sender
                   ORDER BY sender DESC LIMIT :skip + :count)
    UNION ALL
    SELECT * FROM (SELECT messages, sender FROM window WHERE span = :span AND messages > :messages
                   ORDER BY messages, sender DESC LIMIT :skip + :count)
    LIMIT :count OFFSET :skip
"""
_PLACE: Final = """
    SELECT (SELECT count(*) FROM window WHERE span = :span AND messages > own.messages)
         + (SELECT count(*) FROM window WHERE span = :span AND messages = own.messages AND sender < own.sender)
    FROM window AS own WHERE span = :span AND sender = (SELECT id FROM address WHERE folded = :sender)
"""
_MOST: Final = 1 << 62
_Place = tuple[int, int]
"""The messages and the number of a sender: its place in a window's own order."""


class SenderListing:
    """The senders of one period, put in order once, then shown in pages.

    A period that is one of the windows is counted already, and the order in which a window has them needs no sorting:
    a page goes on from the places of those that were seen. For any other period the column that it is sorted by is
    counted into a temporary table; what else a page shows is counted for its rows alone. While that is not done, the
    first rows may be there already: see `first_senders`. With a filter, those of whom it holds are put in order.
    Its rows do not say when a sender was seen first and last.
    """

    def __init__(self, store: "Store", name: str, query: ReportQuery) -> None:
        self._store = store
        self._counted = f"temp.{name}_counted"
        self._ranks = f"temp.{name}_ranks"
        self._windowed = False
        self._first: list[int] | None = None
        """The first senders, where the others are not in order yet."""
        import asyncio  # late: the first picture asks without it

        self._arranging = asyncio.Lock()
        self._ranked = True
        self._counts: tuple[str, Filter | None] | None = None
        """What is counted beside the messages, and of whom."""
        self._places: dict[int, _Place] = {}
        """Of a window in its own order, the places that are known, by the number of their row."""
        self.query = query
        self.count = 0

    async def prepare(self) -> None:
        """Find the period's senders, and put them in order; or, where that takes long, find the first of them."""
        await self._store._rows(f"CREATE TABLE {self._ranks} (rank INTEGER PRIMARY KEY, name INTEGER NOT NULL)")
        self._windowed = await self._store.window_of(self.query)
        if not self._windowed and self.query.by is Grouping.SENDER and self._in_own_order(self.query):
            self._first = await first_senders(self._store, self.query.period, PAGE)
        if self._first is None:
            await self.arrange(self.query)
        else:
            self.count = await self._store.number_of(Party.SENDER, self.query.period)

    async def complete(self) -> None:
        """Put all in order, where so far only the first are known; also done when a later page is asked for."""
        async with self._arranging:
            if self._first is not None:
                await self._arrange(self.query)

    async def arrange(self, query: ReportQuery) -> None:
        """Take another order, search or filter of the same period; `count` is the number of rows then."""
        async with self._arranging:
            await self._arrange(query)

    async def _arrange(self, query: ReportQuery) -> None:
        self.query = query
        await self._store.ready_for(query)
        await self._store._rows(f"DELETE FROM {self._ranks}")
        self._ranked = not (self._windowed and self._in_own_order(replace(query, descending=True)))
        if self._ranked:
            await self._rank(await self._totals(query))
            ((self.count,),) = await self._store._rows(f"SELECT coalesce(max(rank), 0) FROM {self._ranks}")
        else:
            self.count = await self._store.number_of(Party.SENDER, query.period)
            self._places = {-1: (_MOST, 0), self.count: (0, 0)}
        self._first = None

    def _in_own_order(self, query: ReportQuery) -> bool:
        """Whether a window has the query's senders as they are to be shown: all, those with most messages first."""
        as_it_is = query.order is SenderOrder.MESSAGES and query.descending
        return as_it_is and not query.search and query.domain is None and query.where is None

    async def _totals(self, query: ReportQuery) -> str:
        """Where each sender's ``name`` and the ``value`` that it is sorted by are found."""
        if self._windowed and query.order not in _SEEN:
            span = query.period.days
            return f"(SELECT *, sender AS name, {_column(query)} AS value FROM window WHERE span = {span:d})"
        wanted = _sum(query)
        known, whose = self._counts or ("", None)
        if not known or whose != query.where or wanted not in ("sum(messages)", known):
            await self._count(wanted)
        return f"(SELECT name, {'messages' if wanted == 'sum(messages)' else 'value'} AS value FROM {self._counted})"

    async def _count(self, wanted: str) -> None:
        self._counts = None
        await self._store._rows(f"DROP TABLE IF EXISTS {self._counted}")
        await self._store._rows(f"CREATE TABLE {self._counted} (name INTEGER PRIMARY KEY, messages, value)")
        column = self.query.by.value
        value = wanted if wanted != "sum(messages)" else "0"
        where = where_of(self.query, column)
        rows = ROWS
        if self.query.where:
            from smtpauth_tui.store.narrowing import rows_for  # late: the first picture asks without

            rows, where = await rows_for(self._store, self.query, where)
        await self._store._rows(
            f"INSERT INTO {self._counted} SELECT {column}, sum(messages), {value} FROM {rows} AND {where.rows} "
            f"GROUP BY {column} HAVING {where.groups}",
            {**values_of(self.query), **where.values},
        )
        self._counts = wanted, self.query.where

    async def _rank(self, totals: str) -> None:
        query = self.query
        turn = "DESC" if query.descending else "ASC"
        order = f"address.folded {turn}" if query.order in _BY_NAME else f"value {turn}, address.folded"
        # of a window all are counted; what was counted for this listing is of its domain and filter
        domain = "address.domain = (SELECT id FROM domain WHERE name = :domain)" if self._windowed else "true"
        where = where_of(query, "window") if self._windowed and query.order not in _SEEN else Where()
        await self._store._rows(
            f"INSERT INTO {self._ranks} (name) SELECT address.id FROM {totals} AS totals "
            f"JOIN address ON address.id = totals.name WHERE {_MATCHES} AND (:domain IS NULL OR {domain}) "
            f"AND {where.rows} ORDER BY {order}",
            {**values_of(query), **where.values},
        )

    async def page(self, first: int, count: int = PAGE) -> Sequence[SenderTotal]:
        """The rows from number *first* (from 0) on, at most *count* of them."""
        if self._first is not None and len(self._first) < min(first + count, self.count):
            await self.complete()
        if self._first is not None:
            names = self._first[first : first + count]
        elif self._ranked:
            found = await self._store._rows(
                f"SELECT name FROM {self._ranks} WHERE rank > :first AND rank <= :first + :count ORDER BY rank",
                {"first": first, "count": count},
            )
            names = [name for (name,) in found]
        else:
            names = [sender for _, sender in await self._window_page(first, count)]
        rows = await self._figures(names)
        return [rows[name] for name in names if name in rows]

    async def _window_page(self, first: int, count: int) -> list[_Place]:
        """Places of a window in the query's turn of its own order."""
        if self.query.descending:
            return await self._places_of(first, count)
        end = self.count - first
        rows = await self._places_of(max(end - count, 0), min(count, end))
        return rows[::-1]

    async def _places_of(self, first: int, count: int) -> list[_Place]:
        """Places of a window in its own order, from the nearest known place on, or back from it."""
        known = sorted(self._places)
        above = known[max(bisect_right(known, first - 1) - 1, 0)]
        end = min(first + count, self.count)
        below = next(place for place in known if place >= end)
        count = max(end - first, 0)
        if first - above <= below - end + 1:
            place, skip, sql = self._places[above], first - above - 1, _AFTER
        else:
            place, skip, sql = self._places[below], below - end, _BEFORE
        rows: list[Any] = await self._store._rows(
            sql,
            {
                "span": self.query.period.days,
                "messages": place[0],
                "sender": place[1],
                "skip": skip,
                "count": count,
            },
        )
        rows.sort(key=lambda row: (-row[0], row[1]))
        if rows:
            self._places[first] = rows[0]
            self._places[first + len(rows) - 1] = rows[-1]
        return rows

    async def _figures(self, names: Sequence[int]) -> dict[int, SenderTotal]:
        """The rows of some senders by their numbers."""
        if not names:
            return {}
        listed = ", ".join(map(str, names))
        if self._windowed:
            rows = (
                f"SELECT sender AS name, messages, recipients, {', '.join((*TLS_COLUMNS, *AUTH_COLUMNS))} "
                f"FROM window WHERE span = {self.query.period.days:d} AND sender IN ({listed})"
            )
        elif self.query.by is Grouping.SENDER:
            rows = f"SELECT sender AS name, {COUNTS} FROM {rows_of(names)} GROUP BY sender"
        else:
            rows = (
                f"SELECT account AS name, {COUNTS} FROM daily "
                f"WHERE day BETWEEN :first AND :last AND {IN_DOMAIN} AND account IN ({listed}) GROUP BY account"
            )
        found = await self._store._rows(
            f"SELECT figures.name, address.text, domain.name, figures.* FROM ({rows}) AS figures "
            "JOIN address ON address.id = figures.name JOIN domain ON domain.id = address.domain",
            values_of(self.query),
        )
        return {row[0]: sender_total((*row[1:3], *row[4:], None, None)) for row in found}

    async def place_of(self, name: str) -> int | None:
        """The number of a sender's row, from 0; None where it has none."""
        await self.complete()
        if self._ranked:
            sql = f"SELECT rank - 1 FROM {self._ranks} WHERE name = (SELECT id FROM address WHERE folded = :sender)"
        else:
            sql = _PLACE
        rows = await self._store._rows(sql, {"sender": name.casefold(), "span": self.query.period.days})
        if not rows:
            return None
        place = int(rows[0][0])
        return place if self._ranked or self.query.descending else self.count - 1 - place

    async def close(self) -> None:
        """Give the room back."""
        for table in (self._counted, self._ranks):
            await self._store._rows(f"DROP TABLE IF EXISTS {table}")


async def first_senders(store: "Store", period: Period, most: int) -> list[int] | None:
    """The *most* senders with most messages in a period, in order; None where finding them so would take long.

    Nobody sent more in a part of a window than in the window. So the window's senders are counted in the period, from
    the one with most messages on, until those that follow have less in all than the last of the first has in the
    period (the threshold algorithm: Fagin, Lotem, Naor 2001).
    """
    window = await store.window_around(period)
    if window is None:
        return None
    found: list[tuple[int, str, int]] = []
    after: _Place | None = (_MOST, 0)
    step = 2 * most
    looked_up = 0
    while after:
        looked_up += step * period.days
        if looked_up > LOOKED_UP:
            return None
        values = {"span": window, "messages": after[0], "sender": after[1], "skip": 0, "count": step}
        rows = await store._rows(_AFTER, values)
        found += await store._rows(
            f"SELECT -sum(messages), address.folded, address.id FROM {rows_of([sender for _, sender in rows])} "
            "JOIN address ON address.id = daily.sender GROUP BY address.id",
            days_values(period),
        )
        found = sorted(found)[:most]
        after = min(rows, key=lambda row: (row[0], -row[1])) if len(rows) == step else None
        if after and len(found) == most and after[0] < -found[-1][0]:
            break
        step *= 2
    return [sender for *_, sender in found]


def _column(query: ReportQuery) -> str:
    """The column of a window that an order sorts by."""
    if query.order in (SenderOrder.MESSAGES, SenderOrder.RECIPIENTS):
        return query.order.value
    if query.order in _BY_NAME:
        return "0"
    name, code = counted_by(query.order)
    return f"{name}_{code}"


def _sum(query: ReportQuery) -> str:
    """What an order sorts by, counted from ``daily``."""
    if query.order in _SEEN:
        return _SEEN[query.order]
    if query.order is SenderOrder.RECIPIENTS:
        return "sum(recipients)"
    if query.order is SenderOrder.MESSAGES or query.order in _BY_NAME:
        return "sum(messages)"
    name, code = counted_by(query.order)
    return f"sum(iif({name} = {code}, messages, 0))"


def counted_by(order: SenderOrder) -> tuple[str, int]:
    """The column of ``daily``, and the number in it, of the messages that an order sorts by."""
    if order in _KIND_OF:
        return "auth", AUTH_CODES[_KIND_OF[order]]
    return "tls", TLS_CODES[TlsVersion(order.value)]
