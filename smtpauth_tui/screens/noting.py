"""What people say of accounts, findings and filters, written beside the store."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from smtpauth_tui.errors import NoStoreError
from smtpauth_tui.store.files import identity

if TYPE_CHECKING:
    from smtpauth_tui.store.notes import Notes

T = TypeVar("T")


async def noted(store: Path, what: "Callable[[Notes], T]") -> T:
    """Write to the notes of a store. NoStoreError where there is none to note anything of, StoreError."""

    def write() -> T:
        from smtpauth_tui.store.notes import Notes

        if identity(store) is None:
            raise NoStoreError(f"There is no store at {store}.", "Import a log first.")
        with Notes(store) as notes:
            return what(notes)

    return await asyncio.to_thread(write)
