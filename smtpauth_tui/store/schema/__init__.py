"""The steps of the schema: NNNN.sql brings a store from version NNNN-1 to NNNN."""

import sqlite3
from importlib import resources
from typing import Final

from smtpauth_tui.errors import StoreError

APPLICATION_ID: Final = 0x73617475
"""``satu``: marks a SQLite file as a store of this program."""


def steps() -> list[str]:
    """The SQL of each step, in order."""
    folder = resources.files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def version_of(connection: sqlite3.Connection) -> int:
    """The version of a store's schema; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check(version: int, application_id: int, path: str) -> None:
    """StoreError unless a file of this version and id is a store that this program can read as it is."""
    newest = len(steps())
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
    """Bring a store to the newest version, each step in a transaction of its own; StoreError as `check`."""
    version = version_of(connection)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    if version or pages:
        check(version, connection.execute("PRAGMA application_id").fetchone()[0], path)
    for number, sql in enumerate(steps()[version:], start=version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {number};\nCOMMIT;"
        )
