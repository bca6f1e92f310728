"""What every screen works on: the store, opened when it is first asked, and the clock."""

import asyncio
from datetime import date
from pathlib import Path

from smtpauth_tui.clock import Clock
from smtpauth_tui.errors import SmtpAuthTuiError
from smtpauth_tui.reports.insights import Moment
from smtpauth_tui.store.reader import Store


class Desk:
    """Opens the store once and hands it out; after `forget` it is opened anew.

    Whoever asks may be cancelled at any time. Opening and closing go on all the same: a connection that nobody
    closes keeps the program from ending.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.openings = 0
        """How often the store was forgotten: what was asked before that is to be asked again."""
        self._opening: asyncio.Task[Store] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def store(self) -> Store:
        """The store; NoStoreError where there is none yet, StoreError where it cannot be read."""
        if self._opening is None:
            self._opening = asyncio.create_task(Store.open(self.path))
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        except SmtpAuthTuiError:
            if self._opening is opening:
                self._opening = None
            raise

    async def forget(self) -> None:
        """Close the store: it may have been made, replaced or grown."""
        opening, self._opening = self._opening, None
        self.openings += 1
        if opening:
            self._closing.add(asyncio.create_task(self._close(opening)))
        if self._closing:
            await asyncio.wait(self._closing)

    async def _close(self, opening: asyncio.Task[Store]) -> None:
        try:
            store = await opening
        except SmtpAuthTuiError:
            return
        else:
            await store.close()
        finally:
            self._closing.discard(asyncio.current_task())

    def today(self, store: Store) -> date:
        """The present day in the store's zone."""
        return self.clock.today(store.zone)

    def moment(self, store: Store) -> Moment:
        """Now, for the dashboard."""
        return Moment(self.clock.now(), self.today(store))
