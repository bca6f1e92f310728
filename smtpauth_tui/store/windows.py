"""What is counted ahead: the senders of the last 7, 30 and 90 days, the totals of days, and who was seen when.

So a table of a million senders opens at once, and no figure of the dashboard is counted when it is looked at.

The windows end on the newest day that has submissions. An import notes what it adds by day and sender; when it is
done the windows slide to the new end: what was added is added, the days that leave are subtracted. Where much has
changed they are counted anew, which then is cheaper. The totals of days (`totals`) and the days on which senders were
seen (`sightings`) follow from the same notes. While an import runs all of it is marked as not up to date, in the
transaction of its first facts, so that a reader never takes it for what it is not.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from smtpauth_tui.store import totals
from smtpauth_tui.store.codes import AUTH_CODES, OUTDATED_CODES, TLS_CODES, Party
from smtpauth_tui.store.seen import WINDOW_END as WINDOW_END
from smtpauth_tui.store.sightings import Sightings

SPANS: Final = (7, 30, 90)
"""The lengths of the windows, in days; the presets of the report's filters."""
NO_DAY: Final = -1
"""The end of the windows in a store without submissions."""
TLS_COLUMNS: Final = tuple(f"tls_{code}" for code in TLS_CODES.values())
AUTH_COLUMNS: Final = tuple(f"auth_{code}" for code in AUTH_CODES.values())

_COLUMNS: Final = ("messages", "recipients", *TLS_COLUMNS, *AUTH_COLUMNS)
_SUM_OF: Final = (
    "sum(messages)",
    "sum(recipients)",
    *(f"sum(iif(tls = {code}, messages, 0))" for code in TLS_CODES.values()),
    *(f"sum(iif(auth = {code}, messages, 0))" for code in AUTH_CODES.values()),
)
_SUMS: Final = ", ".join(_SUM_OF)
_ACCOUNTS: Final = {
    Party.SENDER: ("sender", "true"),
    Party.ACCOUNT: ("account", "true"),
    Party.OUTDATED_ACCOUNT: ("account", f"tls IN ({', '.join(map(str, OUTDATED_CODES))})"),
}
_CHEAPER_ANEW: Final = 4
"""Count anew when more than one in so many of the senders' days in the longest window were added."""


class Windows:
    """Keeps what is counted ahead in one store, on the writer's connection and in its transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._run = connection.execute
        self._sightings = Sightings(connection)
        self._run(_CREATE_ADDED)
        self._run(_CREATE_FAILED)
        self._run(_CREATE_MOVED)
        self.forget()

    def forget(self) -> None:
        """After a transaction that was rolled back: begin from what the store has."""
        self._run("DELETE FROM added")
        self._run("DELETE FROM failed")
        self._run("DELETE FROM moved")
        self._end: int | None = None
        self._touched = False
        self._anew = False
        self._failures_anew = False

    def touch(self) -> None:
        """Facts are about to be written: until `finish` what is counted ahead is not up to date."""
        if not self._touched:
            row = self._run("SELECT value FROM setting WHERE name = ?", (WINDOW_END,)).fetchone()
            self._end = int(row[0]) if row else None
            # nothing is counted yet, or an import was stopped before it came to that
            self._anew = self._failures_anew = self._end is None
            self._run("DELETE FROM setting WHERE name = ?", (WINDOW_END,))
            self._touched = True

    def note(self, added: Iterable[tuple[int, ...]]) -> None:
        """Remember what new submissions add: day, sender, account, TLS and authentication, messages and recipients."""
        self.touch()
        if not self._anew:
            self._connection.executemany(_NOTE, added)

    def note_filled(self) -> None:
        """Remember messages of which more is known than before (the writer's table ``filled``), before they count."""
        self.touch()
        if not self._anew:
            self._run(_NOTE_FILLED.format(old="old_", sign="-"))
            self._run(_NOTE_FILLED.format(old="", sign="+"))
            for note in _NOTE_MOVED:
                self._run(note)

    def note_failures(self, added: Iterable[tuple[int, int, int]]) -> None:
        """Remember on which day new failures name whom: day, name tried, client."""
        self.touch()
        if not self._failures_anew:
            self._connection.executemany("INSERT OR IGNORE INTO failed VALUES (?,?,?)", added)

    def count_anew(self) -> None:
        """Days were counted again: what is noted of their submissions is of no use."""
        self.touch()
        self._anew = True

    def count_failures_anew(self) -> None:
        """Days were counted again: what is noted of their failures is of no use."""
        self.touch()
        self._failures_anew = True

    def finish(self) -> None:
        """Bring all up to the newest day, in the transaction that is open."""
        if not self._touched:
            if self._run("SELECT 1 FROM setting WHERE name = ?", (WINDOW_END,)).fetchone():
                return
            self.touch()
        end = self._run("SELECT max(day) FROM daily").fetchone()[0]
        self._finish_windows(end)
        self._finish_days()
        self._finish_failures()
        self._run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (WINDOW_END, str(NO_DAY if end is None else end)))
        self.forget()

    def _finish_windows(self, end: int | None) -> None:
        if end is None or self._anew or self._end is None or end - self._end >= min(SPANS) or self._much_added(end):
            self._rebuild(NO_DAY if end is None else end)
        else:
            for span in SPANS:
                self._slide(span, self._end, end)

    def _finish_days(self) -> None:
        if self._anew:
            totals.count_all_days(self._connection)
            self._sightings.count_anew(_ACCOUNTS)
            return
        days, moved = (
            [row[0] for row in self._run(f"SELECT DISTINCT day FROM {table}")] for table in ("added", "moved")
        )
        totals.count_days(self._connection, days, moved=moved)
        for party, (column, which) in _ACCOUNTS.items():
            self._sightings.add(party, self._run(_SEEN.format(column=column, which=which)))
            if moved:
                self._sightings.check(party, self._run(_MOVED, (column,)).fetchall())

    def _finish_failures(self) -> None:
        if self._failures_anew:
            totals.count_all_failures(self._connection)
            self._sightings.count_anew((Party.TRIED_NAME, Party.FAILED_CLIENT))
            return
        totals.count_failures(self._connection, [row[0] for row in self._run("SELECT DISTINCT day FROM failed")])
        for party, sql in ((Party.TRIED_NAME, _FAILED_NAMES), (Party.FAILED_CLIENT, _FAILED_CLIENTS)):
            self._sightings.add(party, self._run(sql))

    def _much_added(self, end: int) -> bool:
        first = end - max(SPANS) + 1
        added = self._run("SELECT count(*) FROM added WHERE day >= ?", (first,)).fetchone()[0]
        days = "SELECT coalesce(sum(number), 0) FROM seen_again WHERE party = ? AND day >= ?"
        there = self._run(days, (Party.SENDER, first)).fetchone()[0]
        return bool(added * _CHEAPER_ANEW > there)

    def _rebuild(self, end: int) -> None:
        self._run("DELETE FROM window")
        for span in SPANS:
            self._run(_COUNT, {"span": span, "first": end - span + 1, "end": end})

    def _slide(self, span: int, before: int, end: int) -> None:
        """Add what came for the days from the old window's first on, and subtract the days that leave, at once."""
        self._run(_SLIDE, {"span": span, "first": before - span + 1, "gone": end - span, "end": end})
        self._run("DELETE FROM window WHERE span = ? AND messages = 0", (span,))


