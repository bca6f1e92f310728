"""The senders of the last 7, 30 and 90 days, counted ahead, so that a table of a million of them opens at once.

The windows end on the newest day that has submissions. An import notes what it adds by day and sender; when it is
done the windows slide to the new end: what was added is added, the days that leave are subtracted. Where much has
changed they are counted anew, which then is cheaper. While an import runs they are marked as not up to date, in
the transaction of its first facts, so that a reader never takes a window for what it is not.
"""

import sqlite3
from typing import Final

from smtpauth_tui.store.codes import AUTH_CODES, TLS_CODES
from smtpauth_tui.store.seen import WINDOW_END as WINDOW_END

SPANS: Final = (7, 30, 90)
"""The lengths of the windows, in days; the presets of the report's filters."""
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
_CHEAPER_ANEW: Final = 4
"""Count anew when more than one in so many of the longest window's rows were added."""


class Windows:
    """Keeps the windows of one store, on the writer's connection and in its transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self._run(_CREATE_ADDED)
        self.forget()

    def forget(self) -> None:
        """After a transaction that was rolled back: begin from what the store has."""
        self._run("DELETE FROM added")
        self._end: int | None = None
        self._touched = False
        self._anew = False

    def touch(self) -> None:
        """Facts are about to be written: until `finish` the windows are not up to date."""
        if not self._touched:
            row = self._run("SELECT value FROM setting WHERE name = ?", (WINDOW_END,)).fetchone()
            self._end = int(row[0]) if row else None
            self._run("DELETE FROM setting WHERE name = ?", (WINDOW_END,))
            self._touched = True

    def note_staged(self) -> None:
        """Remember what a batch of new submissions adds."""
        self.touch()
        self._run(_NOTE_STAGED)

    def note_filled(self) -> None:
        """Remember messages of which more is known than before (the writer's table ``filled``)."""
        self.touch()
        self._run(_NOTE_FILLED.format(old="old_", sign="-"))
        self._run(_NOTE_FILLED.format(old="", sign="+"))

    def count_anew(self) -> None:
        """Days were counted again: what the windows hold is of no use."""
        self.touch()
        self._anew = True

    def finish(self) -> None:
        """Bring the windows up to the newest day, in the transaction that is open."""
        if not self._touched:
            if self._run("SELECT 1 FROM setting WHERE name = ?", (WINDOW_END,)).fetchone():
                return
            self.count_anew()  # an import was stopped before it came to this
        end = self._run("SELECT max(day) FROM daily").fetchone()[0]
        if end is not None:
            if self._anew or self._end is None or end - self._end >= min(SPANS) or self._much_added(end):
                self._rebuild(end)
            else:
                for span in SPANS:
                    self._slide(span, self._end, end)
            self._run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (WINDOW_END, str(end)))
        self.forget()

    def _much_added(self, end: int) -> bool:
        first = end - max(SPANS) + 1
        added = self._run("SELECT count(*) FROM added WHERE day >= ?", (first,)).fetchone()[0]
        there = self._run("SELECT count(*) FROM window WHERE span = ?", (max(SPANS),)).fetchone()[0]
        return bool(added * _CHEAPER_ANEW > there)

    def _rebuild(self, end: int) -> None:
        self._run("DELETE FROM window")
        for span in SPANS:
            self._run(_COUNT, {"span": span, "first": end - span + 1, "end": end})

    def _slide(self, span: int, before: int, end: int) -> None:
        """Add what came for the days from the old window's first on; subtract the days that leave."""
        first = before - span + 1
        self._run(_ADD, {"span": span, "first": first, "end": end})
        self._run(
            "DELETE FROM window WHERE span = ? AND messages = 0 AND sender IN (SELECT sender FROM added)", (span,)
        )
        for day in range(first, end - span + 1):
            self._run(_SUBTRACT, {"span": span, "day": day})
            self._run(_DROP_EMPTY, {"span": span, "day": day})


_CREATE_ADDED: Final = """
    CREATE TEMP TABLE IF NOT EXISTS added (day INTEGER, sender INTEGER, tls INTEGER, auth INTEGER, messages INTEGER,
        recipients INTEGER, PRIMARY KEY (day, sender, tls, auth)) WITHOUT ROWID
"""
_NOTE_STAGED: Final = """
    INSERT INTO added SELECT day, sender, tls, auth, count(*), sum(recipients) FROM staged WHERE true
    GROUP BY day, sender, tls, auth
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, recipients = recipients + excluded.recipients
"""
_NOTE_FILLED: Final = """
    INSERT INTO added
    SELECT day, {old}sender, {old}tls, {old}auth, {sign}count(*), {sign}sum({old}recipients) FROM filled WHERE true
    GROUP BY day, {old}sender, {old}tls, {old}auth
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, recipients = recipients + excluded.recipients
"""
_COUNT: Final = f"""
    INSERT INTO window SELECT :span, sender, {_SUMS} FROM daily WHERE day BETWEEN :first AND :end GROUP BY sender
"""
_ADD: Final = f"""
    INSERT INTO window SELECT :span, sender, {_SUMS} FROM added WHERE day BETWEEN :first AND :end GROUP BY sender
    ON CONFLICT DO UPDATE SET {", ".join(f"{name} = {name} + excluded.{name}" for name in _COLUMNS)}
"""
_SUBTRACT: Final = f"""
    UPDATE window SET {", ".join(f"{name} = window.{name} - gone.{name}" for name in _COLUMNS)}
    FROM (SELECT sender, {", ".join(f"{one} AS {name}" for one, name in zip(_SUM_OF, _COLUMNS, strict=True))}
          FROM daily WHERE day = :day GROUP BY sender) AS gone
    WHERE window.span = :span AND window.sender = gone.sender
"""
_DROP_EMPTY: Final = """
    DELETE FROM window WHERE span = :span AND messages = 0
      AND sender IN (SELECT sender FROM daily WHERE day = :day)
"""
