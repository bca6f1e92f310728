"""What every screen works on: the store, opened when it is first asked, and the clock."""

from datetime import date
from pathlib import Path

from smtpauth_tui.clock import Clock
from smtpauth_tui.reports.insights import Moment
from smtpauth_tui.store.reader import Store


class Desk:
    """Opens the store once and hands it out; after `forget` it is opened anew."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self._store: Store | None = None

    async def store(self) -> Store:
        """The store; NoStoreError where there is none yet, StoreError where it cannot be read."""
        if self._store is None:
            self._store = await Store.open(self.path)
        return self._store

    async def forget(self) -> None:
        """Close the store: it may have been made, replaced or grown."""
        store, self._store = self._store, None
        if store:
            await store.close()

    def today(self, store: Store) -> date:
        """The present day in the store's zone."""
        return self.clock.today(store.zone)

    def moment(self, store: Store) -> Moment:
        """Now, for the dashboard."""
        return Moment(self.clock.now(), self.today(store))