_CREATE_ADDED: Final = """
    CREATE TEMP TABLE IF NOT EXISTS added (day INTEGER, sender INTEGER, account INTEGER, tls INTEGER, auth INTEGER,
        messages INTEGER, recipients INTEGER, PRIMARY KEY (day, sender, account, tls, auth)) WITHOUT ROWID
"""
_CREATE_FAILED: Final = """
    CREATE TEMP TABLE IF NOT EXISTS failed (day INTEGER, name INTEGER, client INTEGER, PRIMARY KEY (day, name, client))
        WITHOUT ROWID
"""
# moved: senders and accounts that may have lost, or got, messages that the store has
_CREATE_MOVED: Final = """
    CREATE TEMP TABLE IF NOT EXISTS moved (what TEXT, id INTEGER, day INTEGER, PRIMARY KEY (what, id, day))
        WITHOUT ROWID
"""
_NOTE_MOVED: Final = (
    "INSERT OR IGNORE INTO moved SELECT 'sender', old_sender, day FROM filled",
    "INSERT OR IGNORE INTO moved SELECT 'sender', sender, day FROM filled",
    "INSERT OR IGNORE INTO moved SELECT 'account', account, day FROM filled",
    """INSERT OR IGNORE INTO moved SELECT 'account', daily.account, daily.day FROM filled
       CROSS JOIN daily ON daily.day = filled.day AND daily.sender = filled.old_sender""",
)
_MOVED: Final = "SELECT id, day FROM moved WHERE what = ? ORDER BY id"
_SEEN: Final = """
    SELECT {column}, day FROM added WHERE {which} GROUP BY {column}, day HAVING sum(messages) > 0 ORDER BY {column}
"""
_FAILED_NAMES: Final = """
    SELECT DISTINCT name, day FROM failed WHERE name NOT IN (SELECT id FROM tried_name WHERE folded = '')
    ORDER BY name
"""
_FAILED_CLIENTS: Final = "SELECT DISTINCT client, day FROM failed ORDER BY client"
_NOTE: Final = """
    INSERT INTO added VALUES (?,?,?,?,?,?,?)
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, recipients = recipients + excluded.recipients
"""
_NOTE_FILLED: Final = """
    INSERT INTO added
    SELECT day, {old}sender, account, {old}tls, {old}auth, {sign}count(*), {sign}sum({old}recipients) FROM filled
    WHERE true GROUP BY day, {old}sender, account, {old}tls, {old}auth
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, recipients = recipients + excluded.recipients
"""
_COUNT: Final = f"""
    INSERT INTO window SELECT :span, sender, {_SUMS} FROM daily WHERE day BETWEEN :first AND :end GROUP BY sender
"""
_SLIDE: Final = f"""
    INSERT INTO window SELECT :span, sender, {_SUMS} FROM (
        SELECT sender, tls, auth, messages, recipients FROM added WHERE day BETWEEN :first AND :end
        UNION ALL
        SELECT sender, tls, auth, -messages, -recipients FROM daily WHERE day BETWEEN :first AND :gone
    ) WHERE true GROUP BY sender
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = {name} + excluded.{name}" for name in _COLUMNS)}
"""
