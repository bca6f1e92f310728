"""What is to be done about accounts: who does it, a note, and whether it is done. Kept in the store's notes."""

from typing import Final, NamedTuple

from smtpauth_tui.store.notes import Notes


class Todo(NamedTuple):
    """What is noted of an account. Times are UTC seconds."""

    account: str
    """Folded: upper and lower case do not matter."""
    owner: str
    note: str
    done_at: int | None
    at: int
    """When it was noted last."""


NOTHING: Final = Todo("", "", "", None, 0)
"""What is noted of an account of which nothing is."""

_ALL: Final = "SELECT account, owner, note, done_at, at FROM todo ORDER BY account"


def todos(notes: Notes) -> list[Todo]:
    """All that is noted, by account."""
    return [Todo(*row) for row in notes._rows(_ALL)]


_SET: Final = """
    INSERT INTO todo (account, owner, note, done_at, at) VALUES (:account, coalesce(:owner, ''), coalesce(:note, ''),
        NULL, :at)
    ON CONFLICT (account) DO UPDATE SET owner = coalesce(:owner, owner), note = coalesce(:note, note), at = :at
"""
_MARK: Final = """
    INSERT INTO todo (account, owner, note, done_at, at) VALUES (:account, '', '', :done_at, :at)
    ON CONFLICT (account) DO UPDATE SET done_at = :done_at, at = :at
"""
_TIDY: Final = "DELETE FROM todo WHERE account = :account AND owner = '' AND note = '' AND done_at IS NULL"


def note(notes: Notes, account: str, *, owner: str | None, text: str | None, at: int) -> None:
    """Note an account's owner and a text; None leaves what is there, the empty text takes it away."""
    values = {"account": account.casefold(), "owner": owner, "note": text, "at": at}
    with notes._writing() as run:
        run(_SET, values)
        run(_TIDY, values)


def mark(notes: Notes, account: str, *, done: bool, at: int) -> None:
    """Mark an account as done, or as not done."""
    values = {"account": account.casefold(), "done_at": at if done else None, "at": at}
    with notes._writing() as run:
        run(_MARK, values)
        run(_TIDY, values)
