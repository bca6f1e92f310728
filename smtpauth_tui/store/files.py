"""The store's file: made for its owner alone, and looked at before it is opened."""

import os
import sqlite3
import stat
from contextlib import closing, suppress

from smtpauth_tui.errors import NoStoreError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

Place = str | os.PathLike[str]
"""A path; this module is read before pathlib is loaded."""


def make(path: "Path") -> None:
    """Make an empty file that only its owner can read, in a folder that only its owner can enter."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR, 0o600))
    except FileExistsError:
        if not path.exists():
            raise StoreError(
                f"{path} is a link to a file that does not exist.", "Name the store's file itself with --db."
            ) from None
    except OSError as error:
        raise StoreError(
            f"The store {path} cannot be made: {error.strerror}.", "Name another place with --db or SMTPAUTH_TUI_DB."
        ) from error


def look(path: Place) -> None:
    """NoStoreError where there is none, StoreError where it is no regular file or cannot be read."""
    _undo_what_was_interrupted(path)
    try:
        status = os.stat(path)
    except FileNotFoundError:
        raise NoStoreError(
            f"There is no store yet at {path}.", "Bring in a log: smtpauth-tui import /var/log/mail.log"
        ) from None
    except OSError as error:
        raise StoreError(
            f"The store {path} cannot be read: {error.strerror}.", "Check the path and its rights."
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} is not a file.", "Name the store's file with --db or SMTPAUTH_TUI_DB.")
    if status.st_size == 0:
        raise NoStoreError(f"The store {path} is empty.", "Bring in a log: smtpauth-tui import /var/log/mail.log")
    if not os.access(path, os.R_OK):
        raise StoreError(f"The store {path} belongs to somebody else.", "Run as its owner, or name another with --db.")


def _undo_what_was_interrupted(path: Place) -> None:
    """Roll back what an import left that was ended while it made or converted the store: readers cannot do it."""
    if os.path.exists(f"{os.fspath(path)}-journal"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(address(path, "mode=rw"), uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def address(path: Place, how: str = "mode=ro") -> str:
    """The URI by which SQLite opens a store's file, by default for reading only."""
    place = absolute(path)
    for sign in "%?#":
        place = place.replace(sign, f"%{ord(sign):02x}")
    return f"file:{place}?{how}"


def absolute(path: Place) -> str:
    """The same path from ``/`` on, whatever links and ``..`` are in it."""
    place = os.fspath(path)
    return place if os.path.isabs(place) else os.path.join(os.getcwd(), place)


def identity(path: Place) -> tuple[int, int] | None:
    """What tells the file at *path* from another one that took its place; None where there is none.

    By its name alone: to open and close a file that SQLite has open takes its locks away (POSIX).
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def traces(path: Place) -> tuple[tuple[int, int, int, int], ...] | None:
    """What changes when somebody writes to a store that is not open here; None where there is none."""
    found = []
    for end in ("", "-wal"):
        try:
            status = os.stat(f"{os.fspath(path)}{end}")
        except OSError:
            continue
        found.append((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found) or None
