"""The files that a store knows as they are; loads little, since an import mostly finds nothing new."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from smtpauth_tui.errors import StoreError
from smtpauth_tui.store.files import Place, address
from smtpauth_tui.store.schema import check, version_of

WINDOW_END = "window_end"
"""The setting that stands where what is counted ahead is up to date."""


class SeenFile:
    """A file that is as the last import left it, which read it to its end."""

    __slots__ = ("damaged", "facts", "format", "incomplete", "path")

    def __init__(self, path: str, format: str, facts: int, incomplete: int, damaged: str) -> None:
        self.path = path
        """Where its content was seen last."""
        self.format = format
        self.facts = facts
        """Submissions and failures that stand in it."""
        self.incomplete = incomplete
        self.damaged = damaged


class SeenFiles:
    """The files of one store, on a connection of the caller's and in its transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute

    def of_file(self, identity: Sequence[int]) -> SeenFile | bool:
        """What a file holds that is as the last import left it; True where it is no log.

        False for a file that is not known, or has changed. *identity*: device, inode, size, and the times of its
        change in nanoseconds.
        """
        row = self._run(
            """SELECT source, path, format, facts, incomplete, damaged FROM file_seen LEFT JOIN source ON id = source
               WHERE device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?""",
            tuple(identity),
        ).fetchone()
        if row is None:
            return False
        if row[0] is None:
            return True
        return row[1] is not None and SeenFile(*row[1:])

    def finished(self) -> bool:
        """Whether what is counted ahead is up to date: the last import came to its end."""
        return bool(
            self._run(
                "SELECT EXISTS (SELECT 1 FROM setting WHERE name = ?) OR NOT EXISTS (SELECT 1 FROM daily)",
                (WINDOW_END,),
            ).fetchone()[0]
        )

    def zone_name(self) -> str:
        """The zone in which the store counts its days."""
        row = self._run("SELECT value FROM setting WHERE name = 'timezone'").fetchone()
        return str(row[0]) if row else ""

    def note_file(self, identity: Sequence[int], source: int | None) -> None:
        """Remember a file that was read to its end; *source* None: it is no log."""
        self._run("INSERT OR REPLACE INTO file_seen VALUES (?,?,?,?,?,?)", (*identity, source))


@contextmanager
def looked_at(path: Place) -> Iterator[SeenFiles | None]:
    """The files of a store, to be read only; None where there is no store that knows its sources by their content.

    StoreError for a file that is no store, or one of a newer program, and where it cannot be read.
    """
    try:
        connection = sqlite3.connect(address(path), uri=True)
    except sqlite3.Error:
        yield None
        return
    with closing(connection):
        try:
            connection.execute("SELECT form FROM source LIMIT 0")
        except sqlite3.Error:
            yield None
            return
        try:
            check(version_of(connection), connection.execute("PRAGMA application_id").fetchone()[0], str(path))
            yield SeenFiles(connection)
        except sqlite3.Error as error:
            raise StoreError(f"The store {path} cannot be read: {error}.", "Try again.") from error
