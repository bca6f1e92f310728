"""On which days each sender, account, tried name and client was seen: so that those of any period are counted at once.

A party's days are kept as bits of a number. For each day it is kept how many were seen then, by the day on which they
had been seen before; those seen in a period are the ones of its days whose day before lies before the period:

    SELECT sum(number) FROM seen_again WHERE party = ? AND day BETWEEN first AND last AND before < first

No list of senders is read for that, however many there are.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Final

from smtpauth_tui.store.codes import OUTDATED_CODES, Party

NEVER: Final = -1
_CHUNK: Final = 10_000
_OUTDATED: Final = f"tls IN ({', '.join(map(str, OUTDATED_CODES))})"
_TRIED: Final = "name NOT IN (SELECT id FROM tried_name WHERE folded = '')"
FACTS: Final = {
    Party.SENDER: ("sender", "daily", "true"),
    Party.ACCOUNT: ("account", "daily", "true"),
    Party.OUTDATED_ACCOUNT: ("account", "daily", _OUTDATED),
    Party.TRIED_NAME: ("name", "daily_failure", _TRIED),
    Party.FAILED_CLIENT: ("client", "daily_failure", "true"),
}
"""Of each party: the column of its id, the table of its days, and which rows of it count."""


class Sightings:
    """Keeps the days of all parties, on the writer's connection and in its transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count_anew(self, parties: Iterable[Party]) -> None:
        """Count the days of some parties from the roll-up."""
        for party in parties:
            for table in ("seen", "seen_again"):
                self._connection.execute(f"DELETE FROM {table} WHERE party = ?", (party,))
            column, table, which = FACTS[party]
            rows = self._connection.execute(
                f"SELECT DISTINCT {column}, day FROM {table} WHERE {which} ORDER BY {column}, day"
            )
            changes: Counter[tuple[int, int]] = Counter()
            found = ((id_, [day for _, day in group]) for id_, group in groupby(rows, itemgetter(0)))
            self._connection.executemany("INSERT INTO seen VALUES (?, ?, ?, ?)", _counted(party, found, changes))
            self._save(party, changes)

    def add(self, party: Party, pairs: Iterable[tuple[int, int]]) -> None:
        """Note that ids were seen on days: (id, day), those of an id together."""
        self._change(party, ((id_, day, True) for id_, day in pairs))

    def check(self, party: Party, pairs: Sequence[tuple[int, int]]) -> None:
        """Look in the roll-up whether ids are still seen on days, which lost some of their messages."""
        column, table, which = FACTS[party]
        there = {
            day: {
                row[0]
                for row in self._connection.execute(
                    f"SELECT DISTINCT {column} FROM {table} WHERE day = ? AND {which}", (day,)
                )
            }
            for day in {day for _, day in pairs}
        }
        self._change(party, ((id_, day, id_ in there[day]) for id_, day in pairs))

    def _change(self, party: Party, changes: Iterable[tuple[int, int, bool]]) -> None:
        moved: Counter[tuple[int, int]] = Counter()
        known = self._connection.execute
        kept: list[tuple[int, int, int, bytes]] = []
        gone: list[tuple[int, int]] = []
        for id_, group in groupby(changes, itemgetter(0)):
            row = known("SELECT first, days FROM seen WHERE party = ? AND id = ?", (party, id_)).fetchone()
            first, bits = (row[0], int.from_bytes(row[1], "little")) if row else (0, 0)
            before = bits, first
            for _, day, there in group:
                if not bits:
                    first = day
                elif day < first:
                    bits <<= first - day
                    first = day
                if bool(bits >> day - first & 1) is not there:
                    _count_change(moved, bits, first, day, 1 if there else -1)
                    bits ^= 1 << day - first
            if (bits, first) == before:
                continue
            if bits:
                kept.append((party, id_, *_row(first, bits)))
            elif row:
                gone.append((party, id_))
            if len(kept) >= _CHUNK:
                self._keep(kept)
        self._keep(kept)
        self._connection.executemany("DELETE FROM seen WHERE party = ? AND id = ?", gone)
        self._save(party, moved)

    def _keep(self, rows: list[tuple[int, int, int, bytes]]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", rows)
        rows.clear()

    def _save(self, party: Party, changes: Counter[tuple[int, int]]) -> None:
        self._connection.executemany(
            "INSERT INTO seen_again VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number",
            ((party, day, before, number) for (day, before), number in sorted(changes.items()) if number),
        )
        self._connection.execute("DELETE FROM seen_again WHERE party = ? AND number = 0", (party,))


def _counted(
    party: Party, found: Iterable[tuple[int, list[int]]], changes: Counter[tuple[int, int]]
) -> Iterable[tuple[int, int, int, bytes]]:
    """Rows of ``seen`` for the days of each id, in order; what they mean for ``seen_again`` goes into *changes*."""
    for id_, days in found:
        changes.update(zip(days, chain((NEVER,), days), strict=False))
        bits = 0
        for day in days:
            bits |= 1 << day - days[0]
        yield party, id_, *_row(days[0], bits)


def _count_change(changes: Counter[tuple[int, int]], bits: int, first: int, day: int, sign: int) -> None:
    """What it means for ``seen_again`` that a day is added (*sign* 1) to others, or taken from them (-1)."""
    place = day - first
    below = (bits & (1 << place) - 1).bit_length()
    before = first + below - 1 if below else NEVER
    above = bits >> place + 1
    changes[day, before] += sign
    if above:
        after = day + (above & -above).bit_length()
        changes[after, before] -= sign
        changes[after, day] += sign


def _row(first: int, bits: int) -> tuple[int, bytes]:
    """The first day and the bits from it on, as few bytes as they take."""
    skipped = (bits & -bits).bit_length() - 1
    bits >>= skipped
    return first + skipped, bits.to_bytes((bits.bit_length() + 7) // 8, "little")
