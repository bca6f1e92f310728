"""Small files beside the store, for what people and the program itself note between imports.

An import holds the store's one write lock for as long as it takes, and what is noted here is to be on the disk at
once (``synchronous = EXTRA``, a rollback journal). Several processes may write; each transaction is short.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from smtpauth_tui.errors import StoreError
from smtpauth_tui.store import files
from smtpauth_tui.store.schema import statements

_PATIENCE: Final = 30.0


class Beside:
    """A file beside the store, opened for reading and writing; WHAT.sql has its tables."""

    WHAT: ClassVar[str]
    """What it is called, also by the end of its name."""
    APPLICATION_ID: ClassVar[int]
    """What marks a SQLite file as one of these."""
    VERSION: ClassVar[int] = 1
    """WHAT.2.sql brings a file from version 1 to 2, and so on."""

    def __init__(self, store: Path) -> None:
        """Open the file of a store; make it where there is none. StoreError where that cannot be."""
        self.path = self.path_of(store)
        if not self.path.exists():
            files.make(self.path)
        self._connection = self._opened()

    @classmethod
    def path_of(cls, store: Path) -> Path:
        """The file: beside the store's, with the same rights."""
        return store.with_name(f"{store.name}.{cls.WHAT}")

    @classmethod
    def open_existing(cls, store: Path) -> Self | None:
        """The file of a store; None where there is none yet."""
        return cls(store) if cls.path_of(store).exists() else None

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                files.address(self.path, "mode=rw"),
                uri=True,
                isolation_level=None,
                timeout=_PATIENCE,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise self._problem(error) from error
        try:
            for pragma in ("trusted_schema = OFF", "synchronous = EXTRA"):
                connection.execute(f"PRAGMA {pragma}")
            if not self.path.stat().st_size:  # in a file that has tables it would be a write at each opening
                connection.execute("PRAGMA auto_vacuum = FULL")
            self._prepare(connection)
        except sqlite3.Error as error:
            connection.close()
            raise self._problem(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables in a new file, and those that an older one lacks; StoreError for a file that is none."""
        ours = (self.APPLICATION_ID, self.VERSION)
        if _marks(connection) == ours:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            mark, version = _marks(connection)
            if mark or connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                if mark != self.APPLICATION_ID or version > self.VERSION:
                    raise self._foreign(mark, version)
            else:
                version = 0
            for step in range(version + 1, self.VERSION + 1):
                name = f"{self.WHAT}.sql" if step == 1 else f"{self.WHAT}.{step}.sql"
                for statement in statements(Path(__file__).with_name(name).read_text(encoding="utf-8")):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {self.VERSION}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _foreign(self, mark: int, version: int) -> StoreError:
        if mark == self.APPLICATION_ID and version > self.VERSION:
            return StoreError(f"{self.path} was made by a newer smtpauth-tui.", "Install the newer version.")
        return StoreError(
            f"{self.path} holds no {self.WHAT} of smtpauth-tui.", "Move it away: a new one is made when it is needed."
        )

    @contextmanager
    def _writing(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """A transaction that has the write lock from its beginning on."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.Error) -> StoreError:
        """What a failure of SQLite means to the admin."""
        text, what = str(error), f"The {self.WHAT} {self.path}"
        if "locked" in text or "busy" in text:
            return StoreError(f"{what} is in use by another process.", "Try again in a moment.")
        if "full" in text:
            return StoreError(f"The disk of {self.path} is full; nothing was noted.", "Make room, then try again.")
        if "readonly" in text or "unable to open" in text:
            return StoreError(f"{what} cannot be written.", "Check the rights of the file and of its folder.")
        return StoreError(
            f"{what} failed: {text}.", "Check the disk; move the file away if it is damaged: a new one is made."
        )


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    mark, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    return mark, version
