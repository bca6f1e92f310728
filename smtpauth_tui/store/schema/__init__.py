"""The steps of the schema: NNNN.sql brings a store from version NNNN-1 to NNNN."""

import os
import sqlite3
from collections.abc import Iterator

from smtpauth_tui.errors import StoreError

APPLICATION_ID = 0x73617475
"""``satu``: marks a SQLite file as a store of this program."""
_FOLDER = os.path.dirname(__file__)


def steps() -> list[str]:
    """The SQL of each step, in order."""
    found = []
    for name in _names():
        with open(os.path.join(_FOLDER, name), encoding="utf-8") as file:
            found.append(file.read())
    return found


def _names() -> list[str]:
    return sorted(name for name in os.listdir(_FOLDER) if name.endswith(".sql"))


def version_of(connection: sqlite3.Connection) -> int:
    """The version of a store's schema; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check(version: int, application_id: int, path: str) -> None:
    """StoreError unless a file of this version and id is a store that this program can read as it is."""
    newest = len(_names())
    if application_id != APPLICATION_ID:
        raise StoreError(
            f"{path} is not a store of smtpauth-tui.", "Name another file with --db, or move this one away."
        )
    if version > newest:
        raise StoreError(
            f"{path} was made by a newer smtpauth-tui (store version {version}, this program knows {newest}).",
            "Install the newer version, or name another file with --db.",
        )


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring a store to the newest version in one transaction; StoreError as `check`.

    The version is read under the write lock: two imports may make the store at the same time.
    """
    run = connection.execute
    if version_of(connection) == len(steps()) and run("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
        return
    run("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)
        if version or run("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            check(version, run("PRAGMA application_id").fetchone()[0], path)
        from smtpauth_tui.store.codes import number_of  # hardly ever needed: an import with nothing new does without

        connection.create_function("number_of", 1, number_of, deterministic=True)
        for sql in steps()[version:]:
            for statement in statements(sql):
                run(statement)
        run(f"PRAGMA application_id = {APPLICATION_ID}")
        run(f"PRAGMA user_version = {len(steps())}")
    except BaseException:
        run("ROLLBACK")
        raise
    run("COMMIT")


def statements(sql: str) -> Iterator[str]:
    """The statements of a script, one by one, so that they run within the caller's transaction."""
    gathered = ""
    for line in sql.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
