"""Filters that were given a name, in the notes of a store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smtpauth_tui.errors import UsageError
from smtpauth_tui.store.notes import Notes

LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter under its name."""

    name: str
    text: str
    at: int
    """When it was saved, UTC seconds."""


def name_of(text: str) -> str:
    """A name as it is kept: without blanks around it. UsageError for one that could not be shown or typed."""
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(
            "That is no name for a filter.", f"Take a word or a few, at most {LONGEST_NAME} characters together."
        )
    return name


def saved_filters(notes: Notes) -> list[SavedFilter]:
    """All of them, by name."""
    return [SavedFilter(*row) for row in notes._rows("SELECT name, text, at FROM saved_filter ORDER BY name")]


def load_filters(store: Path) -> list[SavedFilter]:
    """All that are saved beside a store; StoreError where they cannot be read."""
    notes = Notes.open_existing(store)
    if notes is None:
        return []
    with notes:
        return saved_filters(notes)


def find_filter(notes: Notes, name: str) -> SavedFilter | None:
    """The one of that name."""
    rows = notes._rows("SELECT name, text, at FROM saved_filter WHERE name = ?", name_of(name))
    return SavedFilter(*rows[0]) if rows else None


def save_filter(notes: Notes, saved: SavedFilter) -> bool:
    """Keep a filter, instead of one that has its name; whether there was one."""
    with notes._writing() as run:
        there = run("SELECT 1 FROM saved_filter WHERE name = ?", (saved.name,)).fetchone()
        run("INSERT OR REPLACE INTO saved_filter VALUES (?, ?, ?)", (saved.name, saved.text, saved.at))
    return there is not None


def forget_filter(notes: Notes, name: str) -> bool:
    """Forget the one of that name; whether there was one."""
    with notes._writing() as run:
        return run("DELETE FROM saved_filter WHERE name = ?", (name_of(name),)).rowcount > 0
